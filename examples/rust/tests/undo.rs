//! The example runs, and undoes what it says.

use std::process::Command;

#[test]
fn what_is_undone_leaves_the_other_s_word() {
    let run = Command::new(env!("CARGO_BIN_EXE_undo")).output().expect("the example runs");
    let printed = String::from_utf8(run.stdout).expect("the example prints UTF-8");
    assert!(run.status.success(), "{printed}{}", String::from_utf8_lossy(&run.stderr));
    for line in [
        "can be undone Shout",
        "can be undone Typing",
        r#"undone        {"line":"The grey sea is calm"}"#,
        r#"undone        {"line":"grey "}"#,
        r#"redone        {"line":"The grey sea is WILD","style":{"bold":true}}"#,
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line}\n{printed}");
    }
}
