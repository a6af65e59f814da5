//! The naive model that everything is compared with: the plain set of all operations, read from the
//! frames without the core's help, and shown without any regard to order, speed or memory.
//!
//! It follows `docs/wire-format.md` and `docs/semantics.md` alone: a frame is decoded as generic CBOR,
//! its columns number by number, each of its operations taken apart to single identities, all of them
//! kept in a [`History`], and a [`Document`] made of the whole of it whenever one is to be judged.

mod changes;
mod column;
mod document;
mod frame;
mod history;
mod operation;
mod scalar;
mod sequence;

pub use document::Document;
pub use history::History;
