//! What is measured. Every workload ends with a check that the engine has what it has to have.

mod heap;
mod hub;
mod loading;
mod map;
mod merging;
mod receiving;
mod saving;
mod trim;
mod typing;

use crate::cell::Outcome;
use crate::engine::{History, Map, State, Text};
use crate::measure::HeapMeter;
use crate::trace::Trace;

/// What an author's replica writes as, where there is one author.
const AUTHOR: u64 = 1;
/// What a replica that receives, or loads, writes as.
const READER: u64 = 1_000;

/// What a workload works on.
pub(crate) struct Input {
    /// The editing history, for workloads that take one.
    pub(crate) trace: Option<Trace>,
    /// Tells what is in use; only in the program that counts it.
    pub(crate) heap: Option<HeapMeter>,
}

impl Input {
    fn trace(&self) -> &Trace {
        self.trace.as_ref().expect("this workload was given a trace")
    }

    fn heap(&self) -> HeapMeter {
        self.heap.expect("workloads that need it run in the program that counts")
    }
}

/// A workload, by what an engine has to have for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workload {
    Text(TextWork),
    History(HistoryWork),
    State(StateWork),
    Map(MapWork),
}

/// Workloads for any text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextWork {
    Local,
    LocalEncode,
    Remote,
    Save,
    SaveCompressed,
    SaveAgain,
    Load,
    LoadType,
    Heap,
    HeapLoaded,
    MergeEach,
    Hub,
    /// Not of the table, but beside [`StateWork::Trim`] in the figures of pruning.
    Untrimmed,
}

/// Workloads for a text whose history can be sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum HistoryWork {
    Batch,
    BatchCompressed,
    Merge,
}

/// Workloads for a text whose history can be dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StateWork {
    SaveState,
    SaveStateCompressed,
    HeapPruned,
    Trim,
}

/// Workloads for a map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MapWork {
    Sets,
    Load,
    SaveAgain,
}

/// Which editing history a workload takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// One without concurrent edits.
    Linear,
    /// Any of more than one transaction.
    Concurrent,
    /// None: it makes its own.
    Nothing,
}

impl Workload {
    /// All workloads, in the order of the table, with their names on the command line.
    pub(crate) const ALL: [(&'static str, Self); 22] = [
        ("local", Self::Text(TextWork::Local)),
        ("local-encode", Self::Text(TextWork::LocalEncode)),
        ("remote", Self::Text(TextWork::Remote)),
        ("batch", Self::History(HistoryWork::Batch)),
        ("batch-compressed", Self::History(HistoryWork::BatchCompressed)),
        ("save", Self::Text(TextWork::Save)),
        ("save-compressed", Self::Text(TextWork::SaveCompressed)),
        ("save-state", Self::State(StateWork::SaveState)),
        ("save-state-compressed", Self::State(StateWork::SaveStateCompressed)),
        ("save-again", Self::Text(TextWork::SaveAgain)),
        ("load", Self::Text(TextWork::Load)),
        ("load-type", Self::Text(TextWork::LoadType)),
        ("heap", Self::Text(TextWork::Heap)),
        ("heap-loaded", Self::Text(TextWork::HeapLoaded)),
        ("heap-pruned", Self::State(StateWork::HeapPruned)),
        ("merge", Self::History(HistoryWork::Merge)),
        ("merge-each", Self::Text(TextWork::MergeEach)),
        ("hub", Self::Text(TextWork::Hub)),
        ("map", Self::Map(MapWork::Sets)),
        ("map-load", Self::Map(MapWork::Load)),
        ("map-save-again", Self::Map(MapWork::SaveAgain)),
        ("trim", Self::State(StateWork::Trim)),
    ];

    /// The workload of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|&(_, workload)| workload)
    }

    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|&&(_, workload)| workload == self);
        found.expect("all are listed").0
    }

    /// Which editing history it takes.
    pub(crate) fn takes(self) -> Takes {
        match self {
            Self::History(HistoryWork::Merge) | Self::Text(TextWork::MergeEach) => {
                Takes::Concurrent
            }
            Self::Text(TextWork::Hub) | Self::State(StateWork::Trim) | Self::Map(_) => {
                Takes::Nothing
            }
            _ => Takes::Linear,
        }
    }

    /// Whether it is measured with every trace of its kind, and not with the one that is always
    /// there alone, so that the whole run takes minutes. Where it takes the edits of a trace one at
    /// a time, these have to be neither too many nor in few transactions.
    pub(crate) fn is_for_any_trace(self, transactions: usize) -> bool {
        match self {
            Self::History(HistoryWork::Batch | HistoryWork::Merge) => true,
            Self::Text(TextWork::Local | TextWork::Remote | TextWork::MergeEach) => {
                (2_000..50_000).contains(&transactions)
            }
            _ => false,
        }
    }

    /// Whether it measures memory, for which the program that counts allocations has to run it.
    pub(crate) fn measures_heap(self) -> bool {
        matches!(
            self,
            Self::Text(TextWork::Heap | TextWork::HeapLoaded)
                | Self::State(StateWork::HeapPruned | StateWork::Trim)
        )
    }
}

/// Measures a workload for any text.
pub(crate) fn text<D: Text>(work: TextWork, input: &Input) -> Outcome {
    let measured = match work {
        TextWork::Local => typing::local::<D>(input.trace()),
        TextWork::LocalEncode => typing::local_encode::<D>(input.trace()),
        TextWork::Remote => receiving::remote::<D>(input.trace()),
        TextWork::Save => saving::first::<D>(input.trace()),
        TextWork::SaveCompressed => saving::compressed::<D>(input.trace()),
        TextWork::SaveAgain => saving::again::<D>(input.trace()),
        TextWork::Load => loading::read::<D>(input.trace()),
        TextWork::LoadType => loading::type_and_read::<D>(input.trace()),
        TextWork::Heap => heap::edited::<D>(input.trace(), input.heap()),
        TextWork::HeapLoaded => heap::loaded::<D>(input.trace(), input.heap()),
        TextWork::MergeEach => merging::each::<D>(input.trace()),
        TextWork::Hub => hub::hub::<D>(),
        TextWork::Untrimmed => trim::untrimmed::<D>(input.heap()),
    };
    measured.into()
}

/// Measures a workload for a text whose history can be sent.
pub(crate) fn history<D: History>(work: HistoryWork, input: &Input) -> Outcome {
    let measured = match work {
        HistoryWork::Batch => receiving::batch::<D>(input.trace()),
        HistoryWork::BatchCompressed => receiving::batch_compressed::<D>(input.trace()),
        HistoryWork::Merge => merging::whole::<D>(input.trace()),
    };
    measured.into()
}

/// Measures a workload for a text whose history can be dropped.
pub(crate) fn state<D: State>(work: StateWork, input: &Input) -> Outcome {
    let measured = match work {
        StateWork::SaveState => saving::state::<D>(input.trace()),
        StateWork::SaveStateCompressed => saving::state_compressed::<D>(input.trace()),
        StateWork::HeapPruned => heap::pruned::<D>(input.trace(), input.heap()),
        StateWork::Trim => trim::trim::<D>(input.heap()),
    };
    measured.into()
}

/// Measures a workload for a map.
pub(crate) fn map<D: Map>(work: MapWork) -> Outcome {
    let measured = match work {
        MapWork::Sets => map::sets::<D>(),
        MapWork::Load => map::load::<D>(),
        MapWork::SaveAgain => map::save_again::<D>(),
    };
    measured.into()
}

/// A document in which all of that was typed.
fn typed<D: Text>(trace: &Trace) -> D {
    let mut document = D::new(AUTHOR);
    trace.edits(D::UNIT).iter().for_each(|edit| document.edit(edit));
    document
}
