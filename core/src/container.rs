//! Which container an operation is on.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use crate::id::OpId;
use crate::value::{Kind, Value};

/// Where in its container something is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Key {
    /// Under a key of a map.
    Name(Box<str>),
    /// In the item of a list that this operation inserted.
    Item(OpId),
    /// As an element of a set.
    Element(Value),
}

impl Key {
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Name(name) => name.len(),
            Self::Item(_) => 0,
            Self::Element(value) => value.heap_bytes(),
        }
    }
}

/// The identity of a container: the root map, or (parent container, key, kind).
///
/// Deterministic, so that replicas which create the same container at the same time share it. A
/// linked path, so that a deep one costs no copy of its parents.
#[derive(Clone)]
pub(crate) struct ContainerId(Option<Arc<Step>>);

struct Step {
    parent: ContainerId,
    key: Key,
    kind: Kind,
    depth: usize,
    /// Whether it, or what it is in, is in a list.
    in_list: bool,
}

impl ContainerId {
    pub(crate) const ROOT: Self = Self(None);

    pub(crate) fn child(&self, key: Key, kind: Kind) -> Self {
        let in_list = matches!(key, Key::Item(_)) || self.in_list();
        let step = Step { parent: self.clone(), key, kind, depth: self.depth() + 1, in_list };
        Self(Some(Arc::new(step)))
    }

    /// The parent, the key there, and the kind; `None` for the root.
    pub(crate) fn step(&self) -> Option<(&Self, &Key, Kind)> {
        self.0.as_ref().map(|step| (&step.parent, &step.key, step.kind))
    }

    pub(crate) fn kind(&self) -> Kind {
        self.0.as_ref().map_or(Kind::Map, |step| step.kind)
    }

    /// The number of keys from the root.
    pub(crate) fn depth(&self) -> usize {
        self.0.as_ref().map_or(0, |step| step.depth)
    }

    /// Whether it, or what it is in, is in a list.
    pub(crate) fn in_list(&self) -> bool {
        self.0.as_ref().is_some_and(|step| step.in_list)
    }

    /// How many bytes the path takes in memory.
    pub(crate) fn path_bytes(&self) -> usize {
        self.steps().iter().map(|(key, _)| size_of::<Step>() + key.heap_bytes()).sum()
    }

    /// The keys and kinds from the root down.
    pub(crate) fn steps(&self) -> Vec<(&Key, Kind)> {
        let mut steps = Vec::with_capacity(self.depth());
        let mut at = self;
        while let Some((parent, key, kind)) = at.step() {
            steps.push((key, kind));
            at = parent;
        }
        steps.reverse();
        steps
    }
}

impl fmt::Debug for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.steps()).finish()
    }
}

impl Ord for ContainerId {
    /// Parents before children.
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => Ordering::Equal,
            (Some(a), Some(b)) => a
                .depth
                .cmp(&b.depth)
                .then_with(|| a.parent.cmp(&b.parent))
                .then_with(|| a.key.cmp(&b.key))
                .then_with(|| a.kind.cmp(&b.kind)),
            (a, b) => a.is_some().cmp(&b.is_some()),
        }
    }
}

impl PartialOrd for ContainerId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ContainerId {
    /// Most often the two are one allocation, or both the root.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || self.cmp(other).is_eq(),
            (a, b) => a.is_none() && b.is_none(),
        }
    }
}

impl Eq for ContainerId {}
