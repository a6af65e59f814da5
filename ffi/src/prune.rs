//! Giving back what no member needs any more.

use libsync::{PruneReport, Replica};
use serde_json::Value;

use crate::argument::Out;
use crate::buf::sync_buf;
use crate::error::sync_error;
use crate::failure::Failure;
use crate::guard;
use crate::json;
use crate::options::sync_prune_policy;
use crate::replica::{sync_replica, with_replica};
use crate::sized::{self, SizedOut, SizedStruct};
use crate::status::sync_status;

/// What was reclaimed since the last report, and what is held back. Initialise it with SYNC_PRUNE_REPORT_INIT.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sync_prune_report {
    /// The bytes of this struct.
    pub size: usize,
    /// Nodes (characters of texts, items of lists) that are gone, all of them tombstones.
    pub nodes: u64,
    /// Spans (runs of nodes) fewer than before.
    pub spans: u64,
    /// Changes that are gone from the log.
    pub changes: u64,
    /// Bytes of memory that the document takes less, as sync_memory counts them; an estimate of what
    /// was reclaimed in bounded parts.
    pub bytes: u64,
    /// Members that hold back pruning; 0 when all that is known here is pruned.
    pub held_back_by: u64,
    /// Operations that are kept for nothing but to undo or redo what was done before them.
    pub held_back_by_undo: u64,
    /// Redactions that are not carried out yet: see sync_replica_redact.
    pub redactions_pending: u64,
    /// Operations that can be pruned and are left for the calls that follow; 0 after
    /// sync_replica_prune.
    pub backlog: u64,
}

// SAFETY: repr(C), its size first, then numbers.
unsafe impl SizedStruct for sync_prune_report {
    const INIT: Self = Self {
        size: size_of::<Self>(),
        nodes: 0,
        spans: 0,
        changes: 0,
        bytes: 0,
        held_back_by: 0,
        held_back_by_undo: 0,
        redactions_pending: 0,
        backlog: 0,
    };
}

/// Where a call says what it pruned, as far as the caller wants to know.
struct PruneOut {
    report: Option<SizedOut<sync_prune_report>>,
    details: Option<Out<sync_buf>>,
}

impl PruneOut {
    /// # Safety
    /// The pointers are as the C ABI asks.
    unsafe fn new(report: *mut sync_prune_report, details: *mut sync_buf) -> Result<Self, Failure> {
        // SAFETY: promised by the caller.
        let report = unsafe { SizedOut::optional("report", report)? };
        // SAFETY: promised by the caller.
        let details = unsafe { Out::optional("details", details)? };
        Ok(Self { report, details })
    }

    /// Writes a report; that of nothing if there is none.
    fn write(self, report: Option<&PruneReport>) {
        if let Some(out) = self.report {
            out.write(report.map_or(sync_prune_report::INIT, |report| sync_prune_report {
                nodes: report.nodes,
                spans: report.spans,
                changes: report.changes,
                bytes: report.bytes,
                held_back_by: report.held_back_by.len() as u64,
                held_back_by_undo: report.held_back_by_undo,
                redactions_pending: report.redactions_pending.len() as u64,
                backlog: report.backlog,
                ..sync_prune_report::INIT
            }));
        }
        if let Some(out) = self.details {
            out.write(sync_buf::new(report.map_or(Value::Null, json::of_prune).to_string()));
        }
    }
}

/// Makes a report of pruning.
///
/// # Safety
/// All pointers are as the C ABI asks.
unsafe fn report_of(
    replica: *const sync_replica,
    report: *mut sync_prune_report,
    details: *mut sync_buf,
    error: *mut *mut sync_error,
    make: impl FnOnce(&mut Replica) -> PruneReport,
) -> sync_status {
    // SAFETY: promised by the caller.
    unsafe {
        guard::call(error, || {
            let out = PruneOut::new(report, details)?;
            out.write(Some(&with_replica(replica, make)?));
            Ok(())
        })
    }
}

/// Reclaims all tombstones and changes that all members have acknowledged, and reports what was
/// reclaimed since the last report. Always safe to call; while a transaction is open, it reclaims
/// nothing. A replica prunes by itself, too, in bounded parts, unless its options say otherwise; this
/// does all that is left, and takes as long as that takes.
///
/// report and details may be NULL. *details becomes the prune floor and who holds pruning back, by
/// how much, as a JSON object (see "Prune details" in docs/c-abi.md), owned by the caller on
/// success.
///
/// SYNC_ERR_STRUCT_SIZE if *report was not initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_prune(
    replica: *mut sync_replica,
    report: *mut sync_prune_report,
    details: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe { report_of(replica, report, details, error, |replica| replica.prune()) }
}

/// Reclaims a bounded part of what can be, if there is as much as the policy asks for, which may be
/// NULL; for hosts that prune by hand, or want to do more of it while they are idle. While a transaction
/// is open, it reclaims nothing.
///
/// pruned, report and details may be NULL. *pruned becomes false if there was not as much; then
/// *report becomes 0 in all fields but its size, and *details `null`. Otherwise these are those of
/// sync_replica_prune.
///
/// SYNC_ERR_STRUCT_SIZE for a struct that was not initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_prune_if(
    replica: *mut sync_replica,
    policy: *const sync_prune_policy,
    pruned: *mut bool,
    report: *mut sync_prune_report,
    details: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let pruned_out = Out::optional("pruned", pruned)?;
            let out = PruneOut::new(report, details)?;
            let policy = sized::read("policy", policy)?.into();
            let report = with_replica(replica, |replica| replica.prune_if(policy))?;
            if let Some(pruned) = pruned_out {
                pruned.write(report.is_some());
            }
            out.write(report.as_ref());
            Ok(())
        })
    }
}

/// What can't be pruned yet: who holds it back, since when, and whom to evict to free how much.
/// Nothing is reclaimed, so nothing is counted as reclaimed.
///
/// report and details may be NULL, and are those of sync_replica_prune.
///
/// SYNC_ERR_STRUCT_SIZE if *report was not initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_pruning(
    replica: *const sync_replica,
    report: *mut sync_prune_report,
    details: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe { report_of(replica, report, details, error, |replica| replica.pruning()) }
}
