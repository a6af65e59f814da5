//! Identities of documents and replicas.

use std::ffi::c_char;

use libsync::{DocumentId, OpId, ReplicaId};

use crate::argument::{Out, text};
use crate::error::sync_error;
use crate::guard;
use crate::status::sync_status;

/// The identity of a document: 128 random bits, drawn once, when the document is born.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct sync_document_id {
    /// The bits, as they travel.
    pub bytes: [u8; 16],
}

impl From<DocumentId> for sync_document_id {
    fn from(id: DocumentId) -> Self {
        Self { bytes: *id.as_bytes() }
    }
}

impl From<sync_document_id> for DocumentId {
    fn from(id: sync_document_id) -> Self {
        Self::from_bytes(id.bytes)
    }
}

/// The identity of an operation, and of the change that it is the first of.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct sync_operation_id {
    /// The replica that wrote it.
    pub replica: u64,
    /// How many operations the same replica had written before.
    pub counter: u64,
}

impl From<OpId> for sync_operation_id {
    fn from(id: OpId) -> Self {
        Self { replica: id.replica.get(), counter: id.counter }
    }
}

impl From<sync_operation_id> for OpId {
    fn from(id: sync_operation_id) -> Self {
        Self::new(ReplicaId::new(id.replica), id.counter)
    }
}

/// Draws an identity for a new document from the operating system's randomness.
///
/// SYNC_ERR_RANDOM if it has none to give.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_random_document_id(
    out: *mut sync_document_id,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: `out` and `error` are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let mut bytes = [0; 16];
            getrandom::fill(&mut bytes)?;
            out.write(sync_document_id { bytes });
            Ok(())
        })
    }
}

/// Draws an identity for a new replica from the operating system's randomness.
///
/// SYNC_ERR_RANDOM if it has none to give.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_random_replica_id(
    out: *mut u64,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: `out` and `error` are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            Out::required("out", out)?.write(getrandom::u64()?);
            Ok(())
        })
    }
}

/// The replica id that belongs to a name (UTF-8, name_len bytes), the same on every platform:
/// for hosts whose replicas have unique names already.
///
/// SYNC_ERR_UTF8 if the name is not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_replica_id_from_name(
    name: *const c_char,
    name_len: usize,
    out: *mut u64,
    error: *mut *mut sync_error,
) -> sync_status {
    // SAFETY: `name`, `out` and `error` are as the C ABI asks.
    unsafe {
        guard::call(error, || {
            let out = Out::required("out", out)?;
            let name = text("name", name, name_len)?;
            out.write(ReplicaId::from_name(name).get());
            Ok(())
        })
    }
}
