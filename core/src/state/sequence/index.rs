//! Which span holds a node: for each author its spans by their first counters, in sorted chunks.

use crate::id::{OpId, ReplicaId};

use super::order::Slot;

/// How many spans a chunk has at most.
const CHUNK: usize = 128;

/// What chunks are filled with: there is room for more.
const FILLED: usize = CHUNK * 3 / 4;

/// The number of an author in a sequence.
pub(super) type Author = u32;

/// A counter in two halves, so that what has one needs no padding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Counter([u32; 2]);

impl Counter {
    pub(super) const fn new(counter: u64) -> Self {
        Self([counter as u32, (counter >> 32) as u32])
    }

    pub(super) const fn get(self) -> u64 {
        self.0[0] as u64 | (self.0[1] as u64) << 32
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    first: Counter,
    slot: Slot,
}

/// The entries by their counters: dense ones by their digits from the last on (Seward 1954).
fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    const DIGIT: u32 = 11;
    const FEW: usize = 256;
    let bits = entries.iter().fold(0, |bits, entry| bits | entry.first.get());
    let digits = (u64::BITS - bits.leading_zeros()).div_ceil(DIGIT);
    if entries.len() < FEW || digits > entries.len().ilog2() / 4 {
        entries.sort_unstable_by_key(|entry| entry.first.get());
        return entries;
    }
    let mut next = entries.clone();
    for shift in (0..digits).map(|nth| nth * DIGIT) {
        let digit = |entry: &Entry| entry.first.get() as usize >> shift & ((1 << DIGIT) - 1);
        let mut places = [0_u32; 1 << DIGIT];
        entries.iter().for_each(|entry| places[digit(entry)] += 1);
        let mut before = 0;
        for place in &mut places {
            before += std::mem::replace(place, before);
        }
        for &entry in &entries {
            let place = &mut places[digit(&entry)];
            next[*place as usize] = entry;
            *place += 1;
        }
        std::mem::swap(&mut entries, &mut next);
    }
    entries
}

/// The spans of one author. No chunk is empty.
#[derive(Clone, Default, Debug)]
struct Spans {
    /// The first counter of each chunk.
    firsts: Vec<u64>,
    chunks: Vec<Vec<Entry>>,
}

impl Spans {
    fn entry(&self, chunk: usize, at: usize) -> Option<&Entry> {
        self.chunks.get(chunk)?.get(at)
    }
}

/// See the module.
#[derive(Clone, Default, Debug)]
pub(super) struct Index {
    /// By the number of the author.
    replicas: Vec<ReplicaId>,
    spans: Vec<Spans>,
    /// The numbers, by replica.
    numbers: Vec<(ReplicaId, Author)>,
    len: usize,
    /// Of whom, in which chunk and where in it the last entry was that changed: when characters are
    /// deleted one after the other, it is the next one, too.
    last: (Author, usize, usize),
}

impl Index {
    /// The author that a replica is.
    pub(super) fn replica(&self, author: Author) -> ReplicaId {
        self.replicas[author as usize]
    }

    /// The number of an author that has, or had, nodes here.
    pub(super) fn author(&self, replica: ReplicaId) -> Option<Author> {
        let at = self.numbers.binary_search_by_key(&replica, |&(replica, _)| replica).ok()?;
        Some(self.numbers[at].1)
    }

    /// The number of an author, who has one from now on.
    pub(super) fn number(&mut self, replica: ReplicaId) -> Author {
        match self.numbers.binary_search_by_key(&replica, |&(replica, _)| replica) {
            Ok(at) => self.numbers[at].1,
            Err(at) => {
                let author = self.replicas.len() as Author;
                self.numbers.insert(at, (replica, author));
                self.replicas.push(replica);
                self.spans.push(Spans::default());
                author
            }
        }
    }

    /// How many authors have numbers.
    pub(super) fn authors(&self) -> usize {
        self.replicas.len()
    }

    /// The first and the last span of an author.
    pub(super) fn ends(&self, author: Author) -> Option<(Slot, Slot)> {
        let chunks = &self.spans[author as usize].chunks;
        Some((chunks.first()?.first()?.slot, chunks.last()?.last()?.slot))
    }

    /// The author's last span that starts at the counter or before it.
    pub(super) fn at_or_before(&self, author: Author, counter: u64) -> Option<Slot> {
        let Spans { firsts, chunks } = &self.spans[author as usize];
        let chunk =
            chunks.get(firsts.partition_point(|&first| first <= counter).checked_sub(1)?)?;
        let at = chunk.partition_point(|entry| entry.first.get() <= counter);
        Some(chunk[at.checked_sub(1)?].slot)
    }

    /// Where the author's first span behind a counter starts.
    pub(super) fn first_after(&self, node: OpId) -> Option<u64> {
        let Spans { firsts, chunks } = &self.spans[self.author(node.replica)? as usize];
        let behind = firsts.partition_point(|&first| first <= node.counter);
        let within = behind.checked_sub(1).and_then(|chunk| {
            let at = chunks[chunk].partition_point(|entry| entry.first.get() <= node.counter);
            chunks[chunk].get(at).map(|entry| entry.first.get())
        });
        within.or_else(|| firsts.get(behind).copied())
    }

    /// Adds a span that starts where none of the author's does.
    pub(super) fn insert(&mut self, author: Author, first: u64, slot: Slot) {
        let Spans { firsts, chunks } = &mut self.spans[author as usize];
        let entry = Entry { first: Counter::new(first), slot };
        self.len += 1;
        let Some(mut chunk) = firsts.partition_point(|&other| other <= first).checked_sub(1) else {
            if let Some(chunk) = chunks.first_mut().filter(|chunk| chunk.len() < CHUNK) {
                chunk.insert(0, entry);
                firsts[0] = first;
            } else {
                chunks.insert(0, vec![entry]);
                firsts.insert(0, first);
            }
            return;
        };
        let mut at = chunks[chunk].partition_point(|other| other.first.get() < first);
        if chunks[chunk].len() == CHUNK {
            // What only ever grows at its end leaves full chunks behind.
            let keep = if at == CHUNK { CHUNK } else { CHUNK / 2 };
            let moved = if at == CHUNK { vec![entry] } else { chunks[chunk].split_off(keep) };
            firsts.insert(chunk + 1, moved[0].first.get());
            chunks.insert(chunk + 1, moved);
            if at == CHUNK {
                return;
            }
            if at > keep {
                (chunk, at) = (chunk + 1, at - keep);
            }
        }
        chunks[chunk].insert(at, entry);
    }

    /// The chunk and the place in it of the author's span that starts there.
    fn find(&self, author: Author, first: u64) -> Option<(usize, usize)> {
        let Spans { firsts, chunks } = &self.spans[author as usize];
        let chunk = firsts.partition_point(|&other| other <= first).checked_sub(1)?;
        let at = chunks[chunk].binary_search_by_key(&first, |entry| entry.first.get()).ok()?;
        Some((chunk, at))
    }

    /// Removes the author's span that starts there.
    pub(super) fn remove(&mut self, author: Author, first: u64) {
        let Some((chunk, at)) = self.find(author, first) else { return };
        let Spans { firsts, chunks } = &mut self.spans[author as usize];
        self.len -= 1;
        chunks[chunk].remove(at);
        match chunks[chunk].first() {
            Some(entry) => firsts[chunk] = entry.first.get(),
            None => {
                chunks.remove(chunk);
                firsts.remove(chunk);
            }
        }
    }

    /// Follows that the author's span that starts at `from` starts at `to` now: still behind the
    /// one before and before the one behind.
    pub(super) fn shift(&mut self, author: Author, from: u64, to: u64) {
        let (of, chunk, at) = self.last;
        let found = if of == author { self.spans[author as usize].entry(chunk, at) } else { None };
        let found = found.filter(|entry| entry.first.get() == from).map(|_| (chunk, at));
        let Some((chunk, at)) = found.or_else(|| self.find(author, from)) else { return };
        self.last = (author, chunk, at);
        let Spans { firsts, chunks } = &mut self.spans[author as usize];
        chunks[chunk][at].first = Counter::new(to);
        if at == 0 {
            firsts[chunk] = to;
        }
    }

    /// Enters the spans, in any order, where there are none yet.
    ///
    /// O(n) where the counters of an author are dense, else O(n log n).
    pub(super) fn fill(&mut self, spans: impl Iterator<Item = (Author, u64, Slot)>) {
        let mut by_author: Vec<Vec<Entry>> = vec![Vec::new(); self.spans.len()];
        for (author, first, slot) in spans {
            by_author[author as usize].push(Entry { first: Counter::new(first), slot });
            self.len += 1;
        }
        for (Spans { firsts, chunks }, entries) in self.spans.iter_mut().zip(by_author) {
            for chunk in sorted(entries).chunks(FILLED) {
                firsts.push(chunk[0].first.get());
                chunks.push(chunk.to_vec());
            }
        }
    }

    /// Enters the spans of an author, of whom there are none yet, by the counters that they start
    /// with; the slot of the first is given, and the others follow.
    pub(super) fn fill_row(
        &mut self,
        author: Author,
        mut counters: impl ExactSizeIterator<Item = u64>,
        slot: Slot,
    ) {
        self.len += counters.len();
        let Spans { firsts, chunks } = &mut self.spans[author as usize];
        let mut slots = slot..;
        while counters.len() > 0 {
            let entry = |(first, slot)| Entry { first: Counter::new(first), slot };
            let own = counters.by_ref().take(FILLED).zip(slots.by_ref());
            let chunk: Vec<Entry> = own.map(entry).collect();
            firsts.push(chunk[0].first.get());
            chunks.push(chunk);
        }
    }

    /// How many spans there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The slots of all spans, by author, then counter.
    #[cfg(test)]
    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> {
        self.spans.iter().flat_map(|spans| spans.chunks.iter().flatten().map(|entry| entry.slot))
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let spans = self.spans.iter();
        self.replicas.len() * (size_of::<Spans>() + size_of::<(ReplicaId, Author)>())
            + spans
                .map(|spans| {
                    let entries: usize = spans.chunks.iter().map(Vec::capacity).sum();
                    entries * size_of::<Entry>()
                        + spans.chunks.capacity() * size_of::<(u64, Vec<Entry>)>()
                })
                .sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_is_filled_in_is_sorted() {
        for (len, factor, modulus) in
            [(0, 1, 1), (1, 1, 1), (255, 7, 401), (5_000, 77, 8_009), (5_000, 0x0dea_dbee, 1 << 50)]
        {
            let counters: Vec<u64> = (0..len).map(|nth| nth * factor % modulus).collect();
            let mut expected: Vec<(u64, Slot)> = counters.iter().copied().zip(0..).collect();
            expected.sort_unstable();
            for author in 0..2 {
                let mut index = Index::default();
                (0..=author).for_each(|number| _ = index.number(ReplicaId::new(number.into())));
                index.fill(counters.iter().zip(0..).map(|(&first, slot)| (author, first, slot)));
                assert!(index.slots().eq(expected.iter().map(|&(_, slot)| slot)), "{len}");
                assert_eq!(index.len(), expected.len());
                for (first, slot) in expected.iter().step_by(7) {
                    assert_eq!(index.at_or_before(author, *first), Some(*slot));
                }
            }
        }
    }

    #[test]
    fn agrees_with_a_map_under_random_edits() {
        let replica = ReplicaId::new(9);
        let (mut index, mut map) = (Index::default(), BTreeMap::new());
        let author = index.number(replica);
        let mut seed = 11_u32;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u64::from(seed >> 8) % below
        };
        for step in 0..20_000 {
            let counter = if random(3) == 0 { step } else { random(4000) } * 10;
            match random(5) {
                0 | 1 => {
                    if map.remove(&counter).is_some() {
                        index.remove(author, counter);
                    }
                }
                2 if map.contains_key(&counter) => {
                    let slot = map.remove(&counter).unwrap_or(0);
                    index.shift(author, counter, counter + 3);
                    index.shift(author, counter + 3, counter);
                    map.insert(counter, slot);
                }
                _ => {
                    if map.insert(counter, step as Slot).is_none() {
                        index.insert(author, counter, step as Slot);
                    } else {
                        index.remove(author, counter);
                        index.insert(author, counter, step as Slot);
                    }
                }
            }
            assert_eq!(index.len(), map.len());
            let wanted = random(45_000);
            let before = map.range(..=wanted).next_back().map(|(_, &slot)| slot);
            assert_eq!(index.at_or_before(author, wanted), before);
            let after = map.range(wanted + 1..).next().map(|(&counter, _)| counter);
            assert_eq!(index.first_after(OpId::new(replica, wanted)), after);
        }
        assert!(index.slots().eq(map.values().copied()));
    }
}
