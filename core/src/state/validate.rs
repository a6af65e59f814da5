//! Whether changes fit the document, checked before any of them touches it: so a frame is
//! applied whole or not at all.

use std::collections::BTreeMap;

use crate::change::Change;
use crate::container::ContainerId;
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::{NodeRun, Op};
use crate::version::Known;

use super::State;

/// Why a change does not fit.
pub(crate) enum Misfit {
    /// It names a node that is not here.
    Absent(OpId),
    /// Something else.
    Invalid(&'static str),
}

/// The nodes that the changes checked so far insert, once they are applied.
#[derive(Default)]
pub(crate) struct Inserted(BTreeMap<(ContainerId, ReplicaId), BTreeMap<u64, u64>>);

impl Inserted {
    /// Records what a change that fits inserts.
    pub(crate) fn record(&mut self, change: &Change) {
        for (id, _, op) in change.numbered() {
            if let Op::Insert { container, .. } = op {
                let runs = self.0.entry((container.clone(), id.replica)).or_default();
                let end = id.counter + op.len();
                match runs.range_mut(..=id.counter).next_back() {
                    Some((_, last)) if *last == id.counter => *last = end,
                    _ => {
                        runs.insert(id.counter, end);
                    }
                }
            }
        }
    }

    /// The end of the run of inserted nodes that the node is in.
    fn run_end(&self, container: &ContainerId, node: OpId) -> Option<u64> {
        let runs = self.0.get(&(container.clone(), node.replica))?;
        let (_, &end) = runs.range(..=node.counter).next_back()?;
        (node.counter < end).then_some(end)
    }
}

impl State {
    /// Checks a change against the state and what is inserted before it is applied.
    pub(crate) fn check_change(
        &self,
        change: &Change,
        known: &impl Known,
        inserted: &Inserted,
    ) -> Result<(), Misfit> {
        // Nodes of the change itself are named by its later operations alone.
        let own =
            |node: OpId| node.replica == change.id.replica && node.counter >= change.id.counter;
        let mut own_inserted = Inserted::default();
        if change.ops().len() > 1 {
            own_inserted.record(change);
        }
        for (id, _, op) in change.numbered() {
            match op {
                Op::Insert { container, place, .. } => {
                    if let Some(parent) = place.parent {
                        if own(parent) && parent.counter >= id.counter {
                            return Err(Misfit::Invalid("an insertion hangs on what comes later"));
                        }
                        let nodes = IdSpan::new(parent, 1);
                        self.check_nodes(container, nodes, inserted, &own_inserted)?;
                    }
                }
                Op::Delete { container, nodes, .. } => {
                    for &NodeRun { nodes, .. } in nodes {
                        if own(nodes.start.plus(nodes.len - 1)) && nodes.end() > id.counter {
                            return Err(Misfit::Invalid("a deletion names what comes later"));
                        }
                        self.check_nodes(container, nodes, inserted, &own_inserted)?;
                    }
                }
                Op::Assign { supersedes, .. } | Op::Remove { supersedes, .. } => {
                    let seen = |observed: &OpId| {
                        observed.counter < known.count(observed.replica)
                            || (own(*observed) && *observed < id)
                    };
                    if !supersedes.iter().all(seen) {
                        return Err(Misfit::Invalid(
                            "it supersedes what its author can't have seen",
                        ));
                    }
                }
                Op::Join(_) | Op::Leave => {}
            }
        }
        Ok(())
    }

    fn check_nodes(
        &self,
        container: &ContainerId,
        nodes: IdSpan,
        inserted: &Inserted,
        own: &Inserted,
    ) -> Result<(), Misfit> {
        let sequence = self.text(container);
        let mut rest = nodes;
        loop {
            let absent = match sequence {
                Some(sequence) => sequence.first_absent(rest),
                None => Some(rest.start),
            };
            let Some(absent) = absent else { return Ok(()) };
            let run_end = inserted.run_end(container, absent);
            let end = run_end.or_else(|| own.run_end(container, absent));
            let end = end.ok_or(Misfit::Absent(absent))?;
            if end >= nodes.end() {
                return Ok(());
            }
            rest = IdSpan::new(OpId::new(absent.replica, end), nodes.end() - end);
        }
    }
}
