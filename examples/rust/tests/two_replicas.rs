//! The example runs, and says that its replicas agree.

use std::process::Command;

#[test]
fn two_replicas_converge_and_prune() {
    let run = Command::new(env!("CARGO_BIN_EXE_two_replicas")).output().expect("the example runs");
    let printed = String::from_utf8(run.stdout).expect("the example prints UTF-8");
    assert!(run.status.success(), "{printed}{}", String::from_utf8_lossy(&run.stderr));
    let expected = r#"{"notes":"Buy milk, eggs and bread","user":{"profile":{"avatar":"cat.png","bio":"Writes compilers"}}}"#;
    for replica in ["laptop        ", "phone         "] {
        assert!(printed.lines().any(|line| line == format!("{replica}{expected}")), "{printed}");
    }
}
