//! Runs of nodes, as deletions name them.

use crate::error::DecodeError;
use crate::id::IdSpan;
use crate::op::NodeRun;

use super::reader::Reader;
use super::tables::{MAX_COUNT, Names, Tables, check_span, count};
use super::writer::Writer;

pub(super) fn write_run(run: NodeRun, names: &mut Names, writer: &mut Writer) {
    names.op(run.nodes.start, writer);
    writer.uint(2 * run.nodes.len + u64::from(run.backwards));
}

pub(super) fn read_run(
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<NodeRun, DecodeError> {
    let offset = reader.offset();
    let start = tables.op(reader)?;
    let number = count(reader)?;
    let (nodes, backwards) = (IdSpan::new(start, number / 2), number % 2 == 1);
    check_span(offset, nodes)?;
    if backwards && nodes.len == 1 {
        return Err(DecodeError::NotCanonical { offset, what: "the direction of a single node" });
    }
    Ok(NodeRun { nodes, backwards })
}

/// Runs that are as few and as long as can be, and name no node twice.
pub(super) fn read_runs(
    len: usize,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<NodeRun>, DecodeError> {
    let offset = reader.offset();
    let mut runs: Vec<NodeRun> = Vec::new();
    let mut nodes = 0;
    for _ in 0..len {
        let run = read_run(tables, reader)?;
        nodes += run.len();
        if nodes > MAX_COUNT {
            return Err(DecodeError::Limit { offset, what: "operations", limit: MAX_COUNT });
        }
        if runs.last().is_some_and(|last| last.joined(&run).is_some()) {
            return Err(DecodeError::NotCanonical { offset, what: "a run in two parts" });
        }
        runs.push(run);
    }
    let mut spans: Vec<IdSpan> = runs.iter().map(|run| run.nodes).collect();
    spans.sort_unstable();
    if spans.windows(2).any(|pair| pair[0].overlaps(&pair[1])) {
        return Err(DecodeError::NotCanonical { offset, what: "a node named twice" });
    }
    Ok(runs)
}
