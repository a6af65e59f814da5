//! Changes sessions of frames item by item: what comes out has the form of a frame more often than
//! after a change of bytes.

use crate::bases;
use crate::cbor::Item;
use crate::random::Random;
use crate::session;
use crate::stream;

/// Numbers at the edges of what the format allows.
const EDGES: [u64; 10] = [0, 1, 2, 23, 24, 0xffff, 1 << 53, i64::MAX as u64, 1 << 63, u64::MAX];
/// The item of a frame that is its body.
const BODY: usize = 4;

/// Changes a session a little; `None` if there is no frame in it that could be read.
pub fn mutate(input: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let (&pick, bytes) = input.split_first()?;
    let mut frames: Vec<Vec<u8>> = session::frames(bytes).into_iter().map(<[u8]>::to_vec).collect();
    if frames.is_empty() {
        return None;
    }
    let at = random.below(frames.len());
    let mut pick = pick;
    match random.below(20) {
        0 => pick = random.below(bases::COUNT.into()) as u8,
        1 => frames.insert(at, frames[at].clone()),
        2 if frames.len() > 1 => drop(frames.remove(at)),
        3 => {
            let other = random.below(frames.len());
            frames.swap(at, other);
        }
        _ => mutate_frame(&mut frames[at], random)?,
    }
    let mut output = vec![pick];
    frames.iter().for_each(|frame| output.extend(frame));
    Some(output)
}

fn mutate_frame(frame: &mut Vec<u8>, random: &mut Random) -> Option<()> {
    if let Some((mut content, checksum)) = stream::content(frame) {
        mutate_bytes(&mut content, random);
        *frame = stream::compact(&content, &checksum);
        return Some(());
    }
    let kind = session::kind(frame)?;
    let (mut item, _) = Item::read(frame)?;
    let Item::Array(items) = &mut item else { return None };
    let body = items.get_mut(BODY)?;
    for _ in 0..=random.below(3) {
        mutate_item(body, random);
    }
    let mut written = Vec::new();
    item.write(&mut written);
    *frame = session::sealed(&written, kind);
    Some(())
}

fn mutate_item(root: &mut Item, random: &mut Random) {
    let count = root.count();
    let other = root.at(random.below(count)).clone();
    let item = root.at(random.below(count));
    if random.chance(15) {
        *item = other;
        return;
    }
    match item {
        Item::Unsigned(number) | Item::Negative(number) => {
            *number = match (random.below(7), other) {
                (0, _) => EDGES[random.below(EDGES.len())],
                (1, _) => *number ^ 1 << random.below(6),
                (2 | 3, Item::Unsigned(other)) => other,
                (4 | 5, _) => number.wrapping_sub(1),
                _ => number.wrapping_add(1),
            }
        }
        Item::Array(items) => mutate_list(items, 1, other, random),
        Item::Map(items) => mutate_list(items, 2, other, random),
        Item::Bytes(bytes) => match Item::read(bytes) {
            // A block of changes, which is a body of its own.
            Some((mut within, len)) if len == bytes.len() && len > 9 && random.chance(90) => {
                mutate_item(&mut within, random);
                bytes.clear();
                within.write(bytes);
            }
            _ if bytes.len() % 8 == 0 && random.chance(30) => mutate_string(bytes, 8, random),
            _ => mutate_bytes(bytes, random),
        },
        Item::Text(bytes) => mutate_string(bytes, 1, random),
        Item::Simple(_) => *item = other,
    }
}

/// Takes away, repeats or swaps some neighbours, or puts in another item. `group` is how many
/// items belong together.
fn mutate_list(items: &mut Vec<Item>, group: usize, other: Item, random: &mut Random) {
    let at = random.below(items.len() / group + 1) * group;
    let len = (group * (1 + random.below(4))).min(items.len() - at);
    match random.below(5) {
        0 => drop(items.drain(at..at + len)),
        1 => {
            let to = random.below(items.len() / group + 1) * group;
            let repeated = items[at..at + len].to_vec();
            items.splice(to..to, repeated);
        }
        2 => items[at..].rotate_left(len),
        3 => items.truncate(at),
        _ => {
            let inserted = vec![other; group];
            items.splice(at..at, inserted);
        }
    }
}

/// The same for a string of units of `unit` bytes.
fn mutate_string(bytes: &mut Vec<u8>, unit: usize, random: &mut Random) {
    let at = random.below(bytes.len() / unit + 1) * unit;
    let len = unit.min(bytes.len() - at);
    match random.below(4) {
        0 => drop(bytes.drain(at..at + len)),
        1 => {
            let repeated = bytes[at..at + len].to_vec();
            bytes.splice(at..at, repeated);
        }
        2 => bytes.truncate(at),
        _ => bytes.insert(at, b'a' + random.below(3) as u8),
    }
}

/// Columns and what else is of numbers: one is changed a little, or as strings are.
fn mutate_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    if bytes.is_empty() || random.chance(30) {
        return mutate_string(bytes, 1, random);
    }
    let (at, from) = (random.below(bytes.len()), random.below(bytes.len()));
    bytes[at] = match random.below(5) {
        0 => bytes[at].wrapping_add(1),
        1 => bytes[at].wrapping_sub(1),
        2 => bytes[at] ^ 1 << random.below(8),
        3 => EDGES[random.below(EDGES.len())] as u8,
        _ => bytes[from],
    };
}

/// [`mutate`] as libFuzzer calls it: gives the new size, `max_size` at the most. One time in
/// four, and where nothing can be read, libFuzzer changes the bytes itself.
#[cfg(feature = "libfuzzer")]
pub fn mutate_in_place(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut random = Random::new(seed.into());
    if random.chance(75)
        && let Some(mutated) = mutate(&data[..size], &mut random)
        && let Some(place) = data[..max_size].get_mut(..mutated.len())
    {
        place.copy_from_slice(&mutated);
        return mutated.len();
    }
    libfuzzer_sys::fuzzer_mutate(data, size, max_size)
}
