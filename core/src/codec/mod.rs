//! Bytes: CBOR (RFC 8949) in core deterministic encoding. The only place that reads foreign ones.
//!
//! Every frame is a kind, a format version, a document, an epoch, a body and a checksum;
//! `docs/wire-format.md` is normative. A decoder allocates in proportion to the bytes that are
//! there, never to a length that they claim, and takes one encoding of each value alone.
//!
//! - [`writer`], [`reader`]: CBOR items.
//! - [`frame`]: what is around every body; [`compressed`]: bodies in fewer bytes.
//! - [`tables`]: replicas and containers, named once in a body.
//! - [`columns`] of [`varint`]s: lists of changes; [`op`]: what their rows share.
//! - [`stream`]: operations one by one, each in a few bytes.
//! - [`block`]: what the log keeps. [`change`], [`version`], [`document`] with its [`container`]s,
//!   their [`places`] and its [`member`]s: the bodies.
//! - [`cursor`]: positions, which hosts keep; not in a frame. [`presence`]: who is there.

pub(crate) mod acknowledgement;
pub(crate) mod block;
pub(crate) mod change;
mod columns;
mod compressed;
mod container;
pub(crate) mod cursor;
pub(crate) mod document;
pub(crate) mod frame;
mod member;
mod op;
mod places;
pub(crate) mod presence;
mod reader;
pub(crate) mod stream;
mod tables;
mod varint;
pub(crate) mod version;
mod writer;

pub(crate) use columns::{ChangeHead, OpRef, Row, Rows};
pub(crate) use tables::MAX_COUNT;
