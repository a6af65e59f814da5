//! The library exports what the header declares, `symbols.txt` lists both, and nothing else gets
//! out: a symbol that comes or goes is a change of the ABI, and shows in the diff of that list.

use std::env;
use std::path::Path;
use std::process::Command;

const LIST: &str = include_str!("../symbols.txt");
const HEADER: &str = include_str!("../../include/sync.h");

fn listed() -> Vec<&'static str> {
    LIST.lines().collect()
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names
}

/// The name before the parenthesis, on lines that declare a function.
fn declared(line: &str) -> Option<&str> {
    let before = line.split_once('(')?.0;
    let start = before.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))? + 1;
    let is_code = !before.trim_start().starts_with("//") && !before.starts_with('#');
    Some(&before[start..]).filter(|name| is_code && name.starts_with("sync_"))
}

#[test]
fn the_header_declares_the_listed_functions() {
    let names: Vec<_> = HEADER.lines().filter_map(declared).collect();
    assert_eq!(sorted(names), listed());
}

/// Other platforms have other tools and name their symbols otherwise; the list is the same.
#[cfg(target_os = "linux")]
#[test]
fn the_library_exports_the_listed_symbols() {
    let test = env::current_exe().unwrap();
    let library = test.with_file_name("libsync.so");
    let symbols = nm(&library);
    let names: Vec<_> = symbols.lines().filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(sorted(names), listed(), "{} against ffi/symbols.txt", library.display());
}

#[cfg(target_os = "linux")]
fn nm(library: &Path) -> String {
    let output = Command::new("nm").args(["-D", "--defined-only"]).arg(library).output().unwrap();
    assert!(output.status.success(), "nm: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
