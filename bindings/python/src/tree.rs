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
    /// What the items of a list show.
    List(Vec<Tree>),
    /// What a counter shows.
    Count(i64),
    /// The elements of a set, in its order.
    Elements(Vec<Value>),
    /// What the core has learned, and this module has not.
    Other(Content),
}

impl Tree {
    /// Reads what is at `path`; `None` where nothing is.
    ///
    /// Recursion ends at [`libsync::MAX_DEPTH`], beyond which the core nests nothing.
    pub fn read(replica: &Replica, path: &Path) -> Result<Option<Self>, ReadError> {
        replica.get(path)?.map(|content| Self::of(replica, path, content)).transpose()
    }

    fn of(replica: &Replica, path: &Path, content: Content) -> Result<Self, ReadError> {
        Ok(match content {
            Content::Value(value) => Self::Value(value),
            Content::Container(Kind::Map) => Self::Map(Self::children(replica, path)?),
            Content::Container(Kind::Text) => Self::Text(replica.text(path)?),
            Content::Container(Kind::List) => Self::List(Self::items(replica, path)?),
            Content::Container(Kind::Counter | Kind::GrowOnlyCounter) => {
                Self::Count(replica.count(path)?)
            }
            Content::Container(Kind::Set | Kind::GrowOnlySet) => {
                Self::Elements(replica.elements(path)?)
            }
            other => Self::Other(other),
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

    fn items(replica: &Replica, path: &Path) -> Result<Vec<Self>, ReadError> {
        let items = replica.items(path)?.into_iter().enumerate();
        items.map(|(index, item)| Self::of(replica, &path.child(index), item)).collect()
    }
}
