//! Damaged and malicious bytes: a typed error, or a document that works. Never a panic or a hang.
//! (What they make the library allocate is measured in `ffi/tests`.)

use libsync::{
    ApplyError, Commit, DecodeError, DocumentId, EditError, Kind, LoadError, Replica, ReplicaId,
    Unit, Value, VersionVector,
};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const READER: ReplicaId = ReplicaId::new(99);

/// A replica with something of everything: kinds, values, conflicts, tombstones of every status,
/// an acknowledgement, changes in the log and in the inbox.
fn everything() -> Replica {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.join(ReplicaId::new(2)).unwrap();
    a.insert_text("notes", Unit::Scalar, 0, "Hello wörld 𝄞").unwrap();
    a.insert_text("notes", Unit::Scalar, 5, ",").unwrap();
    let values = [
        Value::Null,
        Value::Bool(true),
        Value::Int(-5_000_000_000),
        Value::Float(0.1),
        Value::Float(f64::NAN),
        Value::from("text"),
        Value::from(vec![1, 2, 255]),
    ];
    for (i, value) in values.into_iter().enumerate() {
        a.set(format!("values.v{i}"), value).unwrap();
    }
    a.insert_items("list", 0, ["a", "b", "c", "d", "e"]).unwrap();
    a.insert_items("list", 5, [Kind::Map, Kind::Text]).unwrap();
    a.set("list.5.x", 1).unwrap();
    a.insert_text("list.6", Unit::Scalar, 0, "in an item").unwrap();
    a.increment("counter", -5).unwrap();
    a.create("growing", Kind::GrowOnlyCounter).unwrap();
    a.increment("growing", 5).unwrap();
    a.add("set", Value::Timestamp(-1)).unwrap();
    a.add("set", "element").unwrap();
    let mut b = Replica::load(&a.save(), ReplicaId::new(2)).unwrap();
    b.insert_text("notes", Unit::Scalar, 3, "xyz").unwrap();
    b.move_item("list", 0, 4).unwrap();
    b.set("list.0", "B").unwrap();
    b.set("list.5.y", 2).unwrap();
    b.increment("counter", 7).unwrap();
    b.discard("set", &"element".into()).unwrap();
    a.transact(Commit::new().at(7).message("all at once"), |a| {
        a.move_item("list", 0, 2)?;
        a.delete_items("list", 3, 3)?;
        a.remove("counter")?;
        a.add("set", "element")?;
        Ok::<_, EditError>(())
    })
    .unwrap();
    a.delete_text("notes", Unit::Scalar, 2, 4).unwrap();
    exchange(&mut a, &mut b);
    for _ in 0..2 {
        b.apply_acknowledgement(&a.acknowledge()).unwrap();
        a.apply_acknowledgement(&b.acknowledge()).unwrap();
    }
    a.delete_text("notes", Unit::Scalar, 0, 3).unwrap();
    exchange(&mut a, &mut b);
    a.prune();
    a.apply_acknowledgement(&b.acknowledge()).unwrap();
    a.acknowledge();
    a.set("conflict", 1).unwrap();
    b.create("conflict", Kind::Map).unwrap();
    a.move_item("list", 0, 1).unwrap();
    b.move_item("list", 0, 2).unwrap();
    b.delete_items("list", 1, 1).unwrap();
    a.remove_wins("values.v0").unwrap();
    b.set("values.v0", 1).unwrap();
    b.increment("counter", 1).unwrap();
    b.insert_text("notes", Unit::Scalar, 1, "++").unwrap();
    exchange(&mut a, &mut b);
    b.set("held", 1).unwrap();
    let known = b.version().clone();
    b.set("held", 2).unwrap();
    a.apply(&b.export(&known).unwrap()).unwrap();
    assert_eq!(a.missing().len(), 1);
    a
}

fn exchange(a: &mut Replica, b: &mut Replica) {
    b.apply(&a.export(b.version()).unwrap()).unwrap();
    a.apply(&b.export(a.version()).unwrap()).unwrap();
}

/// A frame of changes with every operation, and a replica that can take it.
fn frame_of_everything() -> (Vec<u8>, Replica) {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.insert_text("notes", Unit::Scalar, 0, "base").unwrap();
    let taker = Replica::load(&a.save(), READER).unwrap();
    a.join(ReplicaId::new(2)).unwrap();
    a.insert_text("notes", Unit::Scalar, 2, "mid𝄞dle").unwrap();
    a.insert_text("notes", Unit::Scalar, 9, "!").unwrap();
    a.delete_text("notes", Unit::Scalar, 1, 3).unwrap();
    a.set("a.b.c", Value::Float(-0.5)).unwrap();
    a.set("a.b.c", "other").unwrap();
    a.remove("a").unwrap();
    a.leave().unwrap();
    (a.export(taker.version()).unwrap(), taker)
}

fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(at) = bytes.len().checked_sub(4) {
        let checksum = crc32fast::hash(&bytes[..at.saturating_sub(1)]);
        bytes[at..].copy_from_slice(&checksum.to_be_bytes());
    }
    bytes
}

#[test]
fn a_damaged_document_is_refused() {
    let saved = everything().save();
    assert!(Replica::load(&saved, READER).is_ok());
    for len in 0..saved.len() {
        assert!(Replica::load(&saved[..len], READER).is_err(), "cut to {len} bytes");
    }
    for at in 0..saved.len() {
        for bit in 0..8 {
            let mut damaged = saved.clone();
            damaged[at] ^= 1 << bit;
            assert!(Replica::load(&damaged, READER).is_err(), "bit {bit} of byte {at}");
        }
    }
    let longer = [saved.as_slice(), &[0]].concat();
    assert!(Replica::load(&longer, READER).is_err());
}

#[test]
fn a_damaged_frame_is_refused_and_changes_nothing() {
    let (frame, mut taker) = frame_of_everything();
    let before = taker.save();
    for len in 0..frame.len() {
        assert!(taker.apply(&frame[..len]).is_err(), "cut to {len} bytes");
    }
    for at in 0..frame.len() {
        for bit in 0..8 {
            let mut damaged = frame.clone();
            damaged[at] ^= 1 << bit;
            assert!(taker.apply(&damaged).is_err(), "bit {bit} of byte {at}");
        }
    }
    assert_eq!(taker.save(), before);
    taker.apply(&frame).unwrap();
}

/// SplitMix64.
fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *seed;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) as usize
}

/// Changes a few bytes, and makes the checksum fit.
fn mutated(bytes: &[u8], seed: &mut u64) -> Vec<u8> {
    let mut mutated = bytes.to_vec();
    for _ in 0..=random(seed) % 3 {
        let at = random(seed) % mutated.len();
        match random(seed) % 5 {
            0 => mutated[at] ^= 1 << (random(seed) % 8),
            1 => mutated[at] = random(seed) as u8,
            2 => mutated[at] = mutated[at].wrapping_add([1, 255][random(seed) % 2]),
            3 => mutated.insert(at, random(seed) as u8),
            _ => drop(mutated.remove(at)),
        }
    }
    with_checksum(mutated)
}

/// Uses a replica in every way.
fn exercise(replica: &mut Replica) {
    let json = replica.to_json();
    let saved = replica.save();
    let again = Replica::load(&saved, replica.id()).expect("what is saved can be loaded");
    assert_eq!(again.to_json(), json);
    assert_eq!(again.save(), saved);
    for path in ["notes", "fresh"] {
        let len = replica.text_len(path, Unit::Scalar).unwrap_or(0);
        for at in [0, len / 2, len] {
            let _ = replica.insert_text(path, Unit::Scalar, at, "new");
        }
        let _ = replica.delete_text(path, Unit::Scalar, len / 3, len / 3);
    }
    let len = replica.len("list").unwrap_or(0);
    let _ = replica.insert_items("list", len / 2, [Kind::Map]);
    let _ = replica.move_item("list", len / 2, 0);
    let _ = replica.set("list.1.z", 3);
    let _ = replica.delete_items("list", len / 3, len / 3);
    let _ = replica.increment("counter", 1);
    let _ = replica.add("set", "more");
    let _ = replica.discard("set", &Value::Timestamp(-1));
    let _ = replica.nodes("list");
    let _ = replica.clock("list");
    replica.begin().expect("no transaction is open");
    let before = replica.to_json();
    let _ = replica.move_item("list", 0, 1);
    let _ = replica.remove("list");
    let _ = replica.remove("notes");
    let _ = replica.remove_wins("set");
    assert!(replica.abort());
    assert_eq!(replica.to_json(), before, "an abort undoes everything");
    let _ = replica.remove("list");
    let _ = replica.remove("values");
    let _ = replica.export(&VersionVector::new());
    replica.acknowledge();
    replica.prune();
    let saved = replica.save();
    assert_eq!(Replica::load(&saved, replica.id()).unwrap().save(), saved);
}

#[test]
fn a_forged_document_is_refused_or_works() {
    let saved = everything().save();
    let mut seed = 1;
    let mut loaded = 0;
    for _ in 0..60_000 {
        if let Ok(mut replica) = Replica::load(&mutated(&saved, &mut seed), READER) {
            loaded += 1;
            exercise(&mut replica);
        }
    }
    assert!(loaded > 100, "{loaded} forgeries were loaded: too few to show anything");
}

#[test]
fn a_forged_frame_is_refused_whole_or_works() {
    let (frame, taker) = frame_of_everything();
    let before = taker.save();
    let mut seed = 1;
    let mut applied = 0;
    for _ in 0..60_000 {
        let mut replica = taker.clone();
        match replica.apply(&mutated(&frame, &mut seed)) {
            Ok(_) => {
                applied += 1;
                exercise(&mut replica);
            }
            Err(_) => assert_eq!(replica.save(), before, "a refused frame changes nothing"),
        }
    }
    assert!(applied > 100, "{applied} forgeries were applied: too few to show anything");
}

#[test]
fn each_defect_has_its_error() {
    let saved = everything().save();
    let decode = |bytes: &[u8]| match Replica::load(bytes, READER).unwrap_err() {
        LoadError::Decode(error) => error,
        other => panic!("{other}"),
    };
    assert_eq!(decode(&[]), DecodeError::Truncated { offset: 0 });
    assert!(matches!(decode(b"hello"), DecodeError::Unexpected { offset: 0, .. }));
    let mut damaged = saved.clone();
    damaged[30] ^= 1;
    assert_eq!(decode(&damaged), DecodeError::Checksum);
    let mut later = saved.clone();
    later[2] = 9;
    assert_eq!(decode(&later), DecodeError::Checksum);
    assert_eq!(
        decode(&with_checksum(later)),
        DecodeError::UnsupportedVersion { found: 9, supported: 1 }
    );
    let (frame, mut taker) = frame_of_everything();
    assert_eq!(decode(&frame), DecodeError::WrongFrame { expected: 2, found: 1 });
    let error = taker.apply(&saved).unwrap_err();
    assert_eq!(error, ApplyError::Decode(DecodeError::WrongFrame { expected: 1, found: 2 }));
}

#[test]
fn a_length_is_not_believed() {
    // An array, a byte string, a text and a map that claim 2^62 items or bytes.
    for head in [0x9b_u8, 0x5b, 0x7b, 0xbb] {
        let (mut frame, mut taker) = frame_of_everything();
        frame.truncate(22);
        frame.push(head);
        frame.extend((1_u64 << 62).to_be_bytes());
        frame.extend([0x44, 0, 0, 0, 0]);
        assert!(taker.apply(&with_checksum(frame)).is_err());
    }
}

#[test]
fn lengths_that_add_up_to_too_much_are_refused() {
    // A deletion of 5,000 runs of 2^53 characters each: their sum does not fit into 64 bits.
    let (frame, mut taker) = frame_of_everything();
    let varint = |mut number: u64| {
        let mut bytes = Vec::new();
        while number > 0x7f {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    };
    const RUNS: usize = 5_000;
    let (long, back) = (varint((1 << 53) - 32), varint((1 << 54) - 1));
    let columns = [
        (6, varint(RUNS as u64 - 1)),
        // Runs that are longer than the tag has room for: the first, and more of them.
        (7, [vec![0xfc], vec![0xfe; RUNS - 1]].concat()),
        (8, [vec![0x03], varint(RUNS as u64 - 2)].concat()),
        (9, long.repeat(RUNS)),
        // Each starts where the first does: 2^53 before the end of the one before.
        (11, [vec![0x00], back.repeat(RUNS - 1)].concat()),
    ];
    let mut body = vec![0xa3, 0x00, 0x48];
    body.extend(1_u64.to_be_bytes());
    body.extend([0x02, 0x83, 0x00, 0x61, b'n', 0x01]);
    body.extend([0x04, 0xa5]);
    for (number, column) in columns {
        match u8::try_from(column.len()) {
            Ok(len @ 0..24) => body.extend([number, 0x40 | len]),
            _ => {
                body.extend([number, 0x59]);
                body.extend((column.len() as u16).to_be_bytes());
            }
        }
        body.extend(column);
    }
    let mut forged = frame[..21].to_vec();
    forged.extend(body);
    forged.extend([0x44, 0, 0, 0, 0]);
    let error = taker.apply(&with_checksum(forged)).unwrap_err();
    assert!(matches!(error, ApplyError::Decode(DecodeError::Limit { .. })), "{error}");
}
