//! A view that is kept by events alone: what an editor does that shows a document.
//!
//! `cargo run -p libsync-examples --bin mirror`

use std::collections::BTreeMap;
use std::error::Error;

use libsync::{
    Commit, Content, Delta, DocumentId, Event, EventError, Kind, ListDelta, Options, Path, Replica,
    ReplicaId, Segment, Subscription, TextDelta, Unit, Value,
};

/// Drawn once when the document is born; here written down, so that every run prints the same.
const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"a mirrored docum");

/// What a place of the document shows.
#[derive(Clone)]
enum Shown {
    Value(Value),
    Text(String),
    Number(i64),
    Elements(Vec<Value>),
    Items(Vec<Shown>),
    Keys(BTreeMap<String, Shown>),
}

impl Shown {
    /// A container comes empty: what is in it is in the diffs behind.
    fn new(content: &Content) -> Result<Self, Box<dyn Error>> {
        Ok(match content {
            Content::Value(value) => Self::Value(value.clone()),
            Content::Container(Kind::Map) => Self::Keys(BTreeMap::new()),
            Content::Container(Kind::List) => Self::Items(Vec::new()),
            Content::Container(Kind::Text) => Self::Text(String::new()),
            Content::Container(Kind::Counter | Kind::GrowOnlyCounter) => Self::Number(0),
            Content::Container(Kind::Set | Kind::GrowOnlySet) => Self::Elements(Vec::new()),
            other => return Err(format!("of a later version: {other:?}").into()),
        })
    }

    fn find(&mut self, path: &Path) -> Option<&mut Self> {
        path.segments().iter().try_fold(self, |at, segment| match (at, segment) {
            (Self::Keys(keys), Segment::Key(key)) => keys.get_mut(key),
            (Self::Items(items), Segment::Index(index)) => items.get_mut(*index),
            _ => None,
        })
    }

    fn change(&mut self, delta: &Delta) -> Result<(), Box<dyn Error>> {
        match (self, delta) {
            (Self::Text(text), Delta::Text(parts)) => {
                // Lengths are in bytes, as was asked for.
                let mut at = 0;
                for part in parts {
                    match part {
                        TextDelta::Retain(len) => at += len,
                        TextDelta::Delete(len) => text.replace_range(at..at + len, ""),
                        TextDelta::Insert(new) => {
                            text.insert_str(at, new);
                            at += new.len();
                        }
                    }
                }
            }
            (Self::Keys(keys), Delta::Map(deltas)) => {
                for delta in deltas.iter().filter(|delta| delta.old != delta.new) {
                    match &delta.new {
                        Some(content) => keys.insert(delta.key.clone(), Self::new(content)?),
                        None => keys.remove(&delta.key),
                    };
                }
            }
            (Self::Items(items), Delta::List(parts)) => *items = changed(items, parts)?,
            (Self::Number(number), Delta::Counter { count, .. }) => *number = *count,
            (Self::Elements(elements), Delta::Set { added, removed }) => {
                elements.retain(|element| !removed.contains(element));
                elements.extend_from_slice(added);
                elements.sort_unstable();
            }
            _ => return Err("an event is of something else than is shown".into()),
        }
        Ok(())
    }

    /// As the document writes itself, for keys that need no escapes.
    fn to_json(&self) -> String {
        match self {
            Self::Value(value) => value.to_json(),
            Self::Text(text) => Value::from(text.as_str()).to_json(),
            Self::Number(number) => number.to_string(),
            Self::Elements(elements) => joined("[", elements.iter().map(Value::to_json), "]"),
            Self::Items(items) => joined("[", items.iter().map(Self::to_json), "]"),
            Self::Keys(keys) => {
                let pairs =
                    keys.iter().map(|(key, shown)| format!("\"{key}\":{}", shown.to_json()));
                joined("{", pairs, "}")
            }
        }
    }
}

fn joined(open: &str, parts: impl Iterator<Item = String>, close: &str) -> String {
    format!("{open}{}{close}", parts.collect::<Vec<_>>().join(","))
}

fn changed(items: &[Shown], parts: &[ListDelta]) -> Result<Vec<Shown>, Box<dyn Error>> {
    let (mut at, mut new) = (0, Vec::new());
    for part in parts {
        match part {
            ListDelta::Retain(count) => {
                new.extend_from_slice(&items[at..at + count]);
                at += count;
            }
            ListDelta::Insert(contents) => {
                for content in contents {
                    new.push(Shown::new(content)?);
                }
            }
            ListDelta::Delete(count) => at += count,
            ListDelta::Move { from } => new.push(items[*from].clone()),
            ListDelta::Set { old, new: content, .. } => {
                new.push(if old == content { items[at].clone() } else { Shown::new(content)? });
                at += 1;
            }
        }
    }
    new.extend_from_slice(&items[at..]);
    Ok(new)
}

/// A view, and the subscription that it lives on.
struct Mirror {
    shown: Shown,
    subscription: Subscription,
}

impl Mirror {
    fn new(replica: &mut Replica) -> Result<Self, Box<dyn Error>> {
        let subscription = replica.subscribe("", Unit::Utf8)?;
        let mut mirror = Self { shown: Shown::Keys(BTreeMap::new()), subscription };
        mirror.restart(replica)?;
        Ok(mirror)
    }

    fn restart(&mut self, replica: &mut Replica) -> Result<(), Box<dyn Error>> {
        self.shown = Shown::Keys(BTreeMap::new());
        let event = replica.restart(self.subscription)?;
        self.apply(&event)
    }

    fn apply(&mut self, event: &Event) -> Result<(), Box<dyn Error>> {
        for diff in &event.diffs {
            let container =
                self.shown.find(&diff.path).ok_or("an event is of what is not shown")?;
            container.change(&diff.delta)?;
        }
        Ok(())
    }

    /// Takes what has happened since; gives how many events that were.
    fn follow(&mut self, replica: &mut Replica) -> Result<usize, Box<dyn Error>> {
        let mut events = 0;
        loop {
            match replica.next_event(self.subscription) {
                Ok(Some(event)) => {
                    println!("  {:?}: {} diffs", event.origin, event.diffs.len());
                    self.apply(&event)?;
                    events += 1;
                }
                Ok(None) => return Ok(events),
                Err(EventError::Lagged) => {
                    println!("  too many events waited: starting anew");
                    self.restart(replica)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut options = Options::default();
    options.max_pending_events = 8;
    let mut laptop = Replica::with_options(DOCUMENT, ReplicaId::from_name("laptop"), options);
    let mut phone = Replica::new(DOCUMENT, ReplicaId::from_name("phone"));
    laptop.insert_text("notes", Unit::Scalar, 0, "Buy milk")?;
    laptop.insert_items("todos", 0, [Kind::Map, Kind::Map])?;
    laptop.set("todos.0.title", "Sweep")?;
    laptop.set("todos.1.title", "Cook")?;
    laptop.join(phone.id())?;
    phone.apply(&laptop.export(phone.version())?)?;
    let mut mirror = Mirror::new(&mut laptop)?;

    println!("an edit, and a transaction:");
    laptop.insert_text("notes", Unit::Scalar, 8, " and bread")?;
    laptop.transact(Commit::new(), |laptop| {
        laptop.move_item("todos", 1, 0)?;
        laptop.set("todos.0.done", true)?;
        laptop.increment("finished", 1)
    })?;
    check(mirror.follow(&mut laptop)? == 2, "each is one event")?;
    check(mirror.shown.to_json() == laptop.to_json(), "the mirror shows the document")?;

    println!("what the phone did meanwhile:");
    phone.insert_text("notes", Unit::Scalar, 4, "oat ")?;
    phone.set("todos.1.title", "Cook pasta")?;
    phone.add("tags", "home")?;
    laptop.apply(&phone.export(laptop.version())?)?;
    check(mirror.follow(&mut laptop)? == 1, "a frame is one event")?;
    check(mirror.shown.to_json() == laptop.to_json(), "the mirror shows the document")?;

    println!("more than may wait:");
    for letter in ["!"; 9] {
        laptop.insert_text("notes", Unit::Scalar, 0, letter)?;
    }
    check(mirror.follow(&mut laptop)? == 0, "nothing is left of them")?;
    check(mirror.shown.to_json() == laptop.to_json(), "the mirror shows the document")?;
    println!("{}", mirror.shown.to_json());
    Ok(())
}

fn check(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
