//! Valid frames of changes: what an operation and a value look like.

use libsync::{Kind, Unit, Value};

use super::peers::{edited, everything, insert, replica, set};
use super::{A, B, frame, making};
use crate::cbor::{Item, array, ids, map, raw, text, uint, uints};
use crate::columns::columns;
use crate::vector::{self, Vector};

const CHANGES: vector::Kind = vector::Kind::Changes;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = basics();
    vectors.extend(values());
    vectors.extend(maps());
    vectors.extend(membership());
    vectors.extend(skipped());
    vectors
}

fn basics() -> Vec<Vector> {
    let mut a = replica(A);
    let nothing = everything(&mut a);
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
    everything(&mut a)
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
        1e15,
        1e16,
        -1.25e-5,
        1e-6,
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
    let timestamps =
        assigned([0, 1_732_194_000_000_000, -1, i64::MAX, i64::MIN].map(Value::Timestamp));
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
            r#""i":3.4028234663852886e+38,"j":16777217.0,"k":0.1,"l":1000000000000000.0,"#,
            r#""m":1e+16,"n":-0.0000125,"o":1e-6,"p":1e+300,"q":5e-324,"#,
            r#""r":1.7976931348623157e+308,"s":{"$float":"inf"},"t":{"$float":"-inf"},"#,
            r#""u":{"$float":"nan"}}"#
        )),
        making(
            "strings",
            "Strings of all lengths of a head, control characters, and beyond the BMP.",
            CHANGES,
            strings,
        )
        .shows(&shown_strings),
        making("bytes", "Byte strings.", CHANGES, bytes).shows(&shown_bytes),
        making("timestamps", "Microseconds before and after 1970.", CHANGES, timestamps).shows(
            concat!(
                r#"{"a":{"$timestamp":0},"b":{"$timestamp":1732194000000000},"c":{"$timestamp":-1},"#,
                r#""d":{"$timestamp":9223372036854775807},"e":{"$timestamp":-9223372036854775808}}"#
            ),
        ),
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
    let built = everything(&mut whole);
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
        making(
            "empty-containers",
            "A map and a text, both empty.",
            CHANGES,
            everything(&mut empty),
        )
        .shows(r#"{"map":{},"text":""}"#),
        making("keys", "Keys of all kinds, shown by their bytes.", CHANGES, everything(&mut keys))
            .shows(concat!(
                r#"{"":1,"Z":1,"a":1,"a.b":1,"a/b":1,"~":1,"é":1,"#,
                "\"\u{ffff}\":1,\"𝄞\":1}"
            )),
        making("deepest", "A value 128 keys deep: the limit.", CHANGES, everything(&mut deep))
            .shows(&shown_deep),
        making(
            "own-superseded",
            "An assignment that does not name its author's last one.",
            CHANGES,
            {
                let assign = |value| array([uint(5), uint(0), text("k"), uint(value)]);
                let change = array([uint(0), uint(0), uint(0), array([]), assign(1), assign(2)]);
                frame(CHANGES, map([(0, ids(&[A])), (4, columns([change]))]))
            },
        )
        .conflicts_at("/k")
        .shows(r#"{"k":2}"#),
        making("removed-map", "Removes a map with a value and a text in it.", CHANGES, emptied)
            .after(CHANGES, built)
            .shows("{}"),
    ]
}

fn membership() -> Vec<Vector> {
    let mut a = replica(A);
    let joins = edited(&mut a, |a| a.join(libsync::ReplicaId::new(B)).expect("it has not left"));
    let mut authority = a.clone();
    let evicts = edited(&mut authority, |a| a.evict(libsync::ReplicaId::new(B)).expect("a member"));
    let redacts = edited(&mut authority, |a| {
        set(a, "k", 1);
        a.redact_path("k").expect("it is there");
    });
    let leaves = edited(&mut a, |a| a.leave().expect("it has not left"));
    let mut many = replica(A);
    (1..=30).for_each(|id| many.join(libsync::ReplicaId::new(id)).expect("it has not left"));
    vec![
        making("join", "Makes another replica a member.", CHANGES, joins.clone()).shows("{}"),
        making("many-replicas", "Numbers of replicas beyond one byte.", CHANGES, {
            everything(&mut many)
        })
        .shows("{}"),
        making("leave", "Ends its author's membership.", CHANGES, leaves)
            .after(CHANGES, joins.clone())
            .shows("{}"),
        making(
            "evict",
            "Evicts a member, as far as its author is concerned.",
            CHANGES,
            evicts.clone(),
        )
        .after(CHANGES, joins.clone())
        .shows("{}"),
        making("redact", "Sets a key, removes it, and redacts that.", CHANGES, redacts)
            .after(CHANGES, joins)
            .after(CHANGES, evicts)
            .shows("{}"),
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
        raw(&[0xf7]),
    ]);
    let nested = (0..13).fold(anything.clone(), |inner, _| Item::Array(vec![inner]));
    let fields =
        map([(0, ids(&[A])), (1, anything), (3, nested), (4, columns([change])), (1001, uint(0))]);
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
