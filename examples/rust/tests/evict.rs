//! The example runs, and goes on without the phone.

use std::process::Command;

#[test]
fn the_others_agree_on_what_the_lost_phone_wrote() {
    let run = Command::new(env!("CARGO_BIN_EXE_evict")).output().expect("the example runs");
    let printed = String::from_utf8(run.stdout).expect("the example prints UTF-8");
    assert!(run.status.success(), "{printed}{}", String::from_utf8_lossy(&run.stderr));
    let lines = printed.lines().filter(|line| line.contains(" sees 5 operations of ")).count();
    assert_eq!(lines, 2, "{printed}");
    assert!(printed.contains("nodes pruned: 0, held back by"), "{printed}");
    assert!(printed.contains("nodes pruned: 1, notes: Ahoy Help"), "{printed}");
    assert!(printed.contains("its author was evicted"), "{printed}");
}
