//! Replicas that have departed, and acknowledgements that say what has changed.

use libsync::{
    AcknowledgeError, Acknowledged, ApplyError, DocumentId, ExportError, Replica, ReplicaId,
    SaveOptions, Unit, VersionVector,
};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);

fn exchange(replicas: &mut [Replica]) {
    for _ in 0..2 {
        for from in 0..replicas.len() {
            for to in 0..replicas.len() {
                let since = replicas[to].encode_version();
                let frame = replicas[from].export_since(&since).unwrap();
                replicas[to].apply(&frame).unwrap();
            }
        }
    }
}

fn acknowledge(replicas: &mut [Replica]) {
    for from in 0..replicas.len() {
        let frame = replicas[from].acknowledge_whole();
        replicas.iter_mut().for_each(|to| drop(to.apply_acknowledgement(&frame)));
    }
}

fn prune(replicas: &mut [Replica]) {
    (0..3).for_each(|_| acknowledge(replicas));
    replicas.iter_mut().for_each(|replica| drop(replica.prune()));
}

/// Members who all have written. The first one knows of all of them.
fn members(count: u64) -> Vec<Replica> {
    // As wide as ids that are drawn.
    let id = |nth: u64| ReplicaId::new(nth.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut first = Replica::new(DOCUMENT, id(1));
    (2..=count).for_each(|nth| first.join(id(nth)).unwrap());
    let saved = first.save();
    let mut all: Vec<Replica> =
        (1..=count).map(|nth| Replica::load(&saved, id(nth)).unwrap()).collect();
    all.iter_mut().for_each(|member| member.insert_text("text", Unit::Scalar, 0, "abc").unwrap());
    exchange(&mut all);
    all
}

/// One comes, writes and leaves.
fn pass_by(members: &mut [Replica], id: u64) {
    let id = ReplicaId::new(id);
    members[0].join(id).unwrap();
    let mut guest = Replica::load(&members[0].save(), id).unwrap();
    guest.set("last", id.get().to_string()).unwrap();
    guest.leave().unwrap();
    let frame = guest.export(members[0].version()).unwrap();
    members[0].apply(&frame).unwrap();
    exchange(members);
}

#[test]
fn versions_are_as_small_as_those_who_are_there_need() {
    let mut members = members(3);
    prune(&mut members);
    let (version, saved) = (members[0].encode_version().len(), members[0].save().len());
    let whole = members[0].acknowledge_whole().len();
    for guest in 0..40 {
        pass_by(&mut members, 1_000_000 + guest);
        prune(&mut members);
    }
    assert_eq!(members[0].version().iter().len(), 43, "the version is what it always was");
    // The number of those who are left out, and of their operations; and greater counts.
    assert!(members[0].encode_version().len() <= version + 12);
    assert!(members[0].acknowledge_whole().len() <= whole + 16);
    let each = (members[0].save().len() - saved) / 40;
    assert!(each <= 16, "a saved document takes {each} bytes for each that was there");
    assert_eq!(members[0].departed().len(), 40);
    assert_eq!(members[0].members().len(), 3);
    let shallow = |member: &Replica| member.save_with(SaveOptions::new().shallow());
    assert!(members.iter().all(|member| shallow(member) == shallow(&members[0])));

    // All of it comes back.
    let mut loaded = Replica::load(&members[0].save(), members[0].id()).unwrap();
    assert_eq!(loaded.version(), members[0].version());
    assert_eq!(loaded.departed(), members[0].departed());
    let left = ReplicaId::new(1_000_000);
    loaded.join(left).unwrap();
    assert_eq!(loaded.members().len(), 3, "whoever has left does not come back");
    let clock = loaded.clock("last").unwrap();
    assert!(clock.is_empty(), "a clock counts those who departed: {clock:?}");
}

#[test]
fn one_who_departed_writes_no_more() {
    let mut members = members(2);
    let id = ReplicaId::new(7);
    members[0].join(id).unwrap();
    let mut guest = Replica::load(&members[0].save(), id).unwrap();
    let mut copy = guest.clone();
    guest.leave().unwrap();
    let frame = guest.export(members[0].version()).unwrap();
    members[0].apply(&frame).unwrap();
    exchange(&mut members);
    prune(&mut members);
    copy.set("a", 1).unwrap();
    copy.set("b", 2).unwrap();
    let changes = copy.export(guest.version()).unwrap();
    let before = members[0].save();
    let refused = members[0].apply(&changes).unwrap_err();
    assert!(matches!(refused, ApplyError::AuthorLeft { .. }), "{refused}");
    assert_eq!(members[0].save(), before);
}

#[test]
fn who_does_not_know_the_departed_is_told_so() {
    let mut members = members(2);
    let mut behind = Replica::load(&members[0].save(), ReplicaId::new(5)).unwrap();
    for guest in 0..3 {
        pass_by(&mut members, 1_000 + guest);
    }
    prune(&mut members);
    let version = members[0].encode_version();
    let error = behind.decode_version(&version).unwrap_err();
    let ExportError::Departures(unknown) = &error else { panic!("{error}") };
    assert_eq!((unknown.left_out, unknown.known), (3, 0));
    assert!(error.to_string().contains("bring it up to date first"), "{error}");
    let before = behind.save();
    let acknowledged = members[0].acknowledge_whole();
    let error = behind.apply_acknowledgement(&acknowledged).unwrap_err();
    assert!(matches!(error, AcknowledgeError::Departures(_)), "{error}");
    assert_eq!(behind.save(), before);
    // One that has written offline, and knows nothing, hands over what it has.
    let mut offline = Replica::new(DOCUMENT, ReplicaId::new(6));
    offline.set("offline", true).unwrap();
    let all = offline.export(&VersionVector::new()).unwrap();
    members[0].apply(&all).unwrap();
    let since = members[0].encode_version();
    let exported = offline.export_since(&since).unwrap();
    members[0].apply(&exported).unwrap();
    assert!(offline.decode_version(&since).is_err());
}

#[test]
fn most_acknowledgements_say_what_has_changed() {
    let mut members = members(20);
    prune(&mut members);
    for round in 0..40 {
        for writer in [3, 11] {
            members[writer].insert_text("text", Unit::Scalar, 1, "some more").unwrap();
        }
        exchange(&mut members);
        let frames: Vec<Vec<u8>> = members.iter_mut().map(Replica::acknowledge).collect();
        let small = frames.iter().filter(|frame| frame.len() < 60).count();
        if round % 16 == 5 {
            let sizes: Vec<usize> = frames.iter().map(Vec::len).collect();
            println!("acknowledgements of 20 members, of whom 2 wrote: {sizes:?} bytes");
            assert!(small >= 19, "round {round}: {sizes:?}");
        }
        for frame in &frames {
            for member in &mut members {
                let taken = member.apply_acknowledgement(frame).unwrap();
                assert_ne!(taken, Acknowledged::Incomplete, "round {round}");
            }
        }
        for member in &members {
            let version = Some(member.version());
            assert!(member.members().iter().all(|one| one.acknowledged.as_ref() == version));
        }
    }
}

#[test]
fn an_acknowledgement_that_lacks_its_base_changes_nothing() {
    let mut members = members(3);
    prune(&mut members);
    members[0].acknowledge_whole();
    let mut late = Replica::load(&members[1].save(), members[1].id()).unwrap();
    members[0].join(ReplicaId::new(77)).unwrap();
    members[2].set("x", 1).unwrap();
    exchange(&mut members);
    let lost = members[0].acknowledge();
    members[2].set("x", 2).unwrap();
    exchange(&mut members);
    let delta = members[0].acknowledge();
    assert!(delta.len() < lost.len(), "a new member gets a whole one");
    assert_eq!(members[2].apply_acknowledgement(&lost), Ok(Acknowledged::Taken));
    assert_eq!(members[2].apply_acknowledgement(&delta), Ok(Acknowledged::Taken));
    assert_eq!(members[2].apply_acknowledgement(&delta), Ok(Acknowledged::Stale));
    assert_eq!(members[2].apply_acknowledgement(&lost), Ok(Acknowledged::Stale));
    let before = late.save();
    assert_eq!(late.apply_acknowledgement(&delta), Ok(Acknowledged::Incomplete));
    assert_eq!(late.save(), before);
    let whole = members[0].acknowledge_whole();
    assert_ne!(late.apply_acknowledgement(&whole), Ok(Acknowledged::Incomplete));
    // What came in between fits now, in whichever order it comes.
    assert_ne!(late.apply_acknowledgement(&delta), Ok(Acknowledged::Incomplete));
    for _ in 0..20 {
        let frame = members[0].acknowledge();
        assert_ne!(members[1].apply_acknowledgement(&frame), Ok(Acknowledged::Held));
    }
}
