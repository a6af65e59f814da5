//! Scenarios: what may happen in a world, and how often. Within that, everything is explored.

use crate::mutant::Mutant;
use crate::version::REPLICAS;

/// How much may happen. Replicas are named by their numbers, sets of them are bits.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// How it is called in what is printed.
    pub name: &'static str,
    /// The replicas that share a document to begin with, from 0 on.
    pub founders: u8,
    /// How many characters that has, all typed by the first.
    pub typed: u8,
    /// Which of them are deleted, by the first as well.
    pub deleted: u8,
    /// How many characters each replica may insert.
    pub insertions: [u8; REPLICAS],
    /// How many each may delete.
    pub deletions: [u8; REPLICAS],
    /// How many edits there may be in all.
    pub edits: u8,
    /// How many acknowledgements each may make.
    pub acknowledgements: [u8; REPLICAS],
    /// Who prunes.
    pub prunes: u8,
    /// Who may make members, and hand them what they have.
    pub sponsors: u8,
    /// Who is no founder, and may be made a member.
    pub newcomers: u8,
    /// Which of them may write before that.
    pub offline: u8,
    /// Which of these have written a character already, which nobody else has seen.
    pub wrote: u8,
    /// Who may leave.
    pub leavers: u8,
    /// Who decides on evictions.
    pub authorities: u8,
    /// Who may be evicted.
    pub targets: u8,
    /// Who gets no acknowledgements, and nothing that those write who are not cut off as well.
    pub cut_off: u8,
    /// Whether an acknowledgement may arrive before what it acknowledges. (Without evictions that
    /// makes no difference: it waits.)
    pub holds: bool,
    /// What is wrong with the protocol.
    pub mutant: Option<Mutant>,
}

impl Scenario {
    /// Nothing may happen; to be filled in.
    pub const QUIET: Self = Self {
        name: "quiet",
        founders: 2,
        typed: 0,
        deleted: 0,
        insertions: [0; REPLICAS],
        deletions: [0; REPLICAS],
        edits: 0,
        acknowledgements: [0; REPLICAS],
        prunes: 0,
        sponsors: 0,
        newcomers: 0,
        offline: 0,
        wrote: 0,
        leavers: 0,
        authorities: 0,
        targets: 0,
        cut_off: 0,
        holds: false,
        mutant: None,
    };

    /// The same with something wrong in it.
    #[must_use]
    pub fn with(&self, mutant: Mutant) -> Self {
        Self { mutant: Some(mutant), ..self.clone() }
    }
}

/// Whether a replica is in a set.
pub(crate) fn is_in(set: u8, replica: u8) -> bool {
    set & (1 << replica) != 0
}
