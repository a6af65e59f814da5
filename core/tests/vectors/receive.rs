//! Hands frames to a replica, and says what came of it.

use std::fmt::Debug;

use libsync::{Content, DocumentId, Options, Pruning, Replica, ReplicaId, VersionVector};
use serde_json::{Map, Value, json};

use crate::vector::{Given, Kind, Outcome, Rewritten, Vector, from_hex, to_hex};

/// The document that every frame is of, but where the vector is about just that.
pub const DOCUMENT: DocumentId =
    DocumentId::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

/// What came of handing over a frame.
pub struct Received {
    pub outcome: Outcome,
    /// What writing the same again gives, if there is a call that does.
    pub rewritten: Option<Vec<u8>>,
}

/// A frame does no more than what it says: nothing is pruned in passing.
pub fn by_hand() -> Options {
    let mut options = Options::default();
    options.pruning = Pruning::Manual;
    options
}

/// The replica before it receives a vector's frame.
pub fn prepared(vector: &Vector) -> Replica {
    let id = ReplicaId::new(vector.replica);
    let mut replica = Replica::with_options(DOCUMENT, id, by_hand());
    for given in &vector.before {
        match given.kind {
            Kind::Document => {
                replica = Replica::load_with_options(&given.frame, id, by_hand()).expect("it loads")
            }
            Kind::Changes => drop(replica.apply(&given.frame).expect("it applies")),
            Kind::Acknowledgement => {
                replica.apply_acknowledgement(&given.frame).expect("it is taken");
            }
            Kind::Version => panic!("a version does nothing to a replica"),
        }
    }
    replica
}

/// What else a vector asks for.
#[derive(Clone, Default)]
pub struct Asked {
    /// Paths, as JSON Pointers.
    pub conflicts_at: Vec<String>,
    /// Changes beyond a version.
    pub answer: Vec<u8>,
}

impl Asked {
    fn by(shows: &Map<String, Value>) -> Self {
        let conflicts = shows.get("conflicts").and_then(Value::as_object);
        let answer = shows.get("answer").and_then(Value::as_str);
        Self {
            conflicts_at: conflicts.into_iter().flat_map(Map::keys).cloned().collect(),
            answer: answer.map(from_hex).unwrap_or_default(),
        }
    }
}

/// Hands a frame to a copy of `replica`.
pub fn receive(replica: &Replica, given: &Given, asked: &Asked) -> Received {
    let shown = match given.kind {
        Kind::Changes => changes(replica, &given.frame, &asked.conflicts_at),
        Kind::Document => document(replica.id(), &given.frame, &asked.conflicts_at),
        Kind::Version => version(replica, &given.frame, &asked.answer),
        Kind::Acknowledgement => acknowledgement(replica, &given.frame),
    };
    match shown {
        Ok((shows, rewritten)) => Received { outcome: Outcome::Shows(shows), rewritten },
        Err(error) => Received { outcome: Outcome::Fails(error), rewritten: None },
    }
}

type Shown = Result<(Map<String, Value>, Option<Vec<u8>>), String>;

fn changes(before: &Replica, frame: &[u8], conflicts_at: &[String]) -> Shown {
    let mut replica = before.clone();
    let applied = match replica.apply(frame) {
        Ok(applied) => applied,
        Err(error) => {
            assert_eq!(replica.save(), before.save(), "a refused frame changes nothing");
            return Err(variant(&error));
        }
    };
    // What was known or held before, and what is held now, is not what a frame of what is new has.
    let all_new = before.missing().is_empty() && applied.duplicates == 0 && applied.held == 0;
    let rewritten = all_new.then(|| replica.export(before.version()).expect("it is retained"));
    let mut shows = shown(&replica, conflicts_at);
    shows.insert("applied".into(), json!(applied.changes));
    shows.insert("duplicates".into(), json!(applied.duplicates));
    Ok((shows, rewritten))
}

fn document(id: ReplicaId, frame: &[u8], conflicts_at: &[String]) -> Shown {
    let replica =
        Replica::load_with_options(frame, id, by_hand()).map_err(|error| variant(&error))?;
    Ok((shown(&replica, conflicts_at), Some(replica.save())))
}

/// The replica has that version; one that has `answer` too sends just this back.
fn version(replica: &Replica, frame: &[u8], answer: &[u8]) -> Shown {
    let mut ahead = replica.clone();
    if !answer.is_empty() {
        ahead.apply(answer).expect("the answer applies");
    }
    let answer = ahead.export_since(frame).map_err(|error| variant(&error))?;
    let mut shows = Map::new();
    shows.insert("version".into(), counts(replica.version()));
    shows.insert("answer".into(), json!(to_hex(&answer)));
    Ok((shows, Some(replica.encode_version())))
}

fn acknowledgement(before: &Replica, frame: &[u8]) -> Shown {
    let mut replica = before.clone();
    let taken = match replica.apply_acknowledgement(frame) {
        Ok(taken) => taken,
        Err(error) => {
            assert_eq!(replica.save(), before.save(), "a refused frame changes nothing");
            return Err(variant(&error));
        }
    };
    let mut shows = Map::new();
    shows.insert("taken".into(), json!(format!("{taken:?}")));
    // If it is taken, its author is the member of whom more is known now.
    let known = before.members();
    let Some(author) = replica.members().into_iter().find(|member| !known.contains(member)) else {
        return Ok((shows, None));
    };
    shows.insert("member".into(), json!(author.replica.to_string()));
    shows.insert("acknowledged".into(), json!(author.acknowledged.as_ref().map(counts)));
    shows.insert("stable".into(), json!(author.stable.as_ref().map(counts)));
    // What came before is what its author knew, too.
    let mut author = Replica::load_with_options(&before.save(), author.replica, by_hand())
        .expect("a save loads");
    Ok((shows, Some(author.acknowledge())))
}

fn shown(replica: &Replica, conflicts_at: &[String]) -> Map<String, Value> {
    let members: Vec<String> =
        replica.members().iter().map(|member| member.replica.to_string()).collect();
    let missing: Vec<String> = replica.missing().iter().map(ToString::to_string).collect();
    let mut shows = Map::new();
    shows.insert("json".into(), json!(replica.to_json()));
    shows.insert("version".into(), counts(replica.version()));
    shows.insert("members".into(), json!(members));
    shows.insert("missing".into(), json!(missing));
    let conflicts = conflicts_at.iter().map(|path| (path.clone(), contents(replica, path)));
    shows.insert("conflicts".into(), Value::Object(conflicts.collect()));
    shows
}

/// All that is at a path: values as canonical JSON, containers by the name of their kind.
fn contents(replica: &Replica, path: &str) -> Value {
    let conflicts = replica.conflicts(path).expect("the path leads through maps");
    let names = conflicts.into_iter().map(|conflict| match conflict.content {
        Content::Value(value) => Value::String(value.to_json()),
        Content::Container(kind) => Value::String(kind.to_string()),
        _ => panic!("a content without a name here"),
    });
    Value::Array(names.collect())
}

fn counts(version: &VersionVector) -> Value {
    let counts = version.iter().map(|(replica, count)| (replica.to_string(), json!(count)));
    Value::Object(counts.collect())
}

/// The name of an error's variant; of one that passes on another's, of that.
fn variant(error: &impl Debug) -> String {
    let text = format!("{error:?}");
    let text = ["Decode(", "Lineage("]
        .iter()
        .fold(&*text, |text, outer| text.strip_prefix(outer).unwrap_or(text));
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

/// What is wrong with a vector, if anything is.
pub fn misfit(vector: &Vector) -> Option<String> {
    let asked = match &vector.outcome {
        Outcome::Shows(shows) => Asked::by(shows),
        Outcome::Fails(_) => Asked::default(),
    };
    let received = receive(&prepared(vector), &vector.given, &asked);
    if received.outcome != vector.outcome {
        return Some(format!("{:?} instead of {:?}", received.outcome, vector.outcome));
    }
    let wanted = match (&vector.outcome, &vector.rewritten) {
        (Outcome::Fails(_), _) | (_, Rewritten::Never) => return None,
        (_, Rewritten::Same) => &vector.given.frame,
        (_, Rewritten::As(frame)) => frame,
    };
    let rewritten = received.rewritten.unwrap_or_default();
    (rewritten != *wanted).then(|| format!("written again as {}", to_hex(&rewritten)))
}
