//! Where something belongs that was inserted elsewhere: where it was meant, if what it hangs on may
//! be named here; else beside the nearest of its neighbours that may.

use crate::id::OpId;
use crate::op::{Place, Side};
use crate::state::sequence::{Payload, Sequence, Status};

use super::identities::Identities;

/// A place, and whether it is another one than was meant.
pub(super) struct Found {
    pub(super) place: Place,
    pub(super) is_moved: bool,
}

/// A neighbour that may be named, and how many nodes that are not here lie between.
struct Neighbour {
    node: OpId,
    passed: u64,
}

/// The place for what `node` is in the old sequence, where it was inserted at `place`.
pub(super) fn find<P: Payload>(
    (old, new): (Option<&Sequence<P>>, Option<&Sequence<P>>),
    identities: &Identities,
    (node, place): (OpId, Place),
) -> Found {
    let Some(new) = new else {
        let is_moved = place.parent.is_some();
        return Found { place: Place { parent: None, side: Side::Right }, is_moved };
    };
    let parent = place.parent.map(|parent| identities.get(parent));
    let status = match parent {
        // The root is always there.
        None => return Found { place, is_moved: false },
        Some(parent) => parent.and_then(|parent| new.status(parent)),
    };
    if let (Some(parent), Some(Status::Live | Status::Deleted)) = (parent, status) {
        return Found { place: Place { parent, side: place.side }, is_moved: false };
    }
    let beside = old.and_then(|old| beside((old, new), identities, node));
    Found { place: beside.unwrap_or_else(|| new.place_at_end()), is_moved: status.is_none() }
}

/// The place beside the nearest neighbour of a node; `None` if the node is not in the old sequence.
fn beside<P: Payload>(
    (old, new): (&Sequence<P>, &Sequence<P>),
    identities: &Identities,
    node: OpId,
) -> Option<Place> {
    old.run_upto(node)?;
    let mut to_start = 0;
    let left = old.runs_before(node).find_map(|(run, _)| {
        for (part, stands) in identities.parts(run).into_iter().rev() {
            if let Some(last) = stands.and_then(|nodes| new.last_nameable(nodes)) {
                let end = stands.map_or(0, |nodes| nodes.end());
                return Some(Neighbour { node: last, passed: to_start + (end - 1 - last.counter) });
            }
            to_start += if is_to_come(identities, part.start) { 0 } else { part.len };
        }
        None
    });
    match &left {
        Some(left) if left.passed == 0 => return new.place_after(Some(left.node)),
        None if to_start == 0 => return new.place_after(None),
        _ => {}
    }
    let limit = left.as_ref().map_or(u64::MAX, |left| left.passed);
    let mut to_end = 0;
    let runs = old.runs_after(node).flat_map(|(run, _)| identities.parts(run));
    let mut right = None;
    for (part, stands) in runs {
        let first = stands.and_then(|nodes| Some((nodes, new.first_nameable(nodes)?)));
        if let Some((nodes, first)) = first {
            let passed = to_end + (first.counter - nodes.start.counter);
            right = Some(Neighbour { node: first, passed }).filter(|right| right.passed < limit);
            break;
        }
        to_end += if is_to_come(identities, part.start) { 0 } else { part.len };
        if to_end >= limit {
            break;
        }
    }
    match (left, right) {
        (_, None) if to_end == 0 => Some(new.place_at_end()),
        (_, Some(right)) => new.place_before(right.node),
        (Some(left), None) => new.place_after(Some(left.node)),
        (None, None) => None,
    }
}

/// Whether an operation will be made anew later, and so is no neighbour that is gone.
fn is_to_come(identities: &Identities, id: OpId) -> bool {
    identities.is_unsent(id) && identities.get(id).is_none()
}
