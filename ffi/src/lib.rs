//! The C ABI of libsync.
//!
//! This crate is `include/sync.h`, read from the other side: every public item is one of the
//! header, and the header is generated from it. The rules that all calls keep (ownership, NULL,
//! lengths, errors, threads, panics) are written once, in `docs/c-abi.md`.
//!
//! The way of a call: `guard` catches panics and turns a failure into a status; `argument`
//! and `sized` check what C handed in; `registry` finds the object behind the handle and
//! locks it; the core does the work; the result is written only when all has gone well.
#![expect(
    clippy::missing_safety_doc,
    reason = "what a caller has to keep to is in docs/c-abi.md, for all functions at once, and in \
              the comments that the C header carries"
)]
#![expect(
    non_camel_case_types,
    reason = "types and constants bear the names that they have in the C header"
)]

mod argument;
mod details;
mod failure;
mod guard;
mod json;
mod live;
mod registry;
mod sized;

mod version;
pub use version::*;
mod status;
pub use status::*;
mod error;
pub use error::*;
mod buf;
pub use buf::*;
mod value;
pub use value::*;
mod identity;
pub use identity::*;
mod options;
pub use options::*;
mod replica;
pub use replica::*;
mod edit;
pub use edit::*;
mod text;
pub use text::*;
mod list;
pub use list::*;
mod counter;
pub use counter::*;
mod set;
pub use set::*;
mod transaction;
pub use transaction::*;
mod read;
pub use read::*;
mod history;
pub use history::*;
mod exchange;
pub use exchange::*;
mod stream;
pub use stream::*;
mod membership;
pub use membership::*;
mod prune;
pub use prune::*;
mod redact;
pub use redact::*;
mod rescue;
pub use rescue::*;
