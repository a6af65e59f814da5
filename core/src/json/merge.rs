//! JSON Merge Patch (RFC 7396), of values alone.

use crate::path::Path;
use crate::value::Value;

use super::error::MergePatchError;
use super::read::read;
use super::tree::{Shape, Tree};

/// The merge patch that makes the second JSON value of the first: see
/// [`Replica::apply_merge_patch`](crate::Replica::apply_merge_patch). Members of objects that are to
/// become null can't be said in one.
///
/// # Errors
/// [`MergePatchError`].
///
/// ```
/// let patch = libsync::merge_patch(r#"{"a":1,"b":{"c":2,"d":3}}"#, r#"{"b":{"c":2,"d":4}}"#)?;
/// assert_eq!(patch, r#"{"a":null,"b":{"d":4}}"#);
/// # Ok::<(), libsync::MergePatchError>(())
/// ```
pub fn merge_patch(from: &str, to: &str) -> Result<String, MergePatchError> {
    let (from, to) = (read(from)?, read(to)?);
    let patch = difference(Some(&from), &to, &Path::root())?;
    // What is no object can only be replaced, even by what it is.
    let unchanged = || match to.shape {
        Shape::Map(_) => "{}".to_owned(),
        _ => to.to_json(),
    };
    Ok(patch.map_or_else(unchanged, |patch| patch.to_json()))
}

/// The patch that makes one value of another; `None` if they are equal.
fn difference(
    from: Option<&Tree>,
    to: &Tree,
    path: &Path,
) -> Result<Option<Tree>, MergePatchError> {
    let Shape::Map(members) = &to.shape else {
        let is_same = from.is_some_and(|from| from.looks_like(to));
        return Ok((!is_same).then(|| copy(to)));
    };
    let from_map = from.filter(|from| matches!(from.shape, Shape::Map(_)));
    let mut patch: Vec<(String, Tree)> = Vec::new();
    if let Some(Tree { shape: Shape::Map(former), .. }) = from_map {
        let removed = former.iter().filter(|(key, _)| to.member(key).is_none());
        patch.extend(removed.map(|(key, _)| (key.clone(), Value::Null.into())));
    }
    for (key, member) in members {
        let former = from_map.and_then(|from| from.member(key));
        let path = path.child(key.as_str());
        match difference(former, member, &path)? {
            Some(Tree { shape: Shape::Value(Value::Null), .. }) => {
                return Err(MergePatchError::Null { path });
            }
            Some(member) => patch.push((key.clone(), member)),
            None => {}
        }
    }
    patch.sort_by(|a, b| a.0.cmp(&b.0));
    let is_same = from_map.is_some() && patch.is_empty();
    Ok((!is_same).then(|| Shape::Map(patch).into()))
}

/// What a merge patch makes of a value; the function of RFC 7396, 2. Nothing that JSON lacks is in
/// either.
pub(crate) fn merged(target: Option<Tree>, patch: &Tree) -> Tree {
    let Shape::Map(changes) = &patch.shape else { return copy(patch) };
    let mut members = match target {
        Some(Tree { shape: Shape::Map(members), .. }) => members,
        _ => Vec::new(),
    };
    for (key, change) in changes {
        let at = members.binary_search_by(|(name, _)| name.cmp(key));
        let is_removal = matches!(change.shape, Shape::Value(Value::Null));
        match (at, is_removal) {
            (Ok(at), true) => drop(members.remove(at)),
            (Ok(at), false) => {
                let former = std::mem::replace(&mut members[at].1, Value::Null.into());
                members[at].1 = merged(Some(former), change);
            }
            (Err(_), true) => {}
            (Err(at), false) => members.insert(at, (key.clone(), merged(None, change))),
        }
    }
    Shape::Map(members).into()
}

/// A JSON value that is the same. Recursion is bounded, as nothing deeper is read.
fn copy(tree: &Tree) -> Tree {
    let shape = match &tree.shape {
        Shape::Value(value) => Shape::Value(value.clone()),
        Shape::Text(text) => Shape::Text(text.clone()),
        Shape::Counter(kind, count) => Shape::Counter(*kind, *count),
        Shape::Set(kind, elements) => Shape::Set(*kind, elements.clone()),
        Shape::List(items) => Shape::List(items.iter().map(copy).collect()),
        Shape::Map(members) => {
            Shape::Map(members.iter().map(|(key, member)| (key.clone(), copy(member))).collect())
        }
    };
    shape.into()
}
