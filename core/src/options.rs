//! What a host may set.

/// How many keys deep a document may be nested.
pub const MAX_DEPTH: usize = 128;

/// The limits of a replica.
///
/// ```
/// let mut options = libsync::Options::default();
/// options.max_inbox_changes = 1_000;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Options {
    /// How many changes may wait for what they depend on; by default 100,000.
    pub max_inbox_changes: usize,
    /// How many bytes of memory these may take; by default 64 MiB.
    pub max_inbox_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_inbox_changes: 100_000, max_inbox_bytes: 64 << 20 }
    }
}
