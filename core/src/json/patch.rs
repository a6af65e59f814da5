//! JSON Patch (RFC 6902), of values alone: what operations say, and which lead from one value to
//! another.

use crate::path::Path;

use super::align::align;
use super::canonical::write_string;
use super::classes::Classes;
use super::error::{JsonError, OperationError};
use super::read::read;
use super::steps::{Step, steps};
use super::tree::{Shape, Tree};

/// The JSON Patch that makes the second JSON value of the first: see
/// [`Replica::apply_json_patch`](crate::Replica::apply_json_patch).
///
/// Objects are compared by key, lists item by item, moved items included, as by
/// [`Replica::import_json`](crate::Replica::import_json); all else is replaced. No test is in it.
///
/// # Errors
/// [`JsonError`], of whichever text it is.
///
/// ```
/// let patch = libsync::json_patch(r#"{"a":[1,2,3]}"#, r#"{"a":[3,1,2],"b":true}"#)?;
/// assert_eq!(
///     patch,
///     r#"[{"from":"/a/2","op":"move","path":"/a/0"},{"op":"add","path":"/b","value":true}]"#
/// );
/// # Ok::<(), libsync::JsonError>(())
/// ```
pub fn json_patch(from: &str, to: &str) -> Result<String, JsonError> {
    let (from, to) = (read(from)?, read(to)?);
    let mut patch = PatchWriter::default();
    difference(&from, &to, &Path::root(), &mut Classes::default(), &mut patch);
    Ok(patch.finish())
}

fn difference<'t>(
    from: &'t Tree,
    to: &'t Tree,
    path: &Path,
    classes: &mut Classes<'t>,
    patch: &mut PatchWriter,
) {
    // What stands for a value that JSON lacks is replaced as a whole, as in a document.
    match (&from.shape, &to.shape) {
        _ if from.leaf().is_some() || to.leaf().is_some() => {
            if !from.looks_like(to) {
                patch.replace(path, to);
            }
        }
        (Shape::Map(former), Shape::Map(members)) => {
            for (key, _) in former.iter().filter(|(key, _)| to.member(key).is_none()) {
                patch.remove(&path.child(key.as_str()));
            }
            for (key, member) in members {
                let path = path.child(key.as_str());
                match from.member(key) {
                    Some(former) => difference(former, member, &path, classes, patch),
                    None => patch.add(&path, member),
                }
            }
        }
        (Shape::List(old), Shape::List(new)) => {
            let formers = align(old, new, classes);
            let indices: Vec<Option<usize>> =
                formers.iter().map(|former| Some((*former)?.index)).collect();
            patch.steps(path, 0, old.len(), &indices, |j| new.get(j));
            for (j, former) in formers.into_iter().enumerate() {
                if let Some(former) = former.filter(|former| !former.is_same) {
                    difference(&old[former.index], &new[j], &path.child(j), classes, patch);
                }
            }
        }
        _ => patch.replace(path, to),
    }
}

/// Operations, as they are written.
#[derive(Default)]
pub(crate) struct PatchWriter {
    json: String,
}

impl PatchWriter {
    pub(crate) fn add(&mut self, path: &Path, value: &Tree) {
        self.operation("add", None, path, Some(value));
    }

    pub(crate) fn replace(&mut self, path: &Path, value: &Tree) {
        self.operation("replace", None, path, Some(value));
    }

    pub(crate) fn remove(&mut self, path: &Path) {
        self.operation("remove", None, path, None);
    }

    /// What makes of `len` items of a list, from `start` on, those of which each was the one of that
    /// index, or is new.
    pub(crate) fn steps<'t>(
        &mut self,
        path: &Path,
        start: usize,
        len: usize,
        formers: &[Option<usize>],
        item: impl Fn(usize) -> Option<&'t Tree>,
    ) {
        let at = |index: usize| path.child(start + index);
        for step in steps(len, formers) {
            match step {
                Step::Delete { index, len } => {
                    (0..len).for_each(|_| self.remove(&at(index)));
                }
                Step::Move { from, to } => {
                    self.operation("move", Some(&at(from)), &at(to), None);
                }
                Step::Insert { index, items } => {
                    for (i, item) in items.filter_map(&item).enumerate() {
                        self.add(&at(index + i), item);
                    }
                }
            }
        }
    }

    fn operation(&mut self, op: &str, from: Option<&Path>, path: &Path, value: Option<&Tree>) {
        let json = &mut self.json;
        json.push_str(if json.is_empty() { "[{" } else { ",{" });
        if let Some(from) = from {
            json.push_str("\"from\":");
            write_string(&from.to_string(), json);
            json.push(',');
        }
        json.push_str("\"op\":");
        write_string(op, json);
        json.push_str(",\"path\":");
        write_string(&path.to_string(), json);
        if let Some(value) = value {
            json.push_str(",\"value\":");
            value.write(json);
        }
        json.push('}');
    }

    /// The patch, as canonical JSON.
    pub(crate) fn finish(self) -> String {
        if self.json.is_empty() { "[]".to_owned() } else { self.json + "]" }
    }
}

/// An operation, as it was read.
pub(crate) enum Operation<'p> {
    Add { path: Path, value: &'p Tree },
    Remove { path: Path },
    Replace { path: Path, value: &'p Tree },
    Move { from: Path, path: Path },
    Copy { from: Path, path: Path },
    Test { path: Path, value: &'p Tree },
}

impl<'p> Operation<'p> {
    /// Reads an operation; members that it does not need are passed over.
    ///
    /// # Errors
    /// [`OperationError`]: it is none.
    pub(crate) fn read(json: &'p Tree) -> Result<Self, OperationError> {
        if !matches!(json.shape, Shape::Map(_)) {
            return Err(OperationError::NotAnObject);
        }
        let member = |member| json.member(member).ok_or(OperationError::Missing { member });
        let string =
            |name| member(name)?.as_str().ok_or(OperationError::NotAString { member: name });
        let pointer = |name| {
            let pointer = string(name)?;
            let is_pointer = pointer.is_empty() || pointer.starts_with('/');
            let path = Path::parse(pointer).ok().filter(|_| is_pointer);
            path.ok_or(OperationError::Pointer { member: name })
        };
        let op = string("op")?;
        let path = || pointer("path");
        match op {
            "add" => Ok(Self::Add { path: path()?, value: member("value")? }),
            "remove" => Ok(Self::Remove { path: path()? }),
            "replace" => Ok(Self::Replace { path: path()?, value: member("value")? }),
            "move" => Ok(Self::Move { path: path()?, from: pointer("from")? }),
            "copy" => Ok(Self::Copy { path: path()?, from: pointer("from")? }),
            "test" => Ok(Self::Test { path: path()?, value: member("value")? }),
            other => Err(OperationError::Unknown { op: other.to_owned() }),
        }
    }
}
