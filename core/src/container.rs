//! Which container an operation is on.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::value::Kind;

/// The identity of a container: the root map, or (parent container, key, kind).
///
/// Deterministic, so that replicas which create the same container at the same time share it. A
/// linked path, so that a deep one costs no copy of its parents.
#[derive(Clone, Debug)]
pub(crate) struct ContainerId(Option<Arc<Step>>);

#[derive(Debug)]
struct Step {
    parent: ContainerId,
    key: Box<str>,
    kind: Kind,
    depth: usize,
}

impl ContainerId {
    pub(crate) const ROOT: Self = Self(None);

    pub(crate) fn child(&self, key: &str, kind: Kind) -> Self {
        let step = Step { parent: self.clone(), key: key.into(), kind, depth: self.depth() + 1 };
        Self(Some(Arc::new(step)))
    }

    /// The parent, the key there, and the kind; `None` for the root.
    pub(crate) fn step(&self) -> Option<(&Self, &str, Kind)> {
        self.0.as_ref().map(|step| (&step.parent, &*step.key, step.kind))
    }

    pub(crate) fn kind(&self) -> Kind {
        self.0.as_ref().map_or(Kind::Map, |step| step.kind)
    }

    /// The number of keys from the root.
    pub(crate) fn depth(&self) -> usize {
        self.0.as_ref().map_or(0, |step| step.depth)
    }

    /// How many bytes the path takes in memory.
    pub(crate) fn path_bytes(&self) -> usize {
        self.steps().iter().map(|(key, _)| size_of::<Step>() + key.len()).sum()
    }

    /// The keys and kinds from the root down.
    pub(crate) fn steps(&self) -> Vec<(&str, Kind)> {
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
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for ContainerId {}
