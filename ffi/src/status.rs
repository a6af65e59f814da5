//! How a call ended, as a number.

use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;

use crate::argument::enum_number;

/// How a call ended. The numbers are stable: none is ever reused or renumbered, and new ones may
/// be added, so keep a default branch.
///
/// After every status but SYNC_OK nothing has changed, neither in the replica nor in the outputs;
/// SYNC_ERR_PANIC is the exception, as it says.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum sync_status {
    /// It did what it is for.
    SYNC_OK = 0,

    /// A pointer that must not be NULL is. (A NULL input is legal where its length is 0.)
    SYNC_ERR_NULL = 1,
    /// A handle that was freed, is of another kind, or was never handed out by this library.
    SYNC_ERR_HANDLE = 2,
    /// An argument that no call could take: an unlisted enum value, a length beyond the address
    /// space, a misaligned pointer, a buffer that is not one of this library.
    SYNC_ERR_ARGUMENT = 3,
    /// The size that a struct starts with can't be right (use its INIT macro), or the struct asks
    /// for something that only a later library knows.
    SYNC_ERR_STRUCT_SIZE = 4,
    /// A path or a text that is not UTF-8.
    SYNC_ERR_UTF8 = 5,
    /// A defect of this library, caught. The replica may be damaged, and so may the end of a stream
    /// that it worked with: from now on their handles answer every call with this status; free them,
    /// and load the document from what was saved.
    SYNC_ERR_PANIC = 6,
    /// The operating system has no randomness to give.
    SYNC_ERR_RANDOM = 7,
    /// No handle is left: more objects than this platform's pointers can tell apart.
    SYNC_ERR_EXHAUSTED = 8,
    /// Something that this list has no status for yet; the message says what.
    SYNC_ERR_OTHER = 9,

    /// A path that can't be read.
    SYNC_ERR_PATH = 20,
    /// Nothing is at the path.
    SYNC_ERR_NOT_FOUND = 21,
    /// Something else is at the path than the call is for.
    SYNC_ERR_WRONG_KIND = 22,
    /// The root map can't be set or removed.
    SYNC_ERR_ROOT = 23,
    /// A position or a range beyond the end of the text.
    SYNC_ERR_OUT_OF_BOUNDS = 24,
    /// A position within a character.
    SYNC_ERR_SPLITS_CHARACTER = 25,
    /// A path with more keys and indices than a document may be deep.
    SYNC_ERR_TOO_DEEP = 26,
    /// This replica has left the document, and can't write any more.
    SYNC_ERR_LEFT = 27,
    /// Others know changes of this replica that it does not know: it was restored from a backup, or
    /// another host writes under its id. See sync_replica_rescue.
    SYNC_ERR_WRITTEN_ELSEWHERE = 28,
    /// More operations than can be counted.
    SYNC_ERR_TOO_MANY_OPERATIONS = 29,
    /// A path that goes into a list by something else than an index.
    SYNC_ERR_NOT_AN_INDEX = 30,
    /// An index or a range beyond the end of a list.
    SYNC_ERR_INDEX_OUT_OF_BOUNDS = 31,
    /// A counter or set that only grows would lose what it holds, by itself or with what it is in.
    SYNC_ERR_GROW_ONLY = 32,
    /// A counter would leave the range of 64-bit integers.
    SYNC_ERR_OVERFLOW = 33,
    /// A key or a value longer than the options of this replica allow.
    SYNC_ERR_TOO_LONG = 34,
    /// A transaction is open on this replica: commit it or abort it first.
    SYNC_ERR_IN_TRANSACTION = 35,
    /// No transaction is open on this replica.
    SYNC_ERR_NO_TRANSACTION = 36,
    /// This replica was evicted from the document, or is about to be, and can't write any more.
    SYNC_ERR_EVICTED = 37,
    /// A replica that can't be evicted: this one itself, one that is no member, or one that has left or
    /// was evicted before.
    SYNC_ERR_NOT_EVICTABLE = 38,

    /// Bytes that are not a frame, are damaged, cut short, of another kind than the call takes,
    /// or of a later format.
    SYNC_ERR_DECODE = 40,
    /// Bytes of another document.
    SYNC_ERR_OTHER_DOCUMENT = 41,
    /// Bytes of this document from before or after it was seeded anew.
    SYNC_ERR_OTHER_EPOCH = 42,
    /// A document that can't be seeded anew once more.
    SYNC_ERR_LAST_EPOCH = 43,

    /// Two different changes bear one identity: two hosts write under one replica id, or one went
    /// back to a backup. Or an id that has to be new, and is not.
    SYNC_ERR_REPLICA_ID_REUSED = 60,
    /// A replica was away for too long: what it names, or asks for, has been pruned. See
    /// sync_replica_rescue.
    SYNC_ERR_BELOW_PRUNE_FLOOR = 61,
    /// A change that contradicts the document.
    SYNC_ERR_INVALID_CHANGE = 62,
    /// A change whose author had left the document before.
    SYNC_ERR_AUTHOR_LEFT = 63,
    /// Too many changes wait for what is missing.
    SYNC_ERR_INBOX_FULL = 64,
    /// Acknowledgements of too many replicas wait for changes that are missing.
    SYNC_ERR_TOO_MANY_HELD = 65,
    /// A frame that does not follow what a stream brought before: one was lost, repeated or overtaken,
    /// or it was damaged, or is of another document.
    SYNC_ERR_STREAM_BROKEN = 66,
    /// A change whose author was evicted, and that is not among what counts of its changes.
    SYNC_ERR_AUTHOR_EVICTED = 67,
    /// A change that was made on what does not count of an evicted replica.
    SYNC_ERR_NAMES_EVICTED = 68,
    /// A replica that has to be made a member before it is handed changes, and that this one can't make
    /// one, as it may not write (any more).
    SYNC_ERR_CANNOT_SPONSOR = 69,
    /// Changes that a replica never had, as it was loaded from a shallow snapshot.
    SYNC_ERR_SHALLOW = 70,
    /// A version, or an acknowledgement, that leaves out departed replicas that are not known here.
    SYNC_ERR_UNKNOWN_DEPARTURES = 71,

    /// A replica that is no member in the snapshot on which it is to go on.
    SYNC_ERR_NOT_A_MEMBER = 80,
    /// A snapshot that lacks what the replica that is to be rescued does not hold as changes (any more).
    SYNC_ERR_SNAPSHOT_BEHIND = 81,
    /// Of a replica that went back to a backup, the snapshot does not tell what it has written since.
    SYNC_ERR_UNDECIDED = 82,
}

use sync_status::*;

const NAMES: [(sync_status, &CStr); 48] = [
    (SYNC_OK, c"SYNC_OK"),
    (SYNC_ERR_NULL, c"SYNC_ERR_NULL"),
    (SYNC_ERR_HANDLE, c"SYNC_ERR_HANDLE"),
    (SYNC_ERR_ARGUMENT, c"SYNC_ERR_ARGUMENT"),
    (SYNC_ERR_STRUCT_SIZE, c"SYNC_ERR_STRUCT_SIZE"),
    (SYNC_ERR_UTF8, c"SYNC_ERR_UTF8"),
    (SYNC_ERR_PANIC, c"SYNC_ERR_PANIC"),
    (SYNC_ERR_RANDOM, c"SYNC_ERR_RANDOM"),
    (SYNC_ERR_EXHAUSTED, c"SYNC_ERR_EXHAUSTED"),
    (SYNC_ERR_OTHER, c"SYNC_ERR_OTHER"),
    (SYNC_ERR_PATH, c"SYNC_ERR_PATH"),
    (SYNC_ERR_NOT_FOUND, c"SYNC_ERR_NOT_FOUND"),
    (SYNC_ERR_WRONG_KIND, c"SYNC_ERR_WRONG_KIND"),
    (SYNC_ERR_ROOT, c"SYNC_ERR_ROOT"),
    (SYNC_ERR_OUT_OF_BOUNDS, c"SYNC_ERR_OUT_OF_BOUNDS"),
    (SYNC_ERR_SPLITS_CHARACTER, c"SYNC_ERR_SPLITS_CHARACTER"),
    (SYNC_ERR_TOO_DEEP, c"SYNC_ERR_TOO_DEEP"),
    (SYNC_ERR_LEFT, c"SYNC_ERR_LEFT"),
    (SYNC_ERR_WRITTEN_ELSEWHERE, c"SYNC_ERR_WRITTEN_ELSEWHERE"),
    (SYNC_ERR_TOO_MANY_OPERATIONS, c"SYNC_ERR_TOO_MANY_OPERATIONS"),
    (SYNC_ERR_NOT_AN_INDEX, c"SYNC_ERR_NOT_AN_INDEX"),
    (SYNC_ERR_INDEX_OUT_OF_BOUNDS, c"SYNC_ERR_INDEX_OUT_OF_BOUNDS"),
    (SYNC_ERR_GROW_ONLY, c"SYNC_ERR_GROW_ONLY"),
    (SYNC_ERR_OVERFLOW, c"SYNC_ERR_OVERFLOW"),
    (SYNC_ERR_TOO_LONG, c"SYNC_ERR_TOO_LONG"),
    (SYNC_ERR_IN_TRANSACTION, c"SYNC_ERR_IN_TRANSACTION"),
    (SYNC_ERR_NO_TRANSACTION, c"SYNC_ERR_NO_TRANSACTION"),
    (SYNC_ERR_EVICTED, c"SYNC_ERR_EVICTED"),
    (SYNC_ERR_NOT_EVICTABLE, c"SYNC_ERR_NOT_EVICTABLE"),
    (SYNC_ERR_DECODE, c"SYNC_ERR_DECODE"),
    (SYNC_ERR_OTHER_DOCUMENT, c"SYNC_ERR_OTHER_DOCUMENT"),
    (SYNC_ERR_OTHER_EPOCH, c"SYNC_ERR_OTHER_EPOCH"),
    (SYNC_ERR_LAST_EPOCH, c"SYNC_ERR_LAST_EPOCH"),
    (SYNC_ERR_REPLICA_ID_REUSED, c"SYNC_ERR_REPLICA_ID_REUSED"),
    (SYNC_ERR_BELOW_PRUNE_FLOOR, c"SYNC_ERR_BELOW_PRUNE_FLOOR"),
    (SYNC_ERR_INVALID_CHANGE, c"SYNC_ERR_INVALID_CHANGE"),
    (SYNC_ERR_AUTHOR_LEFT, c"SYNC_ERR_AUTHOR_LEFT"),
    (SYNC_ERR_INBOX_FULL, c"SYNC_ERR_INBOX_FULL"),
    (SYNC_ERR_TOO_MANY_HELD, c"SYNC_ERR_TOO_MANY_HELD"),
    (SYNC_ERR_STREAM_BROKEN, c"SYNC_ERR_STREAM_BROKEN"),
    (SYNC_ERR_AUTHOR_EVICTED, c"SYNC_ERR_AUTHOR_EVICTED"),
    (SYNC_ERR_NAMES_EVICTED, c"SYNC_ERR_NAMES_EVICTED"),
    (SYNC_ERR_CANNOT_SPONSOR, c"SYNC_ERR_CANNOT_SPONSOR"),
    (SYNC_ERR_SHALLOW, c"SYNC_ERR_SHALLOW"),
    (SYNC_ERR_UNKNOWN_DEPARTURES, c"SYNC_ERR_UNKNOWN_DEPARTURES"),
    (SYNC_ERR_NOT_A_MEMBER, c"SYNC_ERR_NOT_A_MEMBER"),
    (SYNC_ERR_SNAPSHOT_BEHIND, c"SYNC_ERR_SNAPSHOT_BEHIND"),
    (SYNC_ERR_UNDECIDED, c"SYNC_ERR_UNDECIDED"),
];

/// The name of a status, such as "SYNC_ERR_PATH", for logs.
///
/// Static: not to be freed. Never NULL: for a number that is no status of this library it is
/// "SYNC_ERR_OTHER".
#[unsafe(no_mangle)]
pub extern "C" fn sync_status_name(status: MaybeUninit<sync_status>) -> *const c_char {
    let number = enum_number(status);
    let found = NAMES.iter().find(|(status, _)| *status as u32 == number);
    found.map_or(c"SYNC_ERR_OTHER", |(_, name)| name).as_ptr()
}
