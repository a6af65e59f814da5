//! Giving back what no member needs any more.

use libsync::{PruneReport, Replica};

use crate::argument::Out;
use crate::buf::sync_buf;
use crate::error::sync_error;
use crate::guard;
use crate::json;
use crate::replica::{sync_replica, with_replica};
use crate::sized::{SizedOut, SizedStruct};
use crate::status::sync_status;

/// What was reclaimed, and what is held back. Initialise it with SYNC_PRUNE_REPORT_INIT.
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
    /// Bytes of memory that the document takes less, as sync_memory counts them.
    pub bytes: u64,
    /// Members that hold back pruning; 0 when all that is known here is pruned.
    pub held_back_by: u64,
    /// Operations that are kept for nothing but to undo or redo what was done before them.
    pub held_back_by_undo: u64,
    /// Redactions that are not carried out yet: see sync_replica_redact.
    pub redactions_pending: u64,
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
    };
}

/// Makes a report of pruning, as far as the caller wants to know.
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
            let report_out = SizedOut::optional("report", report)?;
            let details_out = Out::optional("details", details)?;
            let report = with_replica(replica, make)?;
            if let Some(out) = report_out {
                out.write(sync_prune_report {
                    nodes: report.nodes,
                    spans: report.spans,
                    changes: report.changes,
                    bytes: report.bytes,
                    held_back_by: report.held_back_by.len() as u64,
                    held_back_by_undo: report.held_back_by_undo,
                    redactions_pending: report.redactions_pending.len() as u64,
                    ..sync_prune_report::INIT
                });
            }
            if let Some(out) = details_out {
                out.write(sync_buf::new(json::of_prune(&report).to_string()));
            }
            Ok(())
        })
    }
}

/// Reclaims tombstones and changes that all members have acknowledged. Always safe to call; while
/// a transaction is open, it reclaims nothing.
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
