//! A naive view: what is shown, kept by events alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Delta, Event, KeyDelta, ListDelta, TextDelta};
use crate::path::{Path, Segment};
use crate::replica::Past;
use crate::value::{Content, Kind, Unit, Value};

/// A container, or a value.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum View {
    Value(Value),
    Map(BTreeMap<String, View>),
    List(Vec<View>),
    Text(String),
    Set(BTreeSet<Value>),
    Counter(i64),
}

impl View {
    fn of(content: &Content) -> Self {
        match content {
            Content::Value(value) => Self::Value(value.clone()),
            Content::Container(Kind::Map) => Self::Map(BTreeMap::new()),
            Content::Container(Kind::List) => Self::List(Vec::new()),
            Content::Container(Kind::Text) => Self::Text(String::new()),
            Content::Container(Kind::Set | Kind::GrowOnlySet) => Self::Set(BTreeSet::new()),
            Content::Container(Kind::Counter | Kind::GrowOnlyCounter) => Self::Counter(0),
        }
    }

    /// What a past shows at a path.
    pub(super) fn read(past: &Past, path: &Path) -> Self {
        let content = past.get(path).unwrap().unwrap();
        let mut view = Self::of(&content);
        match &mut view {
            Self::Value(_) => {}
            Self::Map(map) => {
                for key in past.keys(path).unwrap() {
                    let inner = Self::read(past, &path.child(key.as_str()));
                    map.insert(key, inner);
                }
            }
            Self::List(items) => {
                let len = past.len(path).unwrap();
                items.extend((0..len).map(|nth| Self::read(past, &path.child(nth))));
            }
            Self::Text(text) => *text = past.text(path).unwrap(),
            Self::Set(elements) => elements.extend(past.elements(path).unwrap()),
            Self::Counter(count) => *count = past.count(path).unwrap(),
        }
        view
    }

    fn at(&mut self, path: &Path) -> &mut Self {
        path.segments().iter().fold(self, |view, segment| match (view, segment) {
            (Self::Map(map), Segment::Key(key)) => map.get_mut(key).unwrap(),
            (Self::List(items), Segment::Index(index)) => &mut items[*index],
            (view, segment) => panic!("{segment:?} in {view:?}"),
        })
    }

    pub(super) fn apply(&mut self, event: &Event, unit: Unit) {
        for diff in &event.diffs {
            match (self.at(&diff.path), &diff.delta) {
                (Self::Text(text), Delta::Text(deltas)) => *text = edited(text, deltas, unit),
                (Self::List(items), Delta::List(deltas)) => *items = relisted(items, deltas),
                (Self::Map(map), Delta::Map(deltas)) => {
                    deltas.iter().for_each(|delta| rekey(map, delta));
                }
                (Self::Set(elements), Delta::Set { added, removed }) => {
                    removed.iter().for_each(|value| assert!(elements.remove(value)));
                    added.iter().for_each(|value| assert!(elements.insert(value.clone())));
                }
                (Self::Counter(shown), Delta::Counter { by, count }) => {
                    assert_eq!(shown.wrapping_add(*by), *count);
                    *shown = *count;
                }
                (view, delta) => panic!("{delta:?} of {view:?}"),
            }
        }
    }
}

fn rekey(map: &mut BTreeMap<String, View>, delta: &KeyDelta) {
    let shown = map.get(&delta.key);
    let is_same = match (shown, &delta.old) {
        (None, None) => true,
        (Some(View::Value(shown)), Some(Content::Value(old))) => shown == old,
        (Some(shown), Some(old @ Content::Container(_))) => {
            std::mem::discriminant(shown) == std::mem::discriminant(&View::of(old))
        }
        _ => false,
    };
    assert!(is_same, "{delta:?} of {shown:?}");
    match &delta.new {
        Some(new) if delta.old.as_ref() != Some(new) => {
            map.insert(delta.key.clone(), View::of(new));
        }
        Some(_) => {}
        None => drop(map.remove(&delta.key)),
    }
}

fn edited(text: &str, deltas: &[TextDelta], unit: Unit) -> String {
    let width = |character: char| match unit {
        Unit::Scalar => 1,
        Unit::Utf8 => character.len_utf8(),
        Unit::Utf16 => character.len_utf16(),
    };
    let mut rest = text.chars();
    let mut take = |len: usize| {
        let (mut taken, mut so_far) = (String::new(), 0);
        while so_far < len {
            let next = rest.next().unwrap();
            so_far += width(next);
            taken.push(next);
        }
        assert_eq!(so_far, len, "a character is parted");
        taken
    };
    let mut edited = String::new();
    for delta in deltas {
        match delta {
            TextDelta::Retain(len) => edited.push_str(&take(*len)),
            TextDelta::Insert(text) => edited.push_str(text),
            TextDelta::Delete(len) => drop(take(*len)),
        }
    }
    edited.extend(rest);
    edited
}

fn relisted(items: &[View], deltas: &[ListDelta]) -> Vec<View> {
    let mut at = 0;
    let mut relisted = Vec::new();
    for delta in deltas {
        match delta {
            ListDelta::Retain(len) => {
                relisted.extend_from_slice(&items[at..at + len]);
                at += len;
            }
            ListDelta::Insert(contents) => relisted.extend(contents.iter().map(View::of)),
            ListDelta::Delete(len) => at += len,
            ListDelta::Move { from } => relisted.push(items[*from].clone()),
            ListDelta::Set { old, new, .. } => {
                relisted.push(if old == new { items[at].clone() } else { View::of(new) });
                at += 1;
            }
        }
    }
    relisted.extend_from_slice(&items[at..]);
    relisted
}
