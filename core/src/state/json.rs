//! The document as canonical JSON: keys sorted by their bytes, no spaces. Replicas that have applied
//! the same changes write the same string.

use crate::container::Key;
use crate::json::{write_string, write_value};
use crate::value::Content;

use super::slots::{ContainerIndex, Slot};
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
        match self.body(index) {
            Body::Text(sequence) => write_string(&sequence.text(), json),
            Body::Counter(counter) => json.push_str(&counter.value().to_string()),
            Body::Map(slots) => self.write_all(slots.iter(), ['{', '}'], json),
            Body::Set(slots) => self.write_all(slots.iter(), ['[', ']'], json),
            Body::List(list) => {
                let keys: Vec<Key> = list.items().map(Key::Item).collect();
                let slots = keys.iter().filter_map(|key| Some((key, list.slots.get(key)?)));
                self.write_all(slots, ['[', ']'], json);
            }
        }
    }

    /// Writes what is shown of some places, in their order, within brackets.
    fn write_all<'s>(
        &self,
        slots: impl Iterator<Item = (&'s Key, &'s Slot)>,
        [open, close]: [char; 2],
        json: &mut String,
    ) {
        json.push(open);
        let start = json.len();
        for (key, slot) in slots {
            let Some(content) = self.shown_in(slot) else { continue };
            if json.len() > start {
                json.push(',');
            }
            if let Key::Name(name) = key {
                write_string(name, json);
                json.push(':');
            }
            match (key, content) {
                (Key::Element(value), _) => write_value(value, json),
                (_, Content::Value(value)) => write_value(&value, json),
                (_, Content::Container(kind)) => {
                    if let Some(child) = slot.child(kind) {
                        self.write_container(child, json);
                    }
                }
            }
        }
        json.push(close);
    }
}
