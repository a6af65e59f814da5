//! A saved document: the state as it stands, and the retained changes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::change::Change;
use crate::error::DecodeError;
use crate::id::{OpId, ReplicaId};
use crate::log::Block;
use crate::membership::{Acknowledgement, Frozen, MAX_PENDING, Record};
use crate::state::sequence::packed::Bounds;
use crate::state::snapshot::{BodyView, ContainerSnapshot, ContainerView};
use crate::version::{Baseline, LeftOut, VersionVector};

use super::block;
use super::columns::{self, Columns, Scratch};
use super::container::{read_containers, write_container};
use super::frame::{self, Form, Frame, Lineage};
use super::member;
use super::reader::Reader;
use super::tables::{Names, Tables, count};
use super::writer::Writer;

pub(super) mod field {
    pub(super) const VERSION: u64 = 4;
    pub(super) const FRONTIER: u64 = 6;
    pub(super) const LAMPORT: u64 = 8;
    pub(super) const MEMBERS: u64 = 10;
    pub(super) const ACKNOWLEDGED: u64 = 12;
    pub(super) const STABLE: u64 = 14;
    pub(super) const FLOOR: u64 = 16;
    pub(super) const PENDING: u64 = 18;
    pub(super) const CONTAINERS: u64 = 20;
    pub(super) const LOG: u64 = 22;
    pub(super) const HELD: u64 = 24;
    pub(super) const HISTORY: u64 = 26;
    pub(in crate::codec) const SINCE: u64 = 28;
    pub(in crate::codec) const DEPARTURES: u64 = 30;
    pub(in crate::codec) const STRANGERS: u64 = 32;
    pub(super) const REDACTIONS: u64 = 34;
    pub(super) const LOG_START: u64 = 40;
}

/// All that a saved document holds, to be written.
pub(crate) struct DocumentView<'r> {
    pub(crate) version: &'r VersionVector,
    pub(crate) frontier: &'r [OpId],
    /// The Lamport time of the next change.
    pub(crate) lamport: u64,
    pub(crate) members: &'r BTreeMap<ReplicaId, Record>,
    /// Departed replicas that are none of these any more, and who of them was evicted.
    pub(crate) baseline: Option<&'r Arc<Baseline>>,
    pub(crate) evicted: &'r BTreeSet<ReplicaId>,
    pub(crate) acknowledged: &'r BTreeMap<ReplicaId, Acknowledgement>,
    pub(crate) stable: &'r VersionVector,
    pub(crate) floor: &'r VersionVector,
    /// Stable cuts of others, each with the version that has to be covered first.
    pub(crate) pending: &'r [Acknowledgement],
    /// From where on changes are in the log, if that is above the floor.
    pub(crate) log_start: Option<&'r VersionVector>,
    pub(crate) content: ContentView<'r>,
    pub(crate) held: Vec<&'r Change>,
    pub(crate) frozen: Vec<(ReplicaId, &'r Frozen)>,
    pub(crate) redactions: &'r [OpId],
}

/// The state and the retained changes, or all changes, from which the state follows.
pub(crate) enum ContentView<'r> {
    State {
        containers: Vec<ContainerView<'r>>,
        /// By author, in the author's order.
        log: Vec<Cow<'r, [u8]>>,
    },
    /// In ascending order of (Lamport time, identity).
    History(Vec<Cow<'r, Change>>),
}

impl ContentView<'_> {
    /// About how many bytes its large parts take.
    fn bytes(&self) -> usize {
        let Self::State { containers, log } = self else { return 0 };
        let sequences = containers.iter().map(|container| match &container.body {
            BodyView::Text(packed) => packed.text().len() + packed.columns().len(),
            BodyView::List { nodes, .. } => nodes.columns().len(),
            _ => 0,
        });
        // Each has a head, and something is around it.
        let log = log.iter().map(|block| block.len());
        sequences.chain(log).map(|bytes| bytes + 16).sum()
    }
}

/// The same, as it was read.
#[derive(Default, Debug)]
pub(crate) struct Document {
    pub(crate) version: VersionVector,
    pub(crate) frontier: Vec<OpId>,
    pub(crate) lamport: u64,
    pub(crate) members: BTreeMap<ReplicaId, Record>,
    pub(crate) baseline: Option<Arc<Baseline>>,
    pub(crate) evicted: BTreeSet<ReplicaId>,
    pub(crate) acknowledged: BTreeMap<ReplicaId, Acknowledgement>,
    pub(crate) stable: VersionVector,
    pub(crate) floor: VersionVector,
    pub(crate) pending: Vec<Acknowledgement>,
    pub(crate) containers: Vec<ContainerSnapshot>,
    pub(crate) log: Vec<Block>,
    /// If it is not empty, the containers follow from it.
    pub(crate) history: Vec<Change>,
    pub(crate) held: Vec<Change>,
    /// Of each member that is to be evicted, those who are strangers to that.
    pub(crate) frozen: BTreeMap<ReplicaId, Frozen>,
    /// The redactions that are not carried out yet.
    pub(crate) redactions: Vec<OpId>,
    /// Empty if the log starts at the floor.
    pub(crate) log_start: VersionVector,
}

/// Fields that have something in them.
pub(super) struct Fields {
    writer: Writer,
    count: usize,
}

impl Fields {
    pub(super) fn add(&mut self, field: u64, present: bool, write: impl FnOnce(&mut Writer)) {
        if present {
            self.writer.uint(field);
            write(&mut self.writer);
            self.count += 1;
        }
    }
}

pub(crate) fn encode(form: Form, lineage: &Lineage, document: &DocumentView<'_>) -> Vec<u8> {
    let &DocumentView { version, frontier, members, acknowledged, stable, floor, .. } = document;
    let baseline = document.baseline;
    let mut names = Names::default();
    names.departed = baseline.cloned();
    let mut fields = Fields { writer: Writer::with_capacity(document.content.bytes()), count: 0 };
    fields.add(field::VERSION, !version.is_empty(), |w| names.version(version, w));
    fields.add(field::FRONTIER, !frontier.is_empty(), |w| names.ops(frontier, w));
    fields.add(field::LAMPORT, document.lamport > 0, |w| w.uint(document.lamport));
    fields.add(field::MEMBERS, !members.is_empty() || baseline.is_some(), |w| {
        w.array(2 * members.len() + usize::from(baseline.is_some()));
        if let Some(baseline) = baseline {
            member::write_departed(baseline, document.evicted, &mut names, w);
        }
        for (&member, record) in members {
            names.replica(member, w);
            w.uint(member::number(record));
        }
    });
    fields.add(field::ACKNOWLEDGED, !acknowledged.is_empty(), |w| {
        w.array(3 * acknowledged.len());
        for (&member, Acknowledgement { version, stable }) in acknowledged {
            names.replica(member, w);
            write_version(version, baseline, &mut names, w);
            write_version(stable, baseline, &mut names, w);
        }
    });
    fields.add(field::STABLE, !stable.is_empty(), |w| {
        write_version(stable, baseline, &mut names, w);
    });
    fields.add(field::FLOOR, !floor.is_empty(), |w| {
        write_version(floor, baseline, &mut names, w);
    });
    let pending = document.pending;
    fields.add(field::PENDING, !pending.is_empty(), |w| {
        w.array(2 * pending.len());
        for Acknowledgement { version, stable } in pending {
            write_version(version, baseline, &mut names, w);
            write_version(stable, baseline, &mut names, w);
        }
    });
    let (containers, log, history) = match &document.content {
        ContentView::State { containers, log } => (&containers[..], &log[..], &[][..]),
        ContentView::History(changes) => (&[][..], &[][..], &changes[..]),
    };
    fields.add(field::CONTAINERS, !containers.is_empty(), |w| {
        w.array(containers.len());
        containers.iter().for_each(|container| write_container(container, &mut names, w));
    });
    fields.add(field::LOG, !log.is_empty(), |w| {
        w.array(log.len());
        log.iter().for_each(|block| w.bytes(block));
    });
    let mut changes = |changes: &mut dyn Iterator<Item = &Change>, w: &mut Writer| {
        let mut columns = Columns::default();
        changes.for_each(|change| columns.change(change, &mut names));
        columns.write(w);
    };
    let held = &document.held;
    fields.add(field::HELD, !held.is_empty(), |w| changes(&mut held.iter().copied(), w));
    fields.add(field::HISTORY, !history.is_empty(), |w| {
        changes(&mut history.iter().map(AsRef::as_ref), w);
    });
    member::write(members, &document.frozen, &mut names, &mut fields);
    let redactions = document.redactions;
    fields.add(field::REDACTIONS, !redactions.is_empty(), |w| names.ops(redactions, w));
    if let Some(start) = document.log_start {
        fields.add(field::LOG_START, true, |w| write_version(start, baseline, &mut names, w));
    }
    let mut body = Writer::default();
    body.map(names.fields() + fields.count);
    names.write(&mut body);
    frame::write_as(form, Frame::Document, lineage, &[&body, &fields.writer])
}

/// Reads a document, of no more than so many bytes if it is compressed.
pub(crate) fn decode(bytes: &[u8], max_bytes: usize) -> Result<(Lineage, Document), DecodeError> {
    frame::read_either(Frame::Document, bytes, max_bytes, |reader| {
        let offset = reader.offset();
        let mut tables = Tables::default();
        let mut document = Document::default();
        reader.fields(|field, reader| {
            let offset = reader.offset();
            let known = tables.read_field(field, reader)?
                || read_field(field, &mut document, &mut tables, reader)?;
            if known && document.is_blank_at(field) {
                return Err(DecodeError::NotCanonical { offset, what: "an empty field" });
            }
            Ok(known)
        })?;
        tables.end(offset)?;
        Ok(document)
    })
}

/// Reads a field, if it is one of a document's.
fn read_field(
    field: u64,
    document: &mut Document,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<bool, DecodeError> {
    match field {
        field::VERSION => document.version = tables.version(reader)?,
        field::FRONTIER => document.frontier = tables.ops(reader)?,
        field::LAMPORT => document.lamport = count(reader)?,
        field::MEMBERS => {
            member::read(document, tables, reader)?;
            document.baseline.iter().for_each(|baseline| document.version.rebase(baseline));
        }
        field::ACKNOWLEDGED => {
            document.acknowledged = read_acknowledged(document.baseline.as_ref(), tables, reader)?;
        }
        field::STABLE => {
            document.stable = read_version(document.baseline.as_ref(), tables, reader)?;
        }
        field::FLOOR => {
            document.floor = read_version(document.baseline.as_ref(), tables, reader)?;
        }
        field::PENDING => {
            document.pending = read_pending(document.baseline.as_ref(), tables, reader)?;
        }
        field::CONTAINERS => {
            let bounds = Bounds { version: &document.version, floor: &document.floor };
            document.containers = read_containers(&bounds, tables, reader)?;
        }
        field::LOG => document.log = read_log(reader)?,
        field::HELD => document.held = columns::read(tables, reader)?.changes()?,
        field::HISTORY => document.history = columns::read(tables, reader)?.changes()?,
        field::SINCE => member::read_since(&mut document.members, tables, reader)?,
        field::DEPARTURES => member::read_departures(&mut document.members, tables, reader)?,
        field::STRANGERS => member::read_strangers(document, tables, reader)?,
        field::REDACTIONS => document.redactions = tables.ops(reader)?,
        field::LOG_START => {
            document.log_start = read_version(document.baseline.as_ref(), tables, reader)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Blocks by author, those of each in a row.
fn read_log(reader: &mut Reader<'_>) -> Result<Vec<Block>, DecodeError> {
    let mut log: Vec<Block> = Vec::new();
    let mut scratch = Scratch::default();
    for _ in 0..reader.array()? {
        let offset = reader.offset();
        let block = reader.items()?;
        let bytes = block.rest().into();
        let extent = block::check(block, &mut scratch)?;
        if let Some(Block { extent: last, .. }) = log.last() {
            if last.author > extent.author {
                return Err(DecodeError::NotCanonical { offset, what: "the order of blocks" });
            }
            if last.author == extent.author && !last.is_followed_by(&extent) {
                return Reader::inconsistent(offset, "changes of the log are missing");
            }
        }
        log.push(Block { extent, bytes });
    }
    Ok(log)
}

impl Document {
    /// Whether a field has nothing in it, and so would not be written.
    fn is_blank_at(&self, field: u64) -> bool {
        match field {
            field::VERSION => self.version.is_empty(),
            field::FRONTIER => self.frontier.is_empty(),
            field::LAMPORT => self.lamport == 0,
            field::MEMBERS => self.members.is_empty() && self.baseline.is_none(),
            field::ACKNOWLEDGED => self.acknowledged.is_empty(),
            field::STABLE => self.stable.is_empty(),
            field::FLOOR => self.floor.is_empty(),
            field::PENDING => self.pending.is_empty(),
            field::CONTAINERS => self.containers.is_empty(),
            field::LOG => self.log.is_empty(),
            field::REDACTIONS => self.redactions.is_empty(),
            field::LOG_START => self.log_start.is_empty(),
            _ => false,
        }
    }
}

/// A version, but for the departed replicas. If it lacks something of those, it is all of it, behind a
/// 0.
fn write_version(
    version: &VersionVector,
    baseline: Option<&Arc<Baseline>>,
    names: &mut Names,
    writer: &mut Writer,
) {
    let Some(baseline) = baseline else { return names.version(version, writer) };
    let mut version = Cow::Borrowed(version);
    if version.baseline().is_none_or(|own| !Arc::ptr_eq(own, baseline)) {
        version.to_mut().rebase(baseline);
    }
    if version.baseline().is_some_and(|own| Arc::ptr_eq(own, baseline)) {
        return names.version_but(LeftOut::of(&version), &version, writer);
    }
    writer.array(2 * version.iter().len() + 1);
    writer.uint(0);
    names.entries(&version, writer);
}

fn read_version(
    baseline: Option<&Arc<Baseline>>,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<VersionVector, DecodeError> {
    let offset = reader.offset();
    let Some(baseline) = baseline else { return tables.version(reader) };
    let (is_whole, mut version) = tables.version_or_whole(reader)?;
    if !is_whole {
        let above = version.above(baseline);
        let what = "a version lists a replica that has departed";
        return above.ok_or(DecodeError::Inconsistent { offset, what });
    }
    version.rebase(baseline);
    if version.baseline().is_some() {
        return Err(DecodeError::NotCanonical { offset, what: "the form of a version" });
    }
    Ok(version)
}

fn read_pending(
    baseline: Option<&Arc<Baseline>>,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<Acknowledgement>, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    if len % 2 != 0 || len > 2 * MAX_PENDING {
        return Err(DecodeError::Unexpected { offset, expected: "cuts of 2 items, 2 at most" });
    }
    let mut pending = Vec::new();
    for _ in 0..len / 2 {
        let version = read_version(baseline, tables, reader)?;
        let stable = read_version(baseline, tables, reader)?;
        if !version.covers(&stable) {
            return Reader::inconsistent(offset, "a stable cut lies beyond its version");
        }
        pending.push(Acknowledgement { version, stable });
    }
    Ok(pending)
}

fn read_acknowledged(
    baseline: Option<&Arc<Baseline>>,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<BTreeMap<ReplicaId, Acknowledgement>, DecodeError> {
    let mut acknowledged = BTreeMap::new();
    let offset = reader.offset();
    let len = reader.array()?;
    if len % 3 != 0 {
        return Err(DecodeError::Unexpected { offset, expected: "acknowledgements of 3 items" });
    }
    for _ in 0..len / 3 {
        let member = tables.replica(reader)?;
        let version = read_version(baseline, tables, reader)?;
        let stable = read_version(baseline, tables, reader)?;
        if acknowledged.last_key_value().is_some_and(|(&last, _)| last >= member) {
            return Err(DecodeError::NotCanonical { offset, what: "the order of members" });
        }
        acknowledged.insert(member, Acknowledgement { version, stable });
    }
    Ok(acknowledged)
}
