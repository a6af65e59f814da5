//! A view that sees events alone, and knows nothing of the document but what they say.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Delta, Event, KeyDelta, ListDelta, TextDelta};
use crate::json::write_string;
use crate::path::{Path, Segment};
use crate::replica::Replica;
use crate::value::{Content, Kind, Unit, Value};

/// What a place shows.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Shown {
    Register(Value),
    Text(String),
    Counter(Kind, i64),
    Set(Kind, BTreeSet<Value>),
    List(Vec<Place>),
    Map(BTreeMap<String, Place>),
}

/// What is in a place, and whether it is in conflict.
#[derive(Clone, PartialEq, Default, Debug)]
pub(super) struct Place {
    shown: Option<Shown>,
    in_conflict: bool,
}

impl Shown {
    fn new(content: &Content) -> Self {
        match content {
            Content::Value(value) => Self::Register(value.clone()),
            Content::Container(kind) => match kind {
                Kind::Map => Self::Map(BTreeMap::new()),
                Kind::Text => Self::Text(String::new()),
                Kind::List => Self::List(Vec::new()),
                Kind::Counter | Kind::GrowOnlyCounter => Self::Counter(*kind, 0),
                Kind::Set | Kind::GrowOnlySet => Self::Set(*kind, BTreeSet::new()),
            },
        }
    }

    fn content(&self) -> Content {
        match self {
            Self::Register(value) => Content::Value(value.clone()),
            Self::Text(_) => Content::Container(Kind::Text),
            Self::List(_) => Content::Container(Kind::List),
            Self::Map(_) => Content::Container(Kind::Map),
            Self::Counter(kind, _) | Self::Set(kind, _) => Content::Container(*kind),
        }
    }

    fn apply(&mut self, delta: &Delta, unit: Unit) {
        match (self, delta) {
            (Self::Text(text), Delta::Text(parts)) => *text = changed_text(text, parts, unit),
            (Self::List(items), Delta::List(parts)) => *items = changed_list(items, parts),
            (Self::Map(places), Delta::Map(keys)) => {
                assert!(keys.is_sorted_by(|a, b| a.key < b.key), "keys are in order");
                keys.iter().for_each(|delta| change_key(places, delta));
            }
            (Self::Counter(_, shown), Delta::Counter { by, count }) => {
                assert_eq!(shown.wrapping_add(*by), *count);
                *shown = *count;
            }
            (Self::Set(_, elements), Delta::Set { added, removed }) => {
                assert!(added.is_sorted_by(|a, b| a < b) && removed.is_sorted_by(|a, b| a < b));
                removed.iter().for_each(|value| assert!(elements.remove(value)));
                added.iter().for_each(|value| assert!(elements.insert(value.clone())));
            }
            (shown, delta) => panic!("{delta:?} is not of {shown:?}"),
        }
    }

    fn at(&self, path: &[Segment]) -> Option<&Place> {
        let (first, rest) = path.split_first()?;
        let place = match (self, first) {
            (Self::Map(places), Segment::Key(key)) => places.get(key)?,
            (Self::List(items), Segment::Index(index)) => items.get(*index)?,
            _ => return None,
        };
        if rest.is_empty() { Some(place) } else { place.shown.as_ref()?.at(rest) }
    }

    fn find(&mut self, path: &[Segment]) -> &mut Self {
        let Some((first, rest)) = path.split_first() else { return self };
        let place = match (self, first) {
            (Self::Map(places), Segment::Key(key)) => places.get_mut(key),
            (Self::List(items), Segment::Index(index)) => items.get_mut(*index),
            (other, _) => panic!("{path:?} leads through {other:?}"),
        };
        place
            .and_then(|place| place.shown.as_mut())
            .expect("an event names what is shown")
            .find(rest)
    }

    fn write_json(&self, json: &mut String) {
        match self {
            Self::Register(value) => json.push_str(&value.to_json()),
            Self::Text(text) => write_string(text, json),
            Self::Counter(_, count) => json.push_str(&count.to_string()),
            Self::Set(_, elements) => {
                let elements: Vec<String> = elements.iter().map(Value::to_json).collect();
                json.push_str(&format!("[{}]", elements.join(",")));
            }
            Self::List(items) => {
                let items = items.iter().filter_map(|item| item.shown.as_ref());
                let items: Vec<String> = items.map(Self::to_json).collect();
                json.push_str(&format!("[{}]", items.join(",")));
            }
            Self::Map(places) => {
                let pairs = places.iter().filter_map(|(key, place)| {
                    let mut pair = String::new();
                    write_string(key, &mut pair);
                    Some(pair + ":" + &place.shown.as_ref()?.to_json())
                });
                json.push_str(&format!("{{{}}}", pairs.collect::<Vec<_>>().join(",")));
            }
        }
    }

    fn to_json(&self) -> String {
        let mut json = String::new();
        self.write_json(&mut json);
        json
    }

    /// Asserts that what is in conflict is so in the document.
    fn check_conflicts(&self, path: &Path, replica: &Replica) {
        let places: Vec<(Path, &Place)> = match self {
            Self::Map(places) => {
                places.iter().map(|(key, place)| (path.child(key), place)).collect()
            }
            Self::List(items) => {
                items.iter().enumerate().map(|(at, place)| (path.child(at), place)).collect()
            }
            _ => return,
        };
        for (path, place) in places {
            assert_eq!(place.in_conflict, is_in_conflict(replica, &path), "the conflict at {path}");
            if let Some(shown) = &place.shown {
                shown.check_conflicts(&path, replica);
            }
        }
    }
}

fn is_in_conflict(replica: &Replica, path: &Path) -> bool {
    let conflicts = replica.conflicts(path).unwrap();
    conflicts.len() > usize::from(replica.get(path).unwrap().is_some())
}

fn change_key(places: &mut BTreeMap<String, Place>, delta: &KeyDelta) {
    let place = places.entry(delta.key.clone()).or_default();
    assert_eq!(place.shown.as_ref().map(Shown::content), delta.old, "{delta:?}");
    assert_eq!(place.in_conflict, delta.was_in_conflict, "{delta:?}");
    assert!(delta.old != delta.new || delta.was_in_conflict != delta.in_conflict, "{delta:?}");
    if delta.old != delta.new {
        place.shown = delta.new.as_ref().map(Shown::new);
    }
    place.in_conflict = delta.in_conflict;
    if *place == Place::default() {
        places.remove(&delta.key);
    }
}

fn width(character: char, unit: Unit) -> usize {
    match unit {
        Unit::Scalar => 1,
        Unit::Utf8 => character.len_utf8(),
        Unit::Utf16 => character.len_utf16(),
    }
}

/// Takes so many units from the front of some characters.
fn take(characters: &mut std::str::Chars<'_>, units: usize, unit: Unit) -> String {
    let (mut taken, mut text) = (0, String::new());
    while taken < units {
        let next = characters.next().expect("a delta is within the text");
        taken += width(next, unit);
        text.push(next);
    }
    assert_eq!(taken, units, "a delta parts no character");
    text
}

fn changed_text(text: &str, parts: &[TextDelta], unit: Unit) -> String {
    let (mut left, mut changed) = (text.chars(), String::new());
    let mut before: Option<&TextDelta> = None;
    for part in parts {
        let is_normal = match (before, part) {
            (None | Some(TextDelta::Retain(_)), _) => true,
            (Some(TextDelta::Insert(_)), next) => !matches!(next, TextDelta::Insert(_)),
            (Some(TextDelta::Delete(_)), next) => matches!(next, TextDelta::Retain(_)),
        };
        assert!(is_normal, "{parts:?}");
        match part {
            TextDelta::Retain(units) => changed += &take(&mut left, *units, unit),
            TextDelta::Insert(inserted) => changed += inserted,
            TextDelta::Delete(units) => drop(take(&mut left, *units, unit)),
        }
        let is_empty = matches!(part, TextDelta::Retain(0) | TextDelta::Delete(0))
            || *part == TextDelta::Insert(String::new());
        assert!(!is_empty, "{parts:?}");
        before = Some(part);
    }
    assert!(!matches!(before, Some(TextDelta::Retain(_))), "{parts:?}");
    changed + left.as_str()
}

fn changed_list(items: &[Place], parts: &[ListDelta]) -> Vec<Place> {
    let (mut at, mut changed) = (0, Vec::new());
    for part in parts {
        match part {
            ListDelta::Retain(count) => {
                assert!(*count > 0, "{parts:?}");
                changed.extend_from_slice(&items[at..at + count]);
                at += count;
            }
            ListDelta::Insert(contents) => {
                assert!(!contents.is_empty(), "{parts:?}");
                changed.extend(
                    contents.iter().map(|content| Place {
                        shown: Some(Shown::new(content)),
                        in_conflict: false,
                    }),
                );
            }
            ListDelta::Delete(count) => at += count,
            ListDelta::Move { from } => changed.push(items[*from].clone()),
            ListDelta::Set { old, new, in_conflict } => {
                let mut place = items[at].clone();
                assert_eq!(place.shown.as_ref().map(Shown::content).as_ref(), Some(old));
                if old != new {
                    place.shown = Some(Shown::new(new));
                }
                place.in_conflict = *in_conflict;
                changed.push(place);
                at += 1;
            }
        }
    }
    assert!(!matches!(parts.last(), Some(ListDelta::Retain(_))), "{parts:?}");
    changed.extend_from_slice(&items[at..]);
    changed
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct View {
    root: Shown,
    unit: Unit,
}

impl View {
    pub(super) fn new(unit: Unit) -> Self {
        Self { root: Shown::Map(BTreeMap::new()), unit }
    }

    pub(super) fn apply(&mut self, event: &Event) {
        assert!(!event.diffs.is_empty());
        assert!(event.diffs.is_sorted_by_key(|diff| &diff.path), "parents come first");
        for diff in &event.diffs {
            self.root.find(diff.path.segments()).apply(&diff.delta, self.unit);
        }
    }

    pub(super) fn at(&self, path: &Path) -> Option<&Place> {
        self.root.at(path.segments())
    }

    /// Asserts that the view shows what the document shows.
    pub(super) fn check(&self, replica: &Replica) {
        assert_eq!(self.root.to_json(), replica.to_json(), "the view differs from the document");
        self.root.check_conflicts(&Path::root(), replica);
    }

    /// Asserts that what is in conflict at a path is so in the view.
    pub(super) fn check_conflict_at(&self, path: &Path, replica: &Replica) {
        let in_conflict = self.at(path).is_some_and(|place| place.in_conflict);
        if let Ok(conflicts) = replica.conflicts(path)
            && !conflicts.is_empty()
        {
            assert_eq!(in_conflict, is_in_conflict(replica, path), "the conflict at {path}");
        }
    }
}
