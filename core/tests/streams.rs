//! Streams: sizes, what breaks one, and what hostile bytes come to.

use libsync::{
    ApplyError, Commit, DecodeError, DocumentId, EditError, ExportError, Kind, Receiver, Replica,
    ReplicaId, Sender, Unit, Value, VersionVector,
};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);

fn replica(id: u64) -> Replica {
    Replica::new(DOCUMENT, ReplicaId::new(id))
}

fn stream() -> (Sender, Receiver) {
    (Sender::new(VersionVector::new()), Receiver::new())
}

/// SplitMix64.
fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *seed;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) as usize
}

fn is_compact(frame: &[u8]) -> bool {
    frame.starts_with(&[0x82, 5])
}

/// The content of a compact frame shorter than 256 bytes, without its checksum.
fn content(frame: &[u8]) -> &[u8] {
    let head = if frame[2] < 0x58 { 3 } else { 4 };
    &frame[head..frame.len() - 4]
}

fn checksum(frame: &[u8]) -> [u8; 4] {
    *frame.last_chunk().unwrap()
}

/// The checksum of a stream before its first frame.
fn first_checksum() -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(DOCUMENT.as_bytes());
    hasher.update(&0_u64.to_be_bytes());
    hasher.finalize().to_be_bytes()
}

/// The checksum of a stream behind a frame. One of another kind than compact takes part in it with
/// its checksum.
fn checksum_behind(frame: &[u8], before: [u8; 4]) -> [u8; 4] {
    if is_compact(frame) {
        return checksum(frame);
    }
    let mut hasher = crc32fast::Hasher::new_with_initial(u32::from_be_bytes(before));
    hasher.update(&checksum(frame));
    hasher.finalize().to_be_bytes()
}

/// A compact frame that continues a stream whose last frame had that checksum.
fn forged(content: &[u8], before: [u8; 4]) -> Vec<u8> {
    let mut hasher = crc32fast::Hasher::new_with_initial(u32::from_be_bytes(before));
    hasher.update(content);
    let mut frame = vec![0x82, 5];
    match content.len() + 4 {
        len @ ..24 => frame.push(0x40 + len as u8),
        len @ ..256 => frame.extend([0x58, len as u8]),
        len => frame.extend([0x59, (len >> 8) as u8, len as u8]),
    }
    frame.extend(content);
    frame.extend(hasher.finalize().to_be_bytes());
    frame
}

/// A frame, and the checksum of the one before it.
type Sent = (Vec<u8>, [u8; 4]);

/// Two replicas that both write, as one sends it all: every shape that is compact, and some that
/// are not.
fn everything() -> Vec<Sent> {
    let (mut a, mut b) = (replica(1), replica(2));
    let (mut to_b, mut from_a) = stream();
    let (mut to_c, mut sent) = (Sender::new(VersionVector::new()), Vec::new());
    let mut last = first_checksum();
    for step in 0..24 {
        match step {
            0 => a.insert_text("notes", Unit::Scalar, 0, "Hello"),
            1 => a.insert_text("notes", Unit::Scalar, 5, "!"),
            2 => b.insert_text("notes", Unit::Scalar, 5, " wörld 𝄞"),
            3 => a.delete_text("notes", Unit::Scalar, 4, 1),
            4 => a.delete_text("notes", Unit::Scalar, 3, 1),
            5 => a.delete_text("notes", Unit::Scalar, 3, 1),
            6 => b.delete_text("notes", Unit::Scalar, 1, 4),
            7 => a.insert_text("notes", Unit::Scalar, 1, "e"),
            8 => a.insert_text("notes", Unit::Scalar, 0, "·"),
            9 => a.set("user.name", "Ada"),
            10 => b.set("user.name", Value::Float(0.5)),
            11 => a.set("user.age", Value::Null),
            12 => a.set("user.name", Value::Timestamp(-1)),
            13 => b.remove("user.age").map(drop),
            14 => a.add("tags", "x").map(drop),
            15 => b.add("tags", 7).map(drop),
            16 => a.discard("tags", &"x".into()).map(drop),
            17 => b.increment("count", -5),
            18 => a.increment("count", 5_000_000_000),
            19 => a.insert_items("list", 0, [Kind::Map, Kind::Text]),
            20 => b.set("list.0.x", 1),
            21 => b.insert_text("list.1", Unit::Scalar, 0, "in an item"),
            22 => a.transact(Commit::new().message("said"), |a| a.set("user.age", 36)),
            _ => b.create("user.name", Kind::Map),
        }
        .unwrap();
        let to_a = b.export(a.version()).unwrap();
        a.apply(&to_a).unwrap();
        to_b.skip(b.version());
        if let Some(frame) = a.send(&mut to_b).unwrap() {
            b.receive(&mut from_a, &frame).unwrap();
        }
        let frame = a.send(&mut to_c).unwrap().unwrap();
        let behind = checksum_behind(&frame, last);
        let before = std::mem::replace(&mut last, behind);
        sent.push((frame, before));
    }
    assert_eq!(a.to_json(), b.to_json());
    assert!(sent.iter().filter(|(frame, _)| is_compact(frame)).count() > 18);
    sent
}

/// How many write at the same time in [`among_many`].
const WRITERS: usize = 12;

/// What a replica sends that receives from many who never pause: each writes once a round, but for
/// one that sometimes writes twice and one that sometimes does not, and has seen the rounds before.
/// With each frame, of which round it is.
fn among_many() -> Vec<(usize, Sent)> {
    let mut hub = replica(100);
    let (mut to_c, mut sent) = (Sender::new(VersionVector::new()), Vec::new());
    let mut last = first_checksum();
    let mut writers: Vec<Replica> = (1..).map(replica).take(WRITERS).collect();
    for round in 0..24 {
        for (nth, writer) in writers.iter_mut().enumerate() {
            let times = match nth {
                5 if round % 7 == 3 => 2,
                2 if round % 11 == 9 => 0,
                _ => 1,
            };
            for _ in 0..times {
                writer.insert_text(format!("text{nth}").as_str(), Unit::Scalar, 0, "x").unwrap();
                hub.apply(&writer.export(hub.version()).unwrap()).unwrap();
                let frame = hub.send(&mut to_c).unwrap().unwrap();
                // At first they are made members.
                assert!(is_compact(&frame) || round < 2);
                let behind = checksum_behind(&frame, last);
                let before = std::mem::replace(&mut last, behind);
                sent.push((round, (frame, before)));
            }
        }
        for writer in &mut writers {
            writer.apply(&hub.export(writer.version()).unwrap()).unwrap();
        }
    }
    sent
}

#[test]
fn one_of_many_writers_takes_few_bytes() {
    let sent = among_many();
    let (mut taker, mut receiver) = (replica(3), Receiver::new());
    for (_, (frame, _)) in &sent {
        taker.receive(&mut receiver, frame).unwrap();
    }
    assert_eq!(taker.text("text5").unwrap(), "x".repeat(24 + 3));
    assert_eq!(taker.text("text2").unwrap(), "x".repeat(24 - 2));
    let longest = |round: usize| {
        let of_round = sent.iter().filter(|&&(of, _)| of == round);
        of_round.map(|(_, (frame, _))| frame.len()).max().unwrap()
    };
    assert!(longest(10) > 2 * WRITERS, "who was silent is one less");
    assert!(longest(3) < 15, "{}: none is where all go on", longest(3));
    assert!(longest(4) < 15 + WRITERS, "{}: nor where one wrote more", longest(4));
}

/// The compact frame of a first character.
fn first_frame() -> Vec<u8> {
    let mut a = replica(1);
    a.insert_text("text", Unit::Scalar, 0, "a").unwrap();
    let frame = a.send(&mut stream().0).unwrap().unwrap();
    assert!(is_compact(&frame));
    frame
}

#[test]
fn a_keystroke_takes_ten_bytes() {
    for seed in 0..10 {
        let mut random = {
            let mut state = seed;
            move |below: usize| random(&mut state) % below
        };
        let (mut author, mut reader) = (replica(u64::MAX), replica(2));
        let (mut sender, mut receiver) = stream();
        let (mut at, mut len, mut edits, mut bytes) = (0, 0, 0, 0);
        while edits < 3_000 {
            if random(40) == 0 {
                at = random(len + 1);
            }
            if random(4) == 0 && at > 0 {
                author.delete_text("text", Unit::Scalar, at - 1, 1).unwrap();
                (at, len) = (at - 1, len - 1);
            } else if random(10) == 0 && at < len {
                author.delete_text("text", Unit::Scalar, at, 1).unwrap();
                len -= 1;
            } else {
                author.insert_text("text", Unit::Scalar, at, ["a", "b", "é"][random(3)]).unwrap();
                (at, len) = (at + 1, len + 1);
            }
            let frame = author.send(&mut sender).unwrap().unwrap();
            assert!(is_compact(&frame));
            reader.receive(&mut receiver, &frame).unwrap();
            (edits, bytes) = (edits + 1, bytes + frame.len());
        }
        assert_eq!(reader.to_json(), author.to_json(), "seed {seed}");
        assert!(bytes < 10 * edits, "seed {seed}: {bytes} bytes for {edits} edits");
    }
}

#[test]
fn an_assignment_takes_less_than_twenty_bytes() {
    let mut seed = 7;
    let mut replicas: Vec<Replica> = (0..4).map(|id| replica(u64::MAX - id)).collect();
    // Each sends one stream, that all others receive.
    let mut senders = vec![Sender::new(VersionVector::new()); 4];
    let mut receivers = vec![vec![Receiver::new(); 4]; 4];
    let (mut bytes, sets) = (0, 8_000);
    for nth in 0..sets {
        let from = nth % 4;
        let key = format!("sensor-{}", random(&mut seed) % 100);
        replicas[from].set(key.as_str(), 100_000 + nth as i64).unwrap();
        let frame = replicas[from].send(&mut senders[from]).unwrap().unwrap();
        bytes += frame.len();
        let new: VersionVector =
            [(replicas[from].id(), replicas[from].version().get(replicas[from].id()))]
                .into_iter()
                .collect();
        for to in (0..4).filter(|&to| to != from) {
            replicas[to].receive(&mut receivers[from][to], &frame).unwrap();
            senders[to].skip(&new);
        }
    }
    for replica in &replicas {
        assert_eq!(replica.to_json(), replicas[0].to_json());
    }
    assert!(bytes < 20 * sets, "{bytes} bytes for {sets} assignments");
}

#[test]
fn nothing_new_is_nothing_to_send() {
    let (mut a, mut b) = (replica(1), replica(2));
    let (mut to_b, mut from_a) = stream();
    assert_eq!(a.send(&mut to_b), Ok(None));
    a.set("x", 1).unwrap();
    let frame = a.send(&mut to_b).unwrap().unwrap();
    assert_eq!(a.send(&mut to_b), Ok(None));
    assert_eq!(b.receive(&mut from_a, &frame).unwrap().changes, 1);
    // What came from a peer is not sent back to it, if that is said.
    let mut to_a = Sender::new(VersionVector::new());
    assert!(b.send(&mut to_a.clone()).unwrap().is_some());
    to_a.skip_received(&from_a);
    assert_eq!(b.send(&mut to_a), Ok(None));
    assert_eq!(to_a.known(), a.version());
}

#[test]
fn a_stream_is_closed_during_a_transaction() {
    let mut a = replica(1);
    let (mut sender, mut receiver) = stream();
    a.begin().unwrap();
    a.set("x", 1).unwrap();
    assert_eq!(a.send(&mut sender), Err(ExportError::InTransaction));
    assert_eq!(a.receive(&mut receiver, &[]), Err(ApplyError::InTransaction));
    a.commit(Commit::new()).unwrap();
    assert!(a.send(&mut sender).unwrap().is_some());
}

#[test]
fn a_frame_that_is_lost_repeated_or_overtaken_is_told() {
    let sent = everything();
    let mut taker = replica(3);
    let mut receiver = Receiver::new();
    let compact = |at: usize| is_compact(&sent[at].0);
    for (at, (frame, _)) in sent.iter().enumerate() {
        let before = taker.save();
        for (other, (frame, _)) in sent.iter().enumerate().filter(|&(other, _)| other != at) {
            if compact(other) {
                let error = taker.receive(&mut receiver, frame);
                assert_eq!(error, Err(ApplyError::StreamBroken), "{other} before {at}");
            }
        }
        assert_eq!(taker.save(), before);
        taker.receive(&mut receiver, frame).unwrap();
    }
    let mut all = replica(4);
    let mut receiver = Receiver::new();
    for (frame, _) in &sent {
        all.receive(&mut receiver, frame).unwrap();
    }
    assert_eq!(all.to_json(), taker.to_json());
    // A frame of changes may be lost in between: the next compact one tells.
    let lost = (1..sent.len()).find(|&at| !compact(at)).unwrap();
    let mut taker = replica(3);
    let mut receiver = Receiver::new();
    for (frame, _) in &sent[..lost] {
        taker.receive(&mut receiver, frame).unwrap();
    }
    let next = (lost + 1..sent.len()).find(|&at| compact(at)).unwrap();
    assert_eq!(taker.receive(&mut receiver, &sent[next].0), Err(ApplyError::StreamBroken));
}

#[test]
fn a_stream_of_another_document_is_refused() {
    let mut other = Replica::new(DocumentId::from_bytes([8; 16]), ReplicaId::new(3));
    let frame = first_frame();
    assert_eq!(other.receive(&mut Receiver::new(), &frame), Err(ApplyError::StreamBroken));
    assert_eq!(other.to_json(), "{}");
}

#[test]
fn a_compact_frame_alone_is_none() {
    let error = replica(3).apply(&first_frame());
    assert!(matches!(error, Err(ApplyError::Decode(DecodeError::Unexpected { .. }))), "{error:?}");
}

#[test]
fn what_waits_for_other_streams_is_held() {
    let (mut a, mut b, mut c) = (replica(1), replica(2), replica(3));
    let (mut a_to_b, mut b_from_a) = stream();
    let (mut a_to_c, mut c_from_a) = stream();
    let (mut b_to_c, mut c_from_b) = stream();
    a.insert_text("text", Unit::Scalar, 0, "ab").unwrap();
    b.receive(&mut b_from_a, &a.send(&mut a_to_b).unwrap().unwrap()).unwrap();
    b_to_c.skip_received(&b_from_a);
    b.insert_text("text", Unit::Scalar, 1, "x").unwrap();
    let late = a.send(&mut a_to_c).unwrap().unwrap();
    let applied = c.receive(&mut c_from_b, &b.send(&mut b_to_c).unwrap().unwrap()).unwrap();
    assert_eq!((applied.changes, applied.held), (0, 1));
    b.insert_text("text", Unit::Scalar, 2, "y").unwrap();
    let applied = c.receive(&mut c_from_b, &b.send(&mut b_to_c).unwrap().unwrap()).unwrap();
    assert_eq!((applied.changes, applied.held), (0, 2));
    let applied = c.receive(&mut c_from_a, &late).unwrap();
    assert_eq!(applied.held, 0);
    assert_eq!(c.to_json(), r#"{"text":"axyb"}"#);
}

#[test]
fn a_frame_that_is_refused_can_be_taken_later() {
    let mut options = libsync::Options::default();
    options.max_inbox_changes = 0;
    let (mut a, mut b) = (replica(1), replica(2));
    let mut c = Replica::with_options(DOCUMENT, ReplicaId::new(3), options);
    a.set("shared.deeply.x", 1).unwrap();
    b.apply(&a.export(b.version()).unwrap()).unwrap();
    let mut to_c = Sender::new(b.version().clone());
    let mut receiver = Receiver::new();
    b.set("shared.deeply.y", 2).unwrap();
    let frame = b.send(&mut to_c).unwrap().unwrap();
    for _ in 0..2 {
        let refused = c.receive(&mut receiver, &frame);
        assert!(matches!(refused, Err(ApplyError::InboxFull { .. })), "{refused:?}");
    }
    c.apply(&a.export(c.version()).unwrap()).unwrap();
    c.receive(&mut receiver, &frame).unwrap();
    b.set("shared.deeply.y", 3).unwrap();
    c.receive(&mut receiver, &b.send(&mut to_c).unwrap().unwrap()).unwrap();
    assert_eq!(c.to_json(), b.to_json());
}

#[test]
fn two_who_write_as_one_are_told() {
    let (mut a, mut b, mut taker) = (replica(1), replica(1), replica(3));
    a.insert_text("text", Unit::Scalar, 0, "a").unwrap();
    b.insert_text("text", Unit::Scalar, 0, "b").unwrap();
    let (mut sender, mut receiver) = stream();
    let frame = a.send(&mut sender).unwrap().unwrap();
    taker.receive(&mut receiver, &frame).unwrap();
    let (mut sender, mut receiver) = stream();
    let frame = b.send(&mut sender).unwrap().unwrap();
    let error = taker.receive(&mut receiver, &frame);
    assert!(matches!(error, Err(ApplyError::ReplicaIdReused { .. })), "{error:?}");
}

#[test]
fn a_dictionary_that_is_full_goes_on() {
    let (mut a, mut b) = (replica(1), replica(2));
    let (mut sender, mut receiver) = stream();
    let long = "k".repeat(65);
    for nth in 0..66_000 {
        a.add("set", nth).unwrap();
        let frame = a.send(&mut sender).unwrap().unwrap();
        b.receive(&mut receiver, &frame).unwrap();
    }
    for value in 0..3 {
        a.set(long.as_str(), value).unwrap();
        a.set("short", value).unwrap();
        let frame = a.send(&mut sender).unwrap().unwrap();
        // A long key is spelled out every time: it must not be cheap to name.
        assert!(is_compact(&frame) && frame.len() > 65);
        b.receive(&mut receiver, &frame).unwrap();
    }
    assert_eq!(a.to_json(), b.to_json());
}

#[test]
fn a_damaged_frame_breaks_a_stream_and_changes_nothing() {
    let mut taker = replica(3);
    let mut receiver = Receiver::new();
    for (frame, _) in everything() {
        let before = taker.save();
        for len in 0..frame.len() {
            assert!(taker.receive(&mut receiver, &frame[..len]).is_err(), "cut to {len} bytes");
        }
        for at in 0..frame.len() {
            for bit in 0..8 {
                let mut damaged = frame.clone();
                damaged[at] ^= 1 << bit;
                let taken = taker.receive(&mut receiver, &damaged);
                assert!(taken.is_err(), "bit {bit} of byte {at}");
            }
        }
        let longer = [frame.as_slice(), &[0]].concat();
        assert!(taker.receive(&mut receiver, &longer).is_err());
        assert_eq!(taker.save(), before);
        taker.receive(&mut receiver, &frame).unwrap();
    }
}

/// Uses a replica and a stream from it.
fn exercise(replica: &mut Replica) {
    let saved = replica.save();
    let again = Replica::load(&saved, replica.id()).expect("what is saved can be loaded");
    assert_eq!(again.save(), saved);
    assert_eq!(again.to_json(), replica.to_json());
    let (mut sender, mut receiver) = stream();
    let mut other = Replica::new(DOCUMENT, ReplicaId::new(77));
    let _ = replica.insert_text("notes", Unit::Scalar, 0, "new");
    let _ = replica.set("user.name", 3);
    while let Some(frame) = replica.send(&mut sender).unwrap() {
        other.receive(&mut receiver, &frame).unwrap();
    }
    assert_eq!(other.to_json(), replica.to_json());
}

/// Whatever a hostile sender puts into a frame: it is refused whole, or it works.
fn receive_forged(
    (sent, times): (Vec<Sent>, usize),
    forge: impl Fn(&[u8], &mut u64) -> Vec<u8>,
    at_least: usize,
) {
    let (mut taker, mut receiver, mut applied) = (replica(3), Receiver::new(), 0);
    let mut seed = 1;
    for (frame, last) in sent {
        if is_compact(&frame) {
            let before = taker.save();
            for _ in 0..times {
                let forgery = forged(&forge(content(&frame), &mut seed), last);
                let (mut victim, mut end) = (taker.clone(), receiver.clone());
                match victim.receive(&mut end, &forgery) {
                    Ok(_) => {
                        applied += 1;
                        if applied % 8 == 0 {
                            exercise(&mut victim);
                        }
                    }
                    Err(_) => {
                        assert_eq!(victim.save(), before, "a refused frame changes nothing");
                        victim.receive(&mut end, &frame).expect("nor the stream");
                    }
                }
            }
        }
        taker.receive(&mut receiver, &frame).unwrap();
    }
    assert!(applied > at_least, "{applied} forgeries were applied: too few to show anything");
}

#[test]
fn a_forged_frame_is_refused_whole_or_works() {
    receive_forged((everything(), 1_500), changed, 1_000);
    let among_many = among_many().into_iter().map(|(_, sent)| sent).collect();
    receive_forged((among_many, 60), changed, 1_000);
}

/// The content with a few defects.
fn changed(content: &[u8], seed: &mut u64) -> Vec<u8> {
    let mut forged = content.to_vec();
    for _ in 0..=random(seed) % 3 {
        let at = random(seed) % forged.len();
        match random(seed) % 6 {
            0 => forged[at] ^= 1 << (random(seed) % 8),
            1 => forged[at] = random(seed) as u8,
            2 => forged[at] = forged[at].wrapping_add([1, 255][random(seed) % 2]),
            3 => forged.insert(at, random(seed) as u8),
            4 => forged.extend_from_slice(content),
            _ if forged.len() > 1 => drop(forged.remove(at)),
            _ => {}
        }
    }
    forged
}

#[test]
fn random_content_is_refused_whole_or_works() {
    receive_forged(
        (everything(), 1_500),
        |_, seed| (0..=random(seed) % 12).map(|_| (random(seed) % 256) as u8).collect(),
        25,
    );
}

#[test]
fn each_defect_has_its_error() {
    let mut a = replica(1);
    let (mut sender, _) = stream();
    a.insert_text("t", Unit::Scalar, 0, "a").unwrap();
    let first = a.send(&mut sender).unwrap().unwrap();
    let mut taker = replica(3);
    let mut receiver = Receiver::new();
    taker.receive(&mut receiver, &first).unwrap();
    let mut decode = |content: &[u8]| {
        let frame = forged(content, checksum(&first));
        match taker.receive(&mut receiver, &frame).unwrap_err() {
            ApplyError::Decode(error) => error,
            other => panic!("{other}"),
        }
    };
    let unexpected = |error| matches!(error, DecodeError::Unexpected { .. });
    let not_canonical = |error| matches!(error, DecodeError::NotCanonical { .. });
    let inconsistent = |error| matches!(error, DecodeError::Inconsistent { .. });
    let limit = |error| matches!(error, DecodeError::Limit { .. });
    let truncated = |error| matches!(error, DecodeError::Truncated { .. });
    assert!(not_canonical(decode(&[])), "no entry");
    assert!(truncated(decode(&[0x20])), "no character");
    assert!(unexpected(decode(&[0x20, 0x80])), "no UTF-8");
    assert!(not_canonical(decode(&[0x00, 1, b'b'])), "one character with its length");
    assert!(not_canonical(decode(&[0x00, 0])), "nothing inserted");
    assert!(not_canonical(decode(&[0x00, 0x82, 0, b'b', b'c'])), "a length in two bytes");
    assert!(not_canonical(decode(&[0xa0, b'b'])), "a bit that means nothing");
    assert!(not_canonical(decode(&[0x28, 0, b'b'])), "an origin that says nothing");
    assert!(not_canonical(decode(&[0x28, 0x40, b'b'])), "an origin's bit that means nothing");
    assert!(not_canonical(decode(&[0x28, 0x30, b'b'])), "a form of dependencies that is none");
    assert!(unexpected(decode(&[0x28, 0x20, b'b'])), "no dependencies to go on from");
    assert!(unexpected(decode(&[0x28, 0x28, b'b'])), "no dependencies to be near to");
    assert!(unexpected(decode(&[0x28, 0x08, b'b'])), "no dependency is expected");
    assert!(unexpected(decode(&[0x28, 0x01, 5, b'b'])), "a replica that has no number");
    assert!(limit(decode(&[0x28, 0x02, 255, 255, 255, 255, 255, 255, 255, 255, 127, b'b'])));
    assert!(unexpected(decode(&[0x30, 1, b'b'])), "the last container spelled out");
    assert!(inconsistent(decode(&[0x30, 0, b'b'])), "a text that is a map");
    assert!(inconsistent(decode(&[0x07, 2])), "a counter that is a text");
    assert!(unexpected(decode(&[0x05, 9, 0xf6])), "a place that has no number");
    assert!(unexpected(decode(&[0x06, 0])), "a removal of nothing");
    assert!(not_canonical(decode(&[0x84, 0, 0])), "a run of a single node");
    assert!(limit(decode(&[0x64, 6])), "a node before the first");
}

#[test]
fn editing_goes_on_between_frames() -> Result<(), Box<dyn std::error::Error>> {
    // Several edits between two frames, of several authors, travel as one frame.
    let (mut a, mut b, mut c) = (replica(1), replica(2), replica(3));
    let (mut to_c, mut receiver) = stream();
    for round in 0..20 {
        a.insert_text("text", Unit::Scalar, 0, "one ")?;
        b.insert_text("text", Unit::Scalar, 0, "two ")?;
        b.set("round", round)?;
        a.apply(&b.export(a.version())?)?;
        b.apply(&a.export(b.version())?)?;
        a.delete_text("text", Unit::Scalar, 1, 5)?;
        let frame = a.send(&mut to_c)?.ok_or(EditError::Root)?;
        // In the first round they make each other members.
        assert_eq!(is_compact(&frame), round > 0);
        c.receive(&mut receiver, &frame)?;
        assert_eq!(c.to_json(), a.to_json());
    }
    Ok(())
}

/// The example in the wire format.
#[test]
fn the_example_is_what_is_sent() {
    let mut a = replica(1);
    let (mut sender, _) = stream();
    let mut frames = Vec::new();
    let mut send = |a: &mut Replica| {
        let frame = a.send(&mut sender).unwrap().unwrap();
        frames.push(frame.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    };
    a.insert_text("notes", Unit::Scalar, 0, "A").unwrap();
    send(&mut a);
    a.insert_text("notes", Unit::Scalar, 1, "h").unwrap();
    send(&mut a);
    a.delete_text("notes", Unit::Scalar, 1, 1).unwrap();
    send(&mut a);
    a.set("name", "Ada").unwrap();
    send(&mut a);
    let manual = include_str!("../../docs/wire-format.md");
    for frame in &frames {
        assert!(manual.contains(frame), "{frame}");
    }
}
