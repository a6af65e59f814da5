//! What is said of somebody who is present, and by whom it was said last.

use std::collections::BTreeMap;

use crate::cursor::{Cursor, CursorRange, LineColumn};
use crate::value::Value;

/// What others see of somebody who is there. All of it may be left out.
///
/// ```
/// use libsync::{LineColumn, PresenceState};
/// let mut state = PresenceState::named("Ada");
/// state.at = Some(LineColumn::new(10, 5));
/// state.fields.insert("colour".to_owned(), "#0060df".into());
/// ```
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct PresenceState {
    /// Who it is, for people.
    pub name: Option<String>,
    /// Where they type.
    pub cursor: Option<Cursor>,
    /// What they have selected. The cursor is at one end of it, or elsewhere.
    pub selection: Option<CursorRange>,
    /// Where they type, as they see it: in their text, which may be older or newer than that of who
    /// reads this.
    pub at: Option<LineColumn>,
    /// Whatever else the application has to say.
    pub fields: BTreeMap<String, Value>,
}

impl PresenceState {
    /// Somebody of whom nothing but the name is said.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// The same state with the one NaN that travels.
    pub(super) fn canonical(mut self) -> Self {
        self.fields.values_mut().for_each(|value| {
            *value = std::mem::replace(value, Value::Null).canonical();
        });
        self
    }
}

/// When something was said, by its author's count: of two states the later one counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct PresenceClock {
    /// Greater each time that the author starts anew.
    pub(crate) session: u64,
    /// How many states it had sent in that session.
    pub(crate) counter: u64,
}

/// What a frame says of its author.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Report {
    pub(crate) clock: PresenceClock,
    /// `None`: a goodbye.
    pub(crate) state: Option<PresenceState>,
}

impl Report {
    /// Whether it takes the place of what was said before. Of a state and a goodbye at once the
    /// goodbye counts.
    pub(super) fn supersedes(&self, clock: PresenceClock, was_present: bool) -> bool {
        self.clock > clock || (self.clock == clock && self.state.is_none() && was_present)
    }
}
