//! Makes the corpora: of the test vectors, of what the replicas of `bases` write, and of random
//! programs. What fuzzing finds, is put there by hand.
//!
//! `cargo test --manifest-path fuzz/Cargo.toml --test corpus -- --ignored`

use std::fs;
use std::path::PathBuf;

use libsync::{
    Commit, Content, Kind, Lean, Presence, PresenceOptions, PresenceState, Replica, SaveOptions,
    Sender, Unit, Value, VersionVector,
};
use libsync_fuzz::bases::{self, AUTHORS};
use libsync_fuzz::random::Random;
use libsync_fuzz::{compressed, packed};

/// The empty replica, to which each vector's own past is handed first.
const EMPTY: u8 = 0;
const PROGRAMS: u64 = 24;
const PROGRAM_LEN: usize = 600;
const FORGED_LEN: usize = 200;
const PATHS: [&str; 12] = [
    "",
    "/",
    "a",
    "a.b.c",
    "/a/b",
    "/a~0b/c~1d",
    r"a\.b.c\\d",
    "/list/0",
    "/list/-",
    "list.12",
    "text",
    "é.日本.𝄞",
];

/// Names, what the texts are (0: JSON, 1: a JSON Patch, 2: a merge patch), and the texts.
const TEXTS: [(&str, u8, &str); 12] = [
    ("kinds", 0, r#"{"list":[{"a":1},"b",2.5],"map":{"v1":[]},"text":"abcd𝄞"}"#),
    ("values", 0, r#"{"a":{"$bytes":"00ff"},"b":{"$timestamp":-1},"c":{"$float":"nan"},"d":null}"#),
    (
        "looks",
        0,
        r#"{"map":{"$bytes":"00"},"set":[1,1,{"$float":"inf"}],"count":-9223372036854775808}"#,
    ),
    ("escapes", 0, r#"{"\u0061\n\ud834\udd1e":"\/\\\"","~/":1e-7,"":18446744073709552000}"#),
    ("duplicate", 0, r#"{"a":1,"a":2}"#),
    ("nested", 0, r#"{"a":[[[[{"b":[[[]]]}]]]]}"#),
    (
        "add",
        1,
        r#"[{"op":"add","path":"/list/0","value":{"x":[1]}},{"op":"add","path":"/list/-","value":"y"}]"#,
    ),
    (
        "move",
        1,
        r#"[{"op":"move","from":"/list/1","path":"/list/0"},{"op":"copy","from":"/text","path":"/map/t"}]"#,
    ),
    ("test", 1, r#"[{"op":"test","path":"/list","value":[]},{"op":"remove","path":"/map"}]"#),
    ("set", 1, r#"[{"op":"remove","path":"/set/0"},{"op":"replace","path":"/count","value":4}]"#),
    ("merge", 2, r#"{"map":{"v1":null,"new":{"a":null,"b":[null]}},"text":"other"}"#),
    ("remove", 2, r#"{"list":null,"text":null,"map":null,"set":{"a":1}}"#),
];

#[test]
#[ignore = "writes to corpus"]
fn write_corpus() {
    write_vectors();
    write_frames();
    write_streams();
    write_byte_strings();
    write_cursors();
    write_presence();
    for path in PATHS {
        let name = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
        write("path", &format!("path-{}", name.collect::<String>()), path.as_bytes());
    }
    for (name, what, text) in TEXTS {
        for pick in 0..bases::COUNT {
            let head = [pick + what * bases::COUNT];
            write("json", &format!("{name}-{pick}"), &[&head[..], text.as_bytes()].concat());
        }
    }
    for seed in 0..PROGRAMS {
        let mut random = Random::new(seed);
        let program: Vec<u8> = (0..PROGRAM_LEN).map(|_| random.next() as u8).collect();
        write("program", &format!("random-{seed}"), &program);
        write("forged", &format!("random-{seed}"), &program[..FORGED_LEN]);
    }
}

fn write(target: &str, name: &str, input: &[u8]) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), input).unwrap();
}

/// Each vector, with what comes before it.
fn write_vectors() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let file: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        for vector in file["vectors"].as_array().unwrap() {
            let before = vector["before"].as_array().unwrap().iter();
            let mut input = vec![EMPTY];
            before.for_each(|before| input.extend(bytes(&before["frame"])));
            input.extend(bytes(&vector["frame"]));
            let target = match vector["kind"].as_str().unwrap() {
                "changes" => "apply",
                "document" => "load",
                other => other,
            };
            write(target, &format!("{stem}-{}", vector["name"].as_str().unwrap()), &input);
        }
    }
}

fn bytes(hex: &serde_json::Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..][..2], 16).unwrap()).collect()
}

/// What the authors of the replicas that there are to pick write next.
fn write_frames() {
    for (pick, [mut a, mut b]) in [(1, bases::unpruned()), (2, bases::pruned())] {
        let input = |frame: &[u8]| [&[pick], frame].concat();
        write("load", &format!("base-{pick}"), &input(&a.save()));
        let small = a.save_with(SaveOptions::new().compressed());
        write("load", &format!("base-{pick}-compressed"), &input(&small));
        write("compressed", &format!("base-{pick}"), &input(&a.save()));
        for author in [&mut a, &mut b] {
            let name = format!("base-{pick}-by-{}", author.id());
            write("acknowledgement", &name, &input(&author.acknowledge()));
            write("version", &name, &input(&author.encode_version()));
            for (edit, frame) in next_frames(author, pick) {
                write("apply", &format!("{name}-{edit}"), &input(&frame));
                let body = compressed::body(&frame);
                let body = body.expect("what is exported can be compressed");
                write("compressed", &format!("{name}-{edit}"), &input(&body));
            }
        }
    }
}

/// For each edit: its name, and the frame with it and all before it that `pick` may not have.
fn next_frames(author: &Replica, pick: u8) -> Vec<(&'static str, Vec<u8>)> {
    let known = bases::replica(pick).version().clone();
    EDITS
        .iter()
        .map(|(name, edit)| {
            let mut author = author.clone();
            edit(&mut author);
            (*name, author.export(&known).unwrap())
        })
        .collect()
}

/// Streams of what each author writes: an edit and some keystrokes; and all edits.
fn write_streams() {
    for (pick, authors) in [(1, bases::unpruned()), (2, bases::pruned())] {
        let known = bases::replica(pick).version().clone();
        for author in authors {
            let name = format!("base-{pick}-by-{}", author.id());
            for (edit, make) in EDITS {
                let (mut author, mut sender) = (author.clone(), Sender::new(known.clone()));
                let mut input = vec![pick];
                make(&mut author);
                input.extend(sent(&mut author, &mut sender));
                for (at, letter) in ["a", "b", "𝄞"].into_iter().enumerate() {
                    if author.insert_text("text", Unit::Scalar, 2 + at, letter).is_ok() {
                        input.extend(sent(&mut author, &mut sender));
                    }
                }
                if author.delete_text("text", Unit::Scalar, 4, 1).is_ok() {
                    input.extend(sent(&mut author, &mut sender));
                }
                write("receive", &format!("{name}-{edit}"), &input);
            }
            let (mut author, mut sender) = (author, Sender::new(known.clone()));
            let mut input = vec![pick];
            // Who has left edits nothing more.
            for (_, make) in EDITS.iter().filter(|(edit, _)| *edit != "leave") {
                make(&mut author);
                input.extend(sent(&mut author, &mut sender));
            }
            write("receive", &format!("{name}-all"), &input);
        }
    }
}

fn sent(author: &mut Replica, sender: &mut Sender) -> Vec<u8> {
    author.send(sender).unwrap().unwrap_or_default()
}

/// What the saved replicas that there are to pick have in byte strings.
fn write_byte_strings() {
    for pick in 1..bases::COUNT {
        for (which, string) in packed::strings(pick).into_iter().enumerate() {
            let head = [pick, u8::try_from(which).unwrap()];
            write("packed", &format!("base-{pick}-{which}"), &[&head[..], &string].concat());
        }
    }
}

/// Cursors of one author, in what the replicas that there are to pick have in common with it, or not.
fn write_cursors() {
    for (pick, author) in [(1, bases::unpruned()[0].clone()), (2, bases::unpruned()[1].clone())] {
        for path in ["text", "list", "/list/2", "map.text"] {
            let name: String = path.chars().filter(char::is_ascii_alphanumeric).collect();
            for (at, lean) in [(0, Lean::Left), (1, Lean::Right), (1, Lean::Left)] {
                let Ok(cursor) = author.cursor(path, Unit::Scalar, at, lean) else { continue };
                let name = format!("base-{pick}-{name}-{at}-{lean:?}");
                write("cursor", &name, &[&[pick], &cursor.to_bytes()[..]].concat());
            }
            let Ok(range) = author.cursor_range(path, Unit::Scalar, 0..1) else { continue };
            let name = format!("base-{pick}-{name}-range");
            write("cursor", &name, &[&[pick], &range.to_bytes()[..]].concat());
        }
    }
}

/// What two say of themselves, at several speeds.
fn write_presence() {
    let [a, b] = bases::unpruned();
    let mut full = PresenceState::named("Ada");
    full.cursor = a.cursor("text", Unit::Scalar, 3, Lean::Left).ok();
    full.selection = a.cursor_range("text", Unit::Scalar, 1..3).ok();
    full.at = a.line_column("text", Unit::Scalar, 3).ok();
    full.fields.insert("colour".to_owned(), "#0060df".into());
    full.fields.insert("since".to_owned(), Value::Timestamp(7));
    let [mut a, mut b] = [a, b].map(|author| Presence::new(&author, 1, PresenceOptions::default()));
    let states = [full, PresenceState::named("Bob"), PresenceState::default()];
    let mut frames: Vec<Vec<u8>> = Vec::new();
    for state in states {
        frames.push(a.set(state.clone(), 0).unwrap());
        frames.push(b.set(state, 0).unwrap());
    }
    let mut reader = Presence::new(&bases::empty(bases::READER), 9, PresenceOptions::default());
    frames.push(reader.set(PresenceState::named("reader"), 0).unwrap());
    frames.extend(a.clear(0));
    for (at, frame) in frames.iter().enumerate() {
        write("presence", &format!("frame-{at}"), &[&[0], &frame[..]].concat());
    }
    for step in [0, 1, 8, 24, 200] {
        write("presence", &format!("all-at-{step}"), &[vec![step], frames.concat()].concat());
        frames.reverse();
    }
}

type Edit = fn(&mut Replica);

const EDITS: [(&str, Edit); 18] = [
    ("nothing", |_| ()),
    ("set", |author| author.set("map.v1", 2).unwrap()),
    ("create", |author| author.set("new.a.b", "value").unwrap()),
    ("remove", |author| assert!(author.remove("map").unwrap())),
    ("insert", |author| author.insert_text("text", Unit::Scalar, 4, "ab𝄞").unwrap()),
    ("delete", |author| author.delete_text("text", Unit::Scalar, 1, 6).unwrap()),
    ("remove-wins", |author| assert!(author.remove_wins("key").unwrap())),
    ("insert-items", |author| {
        author
            .insert_items("list", 2, [Content::from(Kind::Map), Value::from("item").into()])
            .unwrap();
    }),
    ("delete-items", |author| author.delete_items("list", 1, 3).unwrap()),
    ("move-item", |author| author.move_item("list", 3, 0).unwrap()),
    ("set-item", |author| author.set("/list/2", "set").unwrap()),
    ("increment", |author| author.increment("count", -3).unwrap()),
    ("reset", |author| assert!(author.remove("count").unwrap())),
    ("add", |author| assert!(author.add("set", 12).unwrap())),
    ("discard", |author| assert!(author.discard("set", &true.into()).unwrap())),
    ("commit", |author| {
        let commit = Commit::new().at(-1).message("message").origin("origin");
        author.transact(commit, |author| author.set("key", 5)).unwrap();
    }),
    ("join", |author| author.join(bases::READER).unwrap()),
    ("leave", |author| author.leave().unwrap()),
];

#[test]
fn the_bases_are_what_they_are_said_to_be() {
    assert!(bases::unpruned()[0].export(&VersionVector::new()).is_ok());
    assert!(bases::pruned()[0].export(&VersionVector::new()).is_err(), "a part is pruned");
    for pick in 1..bases::COUNT {
        assert_eq!(bases::replica(pick).missing().len(), 1, "one change waits");
        assert!(AUTHORS.iter().all(|&author| bases::replica(pick).version().get(author) > 0));
    }
}
