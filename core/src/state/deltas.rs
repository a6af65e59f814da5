//! From the notes of a step, and the document as it stands, to what the step changed.
//!
//! A container that was shown before and is says what has changed in it, from its notes. One that
//! was not shown before comes whole: then some place above it shows something else than before, and
//! so is noted.

pub(super) mod list;

use std::collections::BTreeMap;

use crate::container::Key;
use crate::event::{Delta, Diff, KeyDelta};
use crate::path::{Path, Segment};
use crate::value::{Content, Unit, Value};

use super::slots::ContainerIndex;
use super::watch::{Face, Notes, Touched};
use super::{Body, State};

/// Where containers are that were shown before a step and still are; `None`: one is not.
type Paths = BTreeMap<ContainerIndex, Option<Path>>;

/// What is wanted of the changes: in which unit, and of which containers. If one is not wanted,
/// nothing in it is.
pub(crate) struct Wanted<'w> {
    pub(crate) unit: Unit,
    pub(crate) is_wanted: &'w dyn Fn(&Path) -> bool,
}

impl State {
    /// What has changed since the notes were begun, parents before children.
    pub(crate) fn changes(&mut self, notes: &mut Notes, wanted: &Wanted<'_>) -> Vec<Diff> {
        if let Some((index, turns)) = notes.only_text() {
            if let Some((known, path)) = &notes.known
                && *known == index
            {
                return self.text_changes(index, path, turns, wanted);
            }
            let path = self.path_throughout(index, notes, &mut Paths::new());
            let Some(path) = path else { return Vec::new() };
            let changes = self.text_changes(index, &path, turns, wanted);
            notes.known = Some((index, path));
            return changes;
        }
        notes.gather();
        notes.known = None;
        let mut paths = Paths::new();
        let mut diffs = Vec::new();
        for (&index, touched) in &notes.touched {
            let path = self.path_throughout(index, notes, &mut paths);
            let Some(path) = path.filter(|path| (wanted.is_wanted)(path)) else { continue };
            self.push_changes(index, &path, touched, wanted.unit, &mut diffs);
            for (key, was) in &touched.faces {
                if let Some(child) = self.newly_shown(index, key, was) {
                    let path = path.child(self.segment(index, key));
                    self.push_whole(child, path, wanted, &mut diffs);
                }
            }
        }
        // Stable: what is said of a list's items comes behind where they are.
        diffs.sort_by(|a, b| a.path.cmp(&b.path));
        diffs
    }

    /// All that is shown, as if nothing had been.
    pub(crate) fn whole(&self, wanted: &Wanted<'_>) -> Vec<Diff> {
        let mut diffs = Vec::new();
        self.push_whole(Self::ROOT, Path::root(), wanted, &mut diffs);
        diffs
    }

    fn text_changes(
        &mut self,
        index: ContainerIndex,
        path: &Path,
        turns: &[super::sequence::delta::Turn],
        wanted: &Wanted<'_>,
    ) -> Vec<Diff> {
        match self.body_mut(index) {
            Body::Text(sequence) if (wanted.is_wanted)(path) => {
                let parts = sequence.delta(turns, wanted.unit);
                if parts.is_empty() {
                    return Vec::new();
                }
                vec![Diff { path: path.clone(), delta: Delta::Text(parts) }]
            }
            _ => Vec::new(),
        }
    }

    /// Where a container is, if it was shown before the step and is. Recursion is bounded by
    /// [`MAX_DEPTH`](crate::MAX_DEPTH).
    fn path_throughout(
        &self,
        index: ContainerIndex,
        notes: &Notes,
        paths: &mut Paths,
    ) -> Option<Path> {
        let container = self.container(index);
        let Some((_, key, kind)) = container.id.step() else { return Some(Path::root()) };
        if let Some(path) = paths.get(&index) {
            return path.clone();
        }
        let parent = container.parent;
        let content = Some(Content::Container(kind));
        let shows = self.shown_at(Some(parent), key) == content
            && notes.face(parent, key).is_none_or(|was| was.shown == content);
        let above = if shows { self.path_throughout(parent, notes, paths) } else { None };
        let path = above.map(|above| above.child(self.segment(parent, key)));
        paths.insert(index, path.clone());
        path
    }

    /// The step of a path to a place in which something is shown.
    fn segment(&self, index: ContainerIndex, key: &Key) -> Segment {
        match (key, self.body(index)) {
            (Key::Name(name), _) => Segment::Key(name.to_string()),
            (&Key::Item(item), Body::List(list)) => {
                Segment::Index(list.index_of(item).unwrap_or_default())
            }
            // Nothing is in an element of a set.
            _ => Segment::Key(String::new()),
        }
    }

    /// The container that a place shows, and has not shown before.
    fn newly_shown(&self, index: ContainerIndex, key: &Key, was: &Face) -> Option<ContainerIndex> {
        match self.shown_at(Some(index), key) {
            Some(Content::Container(kind)) if was.shown != Some(Content::Container(kind)) => {
                self.child(Some(index), key, kind)
            }
            _ => None,
        }
    }

    /// What has changed in a container, but not in those within.
    fn push_changes(
        &mut self,
        index: ContainerIndex,
        path: &Path,
        touched: &Touched,
        unit: Unit,
        diffs: &mut Vec<Diff>,
    ) {
        let mut push = |delta: Delta| {
            if !delta.is_empty() {
                diffs.push(Diff { path: path.clone(), delta });
            }
        };
        if let Body::Text(sequence) = self.body_mut(index) {
            return push(Delta::Text(match touched.is_filled {
                true => sequence.whole_delta(),
                false => sequence.delta(&touched.turns, unit),
            }));
        }
        match self.body(index) {
            Body::Text(_) => {}
            Body::Counter(counter) => {
                let count = counter.value();
                let by = count.wrapping_sub(touched.count.unwrap_or(count));
                push(Delta::Counter { by, count });
            }
            Body::Map(slots) => {
                let faces = touched.faces.iter();
                let changed =
                    faces.map(|(key, was)| (key, was.clone(), self.face(slots.get(key), None)));
                push(Delta::Map(changed.filter_map(key_delta).collect()));
            }
            Body::Set(slots) => {
                let (mut added, mut removed) = (Vec::new(), Vec::new());
                for (key, was) in &touched.faces {
                    let Key::Element(value) = key else { continue };
                    let is = self.face(slots.get(key), None);
                    match (was.shown.is_some(), is.shown.is_some()) {
                        (false, true) => added.push(value.clone()),
                        (true, false) => removed.push(value.clone()),
                        _ => {}
                    }
                }
                push(Delta::Set { added, removed });
            }
            Body::List(list) => {
                let [places, contents] = self.list_deltas(list, touched);
                push(Delta::List(places));
                push(Delta::List(contents));
            }
        }
    }

    /// All of a container, and of what is in it. Recursion is bounded by
    /// [`MAX_DEPTH`](crate::MAX_DEPTH).
    fn push_whole(
        &self,
        index: ContainerIndex,
        path: Path,
        wanted: &Wanted<'_>,
        diffs: &mut Vec<Diff>,
    ) {
        if !(wanted.is_wanted)(&path) {
            return;
        }
        let mut push = |delta: Delta| {
            if !delta.is_empty() {
                diffs.push(Diff { path: path.clone(), delta });
            }
        };
        let mut children = Vec::new();
        let mut child = |segment: Segment, key: &Key, content: &Option<Content>| {
            if let &Some(Content::Container(kind)) = content {
                children.extend(self.child(Some(index), key, kind).zip(Some(segment)));
            }
        };
        match self.body(index) {
            Body::Text(sequence) => push(Delta::Text(sequence.whole_delta())),
            Body::Counter(counter) => {
                push(Delta::Counter { by: counter.value(), count: counter.value() });
            }
            Body::Map(slots) => {
                let faces = slots.iter().map(|(key, slot)| (key, self.face(Some(slot), None)));
                let keys = faces.filter_map(|(key, face)| {
                    if let Key::Name(name) = key {
                        child(Segment::Key(name.to_string()), key, &face.shown);
                    }
                    key_delta((key, Face::default(), face))
                });
                push(Delta::Map(keys.collect()));
            }
            Body::Set(slots) => {
                let shown = slots.iter().filter(|&(_, slot)| self.shown_in(slot).is_some());
                let added: Vec<Value> = shown
                    .filter_map(|(key, _)| match key {
                        Key::Element(value) => Some(value.clone()),
                        _ => None,
                    })
                    .collect();
                push(Delta::Set { added, removed: Vec::new() });
            }
            Body::List(list) => {
                for (at, item) in list.items().enumerate() {
                    let key = Key::Item(item);
                    child(Segment::Index(at), &key, &self.shown_at(Some(index), &key));
                }
                let [places, contents] = self.whole_list(list);
                push(Delta::List(places));
                push(Delta::List(contents));
            }
        }
        for (child, segment) in children {
            self.push_whole(child, path.child(segment), wanted, diffs);
        }
    }
}

/// What has changed under a key, if anything has.
pub(super) fn key_delta((key, was, is): (&Key, Face, Face)) -> Option<KeyDelta> {
    match key {
        Key::Name(name) if was != is => Some(KeyDelta {
            key: name.to_string(),
            old: was.shown,
            new: is.shown,
            was_in_conflict: was.in_conflict,
            in_conflict: is.in_conflict,
        }),
        _ => None,
    }
}
