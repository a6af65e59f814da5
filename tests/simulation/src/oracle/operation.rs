//! Operations, each of one identity: a run of insertions or deletions is as many of them.

use libsync::OpId;

use super::scalar::Scalar;

/// The kinds of containers, in the order of their numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    Map,
    Text,
    List,
    Counter,
    GrowOnlyCounter,
    Set,
    GrowOnlySet,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Map,
        Self::Text,
        Self::List,
        Self::Counter,
        Self::GrowOnlyCounter,
        Self::Set,
        Self::GrowOnlySet,
    ];
}

/// A place in a container that something is assigned to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Key {
    /// Of a map.
    Name(String),
    /// Of a list: the identity of the insertion.
    Item(OpId),
    /// Of a set.
    Element(Scalar),
}

/// A container: the keys from the root down, and the kind at each.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Container(pub(super) Vec<(Key, Kind)>);

impl Container {
    pub(super) const ROOT: Self = Self(Vec::new());

    pub(super) fn kind(&self) -> Kind {
        self.0.last().map_or(Kind::Map, |&(_, kind)| kind)
    }

    pub(super) fn child(&self, key: &Key, kind: Kind) -> Self {
        let mut steps = self.0.clone();
        steps.push((key.clone(), kind));
        Self(steps)
    }

    /// The container around it, and the key there; `None` for the root.
    pub(super) fn parent(&self) -> Option<(Self, &Key)> {
        let ((key, _), parents) = self.0.split_last()?;
        Some((Self(parents.to_vec()), key))
    }
}

/// What is assigned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Content {
    Value(Scalar),
    Container(Kind),
    /// That there is nothing, whatever else is assigned.
    Absence,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Side {
    Left,
    Right,
}

/// Below which node of the tree (`None`: the root), and on which side.
pub(super) type Place = (Option<OpId>, Side);

/// What is done to a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    InsertCharacter(Place, char),
    InsertItem(Place, Content),
    Delete(OpId),
    Move(OpId, Place),
    Assign(Key, Content, Vec<OpId>),
    Remove(Key, Vec<OpId>),
    Increment(i64),
    /// The last increment that is taken away of each replica, and what it and all before sum to.
    Reset(Vec<(OpId, i64)>),
}

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Operation {
    pub(super) lamport: u64,
    /// `None` for what is about members, and shows nothing.
    pub(super) deed: Option<(Container, Deed)>,
}
