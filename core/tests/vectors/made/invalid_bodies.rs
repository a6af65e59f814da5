//! Bodies that are wrong: their fields, the tables, and the small bodies.

use super::{A, B, frame, making};
use crate::cbor::{Item, array, ids, map, raw, text, uint, uints};
use crate::columns::columns;
use crate::vector::{Kind, Vector};

pub fn vectors() -> Vec<Vector> {
    let mut vectors = fields();
    vectors.extend(replicas());
    vectors.extend(containers());
    vectors.extend(versions());
    vectors
}

fn fails(name: &str, about: &str, frame: Vec<u8>, error: &str) -> Vector {
    making(name, about, Kind::Changes, frame).fails(error)
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
        (4, columns([array([uint(0), uint(0), uint(0), array([]), array([uint(8)])])])),
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
            vec![names, list, (10, uint(1))],
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
        skipping("skipped-no-simple", "What CBOR has not.", &[0xf8, 0x18], "NotCanonical"),
        skipping(
            "skipped-simple",
            "A simple value without a meaning.",
            &[0xf8, 0xff],
            "NotCanonical",
        ),
        skipping("skipped-short-simple", "The same, in one byte.", &[0xe0], "NotCanonical"),
        skipping("skipped-break", "A break outside of anything.", &[0xff], "NotCanonical"),
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
        fails(
            name,
            about,
            frame(Kind::Changes, map([(0, replicas), (4, columns([change]))])),
            error,
        )
    };
    let joining = |numbers: &[u64], listed: &[u64]| {
        let joins = numbers.iter().map(|&number| array([uint(7), uint(number)]));
        let head = [uint(0), uint(0), uint(0), array([])];
        let change = array(head.into_iter().chain(joins));
        frame(Kind::Changes, map([(0, ids(listed)), (4, columns([change]))]))
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
        let fields = [(0, ids(&[A])), (2, containers), (4, columns([change]))];
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
            &[(0, "x", 7)],
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
