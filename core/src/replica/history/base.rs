//! What history needs of what has been pruned: the document at the prune floor.

use crate::change::Change;
use crate::membership::Membership;
use crate::replica::Replica;
use crate::state::State;
use crate::version::VersionVector;

/// The document at the prune floor, on which the retained changes were made.
///
/// It is pruned itself, but later: a retained change may name what the floor allows to remove, if
/// its author did not know yet that all others had seen it deleted. None does that arrived after
/// the replica had pruned at that floor, as it did so on the word of all members.
#[derive(Clone, Debug)]
pub(in crate::replica) struct Base {
    state: State,
    /// The Lamport time behind the last change in it.
    lamport: u64,
    membership: Membership,
    /// A floor, and what was known here when it was the floor: once the floor has reached that,
    /// all retained changes have come since.
    next: Option<(VersionVector, VersionVector)>,
}

impl Base {
    /// Of a document of which nothing is pruned.
    fn new() -> Self {
        let membership = Membership::default();
        Self { state: State::new(), lamport: 0, membership, next: None }
    }

    pub(in crate::replica) fn state(&self) -> &State {
        &self.state
    }

    pub(super) fn lamport(&self) -> u64 {
        self.lamport
    }

    pub(super) fn membership(&self) -> &Membership {
        &self.membership
    }

    fn apply(&mut self, change: &Change) {
        self.state.apply_change(change);
        self.membership.apply(change);
        self.lamport = self.lamport.max(change.lamport + change.len());
    }

    /// Prunes what no retained change can name, given the floor and the version; and packs what is
    /// left, or not.
    fn prune(&mut self, floor: &VersionVector, version: &VersionVector, packs: bool) {
        if let Some((cut, known)) = &self.next {
            if !floor.covers(known) {
                return;
            }
            self.state.set_stable(cut);
            if packs {
                self.state.prune(cut, cut);
            } else {
                self.state.follow_texts(cut);
                self.state.expire(cut);
            }
        }
        self.next = Some((floor.clone(), version.clone()));
    }
}

impl Replica {
    /// Follows the floor, before the changes within it leave the log. At once: all that there is to
    /// prune; else it is one of several steps.
    pub(in crate::replica) fn advance_base(&mut self, floor: &VersionVector, at_once: bool) {
        if !self.options.keep_history || self.is_shallow() {
            self.base = None;
            return;
        }
        // Where all is pruned at once, it is made anew.
        let is_renewed = (at_once || self.base.is_none()) && *floor == self.version;
        if *floor == self.floor || is_renewed {
            return;
        }
        let first = || self.floor.is_empty().then(|| Box::new(Base::new()));
        let Some(mut base) = self.base.take().or_else(first) else { return };
        base.state.gather();
        for change in self.log.between(&self.floor, floor) {
            base.apply(&change);
        }
        base.state.settle();
        base.prune(floor, &self.version, at_once);
        self.base = Some(base);
    }

    /// Where all that is known has been pruned, the document as it stands is that at the floor.
    pub(in crate::replica) fn renew_base(&mut self) {
        if self.options.keep_history && !self.floor.is_empty() && self.floor == self.version {
            self.base = Some(Box::new(Base {
                state: self.state.clone(),
                lamport: self.lamport,
                membership: self.membership.unacknowledged(),
                next: None,
            }));
        }
    }
}
