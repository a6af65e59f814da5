//! What is forged, as the input says it. Numbers of replicas, containers and identities are taken
//! modulo how many there are.

use arbitrary::Arbitrary;

/// A frame of changes.
#[derive(Arbitrary, Debug)]
pub(super) struct Frame {
    pub(super) first: Change,
    pub(super) more: Vec<Change>,
    /// A stable cut: how many operations of each author.
    pub(super) stable: Option<[u8; 2]>,
}

/// A change.
#[derive(Arbitrary, Debug)]
pub(super) struct Change {
    pub(super) author: u8,
    /// Now and then, how far its counter is from the one that should be next.
    pub(super) skew: u8,
    /// Now and then, how much earlier it is than all that is known.
    pub(super) earlier: u8,
    /// On which authors' last operations it is made.
    pub(super) dependencies: u8,
    pub(super) commit: Option<(Option<i64>, bool)>,
    pub(super) first: Operation,
    pub(super) more: Vec<Operation>,
}

/// An identity.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(super) enum Id {
    /// Of a node of the container that the operation is on, if it is a text or a list.
    Node(u8),
    /// Whichever.
    Any { author: u8, counter: u8 },
}

/// An operation.
#[derive(Arbitrary, Debug)]
pub(super) enum Operation {
    InsertNext {
        container: u8,
        elements: Elements,
    },
    InsertBeside {
        container: u8,
        parent: Id,
        left: bool,
        elements: Elements,
    },
    InsertAtRoot {
        container: u8,
        elements: Elements,
    },
    Delete {
        container: u8,
        first: (Id, u8),
        more: Option<(Id, u8)>,
    },
    Assign {
        container: u8,
        key: Key,
        content: Content,
        supersedes: Vec<Id>,
    },
    Remove {
        container: u8,
        key: Key,
        first: Id,
        more: Vec<Id>,
    },
    Join {
        replica: u8,
    },
    /// Now and then.
    Leave {
        surely: u8,
    },
    Move {
        container: u8,
        item: Id,
        place: Option<(bool, Id)>,
    },
    Increment {
        container: u8,
        delta: i8,
    },
    IncrementMuch {
        container: u8,
        delta: i64,
    },
    Reset {
        container: u8,
        first: (Id, i8),
        more: Option<(Id, i8)>,
    },
}

/// What is inserted.
#[derive(Arbitrary, Debug)]
pub(super) struct Elements {
    pub(super) word: u8,
    pub(super) contents: [Content; 2],
    pub(super) both: bool,
}

/// A key, of the type that the container has.
#[derive(Arbitrary, Debug)]
pub(super) struct Key {
    pub(super) name: u8,
    pub(super) item: Id,
    pub(super) element: Content,
}

/// What is assigned, or an element.
#[derive(Arbitrary, Debug)]
pub(super) enum Content {
    Nothing,
    Null,
    Bool(bool),
    Int(i8),
    Float(u16),
    Text(u8),
    Timestamp(i8),
    Container(u8),
}
