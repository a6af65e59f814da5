//! Handles: tokens that C holds in place of addresses.
//!
//! A token is (generation, slot index, 1) packed into the bits of a pointer. A slot counts a new
//! generation whenever its object is freed, and is given up when the count is used up, so that a
//! token names one object ever: use after free and double free are found, not suffered. Tokens
//! are odd, and so never the address of an object that C allocated.
//!
//! Each slot has a lock, held while a call works with its object. Slots never move and are never
//! given back, so finding one takes no other lock.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use libsync::{Receiver, Replica, Sender};

use crate::error::ErrorObject;
use crate::live::Live;

/// All objects that C holds handles of.
pub(crate) static REGISTRY: Registry<Object> = Registry::new();

/// What can be behind a handle.
pub(crate) enum Object {
    Replica(Live<Replica>),
    Sender(Live<Sender>),
    Receiver(Live<Receiver>),
    Error(ErrorObject),
}

const TAG: usize = 1;
const INDEX_BITS: u32 = usize::BITS / 2 - 1;
const GENERATION_BITS: u32 = usize::BITS / 2;
/// The first generation is not 0, so that no small number is a token.
const FIRST_GENERATION: usize = 1;
const LAST_GENERATION: usize = (1 << GENERATION_BITS) - 1;

/// Chunk `c` has `FIRST_CHUNK << c` slots; together they have more than 2^INDEX_BITS.
const FIRST_CHUNK: usize = 1 << FIRST_CHUNK_BITS;
const FIRST_CHUNK_BITS: u32 = 6;
const CHUNKS: usize = (INDEX_BITS - FIRST_CHUNK_BITS + 1) as usize;

/// A handle as a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Token(usize);

impl Token {
    const fn new(generation: usize, index: usize) -> Self {
        Self(generation << (INDEX_BITS + 1) | index << 1 | TAG)
    }

    /// The token in a pointer that C hands in; `None` if it can't be one.
    pub(crate) fn from_pointer<T>(handle: *const T) -> Option<Self> {
        (handle.addr() & TAG == TAG).then_some(Self(handle.addr()))
    }

    /// The token as C holds it: a pointer that must never be followed.
    pub(crate) fn as_pointer<T>(self) -> *mut T {
        std::ptr::without_provenance_mut(self.0)
    }

    const fn index(self) -> usize {
        (self.0 >> 1) & ((1 << INDEX_BITS) - 1)
    }

    const fn generation(self) -> usize {
        self.0 >> (INDEX_BITS + 1)
    }
}

/// Objects by token.
pub(crate) struct Registry<T> {
    chunks: [OnceLock<Box<[Slot<T>]>>; CHUNKS],
    vacancies: Mutex<Vacancies>,
}

struct Slot<T>(Mutex<Content<T>>);

struct Content<T> {
    generation: usize,
    object: Option<T>,
}

struct Vacancies {
    /// Slots that had an object before.
    freed: Vec<usize>,
    /// Slots from this one on have never been used.
    fresh: usize,
}

impl<T> Registry<T> {
    pub(crate) const fn new() -> Self {
        Self {
            chunks: [const { OnceLock::new() }; CHUNKS],
            vacancies: Mutex::new(Vacancies { freed: Vec::new(), fresh: 0 }),
        }
    }

    /// Takes the object in; `None` if no token is left.
    pub(crate) fn insert(&self, object: T) -> Option<Token> {
        let index = self.vacancy()?;
        let (chunk, offset) = place(index);
        let slots = self.chunks[chunk].get_or_init(|| {
            (0..FIRST_CHUNK << chunk)
                .map(|_| Slot(Mutex::new(Content { generation: FIRST_GENERATION, object: None })))
                .collect()
        });
        let mut content = slots[offset].lock();
        content.object = Some(object);
        Some(Token::new(content.generation, index))
    }

    /// Runs `work` on the object, alone: calls on one object wait for each other. `None` if the
    /// token is not of a live object.
    pub(crate) fn with<R>(&self, token: Token, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.live(token)?.object.as_mut().map(work)
    }

    /// Takes out the object if `suits` says so, after calls that are at work on it; from now on
    /// no token names it.
    pub(crate) fn remove(&self, token: Token, suits: impl FnOnce(&mut T) -> bool) -> Option<T> {
        let mut content = self.live(token)?;
        if !content.object.as_mut().is_some_and(suits) {
            return None;
        }
        let object = content.object.take();
        if content.generation < LAST_GENERATION {
            content.generation += 1;
            drop(content);
            lock(&self.vacancies).freed.push(token.index());
        }
        object
    }

    fn vacancy(&self) -> Option<usize> {
        let mut vacancies = lock(&self.vacancies);
        if let Some(index) = vacancies.freed.pop() {
            return Some(index);
        }
        let index = vacancies.fresh;
        if index >= 1 << INDEX_BITS {
            return None;
        }
        vacancies.fresh += 1;
        Some(index)
    }

    /// Locks the slot of a token that has not been removed. Every call comes here: out of line, it is
    /// there once.
    #[inline(never)]
    fn live(&self, token: Token) -> Option<MutexGuard<'_, Content<T>>> {
        let content = self.slot(token)?.lock();
        (content.generation == token.generation()).then_some(content)
    }

    fn slot(&self, token: Token) -> Option<&Slot<T>> {
        let (chunk, offset) = place(token.index());
        self.chunks[chunk].get()?.get(offset)
    }
}

impl<T> Slot<T> {
    fn lock(&self) -> MutexGuard<'_, Content<T>> {
        lock(&self.0)
    }
}

/// The chunk of a slot, and the slot's place in it.
const fn place(index: usize) -> (usize, usize) {
    let shifted = index + FIRST_CHUNK;
    let chunk = shifted.ilog2() - FIRST_CHUNK_BITS;
    (chunk as usize, shifted - (FIRST_CHUNK << chunk))
}

/// Locks on after a panic too: whether an object can still be used is the object's own to know.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_object_until_it_is_removed() {
        let registry = Registry::new();
        let token = registry.insert(7).unwrap();
        assert_eq!(registry.with(token, |object| *object), Some(7));
        assert_eq!(registry.remove(token, |_| true), Some(7));
        assert_eq!(registry.with(token, |object| *object), None);
        assert_eq!(registry.remove(token, |_| true), None);
    }

    #[test]
    fn a_slot_used_again_has_another_token() {
        let registry = Registry::new();
        let first = registry.insert(1).unwrap();
        registry.remove(first, |_| true);
        let second = registry.insert(2).unwrap();
        assert_eq!(second.index(), first.index());
        assert_ne!(second, first);
        assert_eq!(registry.with(first, |object| *object), None);
        assert_eq!(registry.with(second, |object| *object), Some(2));
    }

    #[test]
    fn an_object_that_does_not_suit_stays() {
        let registry = Registry::new();
        let token = registry.insert(1).unwrap();
        assert_eq!(registry.remove(token, |_| false), None);
        assert_eq!(registry.with(token, |object| *object), Some(1));
    }

    #[test]
    fn a_slot_out_of_generations_is_given_up() {
        let registry = Registry::new();
        let first = registry.insert(1).unwrap();
        let last = Token::new(LAST_GENERATION, first.index());
        registry.slot(first).unwrap().lock().generation = LAST_GENERATION;
        assert_eq!(registry.remove(last, |_| true), Some(1));
        assert_eq!(registry.with(last, |object| *object), None);
        assert_ne!(registry.insert(2).unwrap().index(), first.index());
    }

    #[test]
    fn tokens_are_unlike_addresses_and_small_numbers() {
        let registry = Registry::new();
        for object in 0..1000 {
            let token = registry.insert(object).unwrap();
            let pointer = token.as_pointer::<u64>();
            assert!(!pointer.is_aligned() && pointer.addr() > 1 << (INDEX_BITS + 1));
            assert_eq!(Token::from_pointer(pointer), Some(token));
            assert_eq!(registry.with(token, |found| *found), Some(object));
        }
        let address: *const u64 = &0;
        assert_eq!(Token::from_pointer(address), None);
        for number in 0..1000 {
            assert_eq!(registry.with(Token(number), |found| *found), None);
        }
    }

    #[test]
    fn every_index_has_its_place() {
        let last = (1 << INDEX_BITS) - 1;
        for index in [0, 1, 63, 64, 65, 191, 192, last / 2, last] {
            let (chunk, offset) = place(index);
            assert!(chunk < CHUNKS && offset < FIRST_CHUNK << chunk);
            assert_eq!((FIRST_CHUNK << chunk) - FIRST_CHUNK + offset, index);
        }
    }

    #[test]
    fn a_panic_at_work_leaves_the_registry_usable() {
        let registry = Registry::new();
        let token = registry.insert(1).unwrap();
        let work = std::panic::AssertUnwindSafe(|| registry.with(token, |_| panic!("injected")));
        assert!(std::panic::catch_unwind(work).is_err());
        assert_eq!(registry.remove(token, |_| true), Some(1));
    }
}
