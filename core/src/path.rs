//! Where something is in the document: a path of keys and indices from the root map.
//!
//! Two written forms. A **JSON Pointer** (RFC 6901) starts with `/`, escapes `~` as `~0` and `/`
//! as `~1`, and can name any key. The **dotted** form is for people: keys parted by dots, `\.`
//! for a dot and `\\` for a backslash within a key; it can't start with `/`, and no key in it is
//! empty. The empty string is the root in both.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// One step of a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Segment {
    /// A key of a map. In a list, one that is a decimal number is an index, and `-` is the place
    /// behind the last item (where something is written).
    Key(String),
    /// The index of an item in a list.
    Index(usize),
}

impl Segment {
    /// The index that it is in a list of `len` items; `None` if it is none.
    pub(crate) fn index(&self, len: usize) -> Option<usize> {
        match self {
            Self::Index(index) => Some(*index),
            Self::Key(key) if key == "-" => Some(len),
            Self::Key(key) => {
                let canonical = key == "0" || !key.starts_with(['0', '+']);
                key.parse().ok().filter(|_| canonical)
            }
        }
    }
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<String> for Segment {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

impl From<&String> for Segment {
    fn from(key: &String) -> Self {
        Self::Key(key.clone())
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A path from the root map: the keys and indices on the way.
///
/// ```
/// use libsync::{Path, Segment};
/// let path = Path::parse("user.profile.bio").unwrap();
/// assert_eq!(path, Path::parse("/user/profile/bio").unwrap());
/// assert_eq!(path.to_string(), "/user/profile/bio");
/// let first = Path::from_keys(["todos"]).child(0).child("title");
/// assert_eq!(first.segments()[1], Segment::Index(0));
/// assert_eq!(first.to_string(), "/todos/0/title");
/// ```
///
/// A copy shares what it is a copy of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Path(Option<Arc<[Segment]>>);

impl Path {
    /// The root map.
    pub const fn root() -> Self {
        Self(None)
    }

    /// `None` is the one form of the root.
    fn of(segments: impl IntoIterator<Item = Segment>) -> Self {
        let segments: Arc<[Segment]> = segments.into_iter().collect();
        Self(Some(segments).filter(|segments| !segments.is_empty()))
    }

    /// The path through these keys, which may hold any character.
    pub fn from_keys<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Self {
        Self::of(keys.into_iter().map(|key| Segment::Key(key.into())))
    }

    /// The path through these keys and indices.
    pub fn from_segments<S: Into<Segment>>(segments: impl IntoIterator<Item = S>) -> Self {
        Self::of(segments.into_iter().map(Into::into))
    }

    /// Reads a JSON Pointer or the dotted form. What is an index is a key here, too: only the
    /// document knows.
    ///
    /// # Errors
    /// [`PathError`] where an escape or a dot stands alone; it names the byte.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        match text.strip_prefix('/') {
            _ if text.is_empty() => Ok(Self::root()),
            Some(pointer) => Self::parse_pointer(pointer),
            None => Self::parse_dotted(text),
        }
    }

    fn parse_pointer(pointer: &str) -> Result<Self, PathError> {
        let mut keys = vec![String::new()];
        let mut characters = pointer.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '/' => keys.push(String::new()),
                '~' => match characters.next() {
                    Some((_, '0')) => push(&mut keys, '~'),
                    Some((_, '1')) => push(&mut keys, '/'),
                    _ => return Err(PathError::BadEscape { at: at + 1, escape: '~' }),
                },
                other => push(&mut keys, other),
            }
        }
        Ok(Self::from_keys(keys))
    }

    fn parse_dotted(text: &str) -> Result<Self, PathError> {
        let mut keys = vec![String::new()];
        let mut characters = text.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '.' if keys.last().is_some_and(String::is_empty) => {
                    return Err(PathError::EmptyKey { at });
                }
                '.' => keys.push(String::new()),
                '\\' => match characters.next() {
                    Some((_, escaped @ ('.' | '\\'))) => push(&mut keys, escaped),
                    _ => return Err(PathError::BadEscape { at, escape: '\\' }),
                },
                other => push(&mut keys, other),
            }
        }
        if keys.last().is_some_and(String::is_empty) {
            return Err(PathError::EmptyKey { at: text.len() });
        }
        Ok(Self::from_keys(keys))
    }

    /// The keys and indices, from the root on.
    pub fn segments(&self) -> &[Segment] {
        self.0.as_deref().unwrap_or_default()
    }

    /// The way to the container around it, and the key or index there; `None` for the root.
    pub fn split_last(&self) -> Option<(&[Segment], &Segment)> {
        let (last, parents) = self.segments().split_last()?;
        Some((parents, last))
    }

    /// The path one step further down.
    #[must_use]
    pub fn child(&self, segment: impl Into<Segment>) -> Self {
        Self::of(self.segments().iter().cloned().chain([segment.into()]))
    }

    /// Whether one is a copy of the other; or both are the root.
    pub(crate) fn is_copy_of(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        }
    }

    /// The path of the first `len` steps.
    pub(crate) fn upto(&self, len: usize) -> Self {
        Self::of(self.segments()[..len].iter().cloned())
    }
}

fn push(keys: &mut [String], character: char) {
    if let Some(key) = keys.last_mut() {
        key.push(character);
    }
}

/// As a JSON Pointer, which can name every path.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments().iter().try_for_each(|segment| {
            f.write_str("/")?;
            let key = match segment {
                Segment::Key(key) => key,
                Segment::Index(index) => return write!(f, "{index}"),
            };
            key.chars().try_for_each(|character| match character {
                '~' => f.write_str("~0"),
                '/' => f.write_str("~1"),
                other => write!(f, "{other}"),
            })
        })
    }
}

/// What a call takes for a path: a [`Path`], or text for [`Path::parse`].
pub trait ToPath {
    /// The path.
    ///
    /// # Errors
    /// [`PathError`] if it is text and can't be read as a path.
    fn to_path(&self) -> Result<Path, PathError>;

    /// The written form, where there is one: it may be recognised without being read again.
    fn written(&self) -> Option<&str> {
        None
    }
}

impl ToPath for Path {
    fn to_path(&self) -> Result<Path, PathError> {
        Ok(self.clone())
    }
}

impl ToPath for [Segment] {
    fn to_path(&self) -> Result<Path, PathError> {
        Ok(Path::of(self.iter().cloned()))
    }
}

impl ToPath for str {
    fn to_path(&self) -> Result<Path, PathError> {
        Path::parse(self)
    }

    fn written(&self) -> Option<&str> {
        Some(self)
    }
}

impl ToPath for String {
    fn to_path(&self) -> Result<Path, PathError> {
        Path::parse(self)
    }

    fn written(&self) -> Option<&str> {
        Some(self)
    }
}

impl<T: ToPath + ?Sized> ToPath for &T {
    fn to_path(&self) -> Result<Path, PathError> {
        (**self).to_path()
    }

    fn written(&self) -> Option<&str> {
        (**self).written()
    }
}

/// Text that is not a path.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum PathError {
    /// An escape character that escapes nothing.
    #[error(
        "in a path, `{escape}` at byte {at} escapes nothing: write `~0` or `~1` in a JSON Pointer, `\\.` or `\\\\` in the dotted form"
    )]
    BadEscape {
        /// Where, in bytes.
        at: usize,
        /// The escape character.
        escape: char,
    },
    /// Two dots in a row, or one at an end.
    #[error(
        "in a path, an empty key ends at byte {at}: name empty keys in a JSON Pointer, as in `/a//b`"
    )]
    EmptyKey {
        /// Where, in bytes.
        at: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_name_the_same_keys() {
        assert_eq!(Path::parse("").unwrap(), Path::root());
        assert_eq!(Path::parse("/").unwrap(), Path::from_keys([""]));
        assert_eq!(Path::parse("/a~1b/c~0d").unwrap(), Path::from_keys(["a/b", "c~d"]));
        assert_eq!(Path::parse(r"a\.b.c\\d").unwrap(), Path::from_keys(["a.b", r"c\d"]));
    }

    #[test]
    fn what_is_not_a_path_says_where() {
        assert_eq!(Path::parse("/a~2"), Err(PathError::BadEscape { at: 2, escape: '~' }));
        assert_eq!(Path::parse("a..b"), Err(PathError::EmptyKey { at: 2 }));
        assert_eq!(Path::parse("a."), Err(PathError::EmptyKey { at: 2 }));
        assert_eq!(Path::parse(r"a\b"), Err(PathError::BadEscape { at: 1, escape: '\\' }));
    }

    #[test]
    fn a_path_is_read_back_as_written() {
        for keys in [vec!["a/b", "~", ""], vec!["x.y"], vec![]] {
            let path = Path::from_keys(keys);
            assert_eq!(Path::parse(&path.to_string()).unwrap(), path);
        }
    }
}
