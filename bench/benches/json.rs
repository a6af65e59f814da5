//! JSON in: what an import takes that changes little, beside the same edit made directly, and beside
//! writing the JSON.

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, criterion_group, criterion_main};
use libsync::{ImportOptions, Kind, Replica, Unit, json_patch};
use libsync_bench::{AUTHOR, DOCUMENT, Random, TEXT};

const TEXT_BYTES: usize = 100_000;
const ITEMS: usize = 10_000;
const OPTIONS: ImportOptions<'static> = ImportOptions::new();

fn json(criterion: &mut Criterion) {
    let mut random = Random::new(5);
    text(&mut criterion.benchmark_group("json: 100 KB of text"), &mut random);
    list(&mut criterion.benchmark_group("json: 10,000 items"));
}

fn text(group: &mut BenchmarkGroup<'_, WallTime>, random: &mut Random) {
    let mut text = String::new();
    while text.len() < TEXT_BYTES {
        let len = 2 + random.below(8);
        text.extend((0..len).map(|_| char::from(b'a' + random.below(26) as u8)));
        text.push(if random.below(12) == 0 { '\n' } else { ' ' });
    }
    let mut replica = Replica::new(DOCUMENT, AUTHOR);
    replica.insert_text(TEXT, Unit::Scalar, 0, &text).expect("an empty document");
    let middle = text[TEXT_BYTES / 2..].find(' ').expect("words are short") + TEXT_BYTES / 2 + 1;
    let edited = |word: &str| format!("{}{word}{}", &text[..middle], &text[middle + 1..]);
    let json = |text: &str| serde_json::json!({ TEXT: text }).to_string();
    let (same, changed) = (json(&text), json(&edited("whale")));
    // Every tenth line with a word more.
    let lines = text.lines().enumerate();
    let many: Vec<String> = lines
        .map(|(i, line)| if i % 10 == 0 { format!("{line} whale") } else { line.to_owned() })
        .collect();
    let many = json(&many.join("\n"));
    imports(
        group,
        &replica,
        &[
            ("one word changed", &changed),
            ("many lines changed", &many),
            ("nothing changed", &same),
        ],
    );
    edits(group, &replica, "the same word, edited", |replica| {
        replica.delete_text(TEXT, Unit::Utf8, middle, 1).expect("it is in the text");
        replica.insert_text(TEXT, Unit::Utf8, middle, "whale").expect("it is in the text");
    });
}

fn list(group: &mut BenchmarkGroup<'_, WallTime>) {
    let items: Vec<String> = (0..ITEMS)
        .map(|id| format!("{{\"done\":false,\"id\":{id},\"title\":\"item {id}\"}}"))
        .collect();
    let json = |items: &[String]| format!("{{\"list\":[{}]}}", items.join(","));
    let same = json(&items);
    let mut replica = Replica::new(DOCUMENT, AUTHOR);
    replica.create("list", Kind::List).expect("an empty document");
    replica.import_json("", &same, OPTIONS).expect("it is JSON");
    let (from, to) = (ITEMS / 4, ITEMS * 3 / 4);
    let mut moved = items.clone();
    let item = moved.remove(from);
    moved.insert(to, item);
    let moved = json(&moved);
    let all: Vec<String> = items.iter().map(|item| item.replace("false", "true")).collect();
    let all = json(&all);
    imports(
        group,
        &replica,
        &[("one moved", &moved), ("each edited", &all), ("nothing changed", &same)],
    );
    edits(group, &replica, "the same one, moved", |replica| {
        replica.move_item("list", from, to).expect("it is in the list");
    });
    group.bench_function("json_patch of one moved", |bencher| {
        bencher.iter(|| json_patch(&same, &moved).expect("both are JSON"));
    });
}

fn imports(group: &mut BenchmarkGroup<'_, WallTime>, replica: &Replica, all: &[(&str, &str)]) {
    for (what, json) in all {
        edits(group, replica, &format!("import, {what}"), |replica| {
            replica.import_json("", json, OPTIONS).expect("it is JSON");
        });
        let mut imported = replica.clone();
        let report = imported.import_json("", json, OPTIONS).expect("it is JSON");
        assert_eq!(imported.to_json(), *json, "{what}");
        println!("{what}: {report:?}");
    }
    group.bench_function("to_json", |bencher| bencher.iter(|| replica.to_json()));
}

fn edits(
    group: &mut BenchmarkGroup<'_, WallTime>,
    replica: &Replica,
    name: &str,
    edit: impl Fn(&mut Replica),
) {
    group.bench_function(name, |bencher| {
        bencher.iter_batched(
            || replica.clone(),
            |mut replica| {
                edit(&mut replica);
                replica
            },
            BatchSize::PerIteration,
        );
    });
}

criterion_group! {
    name = benches;
    config = libsync_bench::criterion();
    targets = json
}
criterion_main!(benches);
