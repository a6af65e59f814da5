//! Who belongs to a document, and what each member has seen.

use libsync::{Acknowledged, ReplicaId};

use crate::argument::{Out, bytes};
use crate::buf::sync_buf;
use crate::error::sync_error;
use crate::failure::Failure;
use crate::guard;
use crate::json;
use crate::replica::{sync_replica, with_replica};
use crate::status::sync_status;

/// Makes another replica a member, so that pruning waits for it: to be called by the replica that
/// hands it its first state, before handing it. A replica that writes is a member anyway.
///
/// SYNC_ERR_LEFT if this replica has left the document, SYNC_ERR_EVICTED if it was evicted,
/// SYNC_ERR_IN_TRANSACTION while a transaction is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_join(
    replica: *mut sync_replica,
    member: u64,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: `error` is as the C ABI asks.
    unsafe {
        guard::call(error, || {
            Ok(with_replica(replica, |replica| replica.join(ReplicaId::new(member)))??)
        })
    }
}

/// Makes this replica leave the document: pruning no longer waits for it, and it can't write any
/// more. Hand what sync_replica_export gives to the others.
///
/// SYNC_ERR_LEFT if it has left before, SYNC_ERR_EVICTED if it was evicted, SYNC_ERR_IN_TRANSACTION
/// while a transaction is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_leave(
    replica: *mut sync_replica,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: `error` is as the C ABI asks.
    unsafe { guard::call(error, || Ok(with_replica(replica, |replica| replica.leave())??)) }
}

/// Evicts a member: one that is lost, or is to write no more. It takes effect once every other member
/// has acknowledged it, and all of them have the same of what the evicted one wrote; from then on
/// pruning does not wait for it, and later changes of it are refused (SYNC_ERR_AUTHOR_EVICTED).
/// sync_replica_next_evicted says when that is, and sync_replica_members who is awaited. Nothing
/// happens if it is being evicted already.
///
/// To evict is the decision of an authority, such as a server: two members that evict each other part
/// the document.
///
/// SYNC_ERR_NOT_EVICTABLE for this replica itself, for one that is no member, and for one that has left
/// or was evicted; SYNC_ERR_LEFT, SYNC_ERR_EVICTED and SYNC_ERR_IN_TRANSACTION as for
/// sync_replica_leave.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_evict(
    replica: *mut sync_replica,
    member: u64,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: `error` is as the C ABI asks.
    unsafe {
        guard::call(error, || {
            Ok(with_replica(replica, |replica| replica.evict(ReplicaId::new(member)))??)
        })
    }
}

/// An eviction that has taken effect here, one after the other, as a JSON object: see "Departed" in
/// docs/c-abi.md; `null`, which is no error, if all were asked for. On success the caller owns *out,
/// and *frame.
///
/// frame may be NULL. *frame becomes the changes that were held here, and do not count, for the
/// host to keep or to show; no bytes (len 0) if there are none. They are gone from the inbox, and no
/// replica takes them for which the eviction has taken effect.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_next_evicted(
    replica: *mut sync_replica,
    out: *mut sync_buf,
    frame: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let frame_out = Out::optional("frame", frame)?;
            let evicted = with_replica(replica, |replica| replica.next_evicted())?;
            out.write(sync_buf::new(json::of_evicted(evicted.as_ref()).to_string()));
            if let Some(frame_out) = frame_out {
                let frame = evicted.and_then(|evicted| evicted.frame);
                frame_out.write(sync_buf::new(frame.unwrap_or_default()));
            }
            Ok(())
        })
    }
}

/// Who was a member, and is none any more, as a JSON array: see "Departed" in docs/c-abi.md. On
/// success the caller owns *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_departed(
    replica: *const sync_replica,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let departed = with_replica(replica, |replica| replica.departed())?;
            out.write(sync_buf::new(json::of_departed(&departed).to_string()));
            Ok(())
        })
    }
}

/// The members, and what each is known to have seen, as a JSON array: see "Members" in
/// docs/c-abi.md. On success the caller owns *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_members(
    replica: *const sync_replica,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let members = with_replica(replica, |replica| replica.members())?;
            out.write(sync_buf::new(json::of_members(&members).to_string()));
            Ok(())
        })
    }
}

/// What this replica has seen, and knows to have been seen by all, as a frame for
/// sync_replica_apply_acknowledgement of all other members: all of it at first, and now and then; else
/// what has changed since the last one, in few bytes. While a transaction is open, that is what it was
/// before. On success the caller owns *out.
///
/// It is a promise, on which others prune: a host that keeps its replica in storage saves it before it
/// sends the frame.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_acknowledge(
    replica: *mut sync_replica,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            out.write(sync_buf::new(with_replica(replica, |replica| replica.acknowledge())?));
            Ok(())
        })
    }
}

/// What sync_replica_acknowledge gives, with all that has been seen: for members that could not make
/// anything of what they got (SYNC_ACKNOWLEDGED_INCOMPLETE). On success the caller owns *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_acknowledge_whole(
    replica: *mut sync_replica,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            out.write(sync_buf::new(with_replica(replica, |replica| replica.acknowledge_whole())?));
            Ok(())
        })
    }
}

/// Whether an acknowledgement counts yet.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum sync_acknowledged {
    /// It counts.
    SYNC_ACKNOWLEDGED_TAKEN = 1,
    /// It counts as soon as the changes that it acknowledges have arrived here too.
    SYNC_ACKNOWLEDGED_HELD = 2,
    /// It, or a later one of the same member, is known.
    SYNC_ACKNOWLEDGED_STALE = 3,
    /// It says what has changed since one that did not arrive here. What is known of the member stays,
    /// until a whole one arrives: the next ones are, in time, or the host asks for one
    /// (sync_replica_acknowledge_whole).
    SYNC_ACKNOWLEDGED_INCOMPLETE = 4,
}

/// Takes the acknowledgement of another member (len bytes, borrowed for the call). out may be
/// NULL.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are not an
/// acknowledgement of this document; SYNC_ERR_TOO_MANY_HELD if those of too many replicas wait
/// for changes that are missing; SYNC_ERR_UNKNOWN_DEPARTURES if it leaves out departed replicas that are
/// not known here; SYNC_ERR_IN_TRANSACTION while a transaction is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_apply_acknowledgement(
    replica: *mut sync_replica,
    bytes: *const u8,
    len: usize,
    out: *mut sync_acknowledged,
    error: *mut *mut sync_error,
) -> sync_status {
    use sync_acknowledged::*;
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::optional("out", out)?;
            let bytes = self::bytes("bytes", bytes, len)?;
            let acknowledged =
                with_replica(replica, |replica| replica.apply_acknowledgement(bytes))??;
            let acknowledged = match acknowledged {
                Acknowledged::Taken => SYNC_ACKNOWLEDGED_TAKEN,
                Acknowledged::Held => SYNC_ACKNOWLEDGED_HELD,
                Acknowledged::Stale => SYNC_ACKNOWLEDGED_STALE,
                Acknowledged::Incomplete => SYNC_ACKNOWLEDGED_INCOMPLETE,
                _ => return Err(Failure::Unnamed { what: "an outcome" }),
            };
            if let Some(out) = out {
                out.write(acknowledged);
            }
            Ok(())
        })
    }
}
