//! Frames of changes, read as `docs/wire-format.md` says, by a generic reader of CBOR.

use ciborium::Value as Item;
use libsync::{OpId, ReplicaId};

use super::changes;
use super::operation::{Container, Content, Key, Kind, Operation};
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
    field(4).map_or(Ok(Vec::new()), |columns| changes::operations(columns, &tables))
}

/// What the numbers in a body stand for.
pub(super) struct Tables {
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
            let parent = tables.container(uint(parent)?)?;
            let child = parent.child(&tables.key(parent.kind(), key)?, kind_of(kind)?);
            tables.containers.push(child);
        }
        Ok(tables)
    }

    pub(super) fn container(&self, number: u64) -> Result<Container, String> {
        let container = self.containers.get(number as usize);
        container.cloned().ok_or_else(|| format!("there is no container {number}"))
    }

    pub(super) fn replica(&self, number: u64) -> Result<ReplicaId, String> {
        let id = self.replicas.get(number as usize);
        id.copied().ok_or_else(|| format!("there is no replica {number}"))
    }

    pub(super) fn id(&self, replica: &Item, counter: &Item) -> Result<OpId, String> {
        Ok(OpId::new(self.replica(uint(replica)?)?, uint(counter)?))
    }

    /// A key in a container of that kind.
    pub(super) fn key(&self, kind: Kind, item: &Item) -> Result<Key, String> {
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
}

pub(super) fn content_of(item: &Item) -> Result<Content, String> {
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

pub(super) fn list(item: &Item) -> Result<&[Item], String> {
    item.as_array().map(Vec::as_slice).ok_or_else(|| format!("{item:?} is no array"))
}

pub(super) fn uint(item: &Item) -> Result<u64, String> {
    let number = item.as_integer().and_then(|number| u64::try_from(number).ok());
    number.ok_or_else(|| format!("{item:?} is no unsigned number"))
}

pub(super) fn int(item: &Item) -> Result<i64, String> {
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
