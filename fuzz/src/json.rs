//! The target for JSON that comes from outside.

use libsync::{ImportOptions, Replica, json_patch, merge_patch};

use crate::bases;

/// Takes a text as JSON, as a JSON Patch or as a merge patch, to a replica: it is refused, and nothing
/// has changed, or the document is sound. What was imported is there, and importing it again changes
/// nothing. The first byte says which replica, and what the rest is.
///
/// # Panics
/// If something is wrong.
pub fn run(input: &[u8]) {
    let Some((&pick, text)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let mut replica = bases::replica(pick % bases::COUNT);
    let rest = pick / bases::COUNT;
    let options = match rest / 3 % 2 {
        0 => ImportOptions::new(),
        _ => ImportOptions::new().texts_from(usize::from(rest / 6)),
    };
    let before = replica.save();
    let former = replica.to_json();
    let taken = match rest % 3 {
        0 => replica.import_json("", text, options).is_ok(),
        1 => replica.apply_json_patch("", text, options).is_ok(),
        _ => replica.apply_merge_patch("", text, options).is_ok(),
    };
    if !taken {
        assert_eq!(replica.save(), before, "what is refused changes nothing");
        return;
    }
    let saved = replica.save();
    let loaded = Replica::load(&saved, replica.id()).expect("what is saved can be loaded");
    let json = replica.to_json();
    assert_eq!(loaded.to_json(), json);
    let mut again = vec![json.as_str()];
    if rest.is_multiple_of(3) {
        again.push(text);
    }
    for json in again {
        let report = replica.import_json("", json, options).expect("it was taken before");
        assert!(report.is_empty(), "{json} is there already: {report:?}");
    }
    assert_eq!(replica.save(), saved, "what is there already is no edit");

    let patch = json_patch(&former, &json).expect("both are the JSON of documents");
    let mut patched = bases::empty(replica.id());
    patched.import_json("", &former, options).expect("it is the JSON of a document");
    patched.apply_json_patch("", &patch, options).expect("the patch is from there");
    assert_eq!(patched.to_json(), json, "{patch}");
    if let Ok(patch) = merge_patch(&former, &json) {
        patched.import_json("", &former, options).expect("it is the JSON of a document");
        patched.apply_merge_patch("", &patch, options).expect("the patch is one");
        assert_eq!(patched.to_json(), json, "{patch}");
    }
}
