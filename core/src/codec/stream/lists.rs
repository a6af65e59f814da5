//! What the authors of a stream depended on last, where that was several operations.
//!
//! Who works while others do mostly depends on the same replicas again, and mostly on the operation
//! that follows in each.

use crate::id::OpId;

/// The longest list that is kept: as a few bytes can repeat it, it must not be much longer than they are.
const MAX_LEN: usize = 64;

/// See the module.
#[derive(Clone, Default, Debug)]
pub(super) struct Lists {
    /// By the numbers of the authors; none is empty, as far as there are any.
    lists: Vec<Vec<OpId>>,
    /// What the frame changed, in this order.
    changed: Vec<(u32, Before)>,
}

/// What a list was.
#[derive(Clone, Debug)]
enum Before {
    /// The operation before each.
    Previous,
    List(Vec<OpId>),
}

impl Lists {
    /// Begins a frame.
    pub(super) fn begin(&mut self) {
        self.changed.clear();
    }

    /// Takes back all that the frame changed.
    pub(super) fn revert(&mut self) {
        while let Some((author, before)) = self.changed.pop() {
            let list = &mut self.lists[author as usize];
            match before {
                Before::Previous => list.iter_mut().for_each(|op| op.counter -= 1),
                Before::List(before) => *list = before,
            }
        }
    }

    /// The list of an author; empty if there is none.
    pub(super) fn of(&self, author: u32) -> &[OpId] {
        self.lists.get(author as usize).map_or(&[], Vec::as_slice)
    }

    /// Goes on to the operation behind each in an author's list.
    pub(super) fn advance(&mut self, author: u32) {
        if let Some(list) = self.lists.get_mut(author as usize) {
            list.iter_mut().for_each(|op| op.counter += 1);
            self.changed.push((author, Before::Previous));
        }
    }

    /// Records what an author depended on; what is too long to be kept leaves no list.
    pub(super) fn set(&mut self, author: u32, list: &[OpId]) {
        let list = if list.len() <= MAX_LEN { list.to_vec() } else { Vec::new() };
        let at = author as usize;
        if self.lists.len() <= at {
            self.lists.resize_with(at + 1, Vec::new);
        }
        let before = std::mem::replace(&mut self.lists[at], list);
        self.changed.push((author, Before::List(before)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ReplicaId;

    fn list(counters: &[u64]) -> Vec<OpId> {
        let ops = counters.iter().zip(1..);
        ops.map(|(&counter, replica)| OpId::new(ReplicaId::new(replica), counter)).collect()
    }

    #[test]
    fn a_frame_is_taken_back_whole() {
        let mut lists = Lists::default();
        lists.set(3, &list(&[1, 5]));
        lists.begin();
        lists.advance(3);
        assert_eq!(lists.of(3), list(&[2, 6]));
        lists.set(3, &list(&[7, 8, 9]));
        lists.advance(3);
        lists.set(9, &list(&[1, 2]));
        assert_eq!(lists.of(3), list(&[8, 9, 10]));
        lists.revert();
        assert_eq!(lists.of(3), list(&[1, 5]));
        assert!(lists.of(9).is_empty() && lists.of(100).is_empty());
    }

    #[test]
    fn a_long_list_is_not_kept() {
        let mut lists = Lists::default();
        lists.set(0, &list(&[4; MAX_LEN]));
        assert_eq!(lists.of(0).len(), MAX_LEN);
        lists.set(0, &list(&[4; MAX_LEN + 1]));
        assert!(lists.of(0).is_empty());
    }
}
