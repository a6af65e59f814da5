//! The example runs, and nothing of what was written is lost.

use std::process::Command;

#[test]
fn what_was_written_on_the_train_is_there_or_offered() {
    let run = Command::new(env!("CARGO_BIN_EXE_rescue")).output().expect("the example runs");
    let printed = String::from_utf8(run.stdout).expect("the example prints UTF-8");
    assert!(run.status.success(), "{printed}{}", String::from_utf8_lossy(&run.stderr));
    for line in [
        "moved    /story",
        "applied  /title",
        r#"offered  /notes/mood: Value(Value(String("wet")))"#,
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line}\n{printed}");
    }
    let together = printed.lines().find(|line| line.starts_with("together")).expect("it ends well");
    for part in ["spring", " (very dark)", ", and the rain fell", "Paul Clifford"] {
        assert!(together.contains(part), "{part}\n{printed}");
    }
}
