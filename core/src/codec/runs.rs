//! Runs of nodes, as deletions name them.

use crate::error::DecodeError;
use crate::id::IdSpan;
use crate::op::NodeRun;

use super::reader::Reader;
use super::tables::{Names, Tables, check_span, count};
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
