//! Where something is, as a path for people: of what is not shown too.

use crate::container::{ContainerId, Key};
use crate::path::{Path, Segment};

use super::State;

impl State {
    /// The path of a container. An item that is not shown has the index at which it would be.
    pub(crate) fn path_of(&self, id: &ContainerId) -> Path {
        let mut around = ContainerId::ROOT;
        let mut segments = Vec::with_capacity(id.depth());
        for (key, kind) in id.steps() {
            segments.push(self.segment_of(&around, key));
            around = around.child(key.clone(), kind);
        }
        Path::from_segments(segments)
    }

    /// The step of a path to a place in a container.
    pub(crate) fn segment_of(&self, container: &ContainerId, key: &Key) -> Segment {
        match key {
            Key::Name(name) => Segment::Key(name.to_string()),
            Key::Item(item) => {
                let spot = self.list(container).and_then(|list| list.spot(*item));
                Segment::Index(spot.map_or(0, |spot| spot.before))
            }
            // Nothing is in an element of a set.
            Key::Element(_) => Segment::Key(String::new()),
        }
    }
}
