//! The target for cursors and ranges: bytes that a host kept, or got from somebody.

use libsync::{Cursor, CursorError, CursorRange, Replica, Unit};

use crate::bases;

/// Reads a cursor and a range: either is refused, or is written as it was, and stands somewhere in
/// the replica that the first byte picks, or is refused there.
///
/// # Panics
/// If something is wrong.
pub fn read(input: &[u8]) {
    let Some((&pick, bytes)) = input.split_first() else { return };
    let replica = bases::replica(pick);
    if let Ok(cursor) = Cursor::from_bytes(bytes) {
        assert_eq!(cursor.to_bytes(), bytes, "there is one form of each");
        resolve(&replica, &cursor);
    }
    if let Ok(range) = CursorRange::from_bytes(bytes) {
        assert_eq!(range.to_bytes(), bytes, "there is one form of each");
        if let Ok(found) = replica.resolve_range(&range, Unit::Utf16) {
            assert!(found.start <= found.end);
            assert!(found.end <= len(&replica, &found.path, Unit::Utf16));
        }
    }
}

fn resolve(replica: &Replica, cursor: &Cursor) {
    for unit in [Unit::Scalar, Unit::Utf8, Unit::Utf16] {
        let found = match replica.resolve(cursor, unit) {
            Ok(found) => found,
            Err(CursorError::Gone | CursorError::Unseen { .. }) => return,
            Err(error) => panic!("{error}"),
        };
        assert!(found.position <= len(replica, &found.path, unit));
        let fresh = replica.refresh(cursor).expect("what stands somewhere can be refreshed");
        let again = replica.resolve(&fresh, unit).expect("what is here can be resolved");
        assert_eq!((again.position, again.exact), (found.position, true));
        let made = replica.cursor(&found.path, unit, found.position, cursor.lean());
        assert_eq!(made, Ok(fresh), "a refreshed cursor is one that is made there");
    }
}

fn len(replica: &Replica, path: &libsync::Path, unit: Unit) -> usize {
    let len = replica.text_len(path, unit).or_else(|_| replica.len(path));
    len.expect("a cursor is in a text or a list")
}
