//! Frames of changes, read as `docs/wire-format.md` says, by a generic reader of CBOR.

use ciborium::Value as Item;
use libsync::{OpId, ReplicaId};

use super::operation::{Container, Content, Deed, Key, Kind, Operation, Place, Side};
use super::scalar::Scalar;

/// The operations in a frame, in its order, with their identities.
pub(super) fn operations(frame: &[u8]) -> Result<Vec<(OpId, Operation)>, String> {
    let item: Item = ciborium::from_reader(frame).map_err(|error| error.to_string())?;
    let [kind, format, document, epoch, body, checksum] = list(&item)? else {
        return Err("a frame has six items".to_owned());
    };
    let expected = crc(&frame[..frame.len() - 5]).to_be_bytes();
    if *checksum != Item::Bytes(expected.to_vec()) {
        return Err(format!("the checksum is {checksum:?}, and should be {expected:?}"));
    }
    if uint(kind)? != 1 || uint(format)? != 1 || uint(epoch)? != 0 || !document.is_bytes() {
        return Err("not a frame of changes of a first epoch".to_owned());
    }
    let Item::Map(fields) = body else { return Err("a body is a map".to_owned()) };
    let field = |number: u64| {
        let found = fields.iter().find(|(field, _)| *field == Item::from(number));
        found.map(|(_, item)| item)
    };
    let tables = Tables::read(field(0), field(2))?;
    let mut operations = Vec::new();
    let mut time = 0;
    for change in field(4).map_or(Ok(&[][..]), list)? {
        let [author, counter, later, _dependencies, rest @ ..] = list(change)? else {
            return Err(format!("{change:?} is too short for a change"));
        };
        time += uint(later)?;
        let first = tables.id(author, counter)?;
        let mut done = 0;
        for item in rest {
            let next = OpId::new(first.replica, first.counter + done);
            for (offset, deed) in (0..).zip(tables.deeds(next, list(item)?)?) {
                let id = OpId::new(next.replica, next.counter + offset);
                operations.push((id, Operation { lamport: time + done, deed }));
                done += 1;
            }
        }
    }
    Ok(operations)
}

/// What is done to which container; `None` for what is about members.
type Done = Option<(Container, Deed)>;

/// What the numbers in a body stand for.
struct Tables {
    replicas: Vec<ReplicaId>,
    containers: Vec<Container>,
}

impl Tables {
    fn read(replicas: Option<&Item>, containers: Option<&Item>) -> Result<Self, String> {
        let bytes: &[u8] = match replicas {
            Some(Item::Bytes(bytes)) => bytes,
            Some(other) => return Err(format!("{other:?} is no table of replicas")),
            None => &[],
        };
        let replicas = bytes.chunks(8).map(|id| {
            let id: [u8; 8] = id.try_into().map_err(|_| "a replica has 8 bytes".to_owned())?;
            Ok::<_, String>(ReplicaId::new(u64::from_be_bytes(id)))
        });
        let mut tables = Self {
            replicas: replicas.collect::<Result<_, _>>()?,
            containers: vec![Container::ROOT],
        };
        for entry in containers.map_or(Ok(&[][..]), list)?.chunks(3) {
            let [parent, key, kind] = entry else {
                return Err("a container has three items".to_owned());
            };
            let parent = tables.container(parent)?;
            let child = parent.child(&tables.key(parent.kind(), key)?, kind_of(kind)?);
            tables.containers.push(child);
        }
        Ok(tables)
    }

    fn container(&self, item: &Item) -> Result<Container, String> {
        let container = self.containers.get(uint(item)? as usize);
        container.cloned().ok_or_else(|| format!("there is no container {item:?}"))
    }

    fn id(&self, replica: &Item, counter: &Item) -> Result<OpId, String> {
        let id = self.replicas.get(uint(replica)? as usize);
        let id = id.ok_or_else(|| format!("there is no replica {replica:?}"))?;
        Ok(OpId::new(*id, uint(counter)?))
    }

    fn ids(&self, items: &[Item]) -> Result<Vec<OpId>, String> {
        items
            .chunks(2)
            .map(|id| match id {
                [replica, counter] => self.id(replica, counter),
                _ => Err("an identity has two items".to_owned()),
            })
            .collect()
    }

    /// A key in a container of that kind.
    fn key(&self, kind: Kind, item: &Item) -> Result<Key, String> {
        match (kind, item) {
            (Kind::Map, Item::Text(name)) => Ok(Key::Name(name.clone())),
            (Kind::List, Item::Array(id)) => match id.as_slice() {
                [replica, counter] => Ok(Key::Item(self.id(replica, counter)?)),
                _ => Err(format!("{item:?} is no item")),
            },
            (Kind::Set | Kind::GrowOnlySet, element) => Ok(Key::Element(Scalar::of(element)?)),
            _ => Err(format!("{item:?} is no key of a {kind:?}")),
        }
    }

    /// What an operation does, under its first identity and those that follow.
    fn deeds(&self, first: OpId, operation: &[Item]) -> Result<Vec<Done>, String> {
        let [number, rest @ ..] = operation else { return Err("an empty operation".to_owned()) };
        let number = uint(number)?;
        if let 7..=9 = number {
            // A commit, which is number 9, is no operation: it takes no identity.
            return Ok(if number == 9 { Vec::new() } else { vec![None] });
        }
        let [container, rest @ ..] = rest else {
            return Err(format!("operation {number} names no container"));
        };
        let container = self.container(container)?;
        let deeds = match (number, rest) {
            (0, [inserted]) => {
                let before = OpId::new(first.replica, first.counter.wrapping_sub(1));
                insertions(first, (Some(before), Side::Right), inserted)?
            }
            (1 | 2, [replica, counter, inserted]) => {
                let side = if number == 1 { Side::Right } else { Side::Left };
                insertions(first, (Some(self.id(replica, counter)?), side), inserted)?
            }
            (3, [inserted]) => insertions(first, (None, Side::Right), inserted)?,
            (4, runs) => self.deletions(runs)?,
            (5, [key, content, superseded @ ..]) => {
                let key = self.key(container.kind(), key)?;
                vec![Deed::Assign(key, content_of(content)?, self.ids(superseded)?)]
            }
            (6, [key, superseded @ ..]) => {
                let key = self.key(container.kind(), key)?;
                vec![Deed::Remove(key, self.ids(superseded)?)]
            }
            (10, [replica, counter, place @ ..]) => {
                vec![Deed::Move(self.id(replica, counter)?, self.place(place)?)]
            }
            (11, [delta]) => vec![Deed::Increment(int(delta)?)],
            (12, observed) => {
                let observed = observed.chunks(3).map(|entry| match entry {
                    [replica, counter, sum] => Ok((self.id(replica, counter)?, int(sum)?)),
                    _ => Err("a contribution has three items".to_owned()),
                });
                vec![Deed::Reset(observed.collect::<Result<_, _>>()?)]
            }
            _ => return Err(format!("{operation:?} is no operation")),
        };
        Ok(deeds.into_iter().map(|deed| Some((container.clone(), deed))).collect())
    }

    fn place(&self, items: &[Item]) -> Result<Place, String> {
        match items {
            [root] if uint(root)? == 0 => Ok((None, Side::Right)),
            [side, replica, counter] => {
                let side = match uint(side)? {
                    1 => Side::Right,
                    2 => Side::Left,
                    other => return Err(format!("{other} is no side")),
                };
                Ok((Some(self.id(replica, counter)?), side))
            }
            _ => Err(format!("{items:?} is no place")),
        }
    }

    fn deletions(&self, runs: &[Item]) -> Result<Vec<Deed>, String> {
        let mut deeds = Vec::new();
        for run in runs.chunks(3) {
            let [replica, counter, number] = run else {
                return Err("a run has three items".to_owned());
            };
            let (start, number) = (self.id(replica, counter)?, uint(number)?);
            let (len, backwards) = (number / 2, number % 2 == 1);
            deeds.extend((0..len).map(|nth| {
                let offset = if backwards { len - 1 - nth } else { nth };
                Deed::Delete(OpId::new(start.replica, start.counter + offset))
            }));
        }
        Ok(deeds)
    }
}

/// The first at a place, each other one to the right of the one before.
fn insertions(first: OpId, place: Place, inserted: &Item) -> Result<Vec<Deed>, String> {
    let place_of = |nth: u64| match nth {
        0 => place,
        _ => (Some(OpId::new(first.replica, first.counter + nth - 1)), Side::Right),
    };
    match inserted {
        Item::Text(text) => {
            let characters = (0..).zip(text.chars());
            Ok(characters.map(|(nth, c)| Deed::InsertCharacter(place_of(nth), c)).collect())
        }
        items => (0..)
            .zip(list(items)?)
            .map(|(nth, item)| Ok(Deed::InsertItem(place_of(nth), content_of(item)?)))
            .collect(),
    }
}

fn content_of(item: &Item) -> Result<Content, String> {
    match item.as_array().map(Vec::as_slice) {
        Some([]) => Ok(Content::Absence),
        Some([kind]) => Ok(Content::Container(kind_of(kind)?)),
        _ => Ok(Content::Value(Scalar::of(item)?)),
    }
}

fn kind_of(item: &Item) -> Result<Kind, String> {
    let kind = Kind::ALL.get(uint(item)? as usize);
    kind.copied().ok_or_else(|| format!("there is no kind {item:?}"))
}

fn list(item: &Item) -> Result<&[Item], String> {
    item.as_array().map(Vec::as_slice).ok_or_else(|| format!("{item:?} is no array"))
}

fn uint(item: &Item) -> Result<u64, String> {
    let number = item.as_integer().and_then(|number| u64::try_from(number).ok());
    number.ok_or_else(|| format!("{item:?} is no unsigned number"))
}

fn int(item: &Item) -> Result<i64, String> {
    let number = item.as_integer().and_then(|number| i64::try_from(number).ok());
    number.ok_or_else(|| format!("{item:?} is no number of 64 bits"))
}

/// The CRC-32 of IEEE 802.3, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::crc;

    #[test]
    fn the_checksum_is_that_of_the_documentation() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
    }
}
