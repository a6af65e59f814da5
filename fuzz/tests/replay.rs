//! Runs every input of the corpora, and every one that once failed, on the target that it is for;
//! and some hundreds more that are made of these.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use libsync_fuzz::random::Random;
use libsync_fuzz::{TARGETS, Target, mutation};

/// What an input may take, on a busy machine, too: what hangs takes longer by far.
const LIMIT: Duration = Duration::from_secs(5);

/// The inputs of a target: the names of the files, and what is in them.
fn inputs(folder: &str, target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target);
    // A target that never failed has no folder of regressions.
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Why the input fails, if it does.
fn failure(run: Target, input: &[u8]) -> Option<String> {
    let started = Instant::now();
    let panicked = catch_unwind(|| run(input)).is_err();
    let taken = started.elapsed();
    match () {
        () if panicked => Some("panics, as shown above".to_owned()),
        () if taken > LIMIT => Some(format!("takes {taken:?} for {} bytes", input.len())),
        () => None,
    }
}

#[test]
fn every_corpus_holds() {
    for (target, run) in TARGETS {
        let inputs = inputs("corpus", target);
        assert!(inputs.len() > 5, "{target} has a corpus");
        for (path, input) in inputs {
            assert_eq!(failure(run, &input), None, "{}", path.display());
        }
    }
}

#[test]
fn what_once_failed_holds() {
    for (target, run) in TARGETS {
        for (path, input) in inputs("regressions", target) {
            assert_eq!(failure(run, &input), None, "{}", path.display());
        }
    }
}

/// `FUZZ_SEED` is the first seed, and `FUZZ_MUTATIONS` how many there are for each target.
#[test]
fn what_is_made_of_the_corpora_holds() {
    let setting = |name: &str, default| {
        std::env::var(name).map_or(default, |value| value.parse::<u64>().unwrap())
    };
    let (first, count) = (setting("FUZZ_SEED", 0), setting("FUZZ_MUTATIONS", 500));
    for (target, run) in TARGETS {
        let corpus = inputs("corpus", target);
        for seed in first..first + count {
            let input = mutated(target, &corpus, seed);
            assert_eq!(failure(run, &input), None, "{target}, FUZZ_SEED={seed}");
        }
    }
}

/// One of the corpus, changed some times: by items where it is of frames, else by bytes.
fn mutated(target: &str, corpus: &[(PathBuf, Vec<u8>)], seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut input = corpus[random.below(corpus.len())].1.clone();
    for _ in 0..=random.below(4) {
        let is_of_bytes =
            matches!(target, "path" | "json" | "program" | "forged" | "packed" | "cursor");
        match mutation::mutate(&input, &mut random) {
            Some(mutated) if !is_of_bytes => input = mutated,
            _ if input.is_empty() => input.push(random.next() as u8),
            _ => {
                let at = random.below(input.len());
                input[at] = random.next() as u8;
            }
        }
    }
    input
}
