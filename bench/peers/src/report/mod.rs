//! The cells as a reader sees them.

pub(crate) mod chart;
mod figure;
pub(crate) mod page;
mod rows;
pub(crate) mod table;

pub(crate) use rows::Row;
