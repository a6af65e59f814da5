//! The places of a map, a set or a list, in columns.
//!
//! Places ascend by key. Each has a head, a key, assignments and, if they do not say it, a clock.
//! Numbers are differences to what came before, so that most of them are one byte.

use crate::container::Key;
use crate::error::DecodeError;
use crate::id::OpId;
use crate::state::Clock;
use crate::state::assignments::Entry;
use crate::state::slots::{Slot, Slots, clock_of};
use crate::state::snapshot::SlotSnapshot;
use crate::value::Kind;
use crate::varint;

use super::op::read_assigned;
use super::reader::Reader;
use super::tables::{Names, Tables, check_count};
use super::writer::Writer;

/// What the numbers are differences to.
#[derive(Default)]
struct Last {
    item: u64,
    counter: u64,
    /// Of an assignment: its Lamport time, less its counter.
    lead: i64,
    time: i64,
    /// Written: the assignments since the last one that had a time. Read: those before the next
    /// one that has; `None` if there is none.
    untimed: Option<u64>,
}

/// Writes the places as a byte string.
pub(super) fn write_places(slots: &Slots, names: &mut Names, writer: &mut Writer) {
    let mut columns = Columns::default();
    let mut places = 0;
    for (key, slot) in slots.saved() {
        columns.place(key, slot, names);
        places += 1;
    }
    let mut bytes = Vec::new();
    varint::write(places, &mut bytes);
    if places > 0 {
        let Columns { heads, keys, replicas, counters, leads, contents, times, clocks, .. } =
            columns;
        let (keys, contents) = (keys.into_bytes(), contents.into_bytes());
        [heads, keys, replicas, counters, leads, contents, times, clocks]
            .iter()
            .for_each(|column| varint::write_bytes(column, &mut bytes));
    }
    writer.bytes(&bytes);
}

#[derive(Default)]
struct Columns {
    heads: Vec<u8>,
    keys: Writer,
    replicas: Vec<u8>,
    counters: Vec<u8>,
    leads: Vec<u8>,
    contents: Writer,
    times: Vec<u8>,
    clocks: Vec<u8>,
    last: Last,
}

impl Columns {
    fn place(&mut self, key: &Key, slot: &Slot, names: &mut Names) {
        let departed = names.departed.clone();
        let clock = slot.saved_clock(key, departed.as_deref());
        let entries = slot.entries().len() as u64;
        varint::write(2 * entries + u64::from(clock.is_some()), &mut self.heads);
        match key {
            Key::Name(name) => self.keys.text(name),
            Key::Element(value) => self.keys.value(value),
            Key::Item(item) => {
                let keys = self.keys.column();
                varint::write(names.replica_number(item.replica) as u64, keys);
                varint::write_signed(difference(item.counter, &mut self.last.item), keys);
            }
        }
        slot.entries().iter().for_each(|entry| self.entry(entry, names));
        if let Some(clock) = clock {
            varint::write(clock.len() as u64, &mut self.clocks);
            for op in clock.last() {
                varint::write(names.replica_number(op.replica) as u64, &mut self.clocks);
                varint::write(op.counter + 1, &mut self.clocks);
            }
        }
    }

    fn entry(&mut self, entry: &Entry, names: &mut Names) {
        let Entry { id, lamport, time, content } = entry;
        varint::write(names.replica_number(id.replica) as u64, &mut self.replicas);
        varint::write_signed(difference(id.counter, &mut self.last.counter), &mut self.counters);
        let lead = *lamport as i64 - id.counter as i64;
        varint::write_signed(lead - self.last.lead, &mut self.leads);
        self.last.lead = lead;
        Names::content(content.as_ref(), &mut self.contents);
        match *time {
            None => *self.last.untimed.get_or_insert(0) += 1,
            Some(time) => {
                varint::write(self.last.untimed.take().unwrap_or(0), &mut self.times);
                varint::write_signed(time.wrapping_sub(self.last.time), &mut self.times);
                self.last.time = time;
            }
        }
    }
}

/// How much more a counter is than the last one, which it is from now on.
fn difference(counter: u64, last: &mut u64) -> i64 {
    counter as i64 - std::mem::replace(last, counter) as i64
}

/// Reads the places of a container of that kind.
pub(super) fn read_places(
    kind: Kind,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Result<Vec<SlotSnapshot>, DecodeError> {
    let mut bytes = reader.items()?;
    let places = bytes.number()?;
    let mut slots: Vec<SlotSnapshot> = Vec::new();
    if places > 0 {
        let mut columns = ColumnReaders {
            kind,
            heads: bytes.column()?,
            keys: bytes.column()?,
            replicas: bytes.column()?,
            counters: bytes.column()?,
            leads: bytes.column()?,
            contents: bytes.column()?,
            times: bytes.column()?,
            clocks: bytes.column()?,
            last: Last::default(),
        };
        columns.last.untimed = columns.next_untimed()?;
        for _ in 0..places {
            let offset = columns.keys.offset();
            let slot = columns.place(tables)?;
            if slots.last().is_some_and(|last| last.key >= slot.key) {
                return Err(DecodeError::NotCanonical { offset, what: "the order of keys" });
            }
            slots.push(slot);
        }
        columns.end()?;
    }
    bytes.end_of_column()?;
    Ok(slots)
}

struct ColumnReaders<'a> {
    kind: Kind,
    heads: Reader<'a>,
    keys: Reader<'a>,
    replicas: Reader<'a>,
    counters: Reader<'a>,
    leads: Reader<'a>,
    contents: Reader<'a>,
    times: Reader<'a>,
    clocks: Reader<'a>,
    last: Last,
}

impl ColumnReaders<'_> {
    fn place(&mut self, tables: &mut Tables) -> Result<SlotSnapshot, DecodeError> {
        let offset = self.heads.offset();
        let head = self.heads.number()?;
        let key = self.key(tables)?;
        let mut entries: Vec<Entry> = Vec::new();
        for _ in 0..head / 2 {
            let offset = self.counters.offset();
            let entry = self.entry(tables)?;
            if entries.last().is_some_and(|last| last.rank() >= entry.rank()) {
                return Err(DecodeError::NotCanonical { offset, what: "the order of assignments" });
            }
            entries.push(entry);
        }
        let clock = if head % 2 == 1 { self.clock(tables)? } else { Clock::default() };
        if entries.is_empty() && clock.is_empty() {
            return Err(DecodeError::NotCanonical { offset, what: "an empty place" });
        }
        if head % 2 == 1 && clock == clock_of(entries.iter()) {
            return Err(DecodeError::NotCanonical { offset, what: "the clock of a place" });
        }
        Ok(SlotSnapshot { key, entries, clock })
    }

    fn key(&mut self, tables: &mut Tables) -> Result<Key, DecodeError> {
        match self.kind {
            Kind::Map => self.keys.text().map(|name| Key::Name(name.into())),
            Kind::List => {
                let replica = tables.numbered_replica(&mut self.keys)?;
                let counter = self.keys.difference(&mut self.last.item)?;
                Ok(Key::Item(OpId::new(replica, counter)))
            }
            _ => self.keys.value().map(Key::Element),
        }
    }

    fn entry(&mut self, tables: &mut Tables) -> Result<Entry, DecodeError> {
        let replica = tables.numbered_replica(&mut self.replicas)?;
        let counter = self.counters.difference(&mut self.last.counter)?;
        let offset = self.leads.offset();
        // Counters are far from the end of the numbers: see `Reader::difference`.
        let lead = self.last.lead.checked_add(self.leads.signed()?);
        let lamport = lead.and_then(|lead| counter.checked_add_signed(lead));
        let lamport = check_count(offset, lamport.unwrap_or(u64::MAX))?;
        self.last.lead = lead.unwrap_or_default();
        let content = read_assigned(self.kind, &mut self.contents)?;
        let id = OpId::new(replica, counter);
        Ok(Entry { id, lamport, time: self.time()?, content })
    }

    fn time(&mut self) -> Result<Option<i64>, DecodeError> {
        match &mut self.last.untimed {
            None => Ok(None),
            Some(0) => {
                self.last.time = self.last.time.wrapping_add(self.times.signed()?);
                self.last.untimed = self.next_untimed()?;
                Ok(Some(self.last.time))
            }
            Some(untimed) => {
                *untimed -= 1;
                Ok(None)
            }
        }
    }

    /// How many assignments are without a time before the next one with it; `None` if all.
    fn next_untimed(&mut self) -> Result<Option<u64>, DecodeError> {
        if self.times.is_at_end() { Ok(None) } else { self.times.number().map(Some) }
    }

    fn clock(&mut self, tables: &mut Tables) -> Result<Clock, DecodeError> {
        let mut clock = Clock::default();
        let mut last = None;
        for _ in 0..self.clocks.number()? {
            let offset = self.clocks.offset();
            let replica = tables.numbered_replica(&mut self.clocks)?;
            let count = check_count(offset, self.clocks.number()?)?;
            if count == 0 || last.replace(replica).is_some_and(|last| last >= replica) {
                return Err(DecodeError::NotCanonical { offset, what: "an entry of a clock" });
            }
            clock.record(OpId::new(replica, count - 1));
        }
        Ok(clock)
    }

    /// Asserts that nothing is left.
    fn end(&self) -> Result<(), DecodeError> {
        let Self { heads, keys, replicas, counters, leads, contents, times, clocks, .. } = self;
        [heads, keys, replicas, counters, leads, contents, times, clocks]
            .into_iter()
            .try_for_each(Reader::end_of_column)?;
        match self.last.untimed {
            None => Ok(()),
            Some(_) => self.times.misfit(),
        }
    }
}
