//! The example runs, and says that its replicas agree.

use std::process::Command;

#[test]
fn a_file_and_an_editor_keep_what_each_other_did() {
    let run = Command::new(env!("CARGO_BIN_EXE_json_file")).output().expect("the example runs");
    let printed = String::from_utf8(run.stdout).expect("the example prints UTF-8");
    assert!(run.status.success(), "{printed}{}", String::from_utf8_lossy(&run.stderr));
    let expected = r#"{"notes":[{"body":"Please: Call Ann today","id":2},{"body":"Buy oat milk","id":1}],"tags":["work"]}"#;
    for name in ["app   ", "script", "view  "] {
        let line = format!("{name}        {expected}");
        assert!(printed.lines().any(|printed| printed == line), "{printed}");
    }
}
