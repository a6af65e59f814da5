//! Frames of changes whose columns are wrong, in form or in what they say together.

use super::{A, B, Making, frame, making};
use crate::cbor::{Item, array, encoded, ids, map, raw, text, uint, uints};
use crate::columns::{column, columns, signed, varint, with, without};
use crate::vector::{Kind, Vector};

pub fn vectors() -> Vec<Vector> {
    let mut vectors = maps();
    vectors.extend(numbers());
    vectors.extend(lengths());
    vectors.extend(runs());
    vectors.extend(rows());
    vectors.extend(keys());
    vectors.extend(commits());
    vectors
}

/// Columns of changes by A and B, on text 1.
fn given(name: &str, about: &str, columns: Item) -> Making {
    let containers = array([uint(0), text("text"), uint(1)]);
    let body = map([(0, ids(&[A, B])), (2, containers), (4, columns)]);
    making(name, about, Kind::Changes, frame(Kind::Changes, body))
}

fn fails(name: &str, about: &str, columns: Item, error: &str) -> Vector {
    given(name, about, columns).fails(error)
}

fn change(author: u64, counter: u64, lamport: u64, ops: Vec<Item>) -> Item {
    let head = [uint(author), uint(counter), uint(lamport), array([])];
    array(head.into_iter().chain(ops))
}

/// Two changes with something in every column but that of commits.
fn all() -> Item {
    let long = "é".repeat(40);
    columns([
        change(
            0,
            3,
            3,
            vec![
                array([uint(3), uint(1), text("ab")]),
                array([uint(2), uint(1), uint(0), uint(1), text(&long)]),
                array([uint(5), uint(0), text("k"), uint(1)]),
            ],
        ),
        array([
            uint(1),
            uint(0),
            uint(90),
            uints(&[0, 2]),
            array([uint(5), uint(0), text("k"), uint(2), uint(0), uint(2)]),
            array([uint(6), uint(0), text("k"), uint(0), uint(1)]),
            array([uint(1), uint(1), uint(0), uint(3), text("x")]),
            uints(&[4, 1, 0, 3, 4, 1, 0, 2]),
        ]),
    ])
}

fn bytes(of: &Item, number: u64) -> Vec<u8> {
    let Item::Map(fields) = of else { panic!("columns are a map") };
    match fields.iter().find(|(field, _)| *field == number) {
        Some((_, Item::Bytes(bytes))) => bytes.clone(),
        _ => Vec::new(),
    }
}

fn with_bytes(of: &Item, number: u64, bytes: Vec<u8>) -> Item {
    with(of, number, Item::Bytes(bytes))
}

fn maps() -> Vec<Vector> {
    let twice = Item::Map(vec![(column::ROWS, uint(1)), (column::AUTHORS, uint(1))]);
    let blank = |number, item| with(&all(), number, item);
    let said = |name: &str, about: &str, columns: Item| fails(name, about, columns, "NotCanonical");
    vec![
        fails("columns-array", "An array for the columns.", array([]), "Unexpected"),
        fails("unknown-column", "Of a later format.", with(&all(), 16, uint(0)), "Unexpected"),
        fails(
            "odd-column",
            "The same; columns can't be skipped.",
            with(&all(), 17, uint(0)),
            "Unexpected",
        ),
        fails("column-order", "Columns not in ascending order.", twice, "Unexpected"),
        fails(
            "column-of-items",
            "An array for a column.",
            blank(column::ROWS, uints(&[1, 2])),
            "Unexpected",
        ),
        fails(
            "text-of-bytes",
            "Bytes for the text.",
            blank(column::TEXT, raw(&[0x41, 0x61])),
            "Unexpected",
        ),
        fails(
            "text-no-utf-8",
            "A text that is none.",
            blank(column::TEXT, raw(&[0x61, 0xff])),
            "Unexpected",
        ),
        fails(
            "values-of-text",
            "A text for the values.",
            blank(column::VALUES, text("k")),
            "Unexpected",
        ),
        said(
            "one-change-said",
            "The number of changes, where it is 1.",
            blank(column::CHANGES, uint(0)),
        ),
        said(
            "empty-column",
            "A column without anything.",
            with_bytes(&all(), column::COMMITS, vec![]),
        ),
        said(
            "column-of-zeros",
            "A column of zeros.",
            with_bytes(&all(), column::AUTHORS, vec![0, 0]),
        ),
        said("empty-values", "No values.", with_bytes(&all(), column::VALUES, vec![])),
        said("empty-text", "No text.", blank(column::TEXT, text(""))),
    ]
}

fn numbers() -> Vec<Vector> {
    let authors = |bytes: &[u8]| with_bytes(&all(), column::AUTHORS, bytes.to_vec());
    let counters =
        |first: i128| with_bytes(&all(), column::COUNTERS, [signed(first), vec![0]].concat());
    let beyond = [vec![0; 1], vec![0xff; 9], vec![0x02]].concat();
    let eleven = [vec![0; 1], vec![0xff; 10], vec![0x01]].concat();
    vec![
        fails(
            "long-number",
            "A number with a byte too many.",
            authors(&[0, 0x81, 0]),
            "NotCanonical",
        ),
        fails("number-of-65-bits", "2^64 and more.", authors(&beyond), "Unexpected"),
        fails("number-of-11-bytes", "A number of 11 bytes.", authors(&eleven), "Unexpected"),
        fails("cut-number", "A number that does not end.", authors(&[0, 0x81]), "Unexpected"),
        fails("below-zero", "A counter below 0.", counters(-1), "Unexpected"),
        fails("difference-beyond", "A counter beyond 2^53.", counters((1 << 53) + 1), "Limit"),
        fails("greatest-difference", "Far beyond.", counters(i64::MAX.into()), "Limit"),
        fails("least-difference", "Far below.", counters(i64::MIN.into()), "Unexpected"),
    ]
}

/// Each column is as long as the others say.
fn lengths() -> Vec<Vector> {
    const NAMES: [&str; 14] = [
        "",
        "authors",
        "counters",
        "dependencies",
        "lamports",
        "commits",
        "rows",
        "tags",
        "containers",
        "lengths",
        "replicas",
        "places",
        "keys",
        "superseded",
    ];
    let all = all();
    // What is there before its column is changed is right.
    given("all-columns", "It is held.", all.clone()).valid();
    let mut vectors = Vec::new();
    for number in (column::AUTHORS..=column::SUPERSEDED).filter(|&of| of != column::COMMITS) {
        let (name, whole) = (NAMES[number as usize], bytes(&all, number));
        assert!(!whole.is_empty(), "something is in column {number}");
        let long = [whole.clone(), vec![2]].concat();
        vectors.push(fails(
            &format!("long-{name}"),
            &format!("Column {number} goes on behind the last change."),
            with_bytes(&all, number, long),
            "Unexpected",
        ));
    }
    let cut = |number| {
        let mut whole = bytes(&all, number);
        whole.pop();
        with_bytes(&all, number, whole)
    };
    let one = columns([change(0, 0, 0, vec![array([uint(3), uint(1), text("a")])])]);
    let values = |more: &[u8]| [bytes(&all, column::VALUES), more.to_vec()].concat();
    vectors.extend([
        fails("cut-tags", "A row without a tag.", cut(column::TAGS), "Unexpected"),
        fails("cut-places", "A place too few.", cut(column::PLACES), "Unexpected"),
        fails("cut-values", "A value too few.", cut(column::VALUES), "Truncated"),
        fails(
            "long-values",
            "A value too many.",
            with_bytes(&all, column::VALUES, values(&[0])),
            "Unexpected",
        ),
        fails(
            "cut-text",
            "Fewer characters than are inserted.",
            with(&all, column::TEXT, text("ab")),
            "Unexpected",
        ),
        fails("no-text", "None at all.", without(&all, column::TEXT), "Unexpected"),
        fails(
            "long-text",
            "More characters.",
            with(&all, column::TEXT, text(&"x".repeat(44))),
            "Unexpected",
        ),
        fails(
            "more-changes",
            "More changes than there are.",
            with(&all, column::CHANGES, uint(2)),
            "Unexpected",
        ),
        fails("fewer-changes", "Fewer.", without(&all, column::CHANGES), "Unexpected"),
        fails(
            "many-changes",
            "2^64 - 1 changes.",
            with(&all, column::CHANGES, uint(u64::MAX)),
            "Unexpected",
        ),
        fails(
            "many-rows",
            "2^64 - 1 rows.",
            with_bytes(&one, column::ROWS, varint(u64::MAX.into())),
            "Unexpected",
        ),
    ]);
    vectors
}

fn runs() -> Vec<Vector> {
    let containers = |bytes: &[u8]| with_bytes(&all(), column::CONTAINERS, bytes.to_vec());
    let whole = bytes(&all(), column::CONTAINERS);
    assert_eq!(whole, [3, 0, 1, 1, 3, 1], "two, three, three");
    let on_root = columns([change(
        0,
        0,
        0,
        vec![
            array([uint(5), uint(0), text("a"), uint(1)]),
            array([uint(5), uint(0), text("b"), uint(1)]),
        ],
    )]);
    vec![
        fails("run-in-two", "A run in two parts.", containers(&[2, 2, 1, 1, 3, 1]), "NotCanonical"),
        fails(
            "run-too-long",
            "It ends behind the last row.",
            containers(&[3, 0, 1, 1, 3, 2]),
            "Unexpected",
        ),
        fails(
            "run-without-length",
            "A run without its length.",
            containers(&[3, 0, 1, 1, 3]),
            "Unexpected",
        ),
        fails(
            "runs-of-zeros",
            "Zeros, spelled out.",
            with_bytes(&on_root, column::CONTAINERS, vec![1, 0]),
            "NotCanonical",
        ),
        fails(
            "long-run-of-zeros",
            "Too many of them.",
            with_bytes(&on_root, column::CONTAINERS, vec![1, 9]),
            "Unexpected",
        ),
    ]
}

fn rows() -> Vec<Vector> {
    let typed = || array([uint(3), uint(1), text("abcdef")]);
    let deleting = |runs: &[u64]| {
        let deletion = [4, 1].iter().chain(runs).copied().map(uint);
        columns([change(0, 0, 0, vec![typed(), array(deletion)])])
    };
    let two = deleting(&[0, 0, 2, 0, 3, 2]);
    assert_eq!(bytes(&two, column::TAGS), [3, 4, 6]);
    let tags = |tags: &[u8]| with_bytes(&two, column::TAGS, tags.to_vec());
    let inserting = columns([change(
        0,
        0,
        0,
        vec![typed(), array([uint(2), uint(1), uint(0), uint(3), text("x")])],
    )]);
    let owned =
        |columns: &Item, number: u128| with_bytes(columns, column::REPLICAS, varint(2 * number));
    let place = |difference| with_bytes(&inserting, column::PLACES, signed(difference));
    let right = |columns: &Item| with_bytes(columns, column::TAGS, vec![3, 1]);
    let leaving = columns([change(0, 0, 0, vec![uints(&[8]), typed()])]);
    let length = |number| {
        columns([change(0, 0, 0, vec![array([uint(3), uint(1), text("abc")])])]);
        with_bytes(&two, column::LENGTHS, varint(number))
    };
    vec![
        fails("unknown-tag", "A row of a later format.", tags(&[3, 3 + 8 * 8, 6]), "Unexpected"),
        fails("last-unknown-tag", "Another.", tags(&[3, 3 + 8 * 31, 6]), "Unexpected"),
        fails(
            "more-of-nothing",
            "One more run, and no deletion before it.",
            tags(&[3, 6, 6]),
            "Unexpected",
        ),
        fails("one-backwards-more", "A single node, backwards.", tags(&[3, 4, 7]), "NotCanonical"),
        fails("insertion-without-end", "2^64 characters.", length(u64::MAX.into()), "Unexpected"),
        fails(
            "author-by-number",
            "A place of the author, by its number.",
            owned(&inserting, 1),
            "NotCanonical",
        ),
        fails(
            "place-of-nobody",
            "The number of no listed replica.",
            owned(&inserting, 3),
            "Unexpected",
        ),
        fails("place-below-zero", "A node below 0.", place(-7), "Unexpected"),
        fails(
            "right-of-none",
            "To the right of what is before all.",
            right(&place(-6)),
            "Unexpected",
        ),
        fails(
            "right-of-the-one-before",
            "To the right of the identity before.",
            right(&without(&inserting, column::PLACES)),
            "NotCanonical",
        ),
        fails(
            "deletes-below-zero",
            "A run that starts below 0.",
            with_bytes(&two, column::PLACES, [signed(-6), signed(0)].concat()),
            "Unexpected",
        ),
        fails("after-the-end", "A row behind the end of a membership.", leaving, "Inconsistent"),
    ]
}

fn keys() -> Vec<Vector> {
    let assign = |key: &str, superseded: &[u64]| {
        let head = [uint(5), uint(0), text(key), uint(1)];
        array(head.into_iter().chain(superseded.iter().copied().map(uint)))
    };
    let list =
        columns([change(0, 0, 0, vec![assign("a", &[]), assign("a", &[0, 0]), assign("b", &[])])]);
    assert_eq!(bytes(&list, column::KEYS), [0, 1, 0]);
    let keys = |keys: &[u8]| with_bytes(&list, column::KEYS, keys.to_vec());
    let superseded = |of: &[u8]| with_bytes(&list, column::SUPERSEDED, of.to_vec());
    let removal =
        columns([change(0, 0, 0, vec![array([uint(6), uint(0), text("a"), uint(0), uint(0)])])]);
    let twice = encoded(&[text("a"), uint(1), uint(1), text("a"), uint(1)]);
    vec![
        fails(
            "key-not-named",
            "The number of a key that is not named yet.",
            keys(&[0, 2, 0]),
            "Unexpected",
        ),
        fails(
            "key-twice",
            "A key spelled out twice.",
            with_bytes(&list, column::VALUES, twice),
            "NotCanonical",
        ),
        fails(
            "last-spelled-out",
            "The last assignment, spelled out.",
            superseded(&[0, 2, 0, 0, 0]),
            "NotCanonical",
        ),
        fails(
            "none-spelled-out",
            "Nothing, where that is expected.",
            superseded(&[1, 0, 0]),
            "NotCanonical",
        ),
        fails(
            "removes-what",
            "Takes away what is not there.",
            without(&removal, column::SUPERSEDED),
            "Unexpected",
        ),
        fails(
            "supersedes-nobody",
            "The number of no listed replica.",
            superseded(&[0, 2, 7, 0, 0]),
            "Unexpected",
        ),
        fails(
            "supersedes-nothing",
            "A counter less than 0.",
            superseded(&[0, 2, 1, 0, 0]),
            "Unexpected",
        ),
        fails(
            "many-superseded",
            "2^64 - 2 of them.",
            superseded(&varint(u64::MAX.into())),
            "Unexpected",
        ),
    ]
}

fn commits() -> Vec<Vector> {
    let two = columns([
        change(0, 0, 0, vec![array([uint(5), uint(0), text("k"), uint(1)])]),
        change(0, 1, 1, vec![array([uint(5), uint(0), text("l"), uint(1)])]),
    ]);
    let said = |name: &str, about: &str, commits: &[u8], error: &str| {
        fails(name, about, with_bytes(&two, column::COMMITS, commits.to_vec()), error)
    };
    vec![
        said("commit-of-nothing", "Nothing is said.", &[0, 0], "NotCanonical"),
        said("commit-of-nothing-later", "The same, of the second change.", &[1, 0], "NotCanonical"),
        said("commit-of-more", "What this format can't say.", &[0, 16, 2], "Unexpected"),
        said(
            "commit-of-two-origins",
            "An origin, and the one before.",
            &[0, 12, 1, b'a'],
            "Unexpected",
        ),
        said("commit-of-no-origin", "The origin before, and there is none.", &[0, 8], "Unexpected"),
        said(
            "commit-origin-again",
            "The origin before, spelled out.",
            &[0, 4, 1, b'a', 0, 4, 1, b'a'],
            "NotCanonical",
        ),
        said("commit-no-utf-8", "A message that is no text.", &[0, 2, 1, 0xff], "Unexpected"),
        said("cut-message", "A message that is cut short.", &[0, 2, 2, b'a'], "Unexpected"),
        said("commit-of-no-change", "It comes behind the last change.", &[2, 1, 2], "Unexpected"),
        said("cut-commit", "Nothing behind the number of changes.", &[1], "Unexpected"),
    ]
}
