//! Random edits of whatever a replica shows: of all types, at a few places, so that they meet.

use libsync::{Content, Kind, Replica, Unit, Value};

use crate::edit::Edit;
use crate::expect::measure;
use crate::random::Random;

/// In a run, the first few of them are used.
pub(crate) const KEYS: [&str; 6] = ["a", "b", "c", "é", "~1~0.", ""];
const WORDS: [&str; 8] = ["a", "b", "xy", "hello ", "é", "𝄞", "日本", "0123456789"];
/// Containers that grow only are created under these keys of the root alone, so that they do not
/// forbid the removal of everything else.
const GROWING: [(&str, Kind); 2] =
    [("/seen", Kind::GrowOnlySet), ("/visits", Kind::GrowOnlyCounter)];
const TIMES: [i64; 5] = [i64::MIN, -1, 0, 1_732_194_000_000_000, i64::MAX];
const KINDS: [Kind; 5] = [Kind::Map, Kind::Text, Kind::List, Kind::Counter, Kind::Set];
const DEEPEST: usize = 6;

/// An edit that can be made now, but for a few.
pub(crate) fn edit(replica: &Replica, random: &mut Random, keys: &[&str]) -> Edit {
    if random.chance(6) {
        return growing(random);
    }
    let (path, kind) = container(replica, random);
    // Several remove one thing at a time, each having seen other parts of it.
    let removed = match kind {
        Kind::Map => 0,
        Kind::Counter => 20,
        _ => 6,
    };
    if random.chance(removed) {
        return Edit::Remove { path };
    }
    match kind {
        Kind::Map => of_map(replica, random, &path, keys),
        Kind::Text => of_text(replica, random, path),
        Kind::List => of_list(replica, random, path, keys),
        Kind::Counter | Kind::GrowOnlyCounter => {
            let least = if kind == Kind::Counter { -10 } else { 0 };
            let delta = least + random.below(20) as i64;
            // Now and then to the end of what can be counted.
            let factor = if random.chance(5) { i64::MAX / 20 } else { 1 };
            Edit::Increment { path, delta: delta * factor }
        }
        Kind::Set => {
            let value = value(random);
            match random.below(5) {
                0..3 => Edit::Add { path, value },
                _ => Edit::Discard { value: member(replica, random, &path, value), path },
            }
        }
        _ => Edit::Add { path, value: value(random) },
    }
}

/// An edit of a text, if any is shown under a key of the root; else of anything.
pub(crate) fn text_edit(replica: &Replica, random: &mut Random, keys: &[&str]) -> Edit {
    let path = format!("/{}", random.pick(&keys[..2]));
    match replica.get(path.as_str()) {
        Ok(None | Some(Content::Container(Kind::Text))) => of_text(replica, random, path),
        _ => edit(replica, random, keys),
    }
}

fn growing(random: &mut Random) -> Edit {
    let &(path, kind) = random.pick(&GROWING);
    let path = path.to_owned();
    match (random.below(8), kind) {
        (0, _) => Edit::Create { path, kind },
        (1, _) => Edit::Remove { path },
        (2, Kind::GrowOnlySet) => Edit::Discard { path, value: value(random) },
        (_, Kind::GrowOnlySet) => Edit::Add { path, value: value(random) },
        (_, _) => Edit::Increment { path, delta: random.below(10) as i64 },
    }
}

/// Some container that is shown, near the root or deep.
fn container(replica: &Replica, random: &mut Random) -> (String, Kind) {
    let (mut path, mut kind) = (String::new(), Kind::Map);
    for depth in 0..DEEPEST {
        let children = children(replica, &path, kind);
        if children.is_empty() || !random.chance(if depth == 0 { 80 } else { 60 }) {
            break;
        }
        let (key, child) = random.pick(&children).clone();
        path = format!("{path}/{key}");
        kind = child;
    }
    (path, kind)
}

/// What is shown in a map or a list, with the keys as a JSON Pointer has them.
pub(crate) fn contents_of(replica: &Replica, path: &str, kind: Kind) -> Vec<(String, Content)> {
    match kind {
        Kind::Map => {
            let keys = replica.keys(path).expect("a map has keys").into_iter();
            keys.map(|key| {
                let key = key.replace('~', "~0").replace('/', "~1");
                let content = replica.get(format!("{path}/{key}")).expect("the path is of maps");
                (key, content.expect("a key that is listed is shown"))
            })
            .collect()
        }
        Kind::List => {
            let items = replica.items(path).expect("a list has items").into_iter();
            items.enumerate().map(|(i, item)| (i.to_string(), item)).collect()
        }
        _ => Vec::new(),
    }
}

/// The containers in a container.
fn children(replica: &Replica, path: &str, kind: Kind) -> Vec<(String, Kind)> {
    let contents = contents_of(replica, path, kind).into_iter();
    let containers = contents.filter_map(|(key, content)| match content {
        Content::Container(kind) => Some((key, kind)),
        _ => None,
    });
    containers.collect()
}

fn of_map(replica: &Replica, random: &mut Random, map: &str, keys: &[&str]) -> Edit {
    let depth = map.matches('/').count();
    let path = format!("{map}/{}", random.pick(keys));
    // At the root less is removed, as everything else would go with it.
    let removals = if depth == 0 { 1 } else { 4 };
    let deeper = if depth < DEEPEST { 3 } else { 0 };
    match random.weighted(&[8, removals, removals, deeper, deeper, 4, 4, 3, 3]) {
        0 => {
            let is_container =
                matches!(replica.get(path.as_str()), Ok(Some(Content::Container(_))));
            if is_container && !random.chance(15) {
                return Edit::InsertText {
                    path: format!("{map}/t"),
                    unit: Unit::Scalar,
                    position: 0,
                    text: (*random.pick(&WORDS)).to_owned(),
                };
            }
            Edit::Set { path, value: value(random) }
        }
        1 => Edit::Remove { path },
        2 => Edit::RemoveWins { path },
        3 => Edit::Create { path, kind: *random.pick(&KINDS) },
        // Creates the map on the way.
        4 => Edit::Set { path: format!("{path}/{}", random.pick(keys)), value: value(random) },
        5 => of_text(replica, random, path),
        6 => Edit::InsertItems { path, index: 0, contents: contents(random) },
        7 => Edit::Increment { path, delta: 1 + random.below(9) as i64 },
        _ => Edit::Add { path, value: value(random) },
    }
}

fn of_text(replica: &Replica, random: &mut Random, path: String) -> Edit {
    let text: Vec<char> = replica.text(path.as_str()).unwrap_or_default().chars().collect();
    let unit = *random.pick(&[Unit::Scalar, Unit::Utf8, Unit::Utf16]);
    let offset = |scalars: usize| text[..scalars].iter().map(|&c| measure(unit, c)).sum::<usize>();
    let at = near(random, text.len());
    if random.chance(2) {
        // Within a character, if it has more units than one.
        return Edit::DeleteText { path, unit, position: offset(at) + 1, len: 1 };
    }
    if random.chance(40) && !text.is_empty() {
        let len = random.below((text.len() - at).min(8) + 1);
        return Edit::DeleteText {
            path,
            unit,
            position: offset(at),
            len: offset(at + len) - offset(at),
        };
    }
    Edit::InsertText { path, unit, position: offset(at), text: (*random.pick(&WORDS)).to_owned() }
}

fn of_list(replica: &Replica, random: &mut Random, path: String, keys: &[&str]) -> Edit {
    let len = replica.len(path.as_str()).expect("a list has a length");
    let at = near(random, len);
    if len == 0 || at == len || random.chance(20) {
        return match random.below(6) {
            0 => Edit::Set { path: format!("{path}/-"), value: value(random) },
            // Creates an item with a map in it.
            1 => {
                Edit::Set { path: format!("{path}/-/{}", random.pick(keys)), value: value(random) }
            }
            _ => Edit::InsertItems { path, index: at, contents: contents(random) },
        };
    }
    match random.weighted(&[6, 4, 2, 2, 1, 3]) {
        0 => Edit::MoveItem { path, from: at, to: random.below(len) },
        1 => Edit::Set { path: format!("{path}/{at}"), value: value(random) },
        2 => Edit::DeleteItems { path, index: at, len: 1 + random.below((len - at).min(3)) },
        3 => Edit::Remove { path: format!("{path}/{at}") },
        4 => Edit::DeleteItems { path, index: at, len: len - at + random.below(2) },
        _ => Edit::Create { path: format!("{path}/{at}"), kind: *random.pick(&KINDS) },
    }
}

/// A place from the start to the end, often at one of the two, so that edits meet.
fn near(random: &mut Random, len: usize) -> usize {
    match random.below(3) {
        0 => random.below(len + 1),
        1 => len,
        _ => random.below(len.min(3) + 1),
    }
}

/// A member of a set, mostly.
fn member(replica: &Replica, random: &mut Random, set: &str, other: Value) -> Value {
    let elements = replica.elements(set).expect("a set has elements");
    if elements.is_empty() || random.chance(20) { other } else { random.pick(&elements).clone() }
}

fn contents(random: &mut Random) -> Vec<Content> {
    let some = |random: &mut Random| match random.below(3) {
        0 => Content::from(*random.pick(&KINDS)),
        _ => Content::from(value(random)),
    };
    (0..1 + random.below(3)).map(|_| some(random)).collect()
}

/// A value of any type.
fn value(random: &mut Random) -> Value {
    match random.below(12) {
        0 => Value::Null,
        1 => Value::Bool(random.chance(50)),
        2 => Value::Int(*random.pick(&[i64::MIN, i64::MAX, -1, 0, 1 << 53])),
        3 | 4 => Value::Int(random.below(10) as i64),
        5 => Value::Float(*random.pick(&[
            0.0,
            -0.0,
            0.1,
            -1.5e300,
            5e-324,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ])),
        6 => Value::Float(f64::from_bits(random.number())),
        7 => Value::Bytes(vec![0xff; random.below(3)]),
        8 => Value::Timestamp(*random.pick(&TIMES)),
        9 => Value::from("\u{0}\"\\\u{2028}\u{10ffff}"),
        _ => Value::from(*random.pick(&WORDS)),
    }
}
