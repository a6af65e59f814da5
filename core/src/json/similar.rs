//! Which items of two lists, though none is equal to another, are most likely one and the same: those
//! that have most in common, of what few others have.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::align::Former;
use super::classes::Class;
use super::tree::{Shape, Tree};

/// Something that is in an item: a member by its key and class, an item of a list by its class, a
/// word of a text.
type Trait<'t> = (&'t str, Option<Class>);

/// How much of what is in an item is looked at.
const MAX_TRAITS: usize = 32;

/// In how many items a trait may be that leads from one to another.
const MAX_BEARERS: usize = 8;

/// Pairs what is left of the old items with what is left of the new ones, those first that have most
/// in common; at least a third of what is in the larger. O(n log n) in their number.
pub(super) fn pair(
    old: &[Tree],
    new: &[Tree],
    formers: &mut [Option<Former>],
    is_taken: &mut [bool],
) {
    let mut bearers: BTreeMap<Trait<'_>, Vec<usize>> = BTreeMap::new();
    let traits_of_old: Vec<Vec<Trait<'_>>> = old
        .iter()
        .zip(&*is_taken)
        .map(|(item, is_taken)| if *is_taken { Vec::new() } else { traits(item) })
        .collect();
    for (i, traits) in traits_of_old.iter().enumerate() {
        for &mark in traits {
            bearers.entry(mark).or_default().push(i);
        }
    }
    let mut pairs: Vec<Pair> = Vec::new();
    for (j, item) in new.iter().enumerate().filter(|&(j, _)| formers[j].is_none()) {
        let traits = traits(item);
        let known = traits.iter().filter_map(|mark| bearers.get(mark));
        let mut alike: Vec<usize> =
            known.filter(|bearers| bearers.len() <= MAX_BEARERS).flatten().copied().collect();
        alike.sort_unstable();
        alike.dedup();
        for i in alike {
            let shared = traits.iter().filter(|mark| traits_of_old[i].binary_search(mark).is_ok());
            let counts: Vec<usize> = shared.map(|mark| bearers[mark].len()).collect();
            let larger = traits.len().max(traits_of_old[i].len());
            if 3 * counts.len() >= larger && old[i].can_become(item) {
                let weight = counts.iter().map(|count| 1_000 / count).sum();
                pairs.push(Pair { weight, i, j });
            }
        }
    }
    pairs.sort_unstable_by_key(|pair| (Reverse(pair.weight), pair.i.abs_diff(pair.j), pair.j));
    for Pair { i, j, .. } in pairs {
        if !is_taken[i] && formers[j].is_none() {
            formers[j] = Some(Former { index: i, is_same: false });
            is_taken[i] = true;
        }
    }
}

/// Two items that may be one.
struct Pair {
    /// How much is in both, in thousandths: what several old items have counts as a part.
    weight: usize,
    i: usize,
    j: usize,
}

/// The first of what is in an item, sorted, each once. Items of which the class was asked for know
/// those of what is in them.
fn traits(item: &Tree) -> Vec<Trait<'_>> {
    let mut traits: Vec<Trait<'_>> = match &item.shape {
        Shape::Map(members) => members
            .iter()
            .take(MAX_TRAITS)
            .map(|(key, member)| (key.as_str(), member.class.get()))
            .collect(),
        Shape::List(items) => {
            items.iter().take(MAX_TRAITS).map(|item| ("", item.class.get())).collect()
        }
        _ => item
            .as_str()
            .into_iter()
            .flat_map(|text| text.split_whitespace().take(MAX_TRAITS))
            .map(|word| (word, None))
            .collect(),
    };
    traits.sort_unstable();
    traits.dedup();
    traits
}
