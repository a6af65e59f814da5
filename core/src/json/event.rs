//! What has changed in the document, as a JSON Patch.

use crate::event::{Delta, Diff, Event, KeyDelta, ListDelta};
use crate::path::Path;
use crate::value::{Content, Value};

use super::patch::PatchWriter;
use super::tree::Tree;

/// What is shown now.
pub(crate) trait Now {
    type Error;

    /// The text at a path.
    fn text(&self, path: &Path) -> Result<String, Self::Error>;

    /// The elements of the set at a path, ascending.
    fn elements(&self, path: &Path) -> Result<Vec<Value>, Self::Error>;
}

/// The JSON Patch that makes what is shown after an event of what was shown before. JSON Patch can't
/// say what was edited in a string, nor what was added to a set without where: so what the event says
/// of texts and sets is completed by what they are now.
///
/// # Errors
/// Those of `now`.
pub(crate) fn event_patch<N: Now>(event: &Event, now: &N) -> Result<String, N::Error> {
    let mut patch = PatchWriter::default();
    for Diff { path, delta } in &event.diffs {
        match delta {
            Delta::Text(_) => patch.replace(path, &Value::String(now.text(path)?).into()),
            Delta::Counter { count, .. } => patch.replace(path, &Value::Int(*count).into()),
            Delta::Map(keys) => keys.iter().for_each(|key| of_key(path, key, &mut patch)),
            Delta::List(deltas) => of_list(path, deltas, &mut patch),
            Delta::Set { added, removed } => {
                of_set(path, &now.elements(path)?, added, removed, &mut patch);
            }
        }
    }
    Ok(patch.finish())
}

fn of_key(path: &Path, delta: &KeyDelta, patch: &mut PatchWriter) {
    let path = path.child(delta.key.as_str());
    match (&delta.old, &delta.new) {
        (None, None) => {}
        (None, Some(new)) => patch.add(&path, &Tree::of(new)),
        (Some(_), None) => patch.remove(&path),
        (Some(old), Some(new)) => of_content(&path, old, new, patch),
    }
}

/// The same content, where only a conflict came or went, is no operation.
fn of_content(path: &Path, old: &Content, new: &Content, patch: &mut PatchWriter) {
    if old != new {
        patch.replace(path, &Tree::of(new));
    }
}

fn of_list(path: &Path, deltas: &[ListDelta], patch: &mut PatchWriter) {
    // What stays at the start only moves all indices.
    let (start, deltas) = match deltas {
        [ListDelta::Retain(start), rest @ ..] => (*start, rest),
        all => (0, all),
    };
    let mut at = start;
    let mut items: Vec<(Option<usize>, Option<Tree>)> = Vec::new();
    let mut sets: Vec<(usize, &Content, &Content)> = Vec::new();
    for delta in deltas {
        match delta {
            ListDelta::Retain(len) => {
                items.extend((at..at + len).map(|index| (Some(index - start), None)));
                at += len;
            }
            ListDelta::Insert(contents) => {
                items.extend(contents.iter().map(|content| (None, Some(Tree::of(content)))));
            }
            ListDelta::Delete(len) => at += len,
            ListDelta::Move { from } => items.push((from.checked_sub(start), None)),
            ListDelta::Set { old, new, .. } => {
                sets.push((start + items.len(), old, new));
                items.push((Some(at - start), None));
                at += 1;
            }
        }
    }
    let formers: Vec<Option<usize>> = items.iter().map(|(former, _)| *former).collect();
    let new: Vec<Option<Tree>> = items.into_iter().map(|(_, new)| new).collect();
    patch.steps(path, start, at - start, &formers, |j| new[j].as_ref());
    for (index, old, new) in sets {
        of_content(&path.child(index), old, new, patch);
    }
}

/// Elements are at the indices that they have in canonical JSON.
fn of_set(
    path: &Path,
    elements: &[Value],
    added: &[Value],
    removed: &[Value],
    patch: &mut PatchWriter,
) {
    let mut old: Vec<&Value> =
        elements.iter().filter(|element| !added.contains(element)).chain(removed).collect();
    old.sort_unstable();
    for (index, _) in old.iter().enumerate().rev().filter(|(_, value)| removed.contains(value)) {
        patch.remove(&path.child(index));
    }
    for (index, element) in elements.iter().enumerate() {
        if added.contains(element) {
            patch.add(&path.child(index), &element.clone().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Shape, read};
    use super::*;
    use crate::event::Origin;
    use crate::simulation::Random;
    use crate::value::Kind;

    struct Shown;

    impl Now for Shown {
        type Error = ();

        fn text(&self, _: &Path) -> Result<String, ()> {
            Ok("now".to_owned())
        }

        fn elements(&self, _: &Path) -> Result<Vec<Value>, ()> {
            Ok(vec![1.into(), 3.into(), 5.into()])
        }
    }

    fn key(key: &str, old: Option<Content>, new: Option<Content>) -> KeyDelta {
        KeyDelta { key: key.to_owned(), old, new, was_in_conflict: false, in_conflict: false }
    }

    fn patch(diffs: Vec<(&str, Delta)>) -> String {
        let diffs = diffs
            .into_iter()
            .map(|(path, delta)| Diff { path: Path::parse(path).unwrap(), delta })
            .collect();
        let event = Event { origin: Origin::Local, diffs };
        event_patch(&event, &Shown).unwrap()
    }

    #[test]
    fn each_diff_becomes_operations() {
        let keys = vec![
            key("new", None, Some(1.into())),
            key("old", Some(1.into()), None),
            key("same", Some(Kind::Map.into()), Some(Kind::Map.into())),
            key("other", Some(1.into()), Some(Kind::List.into())),
        ];
        let set = Delta::Set { added: vec![1.into(), 5.into()], removed: vec![2.into(), 9.into()] };
        for (path, delta, expected) in [
            (
                "/a",
                Delta::Map(keys),
                r#"[{"op":"add","path":"/a/new","value":1},{"op":"remove","path":"/a/old"},{"op":"replace","path":"/a/other","value":[]}]"#,
            ),
            ("/t", Delta::Text(vec![]), r#"[{"op":"replace","path":"/t","value":"now"}]"#),
            (
                "/c",
                Delta::Counter { by: 2, count: 7 },
                r#"[{"op":"replace","path":"/c","value":7}]"#,
            ),
            (
                "/s",
                set,
                r#"[{"op":"remove","path":"/s/2"},{"op":"remove","path":"/s/0"},{"op":"add","path":"/s/0","value":1},{"op":"add","path":"/s/2","value":5}]"#,
            ),
        ] {
            assert_eq!(patch(vec![(path, delta)]), expected);
        }
        assert_eq!(patch(vec![]), "[]");
    }

    /// Does what a patch says to the items of the list `/l`.
    fn followed(mut list: Vec<String>, patch: &str) -> Vec<String> {
        let Shape::List(operations) = read(patch).unwrap().shape else { panic!("{patch}") };
        for operation in operations {
            let member = |name| operation.member(name).and_then(Tree::as_str).unwrap();
            let index = |name| member(name)["/l/".len()..].parse::<usize>().unwrap();
            let value = || operation.member("value").unwrap().to_json();
            match member("op") {
                "add" => list.insert(index("path"), value()),
                "remove" => drop(list.remove(index("path"))),
                "replace" => list[index("path")] = value(),
                "move" => {
                    let item = list.remove(index("from"));
                    list.insert(index("path"), item);
                }
                other => panic!("{other}"),
            }
        }
        list
    }

    #[test]
    fn random_diffs_of_lists_lead_there() {
        for seed in 0..5_000 {
            let mut random = Random::new(seed);
            let old: Vec<String> = (0..random.below(8)).map(|item| item.to_string()).collect();
            // Which items go, and where those of them come that are moved.
            let goes: Vec<bool> = old.iter().map(|_| random.chance(40)).collect();
            let mut moved: Vec<usize> =
                (0..old.len()).filter(|&at| goes[at] && random.chance(60)).collect();
            let (mut deltas, mut expected) = (Vec::new(), Vec::new());
            for (at, item) in old.iter().enumerate() {
                if random.chance(20) {
                    let number = random.below(100) as i64 + 100;
                    deltas.push(ListDelta::Insert(vec![number.into(), Kind::Map.into()]));
                    expected.extend([number.to_string(), "{}".to_owned()]);
                }
                if !moved.is_empty() && random.chance(40) {
                    let from = moved.remove(random.below(moved.len()));
                    deltas.push(ListDelta::Move { from });
                    expected.push(old[from].clone());
                }
                if goes[at] {
                    deltas.push(ListDelta::Delete(1));
                } else if random.chance(30) {
                    let (old, new) = (Content::from(at as i64), Content::from("set"));
                    deltas.push(ListDelta::Set { old, new, in_conflict: false });
                    expected.push("\"set\"".to_owned());
                } else {
                    deltas.push(ListDelta::Retain(1));
                    expected.push(item.clone());
                }
            }
            for from in moved {
                deltas.push(ListDelta::Move { from });
                expected.push(old[from].clone());
            }
            let patch = patch(vec![("/l", Delta::List(deltas))]);
            assert_eq!(followed(old, &patch), expected, "seed {seed}: {patch}");
        }
    }
}
