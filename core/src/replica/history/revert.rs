//! Back to a version, by edits that others merge as any others.

use std::collections::BTreeSet;

use crate::commit::Commit;
use crate::error::EditError;
use crate::event::{Delta, Diff, ListDelta, TextDelta};
use crate::id::OpId;
use crate::path::Path;
use crate::replica::Replica;
use crate::value::{Content, Kind, Unit};
use crate::version::VersionVector;

use super::HistoryError;

impl Replica {
    /// Makes the document show what it showed at a version, by one change, of which its author says
    /// `commit`; gives the identity of its first operation, or `None` if nothing has changed since.
    ///
    /// The change has the fewest edits that lead there: what was deleted since is inserted anew,
    /// what was inserted is deleted, and so on. Others merge it as they do any edits; what they do at
    /// the same time stays. Of what was in conflict then, what was shown comes back.
    ///
    /// # Errors
    /// As [`at`](Self::at); [`HistoryError::Edit`] if a transaction is open, if something that only
    /// grows would have to be taken away, or this replica has left.
    ///
    /// ```
    /// use libsync::{Commit, DocumentId, Replica, ReplicaId, Unit};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// replica.insert_text("notes", Unit::Scalar, 0, "Ahoy!")?;
    /// let before = replica.version().clone();
    /// replica.remove("notes")?;
    /// replica.revert_to(&before, Commit::new().message("As it was"))?;
    /// assert_eq!(replica.text("notes")?, "Ahoy!");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn revert_to(
        &mut self,
        version: &VersionVector,
        commit: Commit,
    ) -> Result<Option<OpId>, HistoryError> {
        self.refuse_in_transaction()?;
        let present = self.version.clone();
        let event = self.diff(&present, version, Unit::Scalar)?;
        self.transact(commit, |replica| {
            event.diffs.into_iter().try_for_each(|diff| replica.edit_as(diff))
        })
        .map_err(HistoryError::Edit)?;
        let first = OpId::new(self.id, present.get(self.id));
        Ok(self.version.contains(first).then_some(first))
    }

    /// Makes the edits that change a container as a diff says, whose lengths are in scalar values.
    fn edit_as(&mut self, Diff { path, delta }: Diff) -> Result<(), EditError> {
        match delta {
            Delta::Text(deltas) => self.edit_text_as(&path, deltas),
            Delta::List(deltas) => self.edit_list_as(&path, deltas),
            Delta::Map(deltas) => deltas.into_iter().try_for_each(|delta| {
                if delta.old == delta.new {
                    // A conflict that has come or gone.
                    return Ok(());
                }
                let path = path.child(delta.key.as_str());
                match delta.new {
                    Some(content) => self.put(&path, content),
                    None => self.remove(&path).map(drop),
                }
            }),
            Delta::Set { added, removed } => {
                removed.iter().try_for_each(|value| self.discard(&path, value).map(drop))?;
                added.into_iter().try_for_each(|value| self.add(&path, value).map(drop))
            }
            Delta::Counter { count, .. } => {
                // Both may be so far apart that it takes two steps, and a third where what is shown
                // is only the nearest number.
                for _ in 0..3 {
                    let left = count.saturating_sub(self.count(&path)?);
                    if left != 0 {
                        self.increment(&path, left)?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Lets a place show a content that it does not show: of a container, an empty one.
    fn put(&mut self, path: &Path, content: Content) -> Result<(), EditError> {
        let kind = match content {
            Content::Value(value) => return self.set(path, value),
            Content::Container(kind) => kind,
        };
        self.create(path, kind)?;
        // What only grows is still in there from when it was last shown.
        let is_empty = match kind {
            Kind::Text => self.text_len(path, Unit::Scalar)? == 0,
            Kind::Counter | Kind::GrowOnlyCounter => self.count(path)? == 0,
            Kind::Map | Kind::List | Kind::Set | Kind::GrowOnlySet => self.len(path)? == 0,
        };
        if is_empty { Ok(()) } else { Err(EditError::GrowOnly { path: path.clone() }) }
    }

    fn edit_text_as(&mut self, path: &Path, deltas: Vec<TextDelta>) -> Result<(), EditError> {
        let mut at = 0;
        for delta in deltas {
            match delta {
                TextDelta::Retain(len) => at += len,
                TextDelta::Insert(text) => {
                    self.insert_text(path, Unit::Scalar, at, &text)?;
                    at += text.chars().count();
                }
                TextDelta::Delete(len) => self.delete_text(path, Unit::Scalar, at, len)?,
            }
        }
        Ok(())
    }

    fn edit_list_as(&mut self, path: &Path, deltas: Vec<ListDelta>) -> Result<(), EditError> {
        let mut moves = Moves::of(&deltas, self.len(path)?);
        // Where the next part of the delta is, in the list as it was and as it is.
        let (mut old, mut at) = (0, 0);
        for delta in deltas {
            match delta {
                ListDelta::Retain(len) => {
                    (0..len).for_each(|_| at = moves.pass(at) + 1);
                    old += len;
                }
                ListDelta::Set { old: was, new, .. } => {
                    at = moves.pass(at);
                    if was != new {
                        self.put(&path.child(at), new)?;
                    }
                    (old, at) = (old + 1, at + 1);
                }
                ListDelta::Insert(contents) => {
                    let len = contents.len();
                    self.insert_items(path, at, contents)?;
                    moves.insert(at, len);
                    at += len;
                }
                ListDelta::Delete(len) if moves.moved.is_empty() => {
                    self.delete_items(path, at, len)?;
                    old += len;
                }
                ListDelta::Delete(len) => {
                    for item in old..old + len {
                        if !moves.moved.contains(&item) {
                            at = moves.pass(at);
                            self.delete_items(path, at, 1)?;
                            moves.standing.remove(at);
                        }
                    }
                    old += len;
                }
                ListDelta::Move { from } => {
                    let Some(now) = moves.take(from) else { continue };
                    // Taken out before the place where it goes, it makes that one less.
                    at -= usize::from(now < at);
                    self.move_item(path, now, at)?;
                    moves.insert(at, 1);
                    at += 1;
                }
            }
        }
        Ok(())
    }
}

/// A list on its way from what it was, with some items that are still to be moved.
#[derive(Default)]
struct Moves {
    /// What is moved, by the index before.
    moved: BTreeSet<usize>,
    waiting: BTreeSet<usize>,
    /// The items by the index before, or none of what is new. Empty if nothing is moved.
    standing: Vec<Option<usize>>,
}

impl Moves {
    fn of(deltas: &[ListDelta], len: usize) -> Self {
        let from = |delta: &ListDelta| match *delta {
            ListDelta::Move { from } => Some(from),
            _ => None,
        };
        let moved: BTreeSet<usize> = deltas.iter().filter_map(from).collect();
        if moved.is_empty() {
            return Self::default();
        }
        Self { waiting: moved.clone(), moved, standing: (0..len).map(Some).collect() }
    }

    /// The first place from one on whose item is not to be moved any more.
    fn pass(&self, mut at: usize) -> usize {
        while let Some(Some(item)) = self.standing.get(at)
            && self.waiting.contains(item)
        {
            at += 1;
        }
        at
    }

    fn insert(&mut self, at: usize, len: usize) {
        if !self.moved.is_empty() {
            self.standing.splice(at..at, std::iter::repeat_n(None, len));
        }
    }

    /// Takes an item out that is to be moved; gives where it was.
    fn take(&mut self, item: usize) -> Option<usize> {
        self.waiting.remove(&item);
        let at = self.standing.iter().position(|&standing| standing == Some(item))?;
        self.standing.remove(at);
        Some(at)
    }
}
