//! The net under the core, tested without Python: what an extension module is made of can't be
//! linked into a test program, so its one file that knows no Python is included here.

#[path = "../src/guard.rs"]
mod guard;

use std::sync::Mutex;

use guard::{Panicked, catch, run, run_both};

#[test]
fn a_panic_is_an_error_with_its_message() {
    let outcome = catch(|| -> u8 { panic!("broken at {}", 7) });
    assert!(matches!(outcome, Err(Panicked::Now(message)) if message == "broken at 7"));
    let outcome = catch(|| -> u8 { panic!("broken") });
    assert!(matches!(outcome, Err(Panicked::Now(message)) if message == "broken"));
    let outcome = catch(|| -> u8 { std::panic::panic_any(7) });
    assert!(matches!(outcome, Err(error @ Panicked::Now(_)) if !error.to_string().is_empty()));
}

#[test]
fn what_a_panic_left_half_done_is_never_seen() {
    let object = Mutex::new((1, 1));
    let outcome = run(object.lock(), |pair| {
        pair.0 = 2;
        panic!("between the halves")
    });
    assert!(matches!(outcome, Err::<(), _>(Panicked::Now(_))));
    for _ in 0..2 {
        let outcome = run(object.lock(), |pair| pair.0);
        assert!(matches!(outcome, Err(Panicked::Before)));
    }
}

#[test]
fn what_two_objects_were_left_in_is_never_seen() {
    let (first, second) = (Mutex::new(1), Mutex::new(1));
    let outcome = run_both(first.lock(), &second, |_, _| panic!("between the two"));
    assert!(matches!(outcome, Err::<(), _>(Panicked::Now(_))));
    let sound = Mutex::new(1);
    for (first, second) in [(&first, &sound), (&sound, &second)] {
        let outcome = run_both(first.lock(), second, |_, _| ());
        assert!(matches!(outcome, Err(Panicked::Before)));
    }
    assert_eq!(run(sound.lock(), |number| *number).unwrap(), 1);
}

#[test]
fn a_call_that_returns_an_error_locks_nothing_away() {
    let object = Mutex::new(1);
    assert_eq!(run(object.lock(), |_| Err::<(), _>("no")).unwrap(), Err("no"));
    assert_eq!(run(object.lock(), |number| *number).unwrap(), 1);
}
