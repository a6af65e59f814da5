//! The scenarios that are gone through. A, B, C and D are the replicas 0 to 3.

use crate::mutant::Mutant;
use crate::scenario::Scenario;

const A: u8 = 1;
const B: u8 = 2;
const C: u8 = 4;
const D: u8 = 8;

/// Scenarios that are gone through in seconds, each with the mutants that it finds out.
pub const SMALL: &[(Scenario, &[Mutant])] = &[
    (EDITS, &[Mutant::Eager, Mutant::NoRetire]),
    (SPLICES, &[Mutant::OwnKey]),
    (PRUNES, &[Mutant::Eager, Mutant::NoRetire, Mutant::NoSplice, Mutant::EarlyAcknowledgement]),
    (JOINS, &[Mutant::NewcomerWithoutCut, Mutant::LateJoin, Mutant::IgnoresTheSilent]),
    (LEAVES, &[Mutant::FoldsUnordered]),
    (LEAVES_OFFLINE, &[Mutant::LeavesUnseen]),
    (EVICTS, &[Mutant::EvictsAtOnce, Mutant::NoFreeze, Mutant::NoEvidenceHeld]),
    (EVICTS_AND_PRUNES, &[Mutant::EvictedLeavesCutsEarly]),
    (EVICTS_TWO, &[Mutant::EvidenceOfTargets]),
    (EVICTS_AND_LEAVES, &[Mutant::LeaversAcknowledge]),
    (EVICTS_A_SPONSOR, &[Mutant::EvidenceOfNewcomers]),
    (EVICTS_A_SPONSOR_AND_PRUNES, &[Mutant::WritingIsJoining]),
];

/// The same with larger bounds, which take minutes.
pub const LARGE: &[Scenario] = &[
    Scenario { typed: 2, acknowledgements: [2, 1, 0, 0], ..EDITS },
    Scenario { acknowledgements: [2, 2, 2, 0], insertions: [0, 2, 0, 0], edits: 2, ..PRUNES },
    Scenario { sponsors: A | B, acknowledgements: [2, 1, 1, 0], ..JOINS },
    Scenario { acknowledgements: [2, 2, 0, 0], ..LEAVES },
    Scenario { acknowledgements: [2, 1, 0, 0], sponsors: B, ..LEAVES_OFFLINE },
    Scenario { insertions: [0, 0, 3, 0], edits: 3, ..EVICTS },
    Scenario { typed: 2, acknowledgements: [1, 2, 1, 0], ..EVICTS_AND_PRUNES },
    Scenario { acknowledgements: [1, 1, 0, 1], cut_off: 0, ..EVICTS_TWO },
    Scenario { acknowledgements: [1, 1, 1, 0], cut_off: 0, ..EVICTS_AND_LEAVES },
    Scenario { insertions: [0, 0, 1, 0], edits: 1, cut_off: 0, ..EVICTS_A_SPONSOR },
    Scenario { cut_off: 0, ..EVICTS_A_SPONSOR_AND_PRUNES },
];

/// Everything at once, too much to be gone through: for random walks.
pub const EVERYTHING: Scenario = Scenario {
    name: "everything",
    founders: 3,
    typed: 3,
    insertions: [3, 3, 2, 2],
    deletions: [2, 2, 2, 1],
    edits: 9,
    acknowledgements: [5, 5, 5, 5],
    prunes: A | B | C | D,
    sponsors: A | B | C,
    newcomers: D,
    leavers: C | D,
    authorities: A,
    targets: C | D,
    holds: true,
    ..Scenario::QUIET
};

/// Two edit what one has typed, and prune.
pub const EDITS: Scenario = Scenario {
    name: "edits",
    founders: 2,
    typed: 1,
    insertions: [1, 1, 0, 0],
    deletions: [1, 1, 0, 0],
    edits: 2,
    acknowledgements: [2, 2, 0, 0],
    prunes: A | B,
    ..Scenario::QUIET
};

/// Two type at the same place, and what one of them typed is spliced.
pub const SPLICES: Scenario = Scenario {
    name: "splices",
    founders: 2,
    insertions: [1, 2, 0, 0],
    deletions: [0, 1, 0, 0],
    edits: 4,
    acknowledgements: [1, 1, 0, 0],
    prunes: A,
    ..Scenario::QUIET
};

/// Something is deleted, and all have seen that; one prunes, one goes on writing.
pub const PRUNES: Scenario = Scenario {
    name: "prunes",
    founders: 3,
    typed: 2,
    deleted: 1,
    insertions: [0, 1, 0, 0],
    edits: 1,
    acknowledgements: [2, 2, 1, 0],
    prunes: C,
    ..Scenario::QUIET
};

/// A newcomer is made a member, and writes.
pub const JOINS: Scenario = Scenario {
    name: "joins",
    founders: 2,
    typed: 2,
    deleted: 1,
    insertions: [0, 0, 1, 0],
    edits: 1,
    acknowledgements: [2, 1, 0, 0],
    prunes: B,
    sponsors: A,
    newcomers: C,
    ..Scenario::QUIET
};

/// Two leave, and are folded.
pub const LEAVES: Scenario = Scenario {
    name: "leaves",
    founders: 4,
    acknowledgements: [1, 1, 0, 0],
    prunes: A | B,
    leavers: C | D,
    ..Scenario::QUIET
};

/// One leaves, and so would one like to that has only written offline.
pub const LEAVES_OFFLINE: Scenario = Scenario {
    name: "leaves offline",
    founders: 3,
    acknowledgements: [1, 1, 0, 0],
    prunes: A | B,
    newcomers: D,
    offline: D,
    wrote: D,
    leavers: C | D,
    ..Scenario::QUIET
};

/// One is evicted while it writes.
pub const EVICTS: Scenario = Scenario {
    name: "evicts",
    founders: 3,
    insertions: [0, 0, 2, 0],
    edits: 2,
    acknowledgements: [1, 2, 0, 0],
    authorities: A,
    targets: C,
    holds: true,
    ..Scenario::QUIET
};

/// One is evicted while it writes, and the others prune.
pub const EVICTS_AND_PRUNES: Scenario = Scenario {
    name: "evicts and prunes",
    founders: 3,
    typed: 1,
    deleted: 1,
    insertions: [0, 0, 1, 0],
    edits: 1,
    acknowledgements: [1, 2, 1, 0],
    prunes: A,
    authorities: A,
    targets: C,
    holds: true,
    ..Scenario::QUIET
};

/// Two are evicted, of whom one has what the other wrote.
pub const EVICTS_TWO: Scenario = Scenario {
    name: "evicts two",
    founders: 4,
    insertions: [0, 0, 1, 0],
    edits: 1,
    acknowledgements: [0, 1, 0, 1],
    authorities: A,
    targets: C | D,
    cut_off: C | D,
    holds: true,
    ..Scenario::QUIET
};

/// One leaves that has what another one wrote that is evicted.
pub const EVICTS_AND_LEAVES: Scenario = Scenario {
    name: "evicts and leaves",
    founders: 4,
    insertions: [0, 0, 0, 1],
    edits: 1,
    acknowledgements: [0, 1, 1, 0],
    leavers: C,
    authorities: A,
    targets: D,
    cut_off: C | D,
    holds: true,
    ..Scenario::QUIET
};

/// One is evicted that hands what it has to a newcomer, which wrote offline.
pub const EVICTS_A_SPONSOR: Scenario = Scenario {
    name: "evicts a sponsor",
    founders: 3,
    acknowledgements: [0, 1, 0, 1],
    sponsors: C,
    newcomers: D,
    offline: D,
    wrote: D,
    authorities: A,
    targets: C,
    cut_off: C | D,
    holds: true,
    ..Scenario::QUIET
};

/// The same, and the others prune.
pub const EVICTS_A_SPONSOR_AND_PRUNES: Scenario = Scenario {
    name: "evicts a sponsor, and prunes",
    founders: 3,
    typed: 1,
    deleted: 1,
    insertions: [0, 0, 0, 1],
    edits: 1,
    acknowledgements: [1, 1, 0, 0],
    prunes: A,
    sponsors: C,
    newcomers: D,
    offline: D,
    wrote: D,
    authorities: A,
    targets: C,
    cut_off: C | D,
    ..Scenario::QUIET
};
