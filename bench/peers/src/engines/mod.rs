//! The engines, one file each.

mod automerge;
mod cola;
mod diamond_types;
mod libsync;
mod loro;
mod yrs;

use crate::engine::Engine;

/// All engines, in the order of the table; the first is compared with the others.
pub(crate) const ALL: [&dyn Engine; 6] = [
    &libsync::Libsync,
    &diamond_types::DiamondTypes,
    &cola::Cola,
    &yrs::Yrs,
    &loro::Loro,
    &automerge::Automerge,
];

/// The version of a package, as the lockfile has it.
pub(crate) fn version(package: &str) -> String {
    let named = format!("name = \"{package}\"");
    let mut lines = include_str!("../../Cargo.lock").lines().skip_while(|line| *line != named);
    let version = lines.nth(1).and_then(|line| line.strip_prefix("version = "));
    version.expect("the lockfile lists it").trim_matches('"').to_owned()
}
