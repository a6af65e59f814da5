//! Where something is in the document: a path of keys from the root map.
//!
//! Two written forms. A **JSON Pointer** (RFC 6901) starts with `/`, escapes `~` as `~0` and `/`
//! as `~1`, and can name any key. The **dotted** form is for people: keys parted by dots, `\.`
//! for a dot and `\\` for a backslash within a key; it can't start with `/`, and no key in it is
//! empty. The empty string is the root in both.

use std::fmt;

use thiserror::Error;

/// A path from the root map: the keys on the way.
///
/// ```
/// use libsync::Path;
/// let path = Path::parse("user.profile.bio").unwrap();
/// assert_eq!(path, Path::parse("/user/profile/bio").unwrap());
/// assert_eq!(path.to_string(), "/user/profile/bio");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Path(Vec<String>);

impl Path {
    /// The root map.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The path through these keys, which may hold any character.
    pub fn from_keys<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Self {
        Self(keys.into_iter().map(Into::into).collect())
    }

    /// Reads a JSON Pointer or the dotted form.
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
        Ok(Self(keys))
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
        Ok(Self(keys))
    }

    /// The keys, from the root on.
    pub fn keys(&self) -> &[String] {
        &self.0
    }

    /// The keys of the container around it, and the key there; `None` for the root.
    pub fn split_last(&self) -> Option<(&[String], &str)> {
        let (last, parents) = self.0.split_last()?;
        Some((parents, last))
    }

    /// The path one key further down.
    #[must_use]
    pub fn child(&self, key: impl Into<String>) -> Self {
        let mut keys = self.0.clone();
        keys.push(key.into());
        Self(keys)
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
        self.0.iter().try_for_each(|key| {
            f.write_str("/")?;
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
