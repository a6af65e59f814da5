//! Lists of changes, read column by column as `docs/wire-format.md` (5) says.

use std::collections::BTreeMap;

use ciborium::Value as Item;
use libsync::{OpId, ReplicaId};

use super::column::{Column, Runs};
use super::frame::{Tables, content_of, int, list, uint};
use super::operation::{Container, Deed, Key, Kind, Operation, Place, Side};

/// The operations of a list, in its order, with their identities.
pub(super) fn operations(
    columns: &Item,
    tables: &Tables,
) -> Result<Vec<(OpId, Operation)>, String> {
    let mut list = List::new(columns, tables)?;
    for _ in 0..=list.more {
        list.change()?;
    }
    list.end()?;
    Ok(list.operations)
}

/// What is kept of a replica while a list is read.
#[derive(Clone, Copy, Default)]
struct Counts {
    end: u64,
    time: u64,
    named: u64,
    cursor: u64,
}

/// A key that the list has named.
struct Named {
    key: Key,
    /// The assignment under it, if that was the last thing to be listed there.
    assigned: Option<OpId>,
}

/// See the module.
struct List<'f> {
    tables: &'f Tables,
    /// How many changes there are behind the first.
    more: u64,
    authors: Column<'f>,
    counters: Column<'f>,
    dependencies: Column<'f>,
    times: Column<'f>,
    commits: Commits<'f>,
    rows: Column<'f>,
    tags: Column<'f>,
    containers: Runs<'f>,
    lengths: Column<'f>,
    replicas: Runs<'f>,
    places: Column<'f>,
    keys: Column<'f>,
    superseded: Column<'f>,
    values: &'f [u8],
    text: std::str::Chars<'f>,
    counts: BTreeMap<ReplicaId, Counts>,
    named: BTreeMap<Container, Vec<Named>>,
    operations: Vec<(OpId, Operation)>,
}

impl<'f> List<'f> {
    fn new(columns: &'f Item, tables: &'f Tables) -> Result<Self, String> {
        let columns = columns.as_map().ok_or("a list of changes is a map of columns")?;
        if let Some((other, _)) = columns.iter().find(|(key, _)| !uint(key).is_ok_and(|n| n < 16)) {
            return Err(format!("there is no column {other:?}"));
        }
        let find = |number: u64| {
            let found = columns.iter().find(|(column, _)| *column == Item::from(number));
            found.map(|(_, item)| item)
        };
        let bytes = |number| match find(number) {
            None => Ok(None),
            Some(Item::Bytes(bytes)) => Ok(Some(bytes.as_slice())),
            Some(other) => Err(format!("{other:?} is no column {number}")),
        };
        let numbers = |number| Column::new(bytes(number)?);
        let text = match find(15) {
            None => "",
            Some(Item::Text(text)) => text,
            Some(other) => return Err(format!("{other:?} is no text")),
        };
        Ok(Self {
            tables,
            more: find(0).map_or(Ok(0), uint)?,
            authors: numbers(1)?,
            counters: numbers(2)?,
            dependencies: numbers(3)?,
            times: numbers(4)?,
            commits: Commits::new(numbers(5)?)?,
            rows: numbers(6)?,
            tags: numbers(7)?,
            containers: Runs::new(numbers(8)?),
            lengths: numbers(9)?,
            replicas: Runs::new(numbers(10)?),
            places: numbers(11)?,
            keys: numbers(12)?,
            superseded: numbers(13)?,
            values: bytes(14)?.unwrap_or_default(),
            text: text.chars(),
            counts: BTreeMap::new(),
            named: BTreeMap::new(),
            operations: Vec::new(),
        })
    }

    fn counts(&mut self, replica: ReplicaId) -> &mut Counts {
        self.counts.entry(replica).or_default()
    }

    /// The Lamport time that an operation with this counter would have if nothing but operations of
    /// its replica were between it and the last change of that.
    fn expected(&mut self, replica: ReplicaId, counter: u64) -> u64 {
        let Counts { end, time, .. } = *self.counts(replica);
        (time + counter).saturating_sub(end)
    }

    fn change(&mut self) -> Result<(), String> {
        let author = self.tables.replica(self.authors.number()?)?;
        let named = self.counts(author).named;
        let first = OpId::new(author, self.counters.difference(named)?);
        let mut expected = self.expected(author, first.counter);
        for _ in 0..self.dependencies.number()? {
            let replica = self.tables.replica(self.dependencies.number()?)?;
            let named = self.counts(replica).named;
            let behind = self.dependencies.difference(named)?;
            if behind == 0 || replica == author {
                return Err(format!("{first} depends on {behind} of {replica}"));
            }
            self.counts(replica).named = behind;
            expected = expected.max(self.expected(replica, behind));
        }
        let time = self.times.difference(expected)?;
        self.commits.change()?;
        let mut next = first;
        for _ in 0..=self.rows.number()? {
            for deed in self.row(next)? {
                let lamport = time + (next.counter - first.counter);
                self.operations.push((next, Operation { lamport, deed }));
                next.counter += 1;
            }
        }
        let time = time + (next.counter - first.counter);
        let counts = self.counts(author);
        (counts.end, counts.time, counts.named) = (next.counter, time, next.counter);
        Ok(())
    }

    /// What a row does, under its first identity and those that follow.
    fn row(&mut self, first: OpId) -> Result<Vec<Done>, String> {
        let tag = self.tags.byte()?;
        let (kind, h) = (tag & 7, tag >> 3);
        // About members, and what is to be forgotten: nothing that shows.
        if let (3, 3 | 4 | 9 | 10) = (kind, h) {
            if matches!(h, 3 | 9) {
                let member = uint(&self.value()?)?;
                self.tables.replica(member)?;
            }
            return Ok(vec![None]);
        }
        let len = match (kind, h) {
            (3, 0) => self.lengths.number()?.saturating_add(1),
            (3, _) => 1,
            (_, 31) => self.lengths.number()?.saturating_add(32),
            _ => u64::from(h) + 1,
        };
        let container = self.tables.container(self.containers.next()?)?;
        let deeds = match (kind, h) {
            (0, _) => {
                let before = first.counter.checked_sub(1).ok_or("nothing is before 0")?;
                let before = OpId::new(first.replica, before);
                self.insertions(first, container.kind(), (Some(before), Side::Right), len)?
            }
            (1 | 2, _) => {
                let (replica, place) = self.place(first.replica)?;
                self.counts(replica).cursor = place;
                let right = kind == 1;
                let node = place.checked_sub(right.into()).ok_or("nothing is before 0")?;
                let side = if right { Side::Right } else { Side::Left };
                let place = (Some(OpId::new(replica, node)), side);
                self.insertions(first, container.kind(), place, len)?
            }
            (3, 0) => self.insertions(first, container.kind(), (None, Side::Right), len)?,
            (3, 1 | 2) => vec![self.assignment(first, &container, h == 1)?],
            (3, 5) => vec![self.movement()?],
            (3, 6) => vec![Deed::Increment(int(&self.value()?)?)],
            (3, 7) => vec![self.reset()?],
            (4..=7, _) => self.deletions(first.replica, kind % 2 == 1, len)?,
            _ => return Err(format!("{tag:#x} is no tag")),
        };
        Ok(deeds.into_iter().map(|deed| Some((container.clone(), deed))).collect())
    }

    fn place(&mut self, author: ReplicaId) -> Result<(ReplicaId, u64), String> {
        let replica = match self.replicas.next()? {
            0 => author,
            number => self.tables.replica(number - 1)?,
        };
        let cursor = self.counts(replica).cursor;
        Ok((replica, self.places.difference(cursor)?))
    }

    /// The first at a place, each other one to the right of the one before.
    fn insertions(
        &mut self,
        first: OpId,
        kind: Kind,
        place: Place,
        len: u64,
    ) -> Result<Vec<Deed>, String> {
        let mut deeds = Vec::new();
        for nth in 0..len {
            let place = match nth {
                0 => place,
                _ => (Some(OpId::new(first.replica, first.counter + nth - 1)), Side::Right),
            };
            deeds.push(match kind {
                Kind::Text => {
                    let character = self.text.next().ok_or("the text is too short")?;
                    Deed::InsertCharacter(place, character)
                }
                Kind::List => Deed::InsertItem(place, content_of(&self.value()?)?),
                other => return Err(format!("nothing is inserted into a {other:?}")),
            });
        }
        self.counts(first.replica).cursor = first.counter + len;
        Ok(deeds)
    }

    fn deletions(
        &mut self,
        author: ReplicaId,
        backwards: bool,
        len: u64,
    ) -> Result<Vec<Deed>, String> {
        if backwards && len < 2 {
            return Err("a run of one node is forwards".to_owned());
        }
        let (replica, place) = self.place(author)?;
        // A single node is met as backspace meets it.
        let from_behind = backwards || len == 1;
        let start = if from_behind { place.checked_sub(len) } else { Some(place) };
        let start = start.ok_or("nothing is before 0")?;
        self.counts(replica).cursor = if from_behind { start } else { start + len };
        let node = |nth| start + if backwards { len - 1 - nth } else { nth };
        Ok((0..len).map(|nth| Deed::Delete(OpId::new(replica, node(nth)))).collect())
    }

    /// An assignment, or else a removal.
    fn assignment(
        &mut self,
        id: OpId,
        container: &Container,
        assigns: bool,
    ) -> Result<Deed, String> {
        let number = self.keys.number()?;
        let is_new = number == 0;
        let spelled = is_new.then(|| self.value()).transpose()?;
        let mut known = self.named.remove(container).unwrap_or_default();
        if let Some(item) = &spelled {
            let key = self.tables.key(container.kind(), item)?;
            if known.iter().any(|named| named.key == key) {
                return Err(format!("{key:?} is spelled out twice"));
            }
            known.push(Named { key, assigned: None });
        }
        let number = if is_new { known.len() } else { number as usize };
        let named = known.get_mut(number - 1).ok_or_else(|| format!("there is no key {number}"))?;
        let superseded = self.superseded(id, named.assigned)?;
        named.assigned = assigns.then_some(id);
        let key = named.key.clone();
        self.named.insert(container.clone(), known);
        if assigns {
            Ok(Deed::Assign(key, content_of(&self.value()?)?, superseded))
        } else {
            Ok(Deed::Remove(key, superseded))
        }
    }

    fn superseded(&mut self, id: OpId, assigned: Option<OpId>) -> Result<Vec<OpId>, String> {
        let Some(count) = self.superseded.number()?.checked_sub(1) else {
            return Ok(assigned.into_iter().collect());
        };
        self.counts(id.replica).named = id.counter;
        let mut superseded = Vec::new();
        for _ in 0..count {
            let replica = self.tables.replica(self.superseded.number()?)?;
            let named = self.counts(replica).named;
            let behind = self.superseded.difference(named)?;
            let counter = behind.checked_sub(1).ok_or("nothing is before 0")?;
            self.counts(replica).named = behind;
            superseded.push(OpId::new(replica, counter));
        }
        if superseded.iter().eq(&assigned) {
            return Err(format!("{id} spells out what it supersedes"));
        }
        Ok(superseded)
    }

    fn movement(&mut self) -> Result<Deed, String> {
        let item = self.id()?;
        let place = match uint(&self.value()?)? {
            0 => (None, Side::Right),
            1 => (Some(self.id()?), Side::Right),
            2 => (Some(self.id()?), Side::Left),
            other => return Err(format!("{other} is no place")),
        };
        Ok(Deed::Move(item, place))
    }

    fn reset(&mut self) -> Result<Deed, String> {
        let observed = self.value()?;
        let observed = list(&observed)?.chunks(3).map(|entry| match entry {
            [replica, counter, sum] => Ok((self.tables.id(replica, counter)?, int(sum)?)),
            _ => Err("a contribution has three items".to_owned()),
        });
        Ok(Deed::Reset(observed.collect::<Result<_, String>>()?))
    }

    fn id(&mut self) -> Result<OpId, String> {
        let (replica, counter) = (self.value()?, self.value()?);
        self.tables.id(&replica, &counter)
    }

    /// The next item of column 14.
    fn value(&mut self) -> Result<Item, String> {
        ciborium::from_reader(&mut self.values).map_err(|error| error.to_string())
    }

    /// Nothing may be left of any column.
    fn end(&self) -> Result<(), String> {
        let columns = [
            &self.authors,
            &self.counters,
            &self.dependencies,
            &self.times,
            &self.commits.column,
            &self.rows,
            &self.tags,
            &self.lengths,
            &self.places,
            &self.keys,
            &self.superseded,
        ];
        let is_at_end = columns.into_iter().all(Column::is_at_end)
            && self.containers.is_at_end()
            && self.replicas.is_at_end()
            && self.values.is_empty()
            && self.text.as_str().is_empty();
        is_at_end.then_some(()).ok_or_else(|| "a column goes on behind the last change".to_owned())
    }
}

/// What is done to which container; `None` for what is about members.
type Done = Option<(Container, Deed)>;

/// The column of commits. What they say shows nothing, so it is passed over.
struct Commits<'f> {
    column: Column<'f>,
    /// How many changes come before the next one that has a commit; `None` if none is left.
    until: Option<u64>,
    has_origin: bool,
}

impl<'f> Commits<'f> {
    fn new(column: Column<'f>) -> Result<Self, String> {
        let mut commits = Self { column, until: None, has_origin: false };
        commits.seek()?;
        Ok(commits)
    }

    fn seek(&mut self) -> Result<(), String> {
        let is_left = !self.column.is_at_end();
        self.until = is_left.then(|| self.column.number()).transpose()?;
        Ok(())
    }

    /// Passes over what is said of a change.
    fn change(&mut self) -> Result<(), String> {
        let Some(until) = &mut self.until else { return Ok(()) };
        if *until > 0 {
            *until -= 1;
            return Ok(());
        }
        let said = self.column.number()?;
        if !(1..16).contains(&said) || said & 12 == 12 || (said & 8 > 0 && !self.has_origin) {
            return Err(format!("{said} is nothing that a commit says"));
        }
        if said & 1 > 0 {
            self.column.number()?;
        }
        for _ in 0..(said & 6).count_ones() {
            self.column.text()?;
        }
        self.has_origin |= said & 4 > 0;
        self.seek()
    }
}
