//! Random documents, and what they are to become. Every failure names its seed.

use std::collections::BTreeMap;

use libsync::{Content, ImportOptions, Kind, Path, Replica, Unit, Value};
use serde_json::Value as Json;

use super::{PLAIN, exchanged, oracle, replica, twin};

/// SplitMix64 (Steele, Lea & Flood 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, below: usize) -> usize {
        (self.next() % below as u64) as usize
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

pub const WORDS: [&str; 6] = ["", "a", "sea 𝄞", "the open sea", "é\n", "ship ahoy"];
pub const KEYS: [&str; 5] = ["a", "b", "c/~", "", "0"];

pub fn json(random: &mut Random, depth: usize) -> Json {
    match random.below(if depth == 0 { 6 } else { 10 }) {
        0 => Json::Null,
        1 => Json::Bool(random.chance(50)),
        2 => Json::from(random.below(4)),
        3 => Json::from(random.below(4) as f64 / 2.0),
        4 | 5 => Json::from(WORDS[random.below(WORDS.len())]),
        6 | 7 => (0..random.below(6)).map(|_| json(random, depth - 1)).collect(),
        _ => object(random, depth),
    }
}

fn object(random: &mut Random, depth: usize) -> Json {
    let members = (0..random.below(5))
        .map(|_| (KEYS[random.below(KEYS.len())].to_owned(), json(random, depth - 1)));
    Json::Object(members.collect())
}

/// The same with some changes: what a program that holds plain JSON would do to it.
fn edited(random: &mut Random, value: &Json, depth: usize) -> Json {
    if random.chance(10) {
        return json(random, depth);
    }
    match value {
        Json::Array(items) => {
            let mut items: Vec<Json> =
                items.iter().map(|item| edited(random, item, depth.saturating_sub(1))).collect();
            for _ in 0..random.below(3) {
                let at = random.below(items.len() + 1);
                match random.below(3) {
                    0 => items.insert(at, json(random, depth.saturating_sub(1))),
                    1 if at < items.len() => drop(items.remove(at)),
                    _ if at < items.len() => {
                        let item = items.remove(at);
                        items.insert(random.below(items.len() + 1), item);
                    }
                    _ => {}
                }
            }
            items.into()
        }
        Json::Object(members) => {
            let mut members: serde_json::Map<String, Json> = members
                .iter()
                .filter(|_| random.below(10) > 0)
                .map(|(key, member)| (key.clone(), member.clone()))
                .collect();
            for (_, member) in &mut members {
                *member = edited(random, member, depth.saturating_sub(1));
            }
            if random.chance(20) {
                let key = KEYS[random.below(KEYS.len())].to_owned();
                members.insert(key, json(random, depth.saturating_sub(1)));
            }
            members.into()
        }
        Json::String(text) if random.chance(40) => {
            let mut characters: Vec<char> = text.chars().collect();
            let at = random.below(characters.len() + 1);
            characters.splice(at..at, "new ".chars());
            characters.into_iter().collect::<String>().into()
        }
        other => other.clone(),
    }
}

fn options(random: &mut Random) -> ImportOptions<'static> {
    if random.chance(50) { PLAIN } else { PLAIN.texts_from(random.below(8)) }
}

#[test]
fn a_document_becomes_what_is_imported_and_then_stays() {
    for seed in 0..3_000 {
        let mut random = Random(seed);
        let mut replica = replica(1);
        let mut value = object(&mut random, 4);
        for _ in 0..4 {
            let options = options(&mut random);
            replica.import_json("", &value.to_string(), options).unwrap();
            assert_eq!(replica.to_json(), value.to_string(), "seed {seed}");
            let version = replica.version().clone();
            let again = replica.import_json("", &value.to_string(), options).unwrap();
            assert!(again.is_empty() && *replica.version() == version, "seed {seed}");
            value = match edited(&mut random, &value, 4) {
                object @ Json::Object(_) => object,
                _ => object(&mut random, 4),
            };
        }
        assert_eq!(twin(&mut replica, 2).to_json(), replica.to_json(), "seed {seed}");
        let loaded = Replica::load(&replica.save(), replica.id()).unwrap();
        assert_eq!(loaded.to_json(), replica.to_json(), "seed {seed}");
    }
}

#[test]
fn imports_on_two_replicas_converge_and_keep_what_only_one_has_touched() {
    for seed in 0..1_000 {
        let mut random = Random(seed);
        let mut a = replica(1);
        let options = options(&mut random);
        let value = object(&mut random, 4);
        a.import_json("shared", &value.to_string(), options).unwrap();
        a.import_json("left", "[1,2,3]", options).unwrap();
        a.insert_text("right", Unit::Scalar, 0, "right").unwrap();
        let mut b = twin(&mut a, 2);
        for (replica, (path, mine)) in
            [(&mut a, ("left", "[3,1,2,4]")), (&mut b, ("right", r#""right, aye""#))]
        {
            let shared = edited(&mut random, &value, 4).to_string();
            replica.import_json("shared", &shared, options).unwrap();
            replica.import_json(path, mine, options).unwrap();
            assert_eq!(replica.json_at("shared").unwrap(), shared, "seed {seed}");
        }
        exchanged(&mut a, &mut b);
        assert_eq!(a.json_at("left").unwrap(), "[3,1,2,4]", "seed {seed}");
        assert_eq!(b.json_at("right").unwrap(), r#""right, aye""#, "seed {seed}");
    }
}

/// A document with kinds that JSON knows nothing of, at random.
fn document(random: &mut Random) -> Replica {
    let mut replica = replica(1);
    for _ in 0..random.below(20) {
        let at = match random.below(3) {
            0 => Path::from_keys([KEYS[random.below(5)]]),
            1 => Path::from_keys([KEYS[random.below(5)], KEYS[random.below(5)]]),
            _ => Path::from_keys(["list", "-"]),
        };
        let word = WORDS[random.below(WORDS.len())];
        // What does not fit what is there is an error, and nothing happens.
        let _tried = match random.below(8) {
            0 => replica.insert_text(&at, Unit::Scalar, 0, word),
            1 => replica.increment(&at, random.below(9) as i64 - 4),
            2 => replica.add(&at, word).map(drop),
            3 => replica.add(&at, Value::Timestamp(random.below(3) as i64)).map(drop),
            4 => replica.set(&at, vec![random.below(3) as u8]),
            5 => replica.set(&at, f64::NAN),
            6 => replica.insert_items(&at, 0, [Content::from(word), Kind::Text.into()]),
            _ => replica.set(&at, word),
        };
    }
    replica
}

/// The same, with all arrays in one order, and nothing twice in them.
fn as_sets(value: Json) -> Json {
    match value {
        Json::Array(items) => {
            let items = items.into_iter().map(as_sets).map(|item| (item.to_string(), item));
            items.collect::<BTreeMap<String, Json>>().into_values().collect()
        }
        Json::Object(members) => {
            Json::Object(members.into_iter().map(|(key, member)| (key, as_sets(member))).collect())
        }
        other => other,
    }
}

#[test]
fn documents_of_all_kinds_become_each_other() {
    for seed in 0..3_000 {
        let mut random = Random(seed);
        let (mut from, to) = (document(&mut random), document(&mut random));
        assert!(from.import_json("", &from.to_json(), PLAIN).unwrap().is_empty(), "seed {seed}");
        let json = to.to_json();
        from.import_json("", &json, PLAIN).unwrap();
        // A set has its elements in its own order, and each once.
        let [found, expected] = [&from.to_json(), &json].map(|json| as_sets(json.parse().unwrap()));
        assert_eq!(found, expected, "seed {seed}");
        assert!(from.import_json("", &json, PLAIN).unwrap().is_empty(), "seed {seed}");
        assert_eq!(twin(&mut from, 2).to_json(), from.to_json(), "seed {seed}");
    }
}

#[test]
fn patches_lead_from_one_value_to_another() {
    for seed in 0..3_000 {
        let mut random = Random(seed);
        let from = json(&mut random, 4);
        let to = edited(&mut random, &from, 4);
        let (from_json, to_json) = (from.to_string(), to.to_string());
        let patch = libsync::json_patch(&from_json, &to_json).unwrap();
        assert_eq!(patch == "[]", from == to, "seed {seed}");
        let patch_value: Json = serde_json::from_str(&patch).unwrap();
        assert_eq!(oracle::patched(&from, &patch_value), Some(to.clone()), "seed {seed}: {patch}");
        let mut replica = replica(1);
        replica.import_json("at", &from_json, options(&mut random)).unwrap();
        replica.apply_json_patch("at", &patch, options(&mut random)).unwrap();
        assert_eq!(replica.json_at("at").unwrap(), to_json, "seed {seed}: {patch}");

        let Ok(patch) = libsync::merge_patch(&from_json, &to_json) else { continue };
        let patch_value: Json = serde_json::from_str(&patch).unwrap();
        assert_eq!(oracle::merged(from, &patch_value), to, "seed {seed}: {patch}");
        replica.import_json("at", &from_json, options(&mut random)).unwrap();
        replica.apply_merge_patch("at", &patch, options(&mut random)).unwrap();
        assert_eq!(replica.json_at("at").unwrap(), to_json, "seed {seed}: {patch}");
    }
}

/// A pointer to somewhere in a value, or beside it.
fn pointer(random: &mut Random, value: &Json) -> String {
    let (mut at, mut path) = (value, Path::root());
    while random.chance(75) {
        at = match at {
            Json::Array(items) if !items.is_empty() => {
                let index = random.below(items.len());
                path = path.child(index);
                &items[index]
            }
            Json::Object(members) if !members.is_empty() => {
                let (key, member) = members.iter().nth(random.below(members.len())).unwrap();
                path = path.child(key.as_str());
                member
            }
            _ => break,
        };
    }
    if random.chance(30) {
        let last = ["-", "0", "1", "3", "a", "01"][random.below(6)];
        path = path.child(last);
    }
    path.to_string()
}

#[test]
fn random_patches_do_what_the_naive_model_does() {
    let mut applied = 0;
    for seed in 0..6_000 {
        let mut random = Random(seed);
        let value = json(&mut random, 4);
        let mut now = value.clone();
        let mut operations = Vec::new();
        for _ in 0..1 + random.below(4) {
            let path = pointer(&mut random, &now);
            let op = ["add", "remove", "replace", "move", "copy", "test"][random.below(6)];
            let mut operation = serde_json::json!({"op": op, "path": path});
            operation["from"] = pointer(&mut random, &now).into();
            let expected = now.pointer(&path).cloned();
            operation["value"] = match expected {
                Some(expected) if op == "test" => expected,
                _ => json(&mut random, 2),
            };
            let single = Json::Array(vec![operation.clone()]);
            now = oracle::patched(&now, &single).unwrap_or(now);
            operations.push(operation);
        }
        let patch = Json::Array(operations);
        let mut replica = replica(1);
        replica.import_json("at", &value.to_string(), options(&mut random)).unwrap();
        let version = replica.version().clone();
        let found = replica.apply_json_patch("at", &patch.to_string(), options(&mut random));
        match oracle::patched(&value, &patch) {
            Some(expected) => {
                found.unwrap_or_else(|error| panic!("seed {seed}: {error}, {patch}"));
                assert_eq!(replica.json_at("at").unwrap(), expected.to_string(), "seed {seed}");
                applied += 1;
            }
            None if patch.to_string().contains(r#""op":"remove","path":"""#) => {}
            None => {
                assert!(found.is_err(), "seed {seed}: {patch}");
                assert_eq!(replica.json_at("at").unwrap(), value.to_string(), "seed {seed}");
                assert_eq!(*replica.version(), version, "seed {seed}");
            }
        }
    }
    assert!(applied > 1_000, "{applied} patches can be applied");
}
