//! Frames of changes that are valid.

use libsync::{Kind, Replica, Unit, Value};

use super::peers::{acknowledge, edited, everything, exchange, joined, replica, settle, since};
use super::{A, B, C, frame, making};
use crate::cbor::{Item, array, ids, map, raw, text, uint, uints};
use crate::vector::{self, Vector};

const CHANGES: vector::Kind = vector::Kind::Changes;
const DOCUMENT: vector::Kind = vector::Kind::Document;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = basics();
    vectors.extend(values());
    vectors.extend(maps());
    vectors.extend(texts());
    vectors.extend(together());
    vectors.extend(membership());
    vectors.extend(delivery());
    vectors.extend(skipped());
    vectors
}

fn insert(replica: &mut Replica, position: usize, text: &str) {
    replica.insert_text("text", Unit::Scalar, position, text).expect("within the text");
}

fn delete(replica: &mut Replica, position: usize, len: usize) {
    replica.delete_text("text", Unit::Scalar, position, len).expect("within the text");
}

fn set(replica: &mut Replica, path: &str, value: impl Into<Value>) {
    replica.set(path, value).expect("the path leads through maps");
}

fn basics() -> Vec<Vector> {
    let mut a = replica(A);
    let nothing = everything(&a);
    let first = edited(&mut a, |a| insert(a, 0, "H"));
    let second = edited(&mut a, |a| insert(a, 1, "i"));
    vec![
        making("nothing", "No change at all: an empty body.", CHANGES, nothing).shows("{}"),
        making(
            "first-letter",
            "Creates a text and inserts its first letter: one change of two operations.",
            CHANGES,
            first.clone(),
        )
        .shows(r#"{"text":"H"}"#),
        making(
            "typed-letter",
            "Types the next letter, at the end of the run before.",
            CHANGES,
            second,
        )
        .after(CHANGES, first)
        .shows(r#"{"text":"Hi"}"#),
    ]
}

/// A change for each value.
fn assigned<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Vec<u8> {
    let mut a = replica(A);
    for (i, value) in values.into_iter().enumerate() {
        set(&mut a, &format!("{}", (b'a' + i as u8) as char), value);
    }
    everything(&a)
}

fn values() -> Vec<Vector> {
    let constants = assigned([Value::Null, Value::Bool(false), Value::Bool(true)]);
    let integers = assigned([
        0,
        23,
        24,
        255,
        256,
        65_535,
        65_536,
        4_294_967_295,
        4_294_967_296,
        i64::MAX,
        -1,
        -24,
        -25,
        -256,
        -257,
        -65_536,
        -65_537,
        -4_294_967_296,
        -4_294_967_297,
        i64::MIN,
    ]);
    let floats = assigned([
        0.0,
        -0.0,
        1.0,
        -1.5,
        65_504.0,
        65_505.0,
        5.960_464_477_539_063e-8,
        1e-45_f32.into(),
        f32::MAX.into(),
        16_777_217.0,
        0.1,
        1e300,
        5e-324,
        f64::MAX,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
    ]);
    let mut strings: Vec<String> = [23, 24, 255, 256].map(|len| "x".repeat(len)).into();
    let short = ["", "a", "\"\\/", "\u{0}\u{8}\t\n\u{c}\r\u{1f}\u{7f}", "é€", "𝄞😀"];
    strings.extend(short.map(str::to_owned));
    let [x23, x24, x255, x256] = &strings[..4] else { panic!("four long ones") };
    let shown_strings = format!(
        concat!(
            r#"{{"a":"{}","b":"{}","c":"{}","d":"{}","e":"","f":"a","g":"\"\\/","#,
            r#""h":"\u0000\b\t\n\f\r\u001f{}","i":"é€","j":"𝄞😀"}}"#
        ),
        x23, x24, x255, x256, '\u{7f}'
    );
    let strings = assigned(strings);
    let bytes = assigned([vec![], vec![0], vec![0xff, 0x00, 0x7f], vec![0xab; 24]]);
    let shown_bytes = format!(
        r#"{{"a":{{"$bytes":""}},"b":{{"$bytes":"00"}},"c":{{"$bytes":"ff007f"}},"d":{{"$bytes":"{}"}}}}"#,
        "ab".repeat(24)
    );
    vec![
        making("constants", "Null, false and true.", CHANGES, constants)
            .shows(r#"{"a":null,"b":false,"c":true}"#),
        making(
            "integers",
            "Integers on both sides of every length of a head, and the first and last.",
            CHANGES,
            integers,
        )
        .shows(concat!(
            r#"{"a":0,"b":23,"c":24,"d":255,"e":256,"f":65535,"g":65536,"h":4294967295,"#,
            r#""i":4294967296,"j":9223372036854775807,"k":-1,"l":-24,"m":-25,"n":-256,"o":-257,"#,
            r#""p":-65536,"q":-65537,"r":-4294967296,"s":-4294967297,"#,
            r#""t":-9223372036854775808}"#
        )),
        making(
            "floats",
            "Floats that take 16, 32 and 64 bits, the infinities and NaN.",
            CHANGES,
            floats,
        )
        .shows(concat!(
            r#"{"a":0.0,"b":-0.0,"c":1.0,"d":-1.5,"e":65504.0,"f":65505.0,"#,
            r#""g":5.960464477539063e-8,"h":1.401298464324817e-45,"#,
            r#""i":3.4028234663852886e+38,"j":16777217.0,"k":0.1,"l":1e+300,"m":5e-324,"#,
            r#""n":1.7976931348623157e+308,"o":{"$float":"inf"},"p":{"$float":"-inf"},"#,
            r#""q":{"$float":"nan"}}"#
        )),
        making(
            "strings",
            "Strings of all lengths of a head, control characters, and beyond the BMP.",
            CHANGES,
            strings,
        )
        .shows(&shown_strings),
        making("bytes", "Byte strings.", CHANGES, bytes).shows(&shown_bytes),
    ]
}

fn maps() -> Vec<Vector> {
    let mut a = replica(A);
    let nested = edited(&mut a, |a| set(a, "user.profile.bio", "sea"));
    let replaced = edited(&mut a, |a| set(a, "user.profile.bio", "land"));
    let removed = edited(&mut a, |a| drop(a.remove("user.profile.bio")));
    let mut empty = replica(A);
    empty.create("map", Kind::Map).expect("the key is free");
    empty.create("text", Kind::Text).expect("the key is free");
    let mut keys = replica(A);
    for key in ["/", "/a.b", "/a~1b", "/~0", "/é", "/\u{ffff}", "/𝄞", "/Z", "/a"] {
        set(&mut keys, key, 1);
    }
    let mut deep = replica(A);
    set(&mut deep, &["k"; 128].join("."), 1);
    let shown_deep = format!("{}1{}", r#"{"k":"#.repeat(128), "}".repeat(128));
    let mut whole = replica(A);
    set(&mut whole, "user.name", "Ann");
    whole.insert_text("user.bio", Unit::Scalar, 0, "sea").expect("the start of a text");
    let built = everything(&whole);
    let emptied = edited(&mut whole, |a| drop(a.remove("user")));
    vec![
        making("nested-maps", "Two maps and a value in the inner one.", CHANGES, nested.clone())
            .shows(r#"{"user":{"profile":{"bio":"sea"}}}"#),
        making("replaced-value", "Takes the place of a value.", CHANGES, replaced.clone())
            .after(CHANGES, nested.clone())
            .shows(r#"{"user":{"profile":{"bio":"land"}}}"#),
        making("removed-value", "Takes a value away.", CHANGES, removed)
            .after(CHANGES, nested)
            .after(CHANGES, replaced)
            .shows(r#"{"user":{"profile":{}}}"#),
        making("empty-containers", "A map and a text, both empty.", CHANGES, everything(&empty))
            .shows(r#"{"map":{},"text":""}"#),
        making("keys", "Keys of all kinds, shown by their bytes.", CHANGES, everything(&keys))
            .shows(concat!(
                r#"{"":1,"Z":1,"a":1,"a.b":1,"a/b":1,"~":1,"é":1,"#,
                "\"\u{ffff}\":1,\"𝄞\":1}"
            )),
        making("deepest", "A value 128 keys deep: the limit.", CHANGES, everything(&deep))
            .shows(&shown_deep),
        making("removed-map", "Removes a map with a value and a text in it.", CHANGES, emptied)
            .after(CHANGES, built)
            .shows("{}"),
    ]
}

fn texts() -> Vec<Vector> {
    let mut a = replica(A);
    let hello = edited(&mut a, |a| insert(a, 0, "Hello"));
    let middle = edited(&mut a, |a| insert(a, 2, "ya, He"));
    let mut b = replica(B);
    b.apply(&hello).expect("it applies");
    let behind = edited(&mut b, |b| insert(b, 5, "!"));
    let run = edited(&mut a, |a| delete(a, 1, 3));
    let runs = edited(&mut a, |a| delete(a, 0, 4));
    let mut wide = replica(A);
    insert(&mut wide, 0, "a𝄞é😀\u{0}z");
    delete(&mut wide, 3, 1);
    let mut long = replica(A);
    let first = edited(&mut long, |a| insert(a, 0, &"0123456789".repeat(60)));
    let next = edited(&mut long, |a| insert(a, 600, "!"));
    vec![
        making("inserted-left", "Inserts within a run: left of a node.", CHANGES, middle.clone())
            .after(CHANGES, hello.clone())
            .shows(r#"{"text":"Heya, Hello"}"#),
        making("inserted-right", "Inserts behind another's run: right of it.", CHANGES, behind)
            .after(CHANGES, hello.clone())
            .shows(r#"{"text":"Hello!"}"#),
        making("deleted-runs", "Deletes what stands in two runs.", CHANGES, run.clone())
            .after(CHANGES, hello.clone())
            .after(CHANGES, middle.clone())
            .shows(r#"{"text":"H, Hello"}"#),
        making("deleted-around", "Deletes on both sides of a tombstone.", CHANGES, runs)
            .after(CHANGES, hello)
            .after(CHANGES, middle)
            .after(CHANGES, run)
            .shows(r#"{"text":"ello"}"#),
        making(
            "wide-characters",
            "One identity for each scalar value.",
            CHANGES,
            everything(&wide),
        )
        .shows("{\"text\":\"a𝄞é\\u0000z\"}"),
        making("long-run", "Counters and a text beyond one byte's head.", CHANGES, next)
            .after(CHANGES, first)
            .shows(&format!("{{\"text\":\"{}!\"}}", "0123456789".repeat(60))),
    ]
}

/// Edits of several replicas without each other.
fn together() -> Vec<Vector> {
    let (mut a, mut b, mut c) = (replica(A), replica(B), replica(C));
    let bio = edited(&mut a, |a| set(a, "user.profile.bio", "sea"));
    let avatar = edited(&mut b, |b| set(b, "user.profile.avatar", "whale"));
    let one = edited(&mut a, |a| set(a, "k", 1));
    exchange(&mut [&mut a, &mut b, &mut c]);
    let before = everything(&a);
    set(&mut a, "k", 2);
    set(&mut b, "k", 3);
    let known = c.version().clone();
    set(&mut c, "k", 4);
    exchange(&mut [&mut a, &mut b, &mut c]);
    let conflict = since(&a, &known);
    let resolved = edited(&mut b, |b| set(b, "k", 5));

    let (mut d, mut e) = (replica(A), replica(B));
    insert(&mut d, 0, "abc");
    insert(&mut e, 0, "xyz");
    let (abc, xyz) = (everything(&d), everything(&e));
    let (mut m, mut t) = (replica(A), replica(B));
    m.create("k", Kind::Map).expect("the key is free");
    set(&mut m, "k.in", 1);
    t.insert_text("k", Unit::Scalar, 0, "text").expect("the start of a text");
    let (kind_map, kind_text) = (everything(&m), everything(&t));

    let (mut f, mut g) = (replica(A), replica(B));
    let base = edited(&mut f, |f| {
        set(f, "map.seen", 1);
        insert(f, 0, "seen");
    });
    g.apply(&base).expect("it applies");
    let unseen = edited(&mut g, |g| {
        set(g, "map.unseen", 2);
        insert(g, 4, " unseen");
    });
    let removal = edited(&mut f, |f| {
        f.remove("map").expect("the path leads through maps");
        f.remove("text").expect("the path leads through maps");
    });
    vec![
        making("shared-map", "The same maps, created by two replicas.", CHANGES, avatar)
            .after(CHANGES, bio)
            .after(CHANGES, one)
            .shows(r#"{"k":1,"user":{"profile":{"avatar":"whale","bio":"sea"}}}"#),
        making("conflict", "Three values at once, on several heads.", CHANGES, conflict.clone())
            .after(CHANGES, before.clone())
            .conflicts_at("/k")
            .shows(r#"{"k":4,"user":{"profile":{"avatar":"whale","bio":"sea"}}}"#),
        making("resolved-conflict", "Supersedes three values.", CHANGES, resolved)
            .after(CHANGES, before)
            .after(CHANGES, conflict)
            .conflicts_at("/k")
            .shows(r#"{"k":5,"user":{"profile":{"avatar":"whale","bio":"sea"}}}"#),
        making("runs-at-once", "Two runs at one place do not interleave.", CHANGES, xyz)
            .after(CHANGES, abc)
            .conflicts_at("/text")
            .shows(r#"{"text":"abcxyz"}"#),
        making("two-kinds", "A map and a text at one key: both live.", CHANGES, kind_text)
            .after(CHANGES, kind_map)
            .conflicts_at("/k")
            .shows(r#"{"k":"text"}"#),
        making("unseen-survives", "Removals of what others edit at once.", CHANGES, removal)
            .after(CHANGES, base)
            .after(CHANGES, unseen)
            .conflicts_at("/text")
            .shows(r#"{"map":{"unseen":2},"text":" unseen"}"#),
    ]
}

fn membership() -> Vec<Vector> {
    let mut a = replica(A);
    let joins = edited(&mut a, |a| a.join(libsync::ReplicaId::new(B)).expect("it has not left"));
    let leaves = edited(&mut a, |a| a.leave().expect("it has not left"));
    vec![
        making("join", "Makes another replica a member.", CHANGES, joins.clone()).shows("{}"),
        making("leave", "Ends its author's membership.", CHANGES, leaves)
            .after(CHANGES, joins)
            .shows("{}"),
    ]
}

fn delivery() -> Vec<Vector> {
    let mut a = replica(A);
    let first = edited(&mut a, |a| insert(a, 0, "a"));
    let second = edited(&mut a, |a| insert(a, 1, "b"));
    let third = edited(&mut a, |a| insert(a, 2, "c"));
    let mut b = replica(B);
    b.apply(&everything(&a)).expect("it applies");
    let on_a = edited(&mut b, |b| insert(b, 3, "d"));

    let mut d = replica(A);
    insert(&mut d, 0, "abcd");
    let mut e = joined(&mut d, B);
    delete(&mut d, 1, 2);
    settle(&mut [&mut d, &mut e]);
    let newcomer = replica(C);
    let with_cut = since(&d, newcomer.version());

    // One node keeps two subtrees, and one takes the place of the node that it hung on.
    let mut f = replica(A);
    insert(&mut f, 0, "xyz");
    let mut g = joined(&mut f, B);
    delete(&mut f, 1, 2);
    settle(&mut [&mut f, &mut g]);
    f.prune();
    let known = f.version().clone();
    insert(&mut g, 1, "!");
    acknowledge(&mut [&mut f, &mut g]);
    vec![
        making("held", "Waits for the two changes before it.", CHANGES, third.clone()).shows("{}"),
        making("released", "Brings what two held changes wait for.", CHANGES, first.clone())
            .after(CHANGES, third.clone())
            .after(CHANGES, second.clone())
            .shows(r#"{"text":"abc"}"#),
        making("held-dependency", "Waits for a change of another.", CHANGES, on_a)
            .after(CHANGES, first.clone())
            .shows(r#"{"text":"a"}"#),
        making(
            "known",
            "Brings two changes, one of which is known.",
            CHANGES,
            everything(&{
                let mut known = replica(C);
                known.apply(&first).expect("it applies");
                known.apply(&second).expect("it applies");
                known
            }),
        )
        .after(CHANGES, first)
        .shows(r#"{"text":"ab"}"#),
        making("stable-cut", "With the sender's stable cut.", CHANGES, with_cut)
            .shows(r#"{"text":"ad"}"#),
        making("after-pruning", "Applies to a pruned document.", CHANGES, since(&g, &known))
            .received_by(A)
            .after(DOCUMENT, f.save())
            .shows(r#"{"text":"x!"}"#),
    ]
}

/// Fields of a later format that may be skipped.
fn skipped() -> Vec<Vector> {
    let change = array([
        uint(0),
        uint(0),
        uint(0),
        array([]),
        array([uint(5), uint(0), text("k"), uint(1)]),
    ]);
    let anything = array([
        uint(7),
        raw(&[0x20]),
        raw(&[0x41, 0xff]),
        text("é"),
        map([(1, uints(&[1])), (2, raw(&[0xf5]))]),
        raw(&[0xc1, 0x00]),
        raw(&[0xf9, 0x7e, 0x00]),
        raw(&[0xf8, 0xff]),
    ]);
    let nested = (0..13).fold(anything.clone(), |inner, _| Item::Array(vec![inner]));
    let fields =
        map([(0, ids(&[A])), (1, anything), (3, nested), (4, array([change])), (1001, uint(0))]);
    vec![
        making(
            "skipped-fields",
            "Optional fields of a later format, with items of every kind, nested 16 deep.",
            CHANGES,
            frame(CHANGES, fields),
        )
        .shows_and_skips(r#"{"k":1}"#),
    ]
}
