//! All that a place shows, nested containers included, read in one go under the replica's lock.

use libsync::{Content, Kind, Path, ReadError, Replica, Value};

/// What a place shows.
pub enum Tree {
    /// A register's value.
    Value(Value),
    /// A text as it reads.
    Text(String),
    /// The keys of a map, in its order, and what they show.
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// Reads what is at `path`; `None` where nothing is.
    ///
    /// Recursion ends at [`libsync::MAX_DEPTH`], beyond which the core nests nothing.
    pub fn read(replica: &Replica, path: &Path) -> Result<Option<Self>, ReadError> {
        Ok(match replica.get(path)? {
            None => None,
            Some(Content::Value(value)) => Some(Self::Value(value)),
            Some(Content::Container(Kind::Text)) => Some(Self::Text(replica.text(path)?)),
            Some(_) => Some(Self::Map(Self::children(replica, path)?)),
        })
    }

    fn children(replica: &Replica, path: &Path) -> Result<Vec<(String, Self)>, ReadError> {
        let mut children = Vec::new();
        for key in replica.keys(path)? {
            if let Some(child) = Self::read(replica, &path.child(key.as_str()))? {
                children.push((key, child));
            }
        }
        Ok(children)
    }
}
