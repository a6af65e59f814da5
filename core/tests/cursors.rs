//! Cursors: what they lean to, what becomes of them, and their bytes. That they stay where the nodes
//! are, whatever others do, is for the simulation.

mod wire_format;

use libsync::{
    Content, Cursor, CursorError, CursorRange, DecodeError, DocumentId, Kind, Lean, LineColumn,
    OpId, Path, ReadError, Replica, ReplicaId, Unit,
};
use wire_format::example;

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const A: ReplicaId = ReplicaId::new(0xa);
const B: ReplicaId = ReplicaId::new(0xb);

fn typed(text: &str) -> Replica {
    let mut a = Replica::new(DOCUMENT, A);
    a.insert_text("text", Unit::Scalar, 0, text).unwrap();
    a
}

fn cursor(replica: &Replica, position: usize, lean: Lean) -> Cursor {
    replica.cursor("text", Unit::Scalar, position, lean).unwrap()
}

fn position(replica: &Replica, cursor: &Cursor) -> usize {
    let resolved = replica.resolve(cursor, Unit::Scalar).unwrap();
    assert!(resolved.exact);
    resolved.position
}

fn exchange(a: &mut Replica, b: &mut Replica) {
    b.apply(&a.export(b.version()).unwrap()).unwrap();
    a.apply(&b.export(a.version()).unwrap()).unwrap();
}

#[test]
fn it_stays_on_the_side_that_it_leans_to() {
    let mut a = typed("abcd");
    let [left, right] = [Lean::Left, Lean::Right].map(|lean| cursor(&a, 2, lean));
    assert_eq!((left.lean(), right.lean()), (Lean::Left, Lean::Right));
    a.insert_text("text", Unit::Scalar, 2, "--").unwrap();
    assert_eq!((position(&a, &left), position(&a, &right)), (2, 4));
    a.insert_text("text", Unit::Scalar, 0, "++").unwrap();
    assert_eq!((position(&a, &left), position(&a, &right)), (4, 6));
}

#[test]
fn at_an_end_it_stays_there() {
    let mut a = typed("");
    let [start, end] = [Lean::Left, Lean::Right].map(|lean| cursor(&a, 0, lean));
    a.insert_text("text", Unit::Scalar, 0, "abc").unwrap();
    assert_eq!((position(&a, &start), position(&a, &end)), (0, 3));
    let after = cursor(&a, 3, Lean::Left);
    a.insert_text("text", Unit::Scalar, 3, "def").unwrap();
    assert_eq!((position(&a, &end), position(&a, &after)), (6, 3));
}

#[test]
fn where_its_character_was_it_stays_until_that_is_pruned() {
    let mut a = typed("abcdef");
    let at = cursor(&a, 3, Lean::Right);
    a.delete_text("text", Unit::Scalar, 2, 3).unwrap();
    let resolved = a.resolve(&at, Unit::Scalar).unwrap();
    assert_eq!((resolved.position, resolved.exact, resolved.deleted), (2, true, true));
    let fresh = a.refresh(&at).unwrap();
    a.prune();
    let resolved = a.resolve(&at, Unit::Scalar).unwrap();
    assert_eq!((resolved.position, resolved.exact, resolved.deleted), (2, false, true));
    let resolved = a.resolve(&fresh, Unit::Scalar).unwrap();
    assert_eq!((resolved.position, resolved.exact, resolved.deleted), (2, true, false));
}

#[test]
fn what_was_pruned_is_found_by_what_was_beside_it() {
    // What B typed in the middle goes, and with it what the cursor leans to.
    let mut a = typed(&"a".repeat(100));
    a.join(B).unwrap();
    let mut b = Replica::load(&a.save(), B).unwrap();
    b.insert_text("text", Unit::Scalar, 10, "first").unwrap();
    b.insert_text("text", Unit::Scalar, 80, "second").unwrap();
    let at = cursor(&b, 80, Lean::Right);
    b.delete_text("text", Unit::Scalar, 80, 6).unwrap();
    a.apply(&b.export(a.version()).unwrap()).unwrap();
    for _ in 0..2 {
        a.apply_acknowledgement(&b.acknowledge()).unwrap();
        b.apply_acknowledgement(&a.acknowledge()).unwrap();
    }
    b.prune();
    b.insert_text("text", Unit::Scalar, 0, &"b".repeat(50)).unwrap();
    let resolved = b.resolve(&at, Unit::Scalar).unwrap();
    assert_eq!((resolved.position, resolved.exact), (130, false));
}

#[test]
fn what_was_pruned_with_all_around_it_is_found_by_what_its_author_typed_before() {
    let mut a = typed("one two three. ");
    let before = a.text_len("text", Unit::Scalar).unwrap();
    a.insert_text("text", Unit::Scalar, before, "A paragraph. ").unwrap();
    a.insert_text("text", Unit::Scalar, before + 13, "The end.").unwrap();
    let at = cursor(&a, before + 6, Lean::Left);
    a.delete_text("text", Unit::Scalar, before, 13).unwrap();
    a.insert_text("text", Unit::Scalar, 0, &"0123456789".repeat(20)).unwrap();
    a.prune();
    for replica in [&a, &Replica::load(&a.save(), A).unwrap()] {
        let resolved = replica.resolve(&at, Unit::Scalar).unwrap();
        assert_eq!((resolved.position, resolved.exact), (before + 200, false));
    }
}

#[test]
fn where_nothing_else_is_known_the_position_is_as_it_was() {
    let mut a = typed("");
    a.join(B).unwrap();
    let mut b = Replica::load(&a.save(), B).unwrap();
    b.insert_text("text", Unit::Scalar, 0, "0123456789").unwrap();
    let at = cursor(&b, 5, Lean::Left);
    exchange(&mut a, &mut b);
    a.delete_text("text", Unit::Scalar, 0, 10).unwrap();
    a.insert_text("text", Unit::Scalar, 0, "äbc").unwrap();
    exchange(&mut a, &mut b);
    for _ in 0..2 {
        a.apply_acknowledgement(&b.acknowledge()).unwrap();
        b.apply_acknowledgement(&a.acknowledge()).unwrap();
    }
    a.prune();
    let resolved = a.resolve(&at, Unit::Utf8).unwrap();
    assert_eq!((resolved.position, resolved.exact), (4, false), "not beyond the end");
}

#[test]
fn what_has_not_arrived_is_named() {
    let mut a = typed("abc");
    let b = Replica::load(&a.save(), B).unwrap();
    a.insert_text("text", Unit::Scalar, 3, "d").unwrap();
    let at = cursor(&a, 4, Lean::Left);
    // Creating the text, and three characters, came before.
    let missing = OpId::new(A, 4);
    assert_eq!(b.resolve(&at, Unit::Scalar), Err(CursorError::Unseen { missing }));
    // An item on the way is, too.
    a.insert_items("list", 0, [Kind::Text]).unwrap();
    a.insert_text("/list/0", Unit::Scalar, 0, "x").unwrap();
    let within = a.cursor("/list/0", Unit::Scalar, 0, Lean::Left).unwrap();
    let missing = OpId::new(A, 6);
    assert_eq!(b.resolve(&within, Unit::Scalar), Err(CursorError::Unseen { missing }));
}

#[test]
fn what_is_not_shown_is_gone_and_may_come_back() {
    let mut a = typed("abc");
    let mut b = Replica::load(&a.save(), B).unwrap();
    let at = cursor(&a, 1, Lean::Left);
    a.remove("text").unwrap();
    assert_eq!(a.resolve(&at, Unit::Scalar), Err(CursorError::Gone));
    b.insert_text("text", Unit::Scalar, 3, "d").unwrap();
    exchange(&mut a, &mut b);
    assert_eq!(a.text("text").unwrap(), "d");
    assert_eq!(position(&a, &at), 0);
}

#[test]
fn in_a_list_it_follows_its_item_and_the_path_says_where_it_is() {
    let mut a = Replica::new(DOCUMENT, A);
    a.insert_items("list", 0, [Content::from("x"), Kind::Text.into(), "z".into()]).unwrap();
    a.insert_text("/list/1", Unit::Scalar, 0, "text").unwrap();
    let item = a.cursor("list", Unit::Utf8, 2, Lean::Right).unwrap();
    let within = a.cursor("/list/1", Unit::Scalar, 2, Lean::Left).unwrap();
    a.move_item("list", 2, 0).unwrap();
    assert_eq!(position(&a, &item), 0);
    let resolved = a.resolve(&within, Unit::Scalar).unwrap();
    let path = Path::from_keys(["list"]).child(2);
    assert_eq!((resolved.path, resolved.position), (path, 2));
    a.delete_items("list", 2, 1).unwrap();
    assert_eq!(a.resolve(&within, Unit::Scalar), Err(CursorError::Gone));
}

#[test]
fn a_range_neither_grows_nor_turns_round() {
    let mut a = typed("one two three");
    let two = a.cursor_range("text", Unit::Scalar, 4..7).unwrap();
    let resolved = |a: &Replica, range| {
        let found = a.resolve_range(range, Unit::Scalar).unwrap();
        (found.start, found.end)
    };
    a.insert_text("text", Unit::Scalar, 7, ">").unwrap();
    a.insert_text("text", Unit::Scalar, 4, "<").unwrap();
    assert_eq!(resolved(&a, &two), (5, 8));
    let outwards = CursorRange::new(cursor(&a, 5, Lean::Left), cursor(&a, 8, Lean::Right)).unwrap();
    a.delete_text("text", Unit::Scalar, 5, 3).unwrap();
    assert_eq!((resolved(&a, &two), resolved(&a, &outwards)), ((5, 5), (5, 5)));
    a.insert_text("text", Unit::Scalar, 5, "2").unwrap();
    assert_eq!(resolved(&a, &outwards), (5, 6), "it leans to what is around it");
    let empty = a.cursor_range("text", Unit::Scalar, 3..3).unwrap();
    a.insert_text("text", Unit::Scalar, 3, "...").unwrap();
    assert_eq!(resolved(&a, &empty), (3, 3));
    a.insert_items("list", 0, [1]).unwrap();
    let elsewhere = a.cursor("list", Unit::Scalar, 0, Lean::Left).unwrap();
    assert_eq!(CursorRange::new(elsewhere, cursor(&a, 0, Lean::Left)), None);
}

#[test]
fn what_can_not_be_pointed_at_is_refused() {
    let mut a = typed("a𝄞b");
    let cursor = |unit, at| a.cursor("text", unit, at, Lean::Left);
    let (position, unit) = (2, Unit::Utf16);
    assert_eq!(cursor(unit, 2), Err(CursorError::SplitsCharacter { position, unit }));
    let (position, len, unit) = (4, 3, Unit::Scalar);
    assert_eq!(cursor(unit, 4), Err(CursorError::OutOfBounds { position, len, unit }));
    let backwards = a.cursor_range("text", unit, std::ops::Range { start: 2, end: 1 });
    assert_eq!(backwards, Err(CursorError::Backwards { start: 2, end: 1 }));
    let path = Path::parse("other").unwrap();
    let absent = CursorError::Read(ReadError::NotFound { path });
    assert_eq!(a.cursor("other", unit, 0, Lean::Left), Err(absent));
    a.set("value", 1).unwrap();
    let wrong = a.cursor("value", unit, 0, Lean::Left);
    assert!(matches!(wrong, Err(CursorError::Read(ReadError::WrongKind { .. }))));
}

#[test]
fn it_may_lean_to_what_a_transaction_types() {
    let mut a = typed("abc");
    a.begin().unwrap();
    a.insert_text("text", Unit::Scalar, 1, "xyz").unwrap();
    let at = cursor(&a, 3, Lean::Left);
    assert_eq!(position(&a, &at), 3);
    a.abort();
    assert!(matches!(a.resolve(&at, Unit::Scalar), Err(CursorError::Unseen { .. })));
}

#[test]
fn lines_and_columns_start_at_1_and_lead_back() {
    let text = "one\n\nzwö𝄞lf\r\nend";
    let a = typed(text);
    for replica in [&a, &Replica::load(&a.save(), B).unwrap()] {
        for unit in [Unit::Scalar, Unit::Utf8, Unit::Utf16] {
            let (mut position, mut expected) = (0, LineColumn::new(1, 1));
            for character in text.chars().map(Some).chain([None]) {
                assert_eq!(replica.line_column("text", unit, position).unwrap(), expected);
                assert_eq!(replica.position("text", unit, expected).unwrap(), position);
                let Some(character) = character else { break };
                let width = match unit {
                    Unit::Utf8 => character.len_utf8(),
                    Unit::Utf16 => character.len_utf16(),
                    _ => 1,
                };
                position += width;
                expected.column += width as u64;
                if character == '\n' {
                    expected = LineColumn::new(expected.line + 1, 1);
                }
            }
        }
    }
    let to = |line, column| a.position("text", Unit::Utf16, LineColumn::new(line, column)).unwrap();
    assert_eq!((to(0, 0), to(1, 99), to(2, 2), to(99, 1)), (0, 3, 4, text.len() - 3));
    assert_eq!(to(3, 5), 8, "in front of the clef, not within");
    let (position, unit) = (10, Unit::Utf8);
    let within = a.line_column("text", unit, position);
    assert_eq!(within, Err(CursorError::SplitsCharacter { position, unit }));
    let error = a.line_column("text", Unit::Utf8, 99).unwrap_err();
    assert!(matches!(error, CursorError::OutOfBounds { position: 99, .. }));
}

/// One of each form.
fn all_forms() -> Vec<Cursor> {
    let mut a = typed("abc");
    a.insert_items("list", 0, [Kind::Text, Kind::List]).unwrap();
    a.insert_text("/list/0", Unit::Scalar, 0, "within").unwrap();
    a.insert_text("map.größe.t", Unit::Scalar, 0, "deep").unwrap();
    let mut b = Replica::load(&a.save(), B).unwrap();
    b.insert_text("text", Unit::Scalar, 1, "by b").unwrap();
    b.insert_items("/list/1", 0, [1, 2]).unwrap();
    let mut forms = Vec::new();
    for lean in [Lean::Left, Lean::Right] {
        for path in ["text", "list", "/list/0", "/list/1", "map.größe.t"] {
            forms.extend((0..3).map(|at| b.cursor(path, Unit::Scalar, at, lean).unwrap()));
        }
    }
    forms
}

#[test]
fn bytes_have_one_form_and_what_has_not_is_refused() {
    let reader = typed("abc");
    for cursor in all_forms() {
        let bytes = cursor.to_bytes();
        assert_eq!(Cursor::from_bytes(&bytes).unwrap(), cursor);
        for len in 0..bytes.len() {
            assert!(Cursor::from_bytes(&bytes[..len]).is_err(), "cut short at {len}");
        }
        let longer = [&bytes[..], &[0]].concat();
        let offset = bytes.len();
        assert_eq!(Cursor::from_bytes(&longer), Err(DecodeError::TrailingBytes { offset }));
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(other) = Cursor::from_bytes(&flipped) {
                assert_eq!(other.to_bytes(), flipped, "there is one form of each");
                assert_ne!(other, cursor);
                let _ = reader.resolve(&other, Unit::Utf16);
                let _ = reader.refresh(&other);
            }
            if let Ok(range) = CursorRange::from_bytes(&flipped) {
                assert_eq!(range.to_bytes(), flipped);
            }
        }
    }
    let found = Cursor::from_bytes(&[0x20, 0]).unwrap_err();
    assert_eq!(found, DecodeError::UnsupportedVersion { found: 2, supported: 1 });
}

#[test]
fn bytes_of_ranges_have_one_form_too() {
    let forms = all_forms();
    for (start, end) in forms.iter().zip(&forms[1..]) {
        let Some(range) = CursorRange::new(start.clone(), end.clone()) else { continue };
        let bytes = range.to_bytes();
        assert_eq!(CursorRange::from_bytes(&bytes).unwrap(), range);
        assert!(Cursor::from_bytes(&bytes).is_err(), "a range is no cursor");
        assert!(CursorRange::from_bytes(&start.to_bytes()).is_err(), "nor the other way round");
        for len in 0..bytes.len() {
            assert!(CursorRange::from_bytes(&bytes[..len]).is_err(), "cut short at {len}");
        }
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(other) = CursorRange::from_bytes(&flipped) {
                assert_eq!(other.to_bytes(), flipped, "there is one form of each");
            }
        }
    }
}

#[test]
fn a_loaded_text_answers_as_an_edited_one_and_makes_no_tree_for_a_few_questions() {
    let mut a = typed("aä𝄞b".repeat(20).as_str());
    a.delete_text("text", Unit::Scalar, 7, 3).unwrap();
    let loaded = Replica::load(&a.save(), B).unwrap();
    let packed = loaded.clone().memory().state_bytes;
    let mut asked = loaded.clone();
    for unit in [Unit::Scalar, Unit::Utf8, Unit::Utf16] {
        for position in 0..=a.text_len("text", unit).unwrap() {
            for lean in [Lean::Left, Lean::Right] {
                let fresh = loaded.clone();
                let made = fresh.cursor("text", unit, position, lean);
                assert_eq!(made, a.cursor("text", unit, position, lean));
                let Ok(made) = made else { continue };
                assert_eq!(fresh.resolve(&made, unit), a.resolve(&made, unit));
                assert_eq!(fresh.refresh(&made).as_ref(), Ok(&made));
                assert_eq!(fresh.memory().state_bytes, packed, "it stays packed");
                assert_eq!(asked.resolve(&made, unit), a.resolve(&made, unit));
            }
        }
    }
    assert!(asked.memory().state_bytes > packed, "after many questions it has a tree");
    asked.insert_text("text", Unit::Scalar, 0, "x").unwrap();
}

#[test]
fn the_example_of_the_format_is_what_is_written() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.insert_text("notes", Unit::Scalar, 0, "ABCD").unwrap();
    let behind_c = a.cursor("notes", Unit::Scalar, 3, Lean::Left).unwrap();
    assert_eq!(behind_c.to_bytes(), example("<!-- cursor -->"));
}
