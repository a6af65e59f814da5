//! Documents and changes in their compressed form: sizes, what comes back, and hostile bytes.

use libsync::{
    Commit, DecodeError, DocumentId, ExportOptions, Kind, LoadError, Options, Replica, ReplicaId,
    SaveOptions, Unit, VersionVector,
};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const COMPRESSED: SaveOptions = SaveOptions::new().compressed();
const READER: ReplicaId = ReplicaId::new(77);

/// SplitMix64.
fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *seed;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) as usize
}

/// Edits of every type by two replicas, of which the one knows of most of the other's.
fn edited(seed: &mut u64, edits: usize) -> (Replica, Replica) {
    let mut pair = [1, 2].map(|id| Replica::new(DOCUMENT, ReplicaId::new(id)));
    for _ in 0..edits {
        let nth = random(seed) % 2;
        let replica = &mut pair[nth];
        let len = replica.text("notes").map_or(0, |text| text.chars().count());
        let at = random(seed) % (len + 1);
        let item = replica.len("list").unwrap_or(0);
        match random(seed) % 12 {
            0..4 => replica.insert_text("notes", Unit::Scalar, at, ["a", "wörld", "𝄞"][at % 3]),
            4 if at < len => replica.delete_text("notes", Unit::Scalar, at, 1),
            5 => replica.set(format!("map.{}", at % 5).as_str(), at as i64),
            6 => replica.transact(Commit::new().message("said").at(7), |replica| {
                replica.set("map.timed", at as i64)
            }),
            7 => replica.add("set", at as i64).map(drop),
            8 => replica.increment("count", at as i64 - 5),
            9 => replica.insert_items("list", at % (item + 1), [Kind::Map]),
            10 if item > 0 => replica.move_item("list", at % item, 0),
            11 if item > 0 => replica.set(format!("list.{}.x", at % item).as_str(), 1),
            _ => replica.remove("map.1").map(drop),
        }
        .unwrap();
        if random(seed).is_multiple_of(8) {
            let [a, b] = &mut pair;
            b.apply(&a.export(b.version()).unwrap()).unwrap();
            a.apply(&b.export(a.version()).unwrap()).unwrap();
        }
    }
    pair.into()
}

fn settle(a: &mut Replica, b: &mut Replica) {
    for _ in 0..3 {
        b.apply(&a.export(b.version()).unwrap()).unwrap();
        a.apply(&b.export(a.version()).unwrap()).unwrap();
        let (of_a, of_b) = (a.acknowledge(), b.acknowledge());
        b.apply_acknowledgement(&of_a).unwrap();
        a.apply_acknowledgement(&of_b).unwrap();
    }
}

#[test]
fn whatever_form_a_document_is_saved_in_it_is_the_same() {
    for first in 0..20 {
        println!("seed {first}");
        let seed = &mut first.clone();
        let (mut a, mut b) = edited(seed, 120);
        for pruned in [false, true] {
            if pruned {
                settle(&mut a, &mut b);
                a.prune();
            }
            let saved = a.save();
            let compressed = a.save_with(COMPRESSED);
            assert!(compressed.len() < saved.len());
            let loaded = Replica::load(&compressed, a.id()).unwrap();
            assert_eq!(loaded.to_json(), a.to_json());
            assert_eq!(loaded.members(), a.members());
            let plain = Replica::load(&saved, a.id()).unwrap();
            for mut again in [loaded, plain] {
                assert_eq!(again.save(), saved, "pruned: {pruned}");
                // And it goes on as the one that was saved.
                again.insert_text("notes", Unit::Scalar, 0, "on").unwrap();
                let mut other = b.clone();
                other.apply(&again.export(other.version()).unwrap()).unwrap();
                again.apply(&other.export(again.version()).unwrap()).unwrap();
                assert_eq!(again.to_json(), other.to_json());
            }
        }
    }
}

/// A document that is opened by one edit after the other, and one that never was closed.
#[test]
fn what_is_opened_late_is_what_was_there() {
    for first in 0..20 {
        println!("seed {first}");
        let seed = &mut first.clone();
        let (mut eager, _) = edited(seed, 60);
        for step in 0..40 {
            let mut lazy = Replica::load(&eager.save(), eager.id()).unwrap();
            assert_eq!(lazy.save(), eager.save(), "step {step}");
            for unit in [Unit::Scalar, Unit::Utf8, Unit::Utf16] {
                assert_eq!(lazy.text_len("notes", unit), eager.text_len("notes", unit));
            }
            let len = eager.text("notes").unwrap().chars().count();
            let (at, deletes) = (random(seed) % (len + 1), random(seed).is_multiple_of(3));
            for replica in [&mut lazy, &mut eager] {
                if deletes && at < len {
                    replica.delete_text("notes", Unit::Scalar, at, 1).unwrap();
                } else {
                    replica.insert_text("notes", Unit::Scalar, at, "x").unwrap();
                }
            }
            assert_eq!(lazy.to_json(), eager.to_json(), "step {step}");
            assert_eq!(lazy.save(), eager.save(), "step {step}");
        }
    }
}

#[test]
fn changes_are_applied_in_either_form() {
    let (mut a, b) = edited(&mut 5, 300);
    let since = VersionVector::new();
    let compressed = a.export_with(&since, ExportOptions::new().compressed()).unwrap();
    assert!(compressed.len() < a.export(&since).unwrap().len());
    let mut c = Replica::new(DOCUMENT, READER);
    c.apply(&compressed).unwrap();
    assert_eq!(c.to_json(), a.to_json());
    assert_eq!(c.version(), a.version());
    drop(b);
}

#[test]
fn a_body_is_no_longer_than_the_receiver_allows() {
    let (mut a, _) = edited(&mut 6, 400);
    let saved = a.save_with(COMPRESSED);
    let exported = a.export_with(&VersionVector::new(), ExportOptions::new().compressed()).unwrap();
    let mut options = Options::default();
    options.max_frame_bytes = saved.len().max(exported.len());
    let error = Replica::load_with_options(&saved, READER, options).unwrap_err();
    assert!(matches!(error, LoadError::Decode(DecodeError::Limit { .. })), "{error}");
    let mut taker = Replica::with_options(DOCUMENT, READER, options);
    let error = taker.apply(&exported).unwrap_err();
    assert!(error.to_string().contains("limit"), "{error}");
    assert_eq!(taker.to_json(), "{}");
}

/// What could be taken for a bomb is written as it is, and loads.
#[test]
fn a_document_that_repeats_itself_can_be_loaded() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.insert_text("notes", Unit::Scalar, 0, &"a".repeat(1 << 20)).unwrap();
    let loaded = Replica::load(&a.save_with(COMPRESSED), READER).unwrap();
    assert_eq!(loaded.to_json(), a.to_json());
}

/// The frame with a checksum that fits what was done to it.
fn sealed_again(mut frame: Vec<u8>) -> Vec<u8> {
    let end = frame.len() - 4;
    let checksum = crc32fast::hash(&frame[..end - 1]);
    frame[end..].copy_from_slice(&checksum.to_be_bytes());
    frame
}

#[test]
fn damaged_documents_are_refused_or_work() {
    let (mut a, mut b) = edited(&mut 8, 30);
    let mut frames = vec![a.save(), a.save_with(COMPRESSED)];
    settle(&mut a, &mut b);
    a.prune();
    frames.extend([a.save(), a.save_with(COMPRESSED)]);
    for frame in frames {
        for len in 0..frame.len() {
            assert!(Replica::load(&frame[..len], READER).is_err(), "cut to {len} bytes");
        }
        for at in 0..frame.len() - 5 {
            for bit in 0..8 {
                let mut damaged = frame.clone();
                damaged[at] ^= 1 << bit;
                assert!(Replica::load(&damaged, READER).is_err(), "bit {bit} of byte {at}");
                let Ok(mut loaded) = Replica::load(&sealed_again(damaged), READER) else {
                    continue;
                };
                let saved = loaded.save();
                let again = Replica::load(&saved, READER).expect("what is saved can be loaded");
                assert_eq!(again.to_json(), loaded.to_json());
                let _ = loaded.insert_text("notes", Unit::Scalar, 0, "new");
                let _ = loaded.export(&VersionVector::new());
                loaded.prune();
                assert!(Replica::load(&loaded.save(), READER).is_ok());
            }
        }
    }
}

#[test]
fn random_bytes_are_no_document() {
    let mut seed = 9;
    for len in 0..2_000 {
        let mut bytes: Vec<u8> = (0..len % 200).map(|_| random(&mut seed) as u8).collect();
        assert!(Replica::load(&bytes, READER).is_err());
        // In an envelope that is right, as a body in either form.
        let head = [&[0x86, 2, 1, 0x50][..], &[9; 16], &[0]].concat();
        bytes.splice(0..0, [0x58, (len % 200) as u8]);
        let frame = [&head, &bytes[..], &[0x44, 0, 0, 0, 0]].concat();
        assert!(Replica::load(&sealed_again(frame), READER).is_err());
    }
}
