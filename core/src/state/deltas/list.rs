//! What has changed in a list: where items stand, and then what they hold.

use std::collections::BTreeMap;

use crate::container::Key;
use crate::event::{ListDelta, ListParts};
use crate::id::OpId;
use crate::value::Content;

use super::super::sequence::Standing;
use super::super::watch::{Face, Touched};
use super::super::{List, State};

/// An item that has left a node, or come to one.
enum Change {
    Left(OpId),
    /// It had another node before.
    Moved(OpId),
    Inserted(Content),
}

impl State {
    /// What has changed in where the items of a list stand, and in what they hold.
    pub(super) fn list_deltas(&self, list: &List, touched: &Touched) -> [Vec<ListDelta>; 2] {
        let mut changes: Vec<(Standing, Change)> = Vec::new();
        let mut set: Vec<(usize, ListDelta)> = Vec::new();
        for (key, was) in &touched.faces {
            let &Key::Item(item) = key else { continue };
            let is = self.face(list.slot(item), None);
            let node = list.node_of(item);
            let stood =
                was.shown.as_ref().map(|_| touched.stood.get(&item).copied().unwrap_or(node));
            let stands = is.shown.as_ref().map(|_| node);
            let standing = |node: OpId| list.nodes().standing(node);
            if stood != stands {
                let left = stood.and_then(standing);
                changes.extend(left.map(|standing| (standing, Change::Left(item))));
                let change = match (&is.shown, stood) {
                    (Some(_), Some(_)) => Some(Change::Moved(item)),
                    (Some(content), None) => Some(Change::Inserted(content.clone())),
                    (None, _) => None,
                };
                changes.extend(stands.and_then(standing).zip(change));
            }
            if let Some(part) = changed_content(was, is) {
                set.extend(list.index_of(item).map(|index| (index, part)));
            }
        }
        set.sort_unstable_by_key(|&(index, _)| index);
        [places(changes), contents(set)]
    }

    /// All items of a list, as if none had been there.
    pub(super) fn whole_list(&self, list: &List) -> [Vec<ListDelta>; 2] {
        let (mut inserted, mut set) = (Vec::new(), Vec::new());
        for item in list.items() {
            let is = self.face(list.slot(item), None);
            let Some(content) = is.shown.clone() else { continue };
            set.extend(changed_content(&Face::default(), is).map(|part| (inserted.len(), part)));
            inserted.push(content);
        }
        let mut places = ListParts::default();
        inserted.into_iter().for_each(|content| places.insert(content));
        [places.finish(), contents(set)]
    }
}

/// What an item that is shown holds, if it is not what it held, or what its insertion says.
pub(in crate::state) fn changed_content(was: &Face, is: Face) -> Option<ListDelta> {
    let is_told = if was.shown.is_some() { *was == is } else { !is.in_conflict };
    let new = is.shown.filter(|_| !is_told)?;
    let old = was.shown.clone().unwrap_or_else(|| new.clone());
    Some(ListDelta::Set { old, new, in_conflict: is.in_conflict })
}

/// The delta of items that have left nodes or come to them.
fn places(mut changes: Vec<(Standing, Change)>) -> Vec<ListDelta> {
    changes.sort_unstable_by_key(|(standing, _)| standing.number);
    let index = |standing: Standing| standing.before.scalars as usize;
    let mut from: BTreeMap<OpId, usize> = BTreeMap::new();
    let (mut came, mut left) = (0, 0);
    for &(standing, ref change) in &changes {
        match change {
            Change::Left(item) => {
                from.insert(*item, index(standing) - came + left);
                left += 1;
            }
            Change::Moved(_) | Change::Inserted(_) => came += 1,
        }
    }
    let mut parts = ListParts::default();
    for (standing, change) in changes {
        parts.pass(index(standing));
        match change {
            Change::Left(_) => parts.delete(1),
            Change::Inserted(content) => parts.insert(content),
            Change::Moved(item) => {
                let from = from.get(&item).copied().unwrap_or_default();
                parts.put(ListDelta::Move { from });
            }
        }
    }
    parts.finish()
}

/// The delta of items that hold something else, by their indices.
pub(in crate::state) fn contents(set: Vec<(usize, ListDelta)>) -> Vec<ListDelta> {
    let mut parts = ListParts::default();
    for (index, part) in set {
        parts.pass(index);
        parts.put(part);
    }
    parts.finish()
}
