//! What hostile bytes make the library allocate: a small multiple of their own length, whatever
//! lengths they claim. (Here rather than in `core`, which has no unsafe code, not in tests either.)

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use libsync::{Commit, DocumentId, EditError, Replica, ReplicaId, Unit};

/// Counts what is allocated, now and at the most.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn grow(size: usize) {
    let now = NOW.fetch_add(size, Relaxed) + size;
    MOST.fetch_max(now, Relaxed);
}

// SAFETY: every call goes to the system's allocator unchanged; counting touches no memory of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the pointer came from `alloc` above with this layout, and so from the system's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that are allocated at once while `work` runs, beyond those before it.
fn most_allocated(work: impl FnOnce()) -> usize {
    let before = NOW.load(Relaxed);
    MOST.store(before, Relaxed);
    work();
    MOST.load(Relaxed) - before
}

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);

fn replica() -> Replica {
    let mut replica = Replica::new(DOCUMENT, ReplicaId::new(1));
    for i in 0..40 {
        replica.insert_text("text", Unit::Scalar, i / 2, "word ").unwrap();
        replica.set(format!("map.key {i}"), i as i64).unwrap();
    }
    replica.delete_text("text", Unit::Scalar, 10, 50).unwrap();
    let commit = Commit::new().at(1).message("all else").origin("test");
    let all_else = |replica: &mut Replica| {
        replica.insert_items("list", 0, 0..8)?;
        replica.delete_items("list", 2, 2)?;
        replica.move_item("list", 0, 4)?;
        replica.increment("counter", 5)?;
        replica.add("set", "element")?;
        replica.discard("set", &"element".into())?;
        Ok::<_, EditError>(())
    };
    replica.transact(commit, all_else).unwrap();
    replica
}

/// Puts a claim of 2^62 items or bytes at a place, and makes the checksum fit.
fn with_claim(frame: &[u8], at: usize, head: u8) -> Vec<u8> {
    let mut forged = frame[..at].to_vec();
    forged.push(head);
    forged.extend((1_u64 << 62).to_be_bytes());
    forged.extend(&frame[at..]);
    let end = forged.len();
    let checksum = crc32fast::hash(&forged[..end - 5]);
    forged[end - 4..].copy_from_slice(&checksum.to_be_bytes());
    forged
}

/// One test, as the counters are of the whole process.
#[test]
fn hostile_bytes_allocate_in_proportion_to_their_length() {
    /// A change of two bytes, say, takes some 200 bytes in memory; and a few tables are doubled
    /// while they grow.
    const FACTOR: usize = 100;
    const CONSTANT: usize = 16 << 10;
    let mut replica = replica();
    let saved = replica.save();
    let frame = replica.export(&libsync::VersionVector::new()).unwrap();
    let check = |bytes: &[u8], what: &str| {
        let load = most_allocated(|| drop(Replica::load(bytes, ReplicaId::new(2))));
        let mut taker = Replica::new(DOCUMENT, ReplicaId::new(2));
        let apply = most_allocated(|| drop(taker.apply(bytes)));
        let most = load.max(apply);
        assert!(most <= FACTOR * bytes.len() + CONSTANT, "{what}: {} bytes, {most}", bytes.len());
    };
    for bytes in [&saved, &frame] {
        check(bytes, "whole");
        for at in 0..bytes.len() - 5 {
            check(&bytes[..at], "cut");
            for head in [0x5b_u8, 0x7b, 0x9b, 0xbb] {
                check(&with_claim(bytes, at, head), "a claim");
            }
        }
    }
}
