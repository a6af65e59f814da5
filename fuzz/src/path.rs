//! The target for paths as text.

use libsync::{Path, Replica};

use crate::bases;

/// Reads a path: it is refused with an error, or is written and read again as it was; and every
/// call that takes one does so.
///
/// # Panics
/// If something is wrong.
pub fn parse(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(path) = Path::parse(text) else { return };
    let written = path.to_string();
    assert_eq!(Path::parse(&written).as_ref(), Ok(&path), "a path is read back as written");
    let mut replica = bases::replica(1);
    assert_eq!(replica.get(text), replica.get(&path));
    assert_eq!(replica.conflicts(text), replica.conflicts(&path));
    let before = replica.save();
    match replica.set(text, 1) {
        // An item that was appended has another path now.
        Ok(()) if path.segments().contains(&"-".into()) => {}
        Ok(()) => assert_shown(&replica, &path),
        Err(_) => assert_eq!(replica.save(), before, "a failed edit changes nothing"),
    }
}

fn assert_shown(replica: &Replica, path: &Path) {
    let shown = replica.get(path).expect("what was set can be read");
    assert_eq!(shown, Some(libsync::Content::Value(1.into())));
    let saved = replica.save();
    let loaded = Replica::load(&saved, replica.id()).expect("what is saved can be loaded");
    assert_eq!(loaded.save(), saved);
    assert_eq!(loaded.to_json(), replica.to_json());
}
