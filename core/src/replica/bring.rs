//! What is shown becomes what it is to be, by few edits.

use crate::error::{EditError, ReadError};
use crate::json::align::align;
use crate::json::classes::Classes;
use crate::json::steps::{Step, steps};
use crate::json::text::{Hunk, hunks};
use crate::json::{ImportOptions, ImportReport, Shape, Tree};
use crate::path::{Path, Segment};
use crate::value::{Content, Kind, Unit, Value};

use super::Replica;

/// Edits of a replica, and what they were.
pub(super) struct Import<'r, 'o> {
    pub(super) replica: &'r mut Replica,
    pub(super) options: ImportOptions<'o>,
    pub(super) report: ImportReport,
}

impl Import<'_, '_> {
    /// Makes what is at a path equal to a tree; creates it, if nothing is there.
    pub(super) fn bring(&mut self, path: &Path, target: &Tree) -> Result<(), EditError> {
        let path = self.settle(path)?;
        if let Some((list, last)) = path.split_last()
            && *last == Segment::from("-")
        {
            let list = Path::from_segments(list.iter().cloned());
            if self.is_list(&list)? {
                let index = self.replica.len(&list)?;
                return self.insert(&list, index, std::slice::from_ref(target));
            }
        }
        match self.replica.tree_at(&path)? {
            Some(present) => self.change(&path, &present, target, &mut Classes::default()),
            None => self.write(&path, target),
        }
    }

    /// The path with an index for each new item on the way: what `-` stands for is created.
    fn settle(&mut self, path: &Path) -> Result<Path, EditError> {
        let mut settled = Path::root();
        for (i, segment) in path.segments().iter().enumerate() {
            let is_last = i + 1 == path.segments().len();
            if !is_last && *segment == Segment::from("-") && self.is_list(&settled)? {
                let index = self.replica.len(&settled)?;
                self.replica.insert_items(&settled, index, [Kind::Map])?;
                self.report.inserted_items += 1;
                settled = settled.child(index);
            } else {
                settled = settled.child(segment.clone());
            }
        }
        Ok(settled)
    }

    pub(super) fn is_list(&self, path: &Path) -> Result<bool, ReadError> {
        Ok(self.replica.get(path)? == Some(Content::Container(Kind::List)))
    }

    /// Makes what is shown at a path equal to a tree. Recursion is bounded by the depth of both.
    fn change<'t>(
        &mut self,
        path: &Path,
        present: &'t Tree,
        target: &'t Tree,
        classes: &mut Classes<'t>,
    ) -> Result<(), EditError> {
        match (&present.shape, &target.shape) {
            (Shape::Map(old), Shape::Map(_)) => self.change_map(path, old, target, classes),
            (Shape::List(old), Shape::List(new)) => self.change_list(path, old, new, classes),
            _ if !present.can_become(target) => self.write(path, target),
            (Shape::Text(old), _) => self.edit(path, old, target.as_str().unwrap_or_default()),
            (Shape::Counter(..), _) => self.count(path, target.as_count().unwrap_or_default()),
            (Shape::Set(_, old), _) => {
                self.change_set(path, old, target.elements().unwrap_or_default())
            }
            _ if present.leaf() == target.leaf() => Ok(()),
            // It stays a register, even where a new string would become a text.
            (Shape::Value(Value::String(_)), Shape::Value(value @ Value::String(_))) => {
                self.assign(path, value.clone().into())
            }
            _ => self.write(path, target),
        }
    }

    /// Keys whose members differ in kind are replaced one by one; so a map stays the same one.
    fn change_map<'t>(
        &mut self,
        path: &Path,
        old: &'t [(String, Tree)],
        target: &'t Tree,
        classes: &mut Classes<'t>,
    ) -> Result<(), EditError> {
        let Shape::Map(new) = &target.shape else { return Ok(()) };
        let mut old = old.iter().peekable();
        for (key, target) in new {
            while let Some((removed, _)) = old.next_if(|(present, _)| present < key) {
                self.remove(&path.child(removed))?;
            }
            let path = path.child(key);
            match old.next_if(|(present, _)| present == key) {
                Some((_, present)) => self.change(&path, present, target, classes)?,
                None => self.write(&path, target)?,
            }
        }
        old.try_for_each(|(removed, _)| self.remove(&path.child(removed)))
    }

    fn remove(&mut self, path: &Path) -> Result<(), EditError> {
        self.report.removed += usize::from(self.replica.remove(path)?);
        Ok(())
    }

    fn change_list<'t>(
        &mut self,
        path: &Path,
        old: &'t [Tree],
        new: &'t [Tree],
        classes: &mut Classes<'t>,
    ) -> Result<(), EditError> {
        let formers = align(old, new, classes);
        let indices: Vec<Option<usize>> =
            formers.iter().map(|former| Some((*former)?.index)).collect();
        for step in steps(old.len(), &indices) {
            match step {
                Step::Delete { index, len } => {
                    self.replica.delete_items(path, index, len)?;
                    self.report.deleted_items += len;
                }
                Step::Move { from, to } => {
                    self.replica.move_item(path, from, to)?;
                    self.report.moved_items += 1;
                }
                Step::Insert { index, items } => self.insert(path, index, &new[items])?,
            }
        }
        for (j, former) in formers.into_iter().enumerate() {
            if let Some(former) = former.filter(|former| !former.is_same) {
                self.change(&path.child(j), &old[former.index], &new[j], classes)?;
            }
        }
        Ok(())
    }

    /// Inserts items that are equal to these trees.
    pub(super) fn insert(
        &mut self,
        list: &Path,
        index: usize,
        items: &[Tree],
    ) -> Result<(), EditError> {
        let contents: Vec<Content> = items
            .iter()
            .enumerate()
            .map(|(i, item)| self.content(&list.child(index + i), item))
            .collect();
        self.replica.insert_items(list, index, contents.iter().cloned())?;
        self.report.inserted_items += items.len();
        for (i, (item, content)) in items.iter().zip(contents).enumerate() {
            if let Content::Container(_) = content {
                self.fill(&list.child(index + i), item)?;
            }
        }
        Ok(())
    }

    fn change_set(
        &mut self,
        path: &Path,
        old: &[Value],
        mut new: Vec<Value>,
    ) -> Result<(), EditError> {
        new.sort_unstable();
        new.dedup();
        for element in old.iter().filter(|element| new.binary_search(element).is_err()) {
            self.discard(path, element)?;
        }
        for element in new {
            if old.binary_search(&element).is_err() {
                self.add(path, element)?;
            }
        }
        Ok(())
    }

    pub(super) fn add(&mut self, set: &Path, element: Value) -> Result<(), EditError> {
        self.report.added += usize::from(self.replica.add(set, element)?);
        Ok(())
    }

    pub(super) fn discard(&mut self, set: &Path, element: &Value) -> Result<(), EditError> {
        self.report.discarded += usize::from(self.replica.discard(set, element)?);
        Ok(())
    }

    fn edit(&mut self, path: &Path, old: &str, new: &str) -> Result<(), EditError> {
        // The last edit first: those before it stay where they are.
        for Hunk { at, deleted, inserted } in hunks(old, new).into_iter().rev() {
            if deleted > 0 {
                self.replica.delete_text(path, Unit::Scalar, at, deleted)?;
                self.report.deleted_characters += deleted;
            }
            self.insert_text(path, at, &inserted)?;
        }
        Ok(())
    }

    fn insert_text(&mut self, path: &Path, at: usize, text: &str) -> Result<(), EditError> {
        if !text.is_empty() {
            self.replica.insert_text(path, Unit::Scalar, at, text)?;
            self.report.inserted_characters += text.chars().count();
        }
        Ok(())
    }

    /// Adds to a counter what leads to a number.
    fn count(&mut self, path: &Path, target: i64) -> Result<(), EditError> {
        let mut counted = false;
        // More than once, where the difference has more than 64 bits, or the sum had.
        loop {
            let delta = target.saturating_sub(self.replica.count(path)?);
            if delta == 0 {
                break;
            }
            self.replica.increment(path, delta)?;
            counted = true;
        }
        self.report.counted += usize::from(counted);
        Ok(())
    }

    /// Replaces what is at a path, or creates it.
    fn write(&mut self, path: &Path, target: &Tree) -> Result<(), EditError> {
        let content = self.content(path, target);
        let is_container = matches!(content, Content::Container(_));
        self.assign(path, content)?;
        if is_container { self.fill(path, target) } else { Ok(()) }
    }

    fn assign(&mut self, path: &Path, content: Content) -> Result<(), EditError> {
        self.report.assigned += 1;
        match content {
            Content::Value(value) => self.replica.set(path, value),
            Content::Container(kind) => self.replica.create(path, kind),
        }
    }

    /// What is to be shown in a place: a value, or a container to be filled.
    fn content(&self, path: &Path, target: &Tree) -> Content {
        match &target.shape {
            Shape::Value(Value::String(string)) if self.options.is_text(path, string) => {
                Kind::Text.into()
            }
            Shape::Value(value) => value.clone().into(),
            Shape::Text(_) => Kind::Text.into(),
            Shape::Counter(kind, _) | Shape::Set(kind, _) => (*kind).into(),
            Shape::List(_) => Kind::List.into(),
            Shape::Map(_) => target.value().map_or(Kind::Map.into(), Content::Value),
        }
    }

    /// Fills a container that is empty.
    fn fill(&mut self, path: &Path, target: &Tree) -> Result<(), EditError> {
        match &target.shape {
            Shape::Value(Value::String(text)) | Shape::Text(text) => {
                self.insert_text(path, 0, text)
            }
            Shape::Value(_) => Ok(()),
            Shape::Counter(_, count) => self.count(path, *count),
            Shape::Set(_, elements) => {
                elements.iter().try_for_each(|element| self.add(path, element.clone()))
            }
            Shape::List(items) if items.is_empty() => Ok(()),
            Shape::List(items) => self.insert(path, 0, items),
            Shape::Map(members) => {
                members.iter().try_for_each(|(key, member)| self.write(&path.child(key), member))
            }
        }
    }
}
