//! Going on under a new replica id: rescued on a snapshot, or as a document that is seeded anew.

use std::ptr;

use libsync::{ReplicaId, RescueOptions};

use crate::argument::{Out, bytes, optional};
use crate::buf::sync_buf;
use crate::error::sync_error;
use crate::failure::Failure;
use crate::guard;
use crate::json;
use crate::live;
use crate::replica::{sync_replica, with_replica};
use crate::sized::{self, SizedOut, SizedStruct};
use crate::status::sync_status;

/// How edits are rescued. Initialise it with SYNC_RESCUE_OPTIONS_INIT, then set fields.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sync_rescue_options {
    /// The bytes of this struct.
    pub size: usize,
    /// NULL to rescue what the snapshot lacks. For a replica that was restored from a backup: how many
    /// operations of its own it had in that, to rescue all that it has written since, whatever the
    /// snapshot counts of it. Borrowed for the call.
    pub written_since: *const u64,
}

// SAFETY: repr(C), its size first, then a raw pointer.
unsafe impl SizedStruct for sync_rescue_options {
    const INIT: Self = Self { size: size_of::<Self>(), written_since: ptr::null() };
}

impl sync_rescue_options {
    /// What the fields say.
    ///
    /// # Safety
    /// The pointer is as the C ABI asks.
    unsafe fn checked(self) -> Result<RescueOptions, Failure> {
        // SAFETY: promised by the caller.
        let since = unsafe { optional("written_since", self.written_since)? };
        let chosen = RescueOptions::new();
        Ok(since.map_or(chosen, |since| chosen.written_since(since)))
    }
}

/// What became of the edits that were rescued. Initialise it with SYNC_RESCUE_REPORT_INIT.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sync_rescue_report {
    /// The bytes of this struct.
    pub size: usize,
    /// Edits, all together. What was typed in one go is one edit.
    pub edits: u64,
    /// How many are as they were meant.
    pub applied: u64,
    /// How many are beside the place where they were meant.
    pub moved: u64,
    /// How many are not in the document, and are in the details to be shown and made again.
    pub offered: u64,
    /// Replicas of which the snapshot lacks what the old replica had.
    pub unknown: u64,
    /// Replicas that the old one made members, and that the snapshot does not know: they have to be
    /// rescued, too.
    pub sponsored: u64,
}

// SAFETY: repr(C), its size first, then numbers.
unsafe impl SizedStruct for sync_rescue_report {
    const INIT: Self = Self {
        size: size_of::<Self>(),
        edits: 0,
        applied: 0,
        moved: 0,
        offered: 0,
        unknown: 0,
        sponsored: 0,
    };
}

/// A replica of a new id on a snapshot (len bytes, borrowed for the call), in which the edits that
/// this one had not sent are made anew: each as it was meant if what it names is there, beside the
/// nearest of its old neighbours if that is gone, and offered in the details if it was made in
/// something that was deleted. This replica stays as it is.
///
/// For a replica that others have pruned beyond (SYNC_ERR_BELOW_PRUNE_FLOOR), one that went back to a
/// backup (SYNC_ERR_WRITTEN_ELSEWHERE), one that was evicted, and one of an older epoch
/// (sync_replica_reseed). The snapshot is what a member saves after it has made replica_id a member
/// (sync_replica_join); it should have all that any member has of this replica.
///
/// options, report and details may be NULL. On success *out is a handle that the caller owns and frees
/// with sync_replica_free; *details becomes what became of each edit, as a JSON object (see "Rescue
/// details" in docs/c-abi.md), which the caller owns, too.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are no snapshot of
/// this document, or of an older epoch; SYNC_ERR_REPLICA_ID_REUSED if replica_id is not new,
/// SYNC_ERR_NOT_A_MEMBER if it is no member in the snapshot; SYNC_ERR_SNAPSHOT_BEHIND if the snapshot
/// lacks what is pruned here; SYNC_ERR_UNDECIDED if written_since has to say what was not sent;
/// SYNC_ERR_IN_TRANSACTION while a transaction is open; SYNC_ERR_STRUCT_SIZE for a struct that was not
/// initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_rescue(
    replica: *const sync_replica,
    snapshot: *const u8,
    len: usize,
    replica_id: u64,
    options: *const sync_rescue_options,
    out: *mut *mut sync_replica,
    report: *mut sync_rescue_report,
    details: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let report_out = SizedOut::optional("report", report)?;
            let details_out = Out::optional("details", details)?;
            let snapshot = bytes("snapshot", snapshot, len)?;
            let options = sized::read("options", options)?.checked()?;
            let id = ReplicaId::new(replica_id);
            let rescued =
                with_replica(replica, |replica| replica.rescue_with(snapshot, id, options))??;
            let report = rescued.report;
            out.write(live::insert(rescued.replica)?);
            if let Some(out) = report_out {
                out.write(sync_rescue_report {
                    edits: report.edits.len() as u64,
                    applied: report.applied as u64,
                    moved: report.moved as u64,
                    offered: report.offered as u64,
                    unknown: report.unknown.len() as u64,
                    sponsored: report.sponsored.len() as u64,
                    ..sync_rescue_report::INIT
                });
            }
            if let Some(out) = details_out {
                out.write(sync_buf::new(json::of_rescue(&report)));
            }
            Ok(())
        })
    }
}

/// The document seeded anew: as it is here, under the same document id and in the next epoch, with
/// replica_id as its only member and nothing of its past. This replica stays as it is.
///
/// For when members are lost for good, or their histories have forked: it is a decision of an
/// authority. Frames of the one epoch are refused in the other (SYNC_ERR_OTHER_EPOCH); what replicas of
/// the older one have that is not here, they can rescue: see sync_replica_rescue. On success *out is a
/// handle that the caller owns and frees with sync_replica_free.
///
/// SYNC_ERR_REPLICA_ID_REUSED if replica_id is not new; SYNC_ERR_LAST_EPOCH if there are no more
/// epochs; SYNC_ERR_IN_TRANSACTION while a transaction is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_reseed(
    replica: *const sync_replica,
    replica_id: u64,
    out: *mut *mut sync_replica,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let id = ReplicaId::new(replica_id);
            let seeded = with_replica(replica, |replica| replica.reseed(id))??;
            out.write(live::insert(seeded)?);
            Ok(())
        })
    }
}

/// How often the document was seeded anew before it came to be this one; 0 at first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_epoch(
    replica: *const sync_replica,
    out: *mut u64,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            out.write(with_replica(replica, |replica| replica.epoch())?);
            Ok(())
        })
    }
}
