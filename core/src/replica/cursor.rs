//! Cursors: from a position to what it leans to, and back.

use std::ops::Range;

use crate::container::{ContainerId, Key};
use crate::cursor::{Anchor, Cursor, CursorError, CursorRange, Lean, Resolved, ResolvedRange};
use crate::id::OpId;
use crate::path::{Path, Segment, ToPath};
use crate::state::List;
use crate::state::sequence::{Gap, Sequence, Spot};
use crate::value::{Content, Kind, Unit};

use super::Replica;

/// What a cursor is in.
#[derive(Clone, Copy)]
enum Place<'r> {
    /// One that is shown, and of which the state knows nothing yet.
    Blank,
    Text(&'r Sequence<String>),
    List(&'r List),
}

impl Place<'_> {
    fn len(self, unit: Unit) -> usize {
        match self {
            Self::Blank => 0,
            Self::Text(text) => text.len(unit),
            Self::List(list) => list.len(),
        }
    }

    fn gap(self, unit: Unit, position: usize) -> Option<Gap> {
        match self {
            Self::Blank => Some(Gap::default()),
            Self::Text(text) => text.gap(unit, position),
            Self::List(list) => Some(list.gap(position)),
        }
    }

    fn spot(self, unit: Unit, node: OpId) -> Option<Spot> {
        match self {
            Self::Blank => None,
            Self::Text(text) => text.spot(unit, node),
            Self::List(list) => list.spot(node),
        }
    }

    fn kin(self, unit: Unit, node: OpId) -> [Option<Spot>; 2] {
        match self {
            Self::Blank => [None; 2],
            Self::Text(text) => text.kin(unit, node),
            Self::List(list) => list.nodes().kin(Unit::Scalar, node),
        }
    }

    /// A position in one unit, in another one; the end, if it is beyond that.
    fn converted(self, from: Unit, position: usize, to: Unit) -> usize {
        if from == to || matches!(self, Self::List(_)) {
            return position.min(self.len(to));
        }
        let left = self.gap(from, position.min(self.len(from))).and_then(|gap| gap.left);
        left.and_then(|left| self.spot(to, left)).map_or(0, Spot::behind)
    }

    /// A place near that of a node which is pruned, in scalar values: by what is on the other side
    /// of the cursor; or by what its author made just before and after it, whichever is nearer to
    /// where it was; or where it was.
    fn nearest(self, lean: Lean, anchor: &Anchor) -> usize {
        const UNIT: Unit = Unit::Scalar;
        if let Some(beside) = anchor.beside.and_then(|beside| self.spot(UNIT, beside)) {
            return match lean {
                Lean::Left => beside.before,
                Lean::Right => beside.behind(),
            };
        }
        let hint = usize::try_from(anchor.hint).unwrap_or(usize::MAX).min(self.len(UNIT));
        let [before, after] = self.kin(UNIT, anchor.node);
        let near = before.map(Spot::behind).into_iter().chain(after.map(|after| after.before));
        near.min_by_key(|position| position.abs_diff(hint)).unwrap_or(hint)
    }
}

impl Replica {
    /// A cursor at a position in the text or list at a path, which leans to what is on that side. In
    /// a list the position is an index, whatever the unit.
    ///
    /// It stays with what it leans to: with a character of a text, for good; with an item of a list,
    /// wherever that is moved. Where nothing is on that side, it stays at that end of the text or
    /// list, whatever is inserted there.
    ///
    /// In a transaction, a cursor may lean to what is typed there: it means nothing any more once that
    /// is [aborted](Self::abort).
    ///
    /// O(log n) in the length; O(n), the first few times, in a text that was loaded and not edited
    /// since.
    ///
    /// # Errors
    /// [`CursorError::Read`], if neither a text nor a list is there; [`CursorError::OutOfBounds`],
    /// [`CursorError::SplitsCharacter`].
    pub fn cursor(
        &self,
        path: impl ToPath,
        unit: Unit,
        position: usize,
        lean: Lean,
    ) -> Result<Cursor, CursorError> {
        let container = self.find(&path.to_path()?, &[Kind::Text, Kind::List])?;
        self.cursor_in(container, unit, position, lean)
    }

    /// A range of the text or list at a path. It holds what is in it now, less what is deleted of
    /// that, and what is inserted in between: its cursors lean inwards, so that it does not grow at
    /// its ends. An empty range stays behind what is before it. For one that grows, make it
    /// [of two cursors](CursorRange::new) that lean outwards.
    ///
    /// ```
    /// use libsync::{DocumentId, Replica, ReplicaId, Unit};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// replica.insert_text("notes", Unit::Scalar, 0, "buy milk now")?;
    /// let milk = replica.cursor_range("notes", Unit::Scalar, 4..8)?;
    /// replica.insert_text("notes", Unit::Scalar, 6, "--")?; // within
    /// replica.insert_text("notes", Unit::Scalar, 4, "more ")?; // at its start
    /// let found = replica.resolve_range(&milk, Unit::Scalar)?;
    /// assert_eq!(&replica.text("notes")?[found.start..found.end], "mi--lk");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`cursor`](Self::cursor); [`CursorError::Backwards`].
    pub fn cursor_range(
        &self,
        path: impl ToPath,
        unit: Unit,
        range: Range<usize>,
    ) -> Result<CursorRange, CursorError> {
        let Range { start, end } = range;
        if start > end {
            return Err(CursorError::Backwards { start, end });
        }
        let container = self.find(&path.to_path()?, &[Kind::Text, Kind::List])?;
        let lean = if start == end { Lean::Left } else { Lean::Right };
        let start = self.cursor_in(container.clone(), unit, start, lean)?;
        Ok(CursorRange { start, end: self.cursor_in(container, unit, end, Lean::Left)? })
    }

    /// Where a cursor stands at present, and in what.
    ///
    /// If what it leans to is deleted, it stands where that was. Once all members know of the
    /// deletion, that may be [pruned](Self::prune): then the place is the nearest that is known, and
    /// not exact.
    ///
    /// O(log n) in the length, and in that of each list on the way; O(n), the first few times, in a
    /// text that was loaded and not edited since.
    ///
    /// # Errors
    /// [`CursorError::Unseen`] if it names what has not arrived here; [`CursorError::Gone`].
    pub fn resolve(&self, cursor: &Cursor, unit: Unit) -> Result<Resolved, CursorError> {
        let Some(path) = self.shown_path(&cursor.container) else {
            return Err(self.unseen(cursor).unwrap_or(CursorError::Gone));
        };
        let place = self.cursor_place(&cursor.container);
        let (position, exact, deleted) = match (cursor.anchor, cursor.lean) {
            (None, Lean::Left) => (0, true, false),
            (None, Lean::Right) => (place.len(unit), true, false),
            (Some(anchor), lean) => match (place.spot(unit, anchor.node), lean) {
                (Some(found), Lean::Left) => (found.behind(), true, found.width == 0),
                (Some(found), Lean::Right) => (found.before, true, found.width == 0),
                (None, _) if !self.version.contains(anchor.node) => {
                    return Err(CursorError::Unseen { missing: anchor.node });
                }
                (None, lean) => {
                    let near = place.nearest(lean, &anchor);
                    (place.converted(Unit::Scalar, near, unit), false, true)
                }
            },
        };
        Ok(Resolved { path, position, exact, deleted })
    }

    /// Where a range is at present, and in what. Of what is not there any more, nothing is in it: it
    /// is empty then, at the place where that was.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub fn resolve_range(
        &self,
        range: &CursorRange,
        unit: Unit,
    ) -> Result<ResolvedRange, CursorError> {
        let start = self.resolve(&range.start, unit)?;
        let end = self.resolve(&range.end, unit)?;
        Ok(ResolvedRange {
            path: start.path,
            start: start.position,
            end: end.position.max(start.position),
            exact: start.exact && end.exact,
        })
    }

    /// A cursor at the same place, that leans to the same side, and to what lives there now: to be
    /// kept in the place of one that leans to what is deleted, before that is pruned.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub fn refresh(&self, cursor: &Cursor) -> Result<Cursor, CursorError> {
        let Resolved { position, .. } = self.resolve(cursor, Unit::Scalar)?;
        self.cursor_in(cursor.container.clone(), Unit::Scalar, position, cursor.lean)
    }

    fn cursor_in(
        &self,
        container: ContainerId,
        unit: Unit,
        position: usize,
        lean: Lean,
    ) -> Result<Cursor, CursorError> {
        let place = self.cursor_place(&container);
        let len = place.len(unit);
        if position > len {
            return Err(CursorError::OutOfBounds { position, len, unit });
        }
        let gap = place.gap(unit, position);
        let Gap { left, right } = gap.ok_or(CursorError::SplitsCharacter { position, unit })?;
        let (node, beside) = match lean {
            Lean::Left => (left, right),
            Lean::Right => (right, left),
        };
        let hint = || place.converted(unit, position, Unit::Scalar) as u64;
        let anchor = node.map(|node| Anchor { node, beside, hint: hint() });
        Ok(Cursor { container, lean, anchor })
    }

    fn cursor_place(&self, container: &ContainerId) -> Place<'_> {
        match (self.state.text(container), self.state.list(container)) {
            (Some(text), _) => Place::Text(text),
            (None, Some(list)) => Place::List(list),
            (None, None) => Place::Blank,
        }
    }

    /// The path of a container, if it is shown.
    fn shown_path(&self, container: &ContainerId) -> Option<Path> {
        let Some((parent, key, kind)) = container.step() else { return Some(Path::root()) };
        // At most as deep as a document may be nested.
        let path = self.shown_path(parent)?;
        if self.state.shown(parent, key) != Some(Content::Container(kind)) {
            return None;
        }
        Some(path.child(match key {
            Key::Name(name) => Segment::from(&**name),
            Key::Item(item) => Segment::Index(self.state.list(parent)?.spot(*item)?.before),
            Key::Element(_) => return None,
        }))
    }

    /// The first operation that a cursor names and that has not arrived here.
    fn unseen(&self, cursor: &Cursor) -> Option<CursorError> {
        let steps = cursor.container.steps();
        let items = steps.iter().filter_map(|(key, _)| match key {
            Key::Item(item) => Some(*item),
            _ => None,
        });
        let named = items.chain(cursor.anchor.map(|anchor| anchor.node));
        let missing = named.into_iter().find(|&id| !self.version.contains(id))?;
        Some(CursorError::Unseen { missing })
    }
}
