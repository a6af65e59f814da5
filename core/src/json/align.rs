//! Which item of a list became which: those that stayed the same, wherever they are now, and those
//! that are alike.

use crate::ascending::longest_ascending;
use std::collections::{BTreeMap, VecDeque};
use std::mem::discriminant;

use super::classes::{Class, Classes};
use super::matching::longest_common;
use super::similar;
use super::tree::Tree;

/// What an item of the new list was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Former {
    /// Its index in the old list.
    pub(crate) index: usize,
    /// Whether it was the same already.
    pub(crate) is_same: bool,
}

/// For each item of the new list what it was in the old one, if it is not new; no two were the same.
///
/// What stands at both ends is passed over. Between, a longest common subsequence stays; an item that
/// is equal to one elsewhere was moved; of the others those with most in common are one and the same
/// ([`similar`]), and then those which are between the same neighbours.
///
/// O(s + n log n) for n items between the ends, and s to compare what is in them.
pub(crate) fn align<'t>(
    old: &'t [Tree],
    new: &'t [Tree],
    classes: &mut Classes<'t>,
) -> Vec<Option<Former>> {
    let shorter = old.len().min(new.len());
    let same = |(a, b): &(&Tree, &Tree)| a.looks_like(b);
    let start = old.iter().zip(new).take_while(same).count();
    let ends = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = ends.take(shorter - start).take_while(same).count();

    let former = |index| Some(Former { index, is_same: true });
    let mut formers: Vec<Option<Former>> = (0..start).map(former).collect();
    let between = align_middle(&old[start..old.len() - end], &new[start..new.len() - end], classes);
    formers.extend(between.into_iter().map(|former| {
        former.map(|Former { index, is_same }| Former { index: start + index, is_same })
    }));
    formers.extend((old.len() - end..old.len()).map(former));
    formers
}

fn align_middle<'t>(
    old: &'t [Tree],
    new: &'t [Tree],
    classes: &mut Classes<'t>,
) -> Vec<Option<Former>> {
    let mut formers: Vec<Option<Former>> = vec![None; new.len()];
    if old.is_empty() || new.is_empty() {
        return formers;
    }
    let of_old: Vec<Class> = old.iter().map(|item| classes.of(item)).collect();
    let of_new: Vec<Class> = new.iter().map(|item| classes.of(item)).collect();
    let mut is_taken = vec![false; old.len()];
    for run in longest_common(&of_old, &of_new).unwrap_or_default() {
        for i in 0..run.len {
            formers[run.b + i] = Some(Former { index: run.a + i, is_same: true });
            is_taken[run.a + i] = true;
        }
    }

    let mut elsewhere: BTreeMap<Class, VecDeque<usize>> = BTreeMap::new();
    for index in (0..old.len()).filter(|&index| !is_taken[index]) {
        elsewhere.entry(of_old[index]).or_default().push_back(index);
    }
    for (former, class) in formers.iter_mut().zip(&of_new).filter(|(former, _)| former.is_none()) {
        let Some(index) = elsewhere.get_mut(class).and_then(VecDeque::pop_front) else { continue };
        *former = Some(Former { index, is_same: true });
        is_taken[index] = true;
    }

    similar::pair(old, new, &mut formers, &mut is_taken);
    pair_between_neighbours(old, new, &mut formers, &mut is_taken);
    formers
}

/// Pairs what is left in its order, where it is between the same items that stay in place.
fn pair_between_neighbours(
    old: &[Tree],
    new: &[Tree],
    formers: &mut [Option<Former>],
    is_taken: &mut [bool],
) {
    let kept = formers.iter().enumerate();
    let kept: Vec<(usize, usize)> =
        kept.filter_map(|(j, former)| Some((former.as_ref()?.index, j))).collect();
    let indices: Vec<usize> = kept.iter().map(|&(index, _)| index).collect();
    let stays = kept.iter().zip(longest_ascending(&indices)).filter(|(_, stays)| *stays);
    let ends = stays.map(|(&kept, _)| kept).chain([(old.len(), new.len())]);
    let (mut start, mut next) = (0, 0);
    for (end, j_end) in ends.collect::<Vec<_>>() {
        // What is left there, by kind: as all of one kind can become the same, the first is tried.
        let mut left: Vec<VecDeque<usize>> = Vec::new();
        for index in (start..end).filter(|&index| !is_taken[index]) {
            let kind = discriminant(&old[index].shape);
            let of_kind = left.iter_mut().find(|all| discriminant(&old[all[0]].shape) == kind);
            match of_kind {
                Some(all) => all.push_back(index),
                None => left.push(VecDeque::from([index])),
            }
        }
        for j in next..j_end {
            if formers[j].is_some() {
                continue;
            }
            let firsts = left.iter().filter_map(|all| all.front().copied());
            let Some(index) = firsts.filter(|&index| old[index].can_become(&new[j])).min() else {
                continue;
            };
            formers[j] = Some(Former { index, is_same: false });
            is_taken[index] = true;
            for all in &mut left {
                while all.front().is_some_and(|&first| first <= index) {
                    all.pop_front();
                }
            }
        }
        (start, next) = (end + 1, j_end + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::json::Shape;
    use crate::simulation::Random;

    fn items(json: &str) -> Vec<Tree> {
        let Shape::List(items) = read(json).unwrap().shape else { panic!("{json} is a list") };
        items
    }

    /// What each new item was: its index, marked with `~` where it has changed; `+`: nothing.
    fn aligned(old: &str, new: &str) -> String {
        let (old, new) = (items(old), items(new));
        let formers = align(&old, &new, &mut Classes::default());
        let written = formers.iter().map(|former| match former {
            Some(Former { index, is_same: true }) => index.to_string(),
            Some(Former { index, is_same: false }) => format!("~{index}"),
            None => "+".to_owned(),
        });
        written.collect::<Vec<String>>().join(" ")
    }

    #[test]
    fn items_are_found_again() {
        for (old, new, formers) in [
            ("[]", "[]", ""),
            ("[]", "[1,2]", "+ +"),
            ("[1,2,3]", "[1,3]", "0 2"),
            ("[1,2,3]", "[3,1,2]", "2 0 1"),
            ("[1,2,3]", "[1,9,2,3]", "0 + 1 2"),
            ("[1,2,3]", "[1,9,3]", "0 ~1 2"),
            ("[1,[],3]", "[1,9,3]", "0 + 2"),
            ("[0,0,0]", "[0,0]", "0 1"),
            ("[[1,2],[3]]", "[[3],[1,2]]", "1 0"),
            // Alike, and moved.
            (r#"[{"a":1,"b":1},5,6]"#, r#"[5,6,{"a":1,"b":2}]"#, "1 2 ~0"),
            // What is in all of them says nothing; what only one has, does.
            (
                r#"[{"id":1,"x":0},{"id":2,"x":0},{"id":3,"x":0}]"#,
                r#"[{"id":3,"x":1},{"id":1,"x":1},{"id":4,"x":0}]"#,
                "~2 ~0 ~1",
            ),
            // Nothing in common, but the same neighbours.
            (r#"[1,{"a":1},2]"#, r#"[1,{"b":2},2]"#, "0 ~1 2"),
        ] {
            assert_eq!(aligned(old, new), formers, "{old} {new}");
        }
    }

    #[test]
    fn nothing_is_taken_twice_and_what_is_said_to_be_the_same_is() {
        for seed in 0..2_000 {
            let mut random = Random::new(seed);
            let mut list = || -> Vec<Tree> {
                let parts = ["1", "2", "[1]", "{\"a\":1}", "{\"a\":2,\"b\":1}", "\"a b\"", "{}"];
                let items = (0..random.below(9)).map(|_| *random.pick(&parts));
                items.map(|json| read(json).unwrap()).collect()
            };
            let (old, new) = (list(), list());
            let formers = align(&old, &new, &mut Classes::default());
            assert_eq!(formers.len(), new.len(), "seed {seed}");
            let mut is_taken = vec![false; old.len()];
            for (new, former) in new.iter().zip(&formers) {
                let Some(Former { index, is_same }) = *former else { continue };
                assert!(!std::mem::replace(&mut is_taken[index], true), "seed {seed}");
                assert_eq!(old[index].looks_like(new), is_same, "seed {seed}");
                assert!(is_same || old[index].can_become(new), "seed {seed}");
            }
        }
    }

    #[test]
    fn a_long_list_in_another_order_is_found_again() {
        let list = |numbers: &mut dyn Iterator<Item = i64>| -> Vec<Tree> {
            numbers.map(|number| Tree::from(crate::value::Value::Int(number))).collect()
        };
        let (old, new) = (list(&mut (0..20_000)), list(&mut (0..20_000).rev()));
        let formers = align(&old, &new, &mut Classes::default());
        let indices = formers.iter().map(|former| former.expect("it was there").index);
        assert!(indices.eq((0..20_000).rev()));
    }
}
