//! The document as canonical JSON: keys sorted by their bytes, no spaces. Replicas that have applied
//! the same changes write the same string.

use crate::json::{write_string, write_value};
use crate::value::Content;

use super::map::ContainerIndex;
use super::{Body, State};

impl State {
    /// The whole document.
    pub(crate) fn to_json(&self) -> String {
        let mut json = String::new();
        self.write_container(Self::ROOT, &mut json);
        json
    }

    /// Recursion is bounded by [`MAX_DEPTH`](crate::MAX_DEPTH).
    fn write_container(&self, index: ContainerIndex, json: &mut String) {
        let map = match &self.container(index).body {
            Body::Map(map) => map,
            Body::Text(sequence) => return write_string(&sequence.text(), json),
        };
        json.push('{');
        let start = json.len();
        for (key, slot) in map.slots() {
            let Some(content) = self.shown_in(slot) else { continue };
            if json.len() > start {
                json.push(',');
            }
            write_string(key, json);
            json.push(':');
            match content {
                Content::Value(value) => write_value(&value, json),
                Content::Container(kind) => {
                    if let Some(child) = slot.child(kind) {
                        self.write_container(child, json);
                    }
                }
            }
        }
        json.push('}');
    }
}
