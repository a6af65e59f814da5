//! Keys that a list has named so far, by container, and what was last assigned there.

use std::collections::BTreeMap;

use crate::container::Key;
use crate::error::DecodeError;
use crate::id::OpId;

/// The keys of a list that is written.
#[derive(Default)]
pub(super) struct KeysWriter(Vec<BTreeMap<Key, Named>>);

pub(super) struct Named {
    /// From 1 on, in the order in which the container's keys are named first.
    pub(super) number: u64,
    /// The last assignment, if it was not taken away.
    pub(super) assigned: Option<OpId>,
}

impl KeysWriter {
    /// A key that was named before; else it is now.
    pub(super) fn get(&mut self, container: usize, key: &Key) -> Option<&mut Named> {
        if container >= self.0.len() {
            self.0.resize_with(container + 1, BTreeMap::new);
        }
        self.0[container].get_mut(key)
    }

    /// Names a key that was not named before.
    pub(super) fn add(&mut self, container: usize, key: Key, assigned: Option<OpId>) {
        let keys = &mut self.0[container];
        let number = keys.len() as u64 + 1;
        keys.insert(key, Named { number, assigned });
    }
}

/// The keys of a list that is read.
#[derive(Default)]
pub(super) struct Keys(Vec<Vec<(Key, Option<OpId>)>>);

impl Keys {
    /// The key of that number in a container that is listed in the table, and its last assignment.
    pub(super) fn get(
        &mut self,
        container: usize,
        number: u64,
    ) -> Option<&mut (Key, Option<OpId>)> {
        let nth = usize::try_from(number.checked_sub(1)?).ok()?;
        self.0.get_mut(container)?.get_mut(nth)
    }

    /// Names a key for the first time; gives its number.
    pub(super) fn add(&mut self, container: usize, key: Key) -> u64 {
        if container >= self.0.len() {
            self.0.resize_with(container + 1, Vec::new);
        }
        self.0[container].push((key, None));
        self.0[container].len() as u64
    }

    /// Asserts that no key was spelled out twice.
    pub(super) fn end(&self, offset: usize) -> Result<(), DecodeError> {
        for keys in &self.0 {
            let mut sorted: Vec<&Key> = keys.iter().map(|(key, _)| key).collect();
            sorted.sort_unstable();
            if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(DecodeError::NotCanonical { offset, what: "a key spelled out twice" });
            }
        }
        Ok(())
    }
}

/// A number that equal keys of one container have in common, given as they are written; others, by and
/// large, do not. (Multiplying and folding as in wyhash, Wang Yi 2019.)
#[inline]
pub(super) fn hash(container: usize, key: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let fold = |hash: u64, word: u64| {
        let product = u128::from(hash ^ word) * u128::from(FACTOR);
        product as u64 ^ (product >> 64) as u64
    };
    let (words, rest) = key.as_chunks::<8>();
    let rest = rest.iter().fold(rest.len() as u64, |word, &byte| word << 8 | u64::from(byte));
    let start = fold(FACTOR, container as u64);
    let hash = words.iter().fold(start, |hash, word| fold(hash, u64::from_le_bytes(*word)));
    fold(hash, rest)
}
