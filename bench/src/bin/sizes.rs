//! Space: bytes on the wire, at rest and in memory for the whole trace, before and after pruning.

use libsync::{MemoryUse, Replica, VersionVector};
use libsync_bench::{READER, TEXT, Trace, deliver, export, reader, settle};

fn main() {
    let trace = Trace::load();
    let (mut author, frames) = trace.typed_with_frames();
    let mut other = reader();
    deliver(&mut other, &frames);
    assert_eq!(other.to_json(), author.to_json());

    let sent: usize = frames.iter().map(Vec::len).sum();
    println!("on the wire, bytes");
    row("one typed character, as a frame", typed_character(&trace, &frames));
    row("mean frame of one edit", sent / frames.len());
    let (_, streamed) = trace.typed_with_stream();
    row("all edits, a stream", streamed.iter().map(Vec::len).sum());
    row("all edits, a frame each", sent);
    row("all edits, one frame", export(&mut author, &VersionVector::new()).len());
    row("the final text in UTF-8", trace.end_content.len());

    let (saved, memory) = (author.save().len(), author.memory());
    author.join(READER).expect("the author may make the reader a member");
    let joined = export(&mut author, other.version());
    deliver(&mut other, &[joined]);
    settle(&mut author, &mut other);
    let report = author.prune();
    assert!(report.held_back_by.is_empty(), "all is stable: {report:?}");
    let (saved_pruned, memory_pruned) = (author.save().len(), author.memory());
    let loaded = Replica::load(&author.save(), READER).expect("what was saved loads");
    assert_eq!(loaded.text(TEXT).as_deref(), Ok(trace.end_content.as_str()));

    println!("\n{:<36}{:>14}{:>14}", "before and after pruning", "before", "after");
    pair("saved, bytes", saved, saved_pruned);
    let of = |field: fn(&MemoryUse) -> usize| (field(&memory), field(&memory_pruned));
    for (name, (before, after)) in [
        ("memory, bytes", of(MemoryUse::total_bytes)),
        ("  of it the state", of(|memory| memory.state_bytes)),
        ("  of it the log", of(|memory| memory.log_bytes)),
    ] {
        pair(name, before, after);
    }
    for (name, before, after) in [
        ("nodes", memory.nodes, memory_pruned.nodes),
        ("  of them tombstones", memory.tombstones, memory_pruned.tombstones),
        ("spans", memory.spans, memory_pruned.spans),
        ("changes in the log", memory.changes, memory_pruned.changes),
    ] {
        pair(name, before, after);
    }
}

/// The median frame of an edit that inserts one character.
fn typed_character(trace: &Trace, frames: &[Vec<u8>]) -> usize {
    let mut lengths: Vec<usize> = trace
        .edits()
        .zip(frames)
        .filter(|(edit, _)| edit.1 == 0 && edit.2.chars().count() == 1)
        .map(|(_, frame)| frame.len())
        .collect();
    lengths.sort_unstable();
    lengths[lengths.len() / 2]
}

fn row(name: &str, value: usize) {
    println!("  {name:<34}{value:>14}");
}

fn pair(name: &str, before: impl std::fmt::Display, after: impl std::fmt::Display) {
    println!("  {name:<34}{before:>14}{after:>14}");
}
