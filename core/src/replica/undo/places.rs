//! Places of maps, sets and lists: what was assigned is taken away or replaced by what was there
//! before, what was removed is assigned again; items come back, and move back.
//!
//! Assigning to an item that is gone brings it back where it stood. One that is gone for good, as all
//! members know of it, must not be named any more: another one, with what it held, comes in its
//! place, and whatever is in it is found there.

use crate::container::{ContainerId, Key};
use crate::error::EditError;
use crate::id::{IdSpan, OpId};
use crate::op::{Elements, Op};
use crate::state::List;
use crate::state::assignments::Entry;
use crate::state::sequence::Status;
use crate::undo::Before;
use crate::value::{Content, Kind};

use super::take_back::TakeBack;
use super::texts::{place_beside, standing_before};

impl TakeBack<'_> {
    /// The own assignment that is in force in a place and stands for one of the item, and whether
    /// it is the only one there.
    fn in_force(&self, at: &ContainerId, key: &Key, op: OpId) -> Option<(Entry, bool)> {
        let standing = self.revived.assignments.latest_of(op);
        let entries = self.replica.state.slot(at, key)?.entries();
        let own = entries.iter().find(|entry| entry.id == standing)?.clone();
        Some((own, entries.len() == 1))
    }

    /// Whether others have taken away an assignment, too, or replaced it, without having seen the
    /// item.
    fn is_taken_by_others(&self, container: &ContainerId, key: &Key, assignment: OpId) -> bool {
        let takes = |op: &Op| {
            op.container() == Some(container)
                && match op {
                    Op::Assign { supersedes, .. } | Op::Remove { supersedes, .. } => {
                        supersedes.contains(&assignment)
                    }
                    Op::Delete { nodes, .. } => {
                        let item = IdSpan::new(assignment, 1);
                        *key == Key::Item(assignment)
                            && nodes.iter().any(|run| run.nodes.overlaps(&item))
                    }
                    _ => false,
                }
        };
        let state = &self.replica.state;
        self.any_of(state.touched_since(container, key, self.me(), &self.item.seen), takes)
    }

    /// Takes away what was assigned, and, if nothing of others is in its place or in it, assigns
    /// what was there before.
    pub(super) fn take_back_assignment(
        &mut self,
        container: &ContainerId,
        key: &Key,
        op: OpId,
        before: Option<&Before>,
    ) -> Result<(), EditError> {
        let (at, place) = (self.revived.container(container), self.revived.key(key));
        let found = self.in_force(&at, &place, op).filter(|_| !at.kind().is_grow_only());
        let Some((own, is_alone)) = found else {
            self.pass_over(1);
            return Ok(());
        };
        let before = before.filter(|before| {
            is_alone
                && (before.content == own.content || !self.holds_more(&at, &place, &own))
                && !self.is_taken_by_others(container, key, before.id)
        });
        let Some(before) = before else {
            self.empty_counter(&at, &place, &own)?;
            let supersedes = vec![own.id];
            return self.record(Op::Remove { container: at, key: place, supersedes }, 1).map(drop);
        };
        let are_values = [&own.content, &before.content]
            .iter()
            .all(|content| !matches!(content, Some(Content::Container(_))));
        if are_values && self.item.contains(before.id) {
            // What was there before is of the item itself, and about to be replaced.
            self.revived.assigned(before.id, own.id);
            return Ok(());
        }
        if before.content != own.content {
            self.empty_counter(&at, &place, &own)?;
        }
        let (content, supersedes) = (before.content.clone(), vec![own.id]);
        let id = self.record(Op::Assign { container: at, key: place, content, supersedes }, 1)?;
        self.revived.assigned(before.id, id);
        Ok(())
    }

    /// Whether an assignment is of a container in which others have put something since: what else
    /// is in it was there before the item.
    fn holds_more(&self, at: &ContainerId, key: &Key, entry: &Entry) -> bool {
        let Some(Content::Container(kind)) = entry.content else { return false };
        let (state, me) = (&self.replica.state, self.me());
        let child = at.child(key.clone(), kind);
        let unseen = |(author, count): (_, u64)| author != me && count > self.item.seen.get(author);
        state.has_other_content(&child, me) && state.clock_of(&child).iter().any(unseen)
    }

    /// Lets a counter that is to go not live on through own increments that come to nothing.
    fn empty_counter(
        &mut self,
        at: &ContainerId,
        key: &Key,
        entry: &Entry,
    ) -> Result<(), EditError> {
        if entry.content != Some(Content::Container(Kind::Counter)) {
            return Ok(());
        }
        let container = at.child(key.clone(), Kind::Counter);
        let counter = self.replica.state.counter(&container);
        match counter.and_then(|counter| counter.idle(self.me())) {
            Some(share) => self.record(Op::Reset { container, observed: vec![share] }, 0).map(drop),
            None => Ok(()),
        }
    }

    /// Assigns again what was removed, unless something is there.
    pub(super) fn put_back(
        &mut self,
        container: &ContainerId,
        key: &Key,
        op: OpId,
        before: &Before,
    ) -> Result<(), EditError> {
        let (at, place) = (self.revived.container(container), self.revived.key(key));
        let state = &self.replica.state;
        let is_taken = state.slot(&at, &place).is_some_and(|slot| !slot.entries().is_empty());
        let others =
            state.shown(&at, &place).filter(|shown| Some(shown) != before.content.as_ref());
        let is_gone = is_taken
            || others.is_some()
            || !self.can_show(&at)
            || self.is_taken_by_others(container, key, before.id);
        if is_gone {
            self.pass_over(1);
            return Ok(());
        }
        if let Key::Item(item) = place
            && !state.list(&at).is_some_and(|list| list.can_be_named(item))
        {
            return self.insert_item_again((container, at), item, op, before);
        }
        let (content, supersedes) = (before.content.clone(), Vec::new());
        let (list, key) = (at.clone(), place.clone());
        let id = self.record(Op::Assign { container: at, key, content, supersedes }, 1)?;
        self.revived.assigned(before.id, id);
        match place {
            Key::Item(item) => self.put_in_place(list, item, op),
            _ => Ok(()),
        }
    }

    /// Moves an item that is there again, if what came again before it stands on the other side of
    /// where it stood.
    fn put_in_place(
        &mut self,
        container: ContainerId,
        item: OpId,
        taken_by: OpId,
    ) -> Result<(), EditError> {
        let list = self.replica.state.list(&container).filter(|_| !self.revived.nodes.is_empty());
        let Some(list) = list else { return Ok(()) };
        let (node, nodes) = (list.node_of(item), list.nodes());
        let before = nodes.runs_before(node).find(|&(_, status)| status == Status::Live);
        let stands_behind = before.map(|(run, _)| run.start.plus(run.len - 1));
        let belongs_behind = standing_before((nodes, nodes), &self.revived, node, taken_by);
        let place = nodes.place_after(belongs_behind);
        let Some(place) = place.filter(|_| stands_behind != belongs_behind) else { return Ok(()) };
        let id = self.record(Op::Move { container, item, place }, 0)?;
        self.revived.nodes.put(IdSpan::new(node, 1), id);
        Ok(())
    }

    /// Inserts an item in the place of one that is gone for good, or whose list is.
    fn insert_item_again(
        &mut self,
        (was, container): (&ContainerId, ContainerId),
        item: OpId,
        op: OpId,
        before: &Before,
    ) -> Result<(), EditError> {
        let lists = self.replica.state.list(was).zip(self.replica.state.list(&container));
        let node = lists.map_or(item, |(was, _)| was.node_of(item));
        let place = lists
            .and_then(|(was, is)| place_beside((was.nodes(), is.nodes()), &self.revived, node, op));
        let Some((place, content)) = place.zip(before.content.clone()) else {
            self.pass_over(1);
            return Ok(());
        };
        let elements = Elements::Items(vec![content]);
        let id = self.record(Op::Insert { container, place, elements }, 1)?;
        self.revived.nodes.put(IdSpan::new(node, 1), id);
        self.revived.items.put(IdSpan::new(item, 1), id);
        self.revived.assigned(before.id, id);
        Ok(())
    }

    /// Takes away what inserted items held at first: they go, unless others have put something
    /// into them.
    pub(super) fn delete_items(
        &mut self,
        container: &ContainerId,
        items: IdSpan,
    ) -> Result<(), EditError> {
        let at = self.revived.container(container);
        let mut untouched = Vec::new();
        for nth in 0..items.len {
            let inserted = items.start.plus(nth);
            let item = self.revived.items.latest_of(inserted);
            let key = Key::Item(item);
            let Some((own, _)) = self.in_force(&at, &key, inserted) else {
                self.pass_over(1);
                continue;
            };
            self.empty_counter(&at, &key, &own)?;
            if own.id == item {
                untouched.push(item);
                continue;
            }
            let supersedes = vec![own.id];
            self.record(Op::Remove { container: at.clone(), key, supersedes }, 1)?;
        }
        if untouched.is_empty() {
            return Ok(());
        }
        let (len, nodes) = (untouched.len() as u64, List::as_runs(untouched));
        self.record(Op::Delete { container: at, nodes }, len).map(drop)
    }

    /// Moves an item back, if it is where it was moved to.
    pub(super) fn move_back(
        &mut self,
        was: &ContainerId,
        item: OpId,
        from: OpId,
        to: OpId,
    ) -> Result<(), EditError> {
        let (container, item) = (self.revived.container(was), self.revived.items.latest_of(item));
        let stands = self.revived.nodes.latest_of(to);
        let list = self.replica.state.list(&container);
        let list = list.filter(|list| list.node_of(item) == stands && list.lives(item));
        let was = self.replica.state.list(was);
        let place = was
            .zip(list)
            .and_then(|(was, is)| place_beside((was.nodes(), is.nodes()), &self.revived, from, to));
        let Some(place) = place else {
            self.pass_over(1);
            return Ok(());
        };
        let id = self.record(Op::Move { container, item, place }, 1)?;
        self.revived.nodes.put(IdSpan::new(from, 1), id);
        Ok(())
    }
}
