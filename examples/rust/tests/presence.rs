//! The example runs, and shows the other's caret, and no ghost.

use std::process::Command;

#[test]
fn editors_see_each_other_and_no_ghosts() {
    let run = Command::new(env!("CARGO_BIN_EXE_presence")).output().expect("the example runs");
    let printed = String::from_utf8(run.stdout).expect("the example prints UTF-8");
    assert!(run.status.success(), "{printed}{}", String::from_utf8_lossy(&run.stderr));
    for line in [
        r#"   1 s  Bob sees "Dear Bob and [Ada]all,\nhow are you?\nYours""#,
        "         Bob is at line 2, column 13, as he sees it",
        "  31 s  Bob is gone",
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line} in {printed}");
    }
}
