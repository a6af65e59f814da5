//! A mirror of a document in plain JSON, which sees the patches of events alone.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use libsync::{
    Commit, Content, EditError, Found, Kind, Path, ReadError, Replica, Subscription, Unit, Value,
};
use serde_json::Value as Json;

use super::programs::{KEYS, Random, WORDS};
use super::{PLAIN, oracle, replica, twin};

struct Mirror {
    shown: Json,
    subscription: Subscription,
    operations: usize,
}

impl Mirror {
    fn new(replica: &mut Replica) -> Self {
        let subscription = replica.subscribe("", Unit::Utf8).unwrap();
        Self { shown: replica.to_json().parse().unwrap(), subscription, operations: 0 }
    }

    fn follow(&mut self, replica: &mut Replica) {
        while let Some(event) = replica.next_event(self.subscription).unwrap() {
            let patch: Json = replica.event_to_json_patch(&event).unwrap().parse().unwrap();
            self.operations += patch.as_array().unwrap().len();
            let patched = oracle::patched(&self.shown, &patch);
            self.shown = patched.unwrap_or_else(|| panic!("{patch} fits {}", self.shown));
        }
        assert_eq!(self.shown.to_string(), replica.to_json());
    }
}

fn path(random: &mut Random) -> Path {
    match random.below(5) {
        0 => Path::from_keys([KEYS[random.below(KEYS.len())]]),
        1 => Path::from_keys([KEYS[random.below(KEYS.len())], KEYS[random.below(KEYS.len())]]),
        2 => Path::from_keys(["list", "-"]),
        3 => Path::from_keys(["list"]).child(random.below(6)),
        _ => Path::from_keys(["list"]).child(random.below(6)).child("a"),
    }
}

fn edit(replica: &mut Replica, random: &mut Random) -> Result<(), EditError> {
    let at = path(random);
    let word = WORDS[random.below(WORDS.len())];
    let number = random.below(5) as i64;
    match random.below(16) {
        0..2 => replica.insert_text(&at, Unit::Scalar, 0, word),
        2 => replica.delete_text(&at, Unit::Scalar, 0, 1),
        3 => replica.increment(&at, number - 2),
        4 => replica.add(&at, word).map(drop),
        5 => replica.add(&at, Value::Timestamp(number)).map(drop),
        6 => replica.discard(&at, &word.into()).map(drop),
        7 => replica.set(&at, number),
        8 => replica.set(&at, vec![number as u8]),
        9 => replica.insert_items("list", 0, [Content::from(word), Kind::Text.into()]),
        10 => replica.create(&at, Kind::ALL[random.below(4)]),
        11..13 => replica.move_item("list", random.below(6), random.below(6)),
        13 => replica.delete_items("list", random.below(4), 2),
        14 => replica.remove(&at).map(drop),
        _ => {
            let json = super::programs::json(random, 2).to_string();
            match replica.import_json(&at, &json, PLAIN) {
                Err(libsync::ImportError::Edit(error)) => Err(error),
                other => {
                    assert!(other.is_ok(), "{other:?}");
                    Ok(())
                }
            }
        }
    }
}

/// One edit, or a transaction. What does not fit what is there is an error, and nothing happens.
fn edit_some(replica: &mut Replica, random: &mut Random) {
    if random.chance(75) {
        let _tried = edit(replica, random);
        return;
    }
    replica.begin().unwrap();
    for _ in 0..5 {
        let _tried = edit(replica, random);
    }
    if random.chance(80) {
        replica.commit(Commit::new()).unwrap();
    } else {
        assert!(replica.abort());
    }
}

#[test]
fn a_mirror_kept_by_patches_shows_what_the_document_shows() {
    let mut operations = 0;
    for seed in 0..1_500 {
        let mut random = Random(seed);
        let mut a = replica(1);
        let mut b = twin(&mut a, 2);
        let mut mirrors = [Mirror::new(&mut a), Mirror::new(&mut b)];
        let run = || {
            for _ in 0..40 {
                let at = random.below(2);
                let [replica, other] = if at == 0 { [&mut a, &mut b] } else { [&mut b, &mut a] };
                if random.chance(40) {
                    replica.apply(&other.export(replica.version()).unwrap()).unwrap();
                } else {
                    edit_some(replica, &mut random);
                }
                mirrors[at].follow(replica);
            }
        };
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            eprintln!("the failing seed is {seed}");
            resume_unwind(panic)
        });
        operations += mirrors.iter().map(|mirror| mirror.operations).sum::<usize>();
    }
    assert!(operations > 30_000, "{operations} operations");
}

#[test]
fn what_is_not_there_any_more_can_not_be_told() {
    let mut replica = replica(1);
    let subscription = replica.subscribe("", Unit::Scalar).unwrap();
    replica.insert_text("notes", Unit::Scalar, 0, "Ahoy").unwrap();
    let event = replica.next_event(subscription).unwrap().unwrap();
    replica.remove("notes").unwrap();
    let path = Path::from_keys(["notes"]);
    let error = replica.event_to_json_patch(&event).unwrap_err();
    assert_eq!(error, ReadError::NotFound { path: path.clone() });
    replica.create("notes", Kind::Set).unwrap();
    let (expected, found) = (Kind::Text, Found::Container(Kind::Set));
    let error = replica.event_to_json_patch(&event).unwrap_err();
    assert_eq!(error, ReadError::WrongKind { path, expected, found });
}

/// An import that fails within a transaction leaves what subscribers are told as it would have been.
#[test]
fn an_import_that_fails_is_not_told() {
    let mut replica = replica(1);
    replica.insert_text("text", Unit::Scalar, 0, "abc").unwrap();
    replica.insert_items("list", 0, [1, 2, 3]).unwrap();
    replica.create("clicks", Kind::GrowOnlyCounter).unwrap();
    replica.increment("clicks", 2).unwrap();
    let mut mirror = Mirror::new(&mut replica);
    replica.begin().unwrap();
    replica.insert_text("text", Unit::Scalar, 3, "d").unwrap();
    replica.move_item("list", 0, 2).unwrap();
    let fails = r#"{"clicks":2,"list":[9,[1],3],"new":{"text":"x"},"text":"xabcdx","z":0}"#;
    let fails = fails.replace(r#""clicks":2,"#, "");
    assert!(replica.import_json("", &fails, PLAIN).is_err());
    replica.import_json("text", r#""abcde""#, PLAIN).unwrap();
    let lower = r#"{"aa":[1],"text":"","clicks":1}"#;
    assert!(replica.import_json("", lower, PLAIN).is_err());
    replica.import_json("list", "[3,2,1]", PLAIN).unwrap();
    replica.commit(Commit::new()).unwrap();
    mirror.follow(&mut replica);
    assert_eq!(replica.to_json(), r#"{"clicks":2,"list":[3,2,1],"text":"abcde"}"#);
}
