//! The edits of a program, each with what its author has to see behind it.

use arbitrary::Arbitrary;
use libsync::{Content, EditError, Replica, Unit, Value};

use super::value::{Counted, Element, Inserted, Register, WORDS, kind, pick, within};

/// Where anything may be. The document starts with what is in the bases.
const PLACES: [&str; 22] = [
    "/map",
    "/b",
    "/map/b",
    "/map/b/c",
    "/text",
    "/map/text",
    "/list",
    "/map/list",
    "/list/0",
    "/list/1",
    "/list/-",
    "/list/1/key",
    "/list/-/b",
    "/list/3/0",
    "/map/list/0",
    "/count",
    "/grow",
    "/set",
    "/all",
    "/map/set",
    "/list/1/n",
    "/map/list/1/set",
];
const TEXTS: [&str; 6] = ["/text", "/text", "/list/2", "/map/text", "/list/1/text", "/map"];
const LISTS: [&str; 6] = ["/list", "/list", "/list/3", "/map/list", "/list/0", "/map"];
const COUNTERS: [&str; 5] = ["/count", "/count", "/grow", "/list/1/n", "/map"];
const SETS: [&str; 6] = ["/set", "/set", "/all", "/map/set", "/map/list/1/set", "/map"];

/// An edit. Numbers of places, words and positions are taken modulo how many there are.
#[derive(Arbitrary, Debug)]
pub(super) enum Edit {
    Set { place: u8, value: Register },
    Create { place: u8, kind: u8 },
    Remove { place: u8 },
    RemoveWins { place: u8 },
    InsertText { place: u8, unit: Counted, position: u8, word: u8 },
    DeleteText { place: u8, unit: Counted, position: u8, len: u8 },
    InsertItems { place: u8, index: u8, first: Inserted, more: u8 },
    DeleteItems { place: u8, index: u8, len: u8 },
    MoveItem { place: u8, from: u8, to: u8 },
    Increment { place: u8, delta: i8 },
    IncrementMuch { place: u8, delta: i64 },
    Add { place: u8, element: Element },
    Discard { place: u8, element: Element },
    SetTime { seconds: Option<i16> },
}

impl Edit {
    /// Makes the edit; gives the error of one that does not fit what is there.
    pub(super) fn make(&self, replica: &mut Replica) -> Result<(), EditError> {
        match *self {
            Self::Set { place, ref value } => set(replica, pick(&PLACES, place), value.value()),
            Self::Create { place, kind: number } => {
                replica.create(pick(&PLACES, place), kind(number))
            }
            Self::Remove { place } => remove(replica, pick(&PLACES, place)),
            Self::RemoveWins { place } => remove_wins(replica, pick(&PLACES, place)),
            Self::InsertText { place, unit, position, word } => {
                insert_text(replica, pick(&TEXTS, place), unit.unit(), position, pick(&WORDS, word))
            }
            Self::DeleteText { place, unit, position, len } => {
                delete_text(replica, pick(&TEXTS, place), unit.unit(), position, len % 8)
            }
            Self::InsertItems { place, index, ref first, more } => {
                let more = (0..more % 3).map(|at| Value::from(i64::from(at)).into());
                let contents = [first.content()].into_iter().chain(more).collect();
                insert_items(replica, pick(&LISTS, place), index, contents)
            }
            Self::DeleteItems { place, index, len } => {
                delete_items(replica, pick(&LISTS, place), index, len % 4)
            }
            Self::MoveItem { place, from, to } => move_item(replica, pick(&LISTS, place), from, to),
            Self::Increment { place, delta } => {
                increment(replica, pick(&COUNTERS, place), delta.into())
            }
            Self::IncrementMuch { place, delta } => {
                increment(replica, pick(&COUNTERS, place), delta)
            }
            Self::Add { place, ref element } => add(replica, pick(&SETS, place), element.value()),
            Self::Discard { place, ref element } => {
                discard(replica, pick(&SETS, place), &element.value())
            }
            Self::SetTime { seconds } => {
                replica.set_time(seconds.map(|seconds| i64::from(seconds) * 1_000_000));
                Ok(())
            }
        }
    }
}

fn set(replica: &mut Replica, path: &str, value: Value) -> Result<(), EditError> {
    replica.set(path, value.clone())?;
    if !path.contains('-') {
        assert_eq!(replica.get(path)?, Some(Content::Value(value)), "what is set is shown");
    }
    Ok(())
}

fn remove(replica: &mut Replica, path: &str) -> Result<(), EditError> {
    let was_there = replica.get(path)?.is_some();
    assert_eq!(replica.remove(path)?, was_there, "whether anything was there");
    Ok(())
}

fn remove_wins(replica: &mut Replica, path: &str) -> Result<(), EditError> {
    let was_there = replica.get(path)?.is_some();
    assert_eq!(replica.remove_wins(path)?, was_there, "whether anything was there");
    assert_eq!(replica.get(path)?, None, "nothing is shown that was removed");
    Ok(())
}

/// The text, and how many bytes are before each position in the unit; `None` within a character.
fn offset_of(text: &str, unit: Unit, position: usize) -> Option<usize> {
    let len = |character: char| match unit {
        Unit::Utf8 => character.len_utf8(),
        Unit::Utf16 => character.len_utf16(),
        _ => 1,
    };
    let mut at = 0;
    for (offset, character) in text.char_indices() {
        if at >= position {
            return (at == position).then_some(offset);
        }
        at += len(character);
    }
    (at == position).then_some(text.len())
}

fn insert_text(
    replica: &mut Replica,
    path: &str,
    unit: Unit,
    position: u8,
    word: &str,
) -> Result<(), EditError> {
    let mut text = replica.text(path).unwrap_or_default();
    let position = within(position, replica.text_len(path, unit).unwrap_or(0));
    replica.insert_text(path, unit, position, word)?;
    let offset = offset_of(&text, unit, position).expect("a position that is taken is whole");
    text.insert_str(offset, word);
    assert_eq!(replica.text(path)?, text, "the word is inserted there");
    Ok(())
}

fn delete_text(
    replica: &mut Replica,
    path: &str,
    unit: Unit,
    position: u8,
    len: u8,
) -> Result<(), EditError> {
    let mut text = replica.text(path)?;
    let start = within(position, replica.text_len(path, unit)?);
    let end = start + usize::from(len);
    replica.delete_text(path, unit, start, usize::from(len))?;
    let offset =
        |position| offset_of(&text, unit, position).expect("a position that is taken is whole");
    if len > 0 {
        let deleted = offset(start)..offset(end);
        text.replace_range(deleted, "");
    }
    assert_eq!(replica.text(path)?, text, "the characters there are deleted");
    Ok(())
}

fn insert_items(
    replica: &mut Replica,
    path: &str,
    index: u8,
    contents: Vec<Content>,
) -> Result<(), EditError> {
    let mut items = replica.items(path).unwrap_or_default();
    let index = within(index, items.len());
    replica.insert_items(path, index, contents.clone())?;
    items.splice(index..index, contents);
    assert_eq!(replica.items(path)?, items, "the items are inserted there");
    Ok(())
}

fn delete_items(replica: &mut Replica, path: &str, index: u8, len: u8) -> Result<(), EditError> {
    let mut items = replica.items(path)?;
    let index = within(index, items.len());
    replica.delete_items(path, index, len.into())?;
    items.drain(index..index + usize::from(len));
    assert_eq!(replica.items(path)?, items, "the items there are deleted");
    Ok(())
}

fn move_item(replica: &mut Replica, path: &str, from: u8, to: u8) -> Result<(), EditError> {
    let mut items = replica.items(path)?;
    let last = items.len().saturating_sub(1);
    let (from, to) = (within(from, last), within(to, last));
    replica.move_item(path, from, to)?;
    let item = items.remove(from);
    items.insert(to, item);
    assert_eq!(replica.items(path)?, items, "the item has that index afterwards");
    Ok(())
}

fn increment(replica: &mut Replica, path: &str, delta: i64) -> Result<(), EditError> {
    let before = replica.count(path).unwrap_or(0);
    replica.increment(path, delta)?;
    let after = replica.count(path)?;
    // What others added at the same time can be beyond 64 bits, and is shown as the nearest there is.
    if !matches!(before, i64::MIN | i64::MAX) {
        assert_eq!(Some(after), before.checked_add(delta), "the counter counts");
    }
    Ok(())
}

fn add(replica: &mut Replica, path: &str, element: Value) -> Result<(), EditError> {
    let was_there = replica.contains(path, &element).unwrap_or(false);
    assert_eq!(replica.add(path, element.clone())?, !was_there, "whether it was new");
    assert!(replica.contains(path, &element)?, "what is added is there");
    check_elements(replica, path)
}

fn discard(replica: &mut Replica, path: &str, element: &Value) -> Result<(), EditError> {
    let was_there = replica.contains(path, element)?;
    assert_eq!(replica.discard(path, element)?, was_there, "whether it was there");
    assert!(!replica.contains(path, element)?, "what is discarded is not there");
    check_elements(replica, path)
}

fn check_elements(replica: &Replica, path: &str) -> Result<(), EditError> {
    let elements = replica.elements(path)?;
    assert!(elements.is_sorted_by(|a, b| a < b), "elements are listed in their order, once");
    assert_eq!(elements.len(), replica.len(path)?);
    Ok(())
}
