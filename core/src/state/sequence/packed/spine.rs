//! The shape of a tree, told in reading order.
//!
//! What is read so far is one tree at the root, and behind it *open* trees: what hangs on the left
//! of something that is still to come. Of each only its *spine* counts, from its top down the last
//! right children: nothing else can get another child. The next run
//!
//! 1. takes the last open trees as its left children, as many as it says;
//! 2. hangs on the right of the last tree's spine, as many steps above its end as it says, and
//!    what was below is complete; or opens a tree of its own.
//!
//! In the end the tree at the root is the only one. So each tree has one code, and a code that
//! claims no more than there is has one tree, which reads as it was told.

/// See the module. `T` is what is kept of each run.
pub(in crate::state::sequence) struct Spines<T> {
    /// The spines, one behind the other, each from its top down.
    runs: Vec<T>,
    /// Where each begins but the first.
    open: Vec<usize>,
    /// Where the last one begins.
    last: usize,
}

impl<T: Copy> Spines<T> {
    /// With the root alone.
    pub(in crate::state::sequence) fn new(root: T) -> Self {
        Self { runs: vec![root], open: Vec::new(), last: 0 }
    }

    /// Closes open trees; `each` gets their tops, in order. `None` if there are fewer.
    #[inline]
    pub(in crate::state::sequence) fn claim(
        &mut self,
        trees: u64,
        mut each: impl FnMut(T),
    ) -> Option<()> {
        if trees == 0 {
            return Some(());
        }
        let first = self.open.len().checked_sub(usize::try_from(trees).ok()?)?;
        self.open[first..].iter().for_each(|&top| each(self.runs[top]));
        self.runs.truncate(self.open[first]);
        self.open.truncate(first);
        self.last = self.open.last().copied().unwrap_or(0);
        Some(())
    }

    /// Leaves the end of the last spine for what is so many steps above, one or more; gives the child
    /// that was left there. `None` if the spine is not that long.
    #[inline]
    pub(in crate::state::sequence) fn rise(&mut self, steps: u64) -> Option<T> {
        let spine = self.runs.len() - self.last;
        let steps = usize::try_from(steps).ok().filter(|&steps| steps < spine)?;
        let kept = self.runs.len() - steps;
        let left = self.runs.get(kept).copied();
        self.runs.truncate(kept);
        left
    }

    /// The end of the last spine.
    #[inline]
    pub(in crate::state::sequence) fn end(&self) -> Option<T> {
        self.runs.last().copied()
    }

    /// Appends to the last spine.
    #[inline]
    pub(in crate::state::sequence) fn hang(&mut self, run: T) {
        self.runs.push(run);
    }

    /// Opens a tree.
    #[inline]
    pub(in crate::state::sequence) fn open(&mut self, run: T) {
        self.last = self.runs.len();
        self.open.push(self.last);
        self.runs.push(run);
    }

    /// The top of the last open tree.
    #[inline]
    pub(in crate::state::sequence) fn last_open(&self) -> Option<T> {
        self.open.last().map(|&top| self.runs[top])
    }

    /// Whether the tree at the root is the only one.
    pub(in crate::state::sequence) fn is_closed(&self) -> bool {
        self.open.is_empty()
    }
}
