//! The extension module `libsync._libsync`: the core's replica as a Python class.
//!
//! A call goes `input` (Python's arguments become the core's) -> `guard` (the lock, and the net
//! under panics) -> the core -> `output` or `error` (what came of it becomes Python's). A thread that
//! holds a replica's lock runs no Python code, so that code that Python runs at any moment, such as
//! a finalizer, may call the same replica; and no thread waits for such a lock without letting go
//! of the interpreter, so that the two can't wait for each other.

mod applied;
mod content;
mod error;
mod guard;
mod input;
mod moment;
mod output;
mod replica;
mod rescued;
mod stream;
mod transaction;
mod tree;
mod version;

/// The compiled part of the package `libsync`.
#[pyo3::pymodule(name = "_libsync", gil_used = false)]
mod module {
    #[pymodule_export]
    use crate::applied::Applied;
    #[pymodule_export]
    use crate::input::replica_id;
    #[pymodule_export]
    use crate::replica::Replica;
    #[pymodule_export]
    use crate::stream::{Receiver, Sender};
    #[pymodule_export]
    use crate::transaction::Transaction;
    #[pymodule_export]
    use crate::version::VersionVector;
}
