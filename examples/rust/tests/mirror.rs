//! The example runs, and its view shows the document.

use std::process::Command;

#[test]
fn a_mirror_is_kept_by_events() {
    let run = Command::new(env!("CARGO_BIN_EXE_mirror")).output().expect("the example runs");
    let printed = String::from_utf8(run.stdout).expect("the example prints UTF-8");
    assert!(run.status.success(), "{printed}{}", String::from_utf8_lossy(&run.stderr));
    let expected = r#"{"finished":1,"notes":"!!!!!!!!!Buy oat milk and bread","tags":["home"],"todos":[{"done":true,"title":"Cook pasta"},{"title":"Sweep"}]}"#;
    assert_eq!(printed.lines().last(), Some(expected), "{printed}");
}
