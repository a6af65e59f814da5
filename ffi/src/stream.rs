//! Streams: changes sent as they are made, over a connection that keeps the order.

use libsync::{Receiver, Replica, Sender};

use crate::argument::{Out, bytes};
use crate::buf::sync_buf;
use crate::error::sync_error;
use crate::exchange::{AppliedOut, sync_applied, version};
use crate::guard;
use crate::live;
use crate::replica::{sync_replica, with_replica};
use crate::status::sync_status;

/// The end of a stream from which changes are sent, over a connection that loses nothing and keeps
/// the order: for each peer and each connection one here, and one sync_receiver there; and a pair of
/// them for each direction. docs/streams.md says when a stream is the thing to use.
///
/// A handle is a token, not an address. Freed with sync_sender_free.
pub struct sync_sender {
    _opaque: [u8; 0],
}

/// The end of a stream at which changes arrive: see sync_sender. What it remembers is bounded,
/// whatever is sent.
///
/// A handle is a token, not an address. Freed with sync_receiver_free.
pub struct sync_receiver {
    _opaque: [u8; 0],
}

/// A sender to a peer that has this version: known is what sync_replica_encode_version gave there
/// (known_len bytes, borrowed for the call); none at all (NULL, 0) if it has nothing. The replica
/// reads it, and is not kept. On success *out is a handle that the caller owns and frees with
/// sync_sender_free.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are not a
/// version of this document.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_sender_new(
    replica: *const sync_replica,
    known: *const u8,
    known_len: usize,
    out: *mut *mut sync_sender,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let known = bytes("known", known, known_len)?;
            let known = with_replica(replica, |replica| version(replica, known))??;
            out.write(live::insert(Sender::new(known))?);
            Ok(())
        })
    }
}

/// Frees a sender, once calls that are at work on it have returned. NULL is a no-op.
///
/// SYNC_ERR_HANDLE if it was freed before, or is none.
#[unsafe(no_mangle)]
pub extern "C" fn sync_sender_free(sender: *mut sync_sender) -> sync_status {
    live::free::<Sender>(sender)
}

/// What the peer has, or is on its way to it, as a frame like that of sync_replica_encode_version.
/// The replica, which may be any of this document, writes it. On success the caller owns *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_sender_known(
    sender: *const sync_sender,
    replica: *const sync_replica,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let known = live::with(sender, |sender: &mut Sender| sender.known().clone())?;
            let known = with_replica(replica, |replica| replica.encode_version_of(&known))?;
            out.write(sync_buf::new(known));
            Ok(())
        })
    }
}

/// Leaves out, from now on, what the peer has by other ways: a version, as in sync_sender_new.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are not a
/// version of this document.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_sender_skip(
    sender: *mut sync_sender,
    replica: *const sync_replica,
    known: *const u8,
    known_len: usize,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let known = bytes("known", known, known_len)?;
            let known = with_replica(replica, |replica| version(replica, known))??;
            live::with(sender, |sender: &mut Sender| sender.skip(&known))
        })
    }
}

/// Leaves out, from now on, what came from the peer itself: what the receiver of the other direction
/// took. To be called before sync_replica_send, where a connection goes both ways.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_sender_skip_received(
    sender: *mut sync_sender,
    receiver: *const sync_receiver,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            live::with_both(sender, receiver, |sender: &mut Sender, receiver: &mut Receiver| {
                sender.skip_received(receiver);
            })
        })
    }
}

/// A receiver that nothing has reached yet. On success *out is a handle that the caller owns and
/// frees with sync_receiver_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_receiver_new(
    out: *mut *mut sync_receiver,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            out.write(live::insert(Receiver::new())?);
            Ok(())
        })
    }
}

/// Frees a receiver, once calls that are at work on it have returned. NULL is a no-op.
///
/// SYNC_ERR_HANDLE if it was freed before, or is none.
#[unsafe(no_mangle)]
pub extern "C" fn sync_receiver_free(receiver: *mut sync_receiver) -> sync_status {
    live::free::<Receiver>(receiver)
}

/// All changes that the peer does not have yet, as one frame to be sent to it, and to be given to
/// sync_replica_receive there; no bytes (len 0) if there are none. On success the caller owns *out.
///
/// What a sender gave is taken for sent. Where it may have been lost, such as after a connection
/// that broke, a new sender and a new receiver have to start from the version that the peer has.
///
/// SYNC_ERR_BELOW_PRUNE_FLOOR if some of the changes have been pruned here, SYNC_ERR_SHALLOW if they
/// never were here: send what sync_replica_save gives instead; SYNC_ERR_CANNOT_SPONSOR as for
/// sync_replica_export; SYNC_ERR_IN_TRANSACTION while a transaction is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_send(
    replica: *mut sync_replica,
    sender: *mut sync_sender,
    out: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let frame = live::with_both(replica, sender, Replica::send)??;
            out.write(sync_buf::new(frame.unwrap_or_default()));
            Ok(())
        })
    }
}

/// Applies a frame that came in a stream (len bytes, borrowed for the call), with the same effect as
/// sync_replica_apply, which says what applied and refused are.
///
/// SYNC_ERR_STREAM_BROKEN if the frame does not follow the one before it: then a new stream has to
/// be started, from the version that this replica has. All else as for sync_replica_apply. After an
/// error the receiver is unchanged, too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_receive(
    replica: *mut sync_replica,
    receiver: *mut sync_receiver,
    bytes: *const u8,
    len: usize,
    applied: *mut sync_applied,
    refused: *mut sync_buf,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: all pointers are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = AppliedOut::new(applied, refused)?;
            let bytes = self::bytes("bytes", bytes, len)?;
            let receive =
                |replica: &mut Replica, receiver: &mut Receiver| replica.receive(receiver, bytes);
            out.write(&live::with_both(replica, receiver, receive)??);
            Ok(())
        })
    }
}
