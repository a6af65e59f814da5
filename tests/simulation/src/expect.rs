//! What an edit has to do on the replica that makes it: strings, vectors and sums are edited beside
//! it, and compared.

use libsync::{Content, EditError, Kind, Replica, Unit, Value};

use crate::edit::Edit;

/// Makes an edit, and asserts that the replica then shows what it should; after a refusal, that
/// nothing changed.
///
/// # Errors
/// That of the call.
///
/// # Panics
/// If the replica shows anything else.
pub(crate) fn make(edit: &Edit, replica: &mut Replica) -> Result<Option<bool>, EditError> {
    let before = Seen::of(edit, replica);
    let json = replica.to_json();
    let result = edit.make(replica);
    match &result {
        Ok(said) => {
            let after = Seen::of(edit, replica);
            // Of a counter beyond 64 bits it can't be seen how far beyond.
            let is_beyond = matches!(before, Seen::Count(i64::MIN | i64::MAX));
            let (expected, says) = before.expected(edit);
            assert!(is_beyond || after == expected, "{edit:?}: {after:?}, not {expected:?}");
            if let Some(says) = says {
                assert_eq!(*said, Some(says), "what {edit:?} says");
            }
        }
        Err(error) => {
            assert!(is_a_refusal(error), "{edit:?}: {error}");
            assert_eq!(replica.to_json(), json, "{edit:?} was refused: {error}");
        }
    }
    result
}

/// Whether an edit of a well-behaved host may be refused so.
fn is_a_refusal(error: &EditError) -> bool {
    matches!(
        error,
        EditError::Read(_)
            | EditError::GrowOnly { .. }
            | EditError::Overflow { .. }
            | EditError::IndexOutOfBounds { .. }
            | EditError::OutOfBounds { .. }
            | EditError::SplitsCharacter { .. }
    )
}

/// What can be seen of the place that an edit is of.
#[derive(Clone, PartialEq, Debug)]
enum Seen {
    Place(Option<Content>),
    Text(String),
    /// Of a list.
    Items(Vec<Content>),
    Count(i64),
    /// Of a set.
    Elements(Vec<Value>),
}

impl Seen {
    fn of(edit: &Edit, replica: &Replica) -> Self {
        let path = edit.path();
        match edit {
            Edit::InsertText { .. } | Edit::DeleteText { .. } => {
                Self::Text(replica.text(path).unwrap_or_default())
            }
            Edit::InsertItems { .. } | Edit::DeleteItems { .. } | Edit::MoveItem { .. } => {
                Self::Items(replica.items(path).unwrap_or_default())
            }
            Edit::Increment { .. } => Self::Count(replica.count(path).unwrap_or_default()),
            Edit::Add { .. } | Edit::Discard { .. } => {
                Self::Elements(replica.elements(path).unwrap_or_default())
            }
            Edit::Set { .. }
            | Edit::Create { .. }
            | Edit::Remove { .. }
            | Edit::RemoveWins { .. } => {
                match around(path).and_then(|list| replica.items(list).ok()) {
                    Some(items) => Self::Items(items),
                    None => Self::Place(replica.get(path).unwrap_or_default()),
                }
            }
        }
    }

    /// What is to be seen behind an edit that was made, and what the call says.
    fn expected(self, edit: &Edit) -> (Self, Option<bool>) {
        match (self, edit) {
            (Self::Place(_), Edit::Set { value, .. }) => {
                (Self::Place(Some(Content::Value(value.clone()))), None)
            }
            (Self::Place(_), Edit::Create { kind, .. }) => {
                (Self::Place(Some(Content::Container(*kind))), None)
            }
            (Self::Place(before), Edit::Remove { .. } | Edit::RemoveWins { .. }) => {
                (Self::Place(None), Some(before.is_some()))
            }
            (Self::Items(items), edit) => expected_items(items, edit),
            (Self::Text(text), Edit::InsertText { unit, position, text: inserted, .. }) => {
                let at = byte(&text, *unit, *position);
                (Self::Text(format!("{}{inserted}{}", &text[..at], &text[at..])), None)
            }
            (Self::Text(text), Edit::DeleteText { unit, position, len, .. }) => {
                let (start, end) =
                    (byte(&text, *unit, *position), byte(&text, *unit, position + len));
                (Self::Text(format!("{}{}", &text[..start], &text[end..])), None)
            }
            (Self::Count(count), Edit::Increment { delta, .. }) => {
                (Self::Count(count.saturating_add(*delta)), None)
            }
            (Self::Elements(mut elements), Edit::Add { value, .. }) => {
                let place = elements.binary_search(value);
                if let Err(place) = place {
                    elements.insert(place, value.clone());
                }
                (Self::Elements(elements), Some(place.is_err()))
            }
            (Self::Elements(mut elements), Edit::Discard { value, .. }) => {
                let place = elements.binary_search(value);
                if let Ok(place) = place {
                    elements.remove(place);
                }
                (Self::Elements(elements), Some(place.is_ok()))
            }
            (seen, edit) => unreachable!("{edit:?} is not looked at as {seen:?}"),
        }
    }
}

fn expected_items(mut items: Vec<Content>, edit: &Edit) -> (Seen, Option<bool>) {
    let mut says = None;
    let index = || edit.path().rsplit_once('/').and_then(|(_, index)| index.parse().ok());
    let mut assign = |content| match index() {
        Some(index) => items[index] = content,
        None => items.push(content),
    };
    match edit {
        // A map is appended, and the value is in it.
        Edit::Set { path, .. } if path.contains(APPENDED) => {
            items.push(Content::Container(Kind::Map));
        }
        Edit::Set { value, .. } => assign(Content::Value(value.clone())),
        Edit::Create { kind, .. } => assign(Content::Container(*kind)),
        Edit::Remove { .. } => {
            let index = index().filter(|&index: &usize| index < items.len());
            index.map(|index| items.remove(index));
            says = Some(index.is_some());
        }
        Edit::InsertItems { index, contents, .. } => {
            items.splice(*index..*index, contents.iter().cloned());
        }
        Edit::DeleteItems { index, len, .. } => drop(items.drain(*index..index + len)),
        Edit::MoveItem { from, to, .. } => {
            let item = items.remove(*from);
            items.insert(*to, item);
        }
        edit => unreachable!("{edit:?} is not of items"),
    }
    (Seen::Items(items), says)
}

/// What stands in a path for an item that is appended, with more behind it.
const APPENDED: &str = "/-/";

/// The path of the container that changes.
fn around(path: &str) -> Option<&str> {
    let (around, _) = path.split_once(APPENDED).or_else(|| path.rsplit_once('/'))?;
    Some(around)
}

/// The byte that a position in another unit is at.
fn byte(text: &str, unit: Unit, position: usize) -> usize {
    let mut passed = 0;
    for (byte, character) in text.char_indices() {
        if passed >= position {
            return byte;
        }
        passed += measure(unit, character);
    }
    text.len()
}

/// How long a character is.
pub(crate) fn measure(unit: Unit, character: char) -> usize {
    match unit {
        Unit::Scalar => 1,
        Unit::Utf8 => character.len_utf8(),
        Unit::Utf16 => character.len_utf16(),
        other => unreachable!("{other:?} is not generated"),
    }
}
