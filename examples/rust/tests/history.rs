//! The example runs, and shows what was.

use std::process::Command;

#[test]
fn a_document_is_looked_at_as_it_was() {
    let run = Command::new(env!("CARGO_BIN_EXE_history")).output().expect("the example runs");
    let printed = String::from_utf8(run.stdout).expect("the example prints UTF-8");
    assert!(run.status.success(), "{printed}{}", String::from_utf8_lossy(&run.stderr));
    let outline = r#"{"notes":"Ahoy!","todos":["Sweep","Cook","Read"]}"#;
    for when in ["outline  ", "12:30    ", "reverted "] {
        assert!(printed.lines().any(|line| line == format!("{when}{outline}")), "{printed}");
    }
    let merged = r#"merged   {"notes":"Ahoy there, sailor","todos":["Read","Cook","Sing"]}"#;
    assert!(printed.lines().any(|line| line == merged), "{printed}");
}
