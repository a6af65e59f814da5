//! Frames that are wrong whatever is in them: the frame itself, CBOR, fields, tables.

use super::peers::{edited, everything, replica};
use super::{A, B, frame, framed, making};
use crate::cbor::{Item, array, encoded, ids, map, raw, seal, text, uint, uints};
use crate::receive::DOCUMENT;
use crate::vector::{Kind, Vector};

pub fn vectors() -> Vec<Vector> {
    let mut vectors = frames();
    vectors.extend(kinds());
    vectors.extend(items());
    vectors.extend(fields());
    vectors.extend(replicas());
    vectors.extend(containers());
    vectors.extend(versions());
    vectors
}

fn valid() -> Vec<u8> {
    let mut a = replica(A);
    a.set("k", 1).expect("a key of the root");
    everything(&a)
}

fn fails(name: &str, about: &str, frame: Vec<u8>, error: &str) -> Vector {
    making(name, about, Kind::Changes, frame).fails(error)
}

/// A frame of six items, or of others, that is sealed.
fn sealed(head: u8, items: &[Item]) -> Vec<u8> {
    let mut bytes = vec![head];
    bytes.extend(encoded(items));
    seal(bytes)
}

fn frames() -> Vec<Vector> {
    let frame = valid();
    let len = frame.len();
    let damaged = |at: usize| {
        let mut damaged = frame.clone();
        damaged[at] ^= 0x10;
        damaged
    };
    let longer = |more: &[u8]| [&*frame, more].concat();
    let document = |bytes: &[u8]| Item::Bytes(bytes.to_vec());
    let id = document(DOCUMENT.as_bytes());
    let wide_kind = [raw(&[0x18, 0x01]), uint(1), id.clone(), uint(0), map([])];
    let short_id = [uint(1), uint(1), document(&[0; 15]), uint(0), map([])];
    let five = [uint(1), uint(1), id.clone(), uint(0)];
    let other = edited(
        &mut libsync::Replica::new(
            libsync::DocumentId::from_bytes([0xee; 16]),
            libsync::ReplicaId::new(A),
        ),
        |other| other.set("k", 1).expect("a key of the root"),
    );
    vec![
        fails("no-bytes", "Nothing.", Vec::new(), "Truncated"),
        fails("cut-short", "Not even a checksum fits in.", frame[..4].to_vec(), "Truncated"),
        fails("last-byte-missing", "Cut by one byte.", frame[..len - 1].to_vec(), "Checksum"),
        fails("half", "Cut in the middle.", frame[..len / 2].to_vec(), "Checksum"),
        fails("flipped-bit", "A bit of the body is flipped.", damaged(len - 10), "Checksum"),
        fails("flipped-document", "A bit of the document id is flipped.", damaged(5), "Checksum"),
        fails(
            "flipped-checksum",
            "A bit of the checksum is flipped.",
            damaged(len - 1),
            "Checksum",
        ),
        fails("byte-behind", "A byte follows the frame.", longer(&[0]), "Checksum"),
        fails("frame-behind", "A frame follows the frame.", longer(&frame), "Checksum"),
        fails(
            "sealed-byte-behind",
            "The frame ends before the last checksum, which is right.",
            seal(frame.clone()),
            "TrailingBytes",
        ),
        fails("not-an-array", "A map instead of a frame.", seal(vec![0xa0]), "Unexpected"),
        fails("five-items", "An array of five items.", sealed(0x85, &five), "Unexpected"),
        fails(
            "wide-head",
            "The kind is not in its shortest form.",
            sealed(0x86, &wide_kind),
            "NotCanonical",
        ),
        fails(
            "short-document",
            "A document id of 15 bytes.",
            sealed(0x86, &short_id),
            "Unexpected",
        ),
        fails("format-0", "Of no format.", framed(1, 0, 0, map([])), "UnsupportedVersion"),
        fails("format-2", "Of a later format.", framed(1, 2, 0, map([])), "UnsupportedVersion"),
        fails("other-document", "Of another document.", other, "OtherDocument"),
        fails(
            "other-epoch",
            "Of another epoch of the document.",
            framed(1, 1, 1, map([])),
            "OtherEpoch",
        ),
    ]
}

fn kinds() -> Vec<Vector> {
    let all = [Kind::Changes, Kind::Document, Kind::Version, Kind::Acknowledgement];
    let mut a = replica(A);
    let frames = [everything(&a), a.save(), a.encode_version(), a.acknowledge()];
    let mut vectors = Vec::new();
    for taken_as in all {
        for (kind, bytes) in all.into_iter().zip(&frames) {
            if kind != taken_as {
                let name = format!("{}-as-{}", kind.name(), taken_as.name());
                let about = "A frame of another kind than the call takes.";
                vectors.push(making(&name, about, taken_as, bytes.clone()).fails("WrongFrame"));
            }
        }
        let (name, about) =
            (format!("kind-9-as-{}", taken_as.name()), "Of no kind of this format.");
        vectors.push(making(&name, about, taken_as, framed(9, 1, 0, map([]))).fails("WrongFrame"));
    }
    vectors
}

/// A body of one change, which assigns `value` to a key of the root.
fn assigning(value: Item) -> Item {
    let assignment = array([uint(5), uint(0), text("k"), value]);
    let change = array([uint(0), uint(0), uint(0), array([]), assignment]);
    map([(0, ids(&[A])), (4, array([change]))])
}

fn items() -> Vec<Vector> {
    let value = |name: &str, about: &str, value: &[u8], error: &str| {
        fails(name, about, frame(Kind::Changes, assigning(raw(value))), error)
    };
    let body = |name: &str, about: &str, body: &[u8], error: &str| {
        fails(name, about, frame(Kind::Changes, raw(body)), error)
    };
    vec![
        value("wide-integer", "1 in two bytes.", &[0x18, 0x01], "NotCanonical"),
        value(
            "wide-integer-8",
            "256 in nine bytes.",
            &[0x1b, 0, 0, 0, 0, 0, 0, 1, 0],
            "NotCanonical",
        ),
        value("wide-negative", "-1 in two bytes.", &[0x38, 0x00], "NotCanonical"),
        value(
            "wide-text",
            "A text with a head that is too long.",
            &[0x78, 0x01, 0x61],
            "NotCanonical",
        ),
        value("wide-constant", "True in two bytes.", &[0xf8, 0x15], "NotCanonical"),
        value("wide-float-32", "1.5 in 32 bits.", &[0xfa, 0x3f, 0xc0, 0, 0], "NotCanonical"),
        value(
            "wide-float-64",
            "1.5 in 64 bits.",
            &[0xfb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0],
            "NotCanonical",
        ),
        value(
            "wide-infinity",
            "The infinity in 32 bits.",
            &[0xfa, 0x7f, 0x80, 0, 0],
            "NotCanonical",
        ),
        value("wide-nan", "NaN in 64 bits.", &[0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], "NotCanonical"),
        value("other-nan", "A NaN with a payload.", &[0xf9, 0x7e, 0x01], "NotCanonical"),
        value("negative-nan", "A NaN with a sign.", &[0xf9, 0xfe, 0x00], "NotCanonical"),
        value("signalling-nan", "A NaN that signals.", &[0xf9, 0x7d, 0x00], "NotCanonical"),
        value("great-integer", "2^63.", &[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0], "Limit"),
        value("small-integer", "-2^63 - 1.", &[0x3b, 0x80, 0, 0, 0, 0, 0, 0, 0], "Limit"),
        value("undefined", "CBOR's undefined.", &[0xf7], "Unexpected"),
        value("simple-value", "A simple value without a meaning.", &[0xe0], "Unexpected"),
        value("tagged", "A value with a tag.", &[0xc0, 0x61, 0x61], "Unexpected"),
        value("map-value", "A map for a value.", &[0xa0], "Unexpected"),
        value("no-utf-8", "A surrogate in a text.", &[0x63, 0xed, 0xa0, 0x80], "Unexpected"),
        value("cut-utf-8", "A character that is cut short.", &[0x62, 0xf0, 0x9f], "Unexpected"),
        value(
            "long-text",
            "A text longer than the frame.",
            &[0x7a, 0xff, 0xff, 0xff, 0xff],
            "Truncated",
        ),
        value("reserved-head", "A head that CBOR reserves.", &[0x1c], "Unexpected"),
        value(
            "text-in-parts",
            "A text of indefinite length.",
            &[0x7f, 0x61, 0x61, 0xff],
            "Unexpected",
        ),
        value("break", "A break outside of anything.", &[0xff], "Unexpected"),
        body("body-in-parts", "A map of indefinite length.", &[0xbf, 0xff], "Unexpected"),
        body("body-array", "An array for a body.", &[0x80], "Unexpected"),
        body(
            "long-map",
            "A map with more fields than bytes.",
            &[0xba, 0xff, 0xff, 0xff, 0xff],
            "Truncated",
        ),
        body(
            "long-list",
            "A list with more items than bytes.",
            &[0xa1, 0x04, 0x9a, 0xff, 0xff, 0xff, 0xff],
            "Truncated",
        ),
    ]
}

fn fields() -> Vec<Vector> {
    let fields = |name: &str, about: &str, fields: Vec<(u64, Item)>, error: &str| {
        fails(name, about, frame(Kind::Changes, map(fields)), error)
    };
    let skipping = |name: &str, about: &str, item: &[u8], error: &str| {
        fails(name, about, frame(Kind::Changes, map([(1, raw(item))])), error)
    };
    let (names, list) = (
        (0, ids(&[A])),
        (4, { array([array([uint(0), uint(0), uint(0), array([]), array([uint(8)])])]) }),
    );
    let deep = [vec![0x81; 17], vec![0x00]].concat();
    vec![
        fields(
            "field-order",
            "Fields not in ascending order.",
            vec![(3, uint(0)), (1, uint(0))],
            "NotCanonical",
        ),
        fields(
            "field-twice",
            "A field twice.",
            vec![names.clone(), names.clone(), list.clone()],
            "NotCanonical",
        ),
        fields(
            "mandatory-field",
            "A mandatory field of a later format.",
            vec![names.clone(), list.clone(), (1000, uint(0))],
            "UnknownField",
        ),
        fields(
            "field-of-another-body",
            "A field that only documents have.",
            vec![names, list, (8, uint(1))],
            "UnknownField",
        ),
        fails(
            "named-field",
            "A field with a name.",
            frame(Kind::Changes, raw(&[0xa1, 0x61, 0x61, 0x00])),
            "Unexpected",
        ),
        skipping(
            "skipped-wide",
            "A skipped integer not in its shortest form.",
            &[0x18, 0x00],
            "NotCanonical",
        ),
        skipping(
            "skipped-in-parts",
            "A skipped array of indefinite length.",
            &[0x9f, 0xff],
            "NotCanonical",
        ),
        skipping("skipped-too-deep", "A skipped item nested 17 deep.", &deep, "Limit"),
        skipping("skipped-no-utf-8", "A skipped text that is none.", &[0x61, 0xff], "Unexpected"),
        skipping(
            "skipped-simple",
            "A simple value that CBOR does not have.",
            &[0xf8, 0x18],
            "Unexpected",
        ),
        skipping("skipped-wide-constant", "False in two bytes.", &[0xf8, 0x14], "NotCanonical"),
        skipping(
            "skipped-map-order",
            "A skipped map not in order.",
            &[0xa2, 0x02, 0x00, 0x01, 0x00],
            "NotCanonical",
        ),
        skipping(
            "skipped-map-twice",
            "A skipped map with a key twice.",
            &[0xa2, 0x01, 0x00, 0x01, 0x00],
            "NotCanonical",
        ),
        skipping(
            "skipped-nan",
            "A skipped NaN with a payload.",
            &[0xf9, 0x7e, 0x01],
            "NotCanonical",
        ),
        skipping(
            "skipped-cut-short",
            "A skipped array that is cut short.",
            &[0x98, 0x40],
            "Truncated",
        ),
    ]
}

fn replicas() -> Vec<Vector> {
    let listed = |name: &str, about: &str, replicas: Item, error: &str| {
        let change = array([uint(0), uint(0), uint(0), array([]), array([uint(8)])]);
        fails(name, about, frame(Kind::Changes, map([(0, replicas), (4, array([change]))])), error)
    };
    let joining = |numbers: &[u64], listed: &[u64]| {
        let joins = numbers.iter().map(|&number| array([uint(7), uint(number)]));
        let head = [uint(0), uint(0), uint(0), array([])];
        let change = array(head.into_iter().chain(joins));
        frame(Kind::Changes, map([(0, ids(listed)), (4, array([change]))]))
    };
    vec![
        listed("no-replicas", "An empty table of replicas.", ids(&[]), "Unexpected"),
        listed("cut-replica", "A replica id of 7 bytes.", Item::Bytes(vec![1; 7]), "Unexpected"),
        listed("replica-twice", "A replica listed twice.", ids(&[A, A]), "NotCanonical"),
        listed(
            "replica-unused",
            "A replica that is listed and not used.",
            ids(&[A, B]),
            "NotCanonical",
        ),
        fails(
            "replica-order",
            "Replicas not in the order of their first use.",
            joining(&[2, 1], &[A, B, 3]),
            "NotCanonical",
        ),
        fails(
            "replica-not-listed",
            "The number of no listed replica.",
            joining(&[1], &[A]),
            "Unexpected",
        ),
    ]
}

fn containers() -> Vec<Vector> {
    /// A body that lists `containers` and assigns in those of the numbers `used`.
    fn assigning_in(containers: Item, used: &[u64]) -> Vec<u8> {
        let assign = |&number: &u64| array([uint(5), uint(number), text("k"), uint(1)]);
        let head = [uint(0), uint(0), uint(0), array([])];
        let change = array(head.into_iter().chain(used.iter().map(assign)));
        let fields = [(0, ids(&[A])), (2, containers), (4, array([change]))];
        frame(Kind::Changes, map(fields))
    }
    let listed = |of: &[(u64, &str, u64)]| {
        array(of.iter().flat_map(|&(parent, key, kind)| [uint(parent), text(key), uint(kind)]))
    };
    let used = |name: &str, about: &str, of: &[(u64, &str, u64)], numbers: &[u64], error: &str| {
        fails(name, about, assigning_in(listed(of), numbers), error)
    };
    let chain = |len: u64| listed(&(0..len).map(|parent| (parent, "k", 0)).collect::<Vec<_>>());
    vec![
        used("no-containers", "An empty table of containers.", &[], &[0], "Unexpected"),
        fails(
            "cut-container",
            "A container of two items.",
            assigning_in(array([uint(0), text("m")]), &[1]),
            "Unexpected",
        ),
        used(
            "container-twice",
            "A container listed twice.",
            &[(0, "m", 0), (0, "m", 0)],
            &[1, 2],
            "NotCanonical",
        ),
        used(
            "container-unused",
            "A container that is listed and not used.",
            &[(0, "m", 0)],
            &[0],
            "NotCanonical",
        ),
        used(
            "container-order",
            "Containers not in the order of their first use.",
            &[(0, "m", 0), (0, "n", 0)],
            &[2, 1],
            "NotCanonical",
        ),
        used(
            "container-not-listed",
            "The number of no listed container.",
            &[(0, "m", 0)],
            &[1, 2],
            "Unexpected",
        ),
        used(
            "later-parent",
            "A parent that is listed later.",
            &[(2, "m", 0), (0, "n", 0)],
            &[1],
            "Unexpected",
        ),
        used(
            "text-parent",
            "A text for a parent.",
            &[(0, "t", 1), (1, "m", 0)],
            &[2],
            "Inconsistent",
        ),
        used(
            "unknown-kind",
            "A kind of container of a later format.",
            &[(0, "x", 2)],
            &[1],
            "Unexpected",
        ),
        fails("too-deep", "A container 129 keys deep.", assigning_in(chain(129), &[129]), "Limit"),
        fails(
            "value-too-deep",
            "A value 129 keys deep.",
            assigning_in(chain(128), &[128]),
            "Limit",
        ),
    ]
}

fn versions() -> Vec<Vector> {
    let version = |name: &str, about: &str, body: Item, error: &str| {
        making(name, about, Kind::Version, frame(Kind::Version, body)).fails(error)
    };
    let of = |replicas: &[u64], counts: &[u64]| map([(0, ids(replicas)), (4, uints(counts))]);
    let acknowledgement = |name: &str, about: &str, fields: Vec<(u64, Item)>, error: &str| {
        let frame = frame(Kind::Acknowledgement, map(fields));
        making(name, about, Kind::Acknowledgement, frame).fails(error)
    };
    let (seen, stable, member) =
        (|count| (4, uints(&[0, count])), |count| (6, uints(&[0, count])), (8, uint(0)));
    vec![
        version("version-missing", "A version without a version.", map([]), "Unexpected"),
        version("version-odd", "A version of three items.", of(&[A, B], &[0, 1, 1]), "Unexpected"),
        version(
            "version-zero",
            "A replica that has written nothing.",
            of(&[A], &[0, 0]),
            "NotCanonical",
        ),
        version(
            "version-order",
            "Replicas not in the order of their ids.",
            of(&[B, A], &[0, 1, 1, 1]),
            "NotCanonical",
        ),
        version("version-twice", "A replica twice.", of(&[A], &[0, 1, 0, 2]), "NotCanonical"),
        version(
            "version-great",
            "More than 2^53 operations.",
            of(&[A], &[0, (1 << 53) + 1]),
            "Limit",
        ),
        version(
            "version-not-listed",
            "A replica that is not listed.",
            map([(4, uints(&[0, 1]))]),
            "Unexpected",
        ),
        acknowledgement(
            "no-member",
            "An acknowledgement of nobody.",
            vec![(0, ids(&[A])), seen(1), stable(1)],
            "Unexpected",
        ),
        acknowledgement(
            "no-stable-cut",
            "An acknowledgement without a stable cut.",
            vec![(0, ids(&[A])), seen(1), member.clone()],
            "Unexpected",
        ),
        acknowledgement(
            "stable-unseen",
            "What is stable was not seen.",
            vec![(0, ids(&[A])), seen(1), stable(2), member],
            "Inconsistent",
        ),
    ]
}
