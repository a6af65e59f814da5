//! What a host may set: the limits that a replica keeps to, and the form of what it writes.

use libsync::{ExportOptions, Options, PrunePolicy, Pruning, SaveOptions};

use crate::sized::SizedStruct;

/// How a replica is to behave. Initialise it with SYNC_OPTIONS_INIT, then set fields.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sync_options {
    /// The bytes of this struct.
    pub size: usize,
    /// How many changes the inbox may hold that wait for others; 0 for the default, 100,000.
    pub max_inbox_changes: u64,
    /// How many bytes these may have; 0 for the default, 64 MiB.
    pub max_inbox_bytes: u64,
    /// How many bytes a frame may have that is applied or loaded; 0 for the default, 1 GiB.
    pub max_frame_bytes: u64,
    /// How many keys and indices deep this replica may write; 0 for the default, which is also the
    /// most, 128. What others write up to that is always taken.
    pub max_depth: u64,
    /// How many bytes a key may have that this replica writes; 0 for the default, 64 KiB.
    pub max_key_bytes: u64,
    /// How many bytes a string or byte value may have that this replica writes; 0 for the default,
    /// 64 MiB.
    pub max_value_bytes: u64,
    /// 0 to prune by itself, a bounded part in each call that applies an acknowledgement; any other
    /// number to prune when the host calls sync_replica_prune or sync_replica_prune_if.
    pub manual_pruning: u64,
}

// SAFETY: repr(C), its size first, then numbers.
unsafe impl SizedStruct for sync_options {
    const INIT: Self = Self {
        size: size_of::<Self>(),
        max_inbox_changes: 0,
        max_inbox_bytes: 0,
        max_frame_bytes: 0,
        max_depth: 0,
        max_key_bytes: 0,
        max_value_bytes: 0,
        manual_pruning: 0,
    };
}

impl From<sync_options> for Options {
    fn from(options: sync_options) -> Self {
        let mut chosen = Self::default();
        let limits = [
            (&mut chosen.max_inbox_changes, options.max_inbox_changes),
            (&mut chosen.max_inbox_bytes, options.max_inbox_bytes),
            (&mut chosen.max_frame_bytes, options.max_frame_bytes),
            (&mut chosen.max_depth, options.max_depth),
            (&mut chosen.max_key_bytes, options.max_key_bytes),
            (&mut chosen.max_value_bytes, options.max_value_bytes),
        ];
        for (limit, asked) in limits {
            if asked != 0 {
                *limit = usize::try_from(asked).unwrap_or(usize::MAX);
            }
        }
        if options.manual_pruning != 0 {
            chosen.pruning = Pruning::Manual;
        }
        chosen
    }
}

/// When sync_replica_prune_if prunes, and how much in one call. Initialise it with
/// SYNC_PRUNE_POLICY_INIT, then set fields.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sync_prune_policy {
    /// The bytes of this struct.
    pub size: usize,
    /// How many of the nodes of texts and lists have to be tombstones, as a share: from 0, the
    /// default, to 1.
    pub least_tombstones: f64,
    /// How many operations there have to be that can be pruned; 0 for the default, 1.
    pub least_operations: u64,
    /// How many spans are touched at the most, about: what is left is for the next call. 0 for the
    /// default, 4096, which takes some milliseconds.
    pub most_work: u64,
}

// SAFETY: repr(C), its size first, then numbers.
unsafe impl SizedStruct for sync_prune_policy {
    const INIT: Self =
        Self { size: size_of::<Self>(), least_tombstones: 0.0, least_operations: 0, most_work: 0 };
}

impl From<sync_prune_policy> for PrunePolicy {
    fn from(policy: sync_prune_policy) -> Self {
        let mut chosen = Self::new();
        chosen.least_tombstones = policy.least_tombstones;
        if policy.least_operations != 0 {
            chosen.least_operations = policy.least_operations;
        }
        if policy.most_work != 0 {
            chosen.most_work = policy.most_work;
        }
        chosen
    }
}

/// How a document is saved. Initialise it with SYNC_SAVE_OPTIONS_INIT, then set fields.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sync_save_options {
    /// The bytes of this struct.
    pub size: usize,
    /// 0 for what is quick to save and to load; any other number for as few bytes as can be, which
    /// takes longer.
    pub compressed: u64,
    /// 0 for all of the document; any other number for its state alone: no changes, nothing that
    /// waits, and nothing that others have acknowledged. A replica that is loaded from that takes
    /// whatever others send, and can send what it is sent; what was before, it can't
    /// (SYNC_ERR_SHALLOW).
    pub shallow: u64,
}

// SAFETY: repr(C), its size first, then numbers.
unsafe impl SizedStruct for sync_save_options {
    const INIT: Self = Self { size: size_of::<Self>(), compressed: 0, shallow: 0 };
}

impl From<sync_save_options> for SaveOptions {
    fn from(options: sync_save_options) -> Self {
        let chosen = if options.compressed == 0 { Self::new() } else { Self::new().compressed() };
        if options.shallow == 0 { chosen } else { chosen.shallow() }
    }
}

/// How changes are exported. Initialise it with SYNC_EXPORT_OPTIONS_INIT, then set fields.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sync_export_options {
    /// The bytes of this struct.
    pub size: usize,
    /// 0 for what is quick to make; any other number for a long history over a thin line. A few
    /// changes do not get shorter by it.
    pub compressed: u64,
}

// SAFETY: repr(C), its size first, then a number.
unsafe impl SizedStruct for sync_export_options {
    const INIT: Self = Self { size: size_of::<Self>(), compressed: 0 };
}

impl From<sync_export_options> for ExportOptions {
    fn from(options: sync_export_options) -> Self {
        if options.compressed == 0 { Self::new() } else { Self::new().compressed() }
    }
}
