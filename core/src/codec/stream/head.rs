//! The bits at the front of an entry.

/// What is done; bits 0 to 2 of the head.
pub(super) mod kind {
    /// Inserts right of the identity before the entry's own.
    pub(in super::super) const INSERT_NEXT: u8 = 0;
    pub(in super::super) const INSERT_RIGHT: u8 = 1;
    pub(in super::super) const INSERT_LEFT: u8 = 2;
    pub(in super::super) const INSERT_AT_ROOT: u8 = 3;
    pub(in super::super) const DELETE: u8 = 4;
    pub(in super::super) const ASSIGN: u8 = 5;
    pub(in super::super) const REMOVE: u8 = 6;
    pub(in super::super) const INCREMENT: u8 = 7;
    pub(in super::super) const MASK: u8 = 7;
}

/// The origin is not the one that is expected: it follows.
pub(super) const ORIGIN: u8 = 1 << 3;
/// The container is not the last one: it follows.
pub(super) const CONTAINER: u8 = 1 << 4;

/// Of an insertion: what is inserted is one character.
pub(super) const ONE_CHARACTER: u8 = 1 << 5;
/// Of an insertion right or left of a node: that is the one that is expected.
pub(super) const EXPECTED_PARENT: u8 = 1 << 6;

/// What a deletion names; bits 5 and 6.
pub(super) mod nodes {
    /// Several runs: their number less 2, and each.
    pub(in super::super) const RUNS: u8 = 0 << 5;
    /// The node before the one touched last.
    pub(in super::super) const BEFORE: u8 = 1 << 5;
    /// The node behind.
    pub(in super::super) const BEHIND: u8 = 2 << 5;
    /// One node.
    pub(in super::super) const ONE: u8 = 3 << 5;
    pub(in super::super) const MASK: u8 = 3 << 5;
    /// With `RUNS`: there is just one.
    pub(in super::super) const ONE_RUN: u8 = 1 << 7;
}

/// What an assignment or a removal supersedes; bits 5 and 6.
pub(super) mod supersedes {
    pub(in super::super) const NOTHING: u8 = 0 << 5;
    /// The assignment that was the last one there in the stream.
    pub(in super::super) const EXPECTED: u8 = 1 << 5;
    pub(in super::super) const ONE: u8 = 2 << 5;
    /// Several: their number less 2, and each.
    pub(in super::super) const MORE: u8 = 3 << 5;
    pub(in super::super) const MASK: u8 = 3 << 5;
}
/// Of an assignment or a removal: the place is the one that is expected.
pub(super) const EXPECTED_PLACE: u8 = 1 << 7;

/// The bits of an origin.
pub(super) mod origin {
    /// The author is not the last one: it follows.
    pub(in super::super) const AUTHOR: u8 = 1 << 0;
    /// The counter is not the next one: how many were left out, less 1, follows.
    pub(in super::super) const COUNTER: u8 = 1 << 1;
    /// The Lamport time is not the one that is expected: how much greater it is, less 1, follows.
    pub(in super::super) const LAMPORT: u8 = 1 << 2;
    /// The dependencies; bits 3 to 5.
    pub(in super::super) const NO_DEPENDENCY: u8 = 0 << 3;
    /// The one that is expected.
    pub(in super::super) const EXPECTED_DEPENDENCY: u8 = 1 << 3;
    pub(in super::super) const ONE_DEPENDENCY: u8 = 2 << 3;
    /// Several: their number less 2, and each.
    pub(in super::super) const MORE_DEPENDENCIES: u8 = 3 << 3;
    /// Those behind the several that the author's last such change had.
    pub(in super::super) const NEXT_DEPENDENCIES: u8 = 4 << 3;
    /// Others of the same replicas: of each, how far it is from that one.
    pub(in super::super) const NEAR_DEPENDENCIES: u8 = 5 << 3;
    pub(in super::super) const DEPENDENCIES: u8 = 7 << 3;
    pub(in super::super) const ALL: u8 = (1 << 6) - 1;
}
