//! Every status of the header has its name and its number at run time.

use std::ffi::CStr;
use std::mem::MaybeUninit;

use sync::{sync_status, sync_status_name};

const HEADER: &str = include_str!("../../include/sync.h");

fn name_of(number: u32) -> String {
    let mut status = MaybeUninit::<sync_status>::uninit();
    // SAFETY: a status has the size and the alignment of a u32; which number it holds is for the
    // callee to check.
    unsafe { status.as_mut_ptr().cast::<u32>().write(number) };
    // SAFETY: the name is a static C string.
    let name = unsafe { CStr::from_ptr(sync_status_name(status)) };
    name.to_str().unwrap().to_owned()
}

#[test]
fn every_status_is_named_as_in_the_header() {
    let from = HEADER.find("typedef enum sync_status {").unwrap();
    let to = from + HEADER[from..].find("} sync_status;").unwrap();
    let statuses: Vec<(&str, u32)> = HEADER[from..to]
        .lines()
        .filter_map(|line| line.trim().strip_suffix(',')?.split_once(" = "))
        .filter_map(|(name, number)| Some((name, number.parse().ok()?)))
        .collect();
    assert!(statuses.len() >= 48, "{statuses:?}");
    for (name, number) in statuses {
        assert_eq!(name_of(number), name);
    }
}

#[test]
fn other_numbers_are_named_other() {
    for number in [10, 99, u32::MAX] {
        assert_eq!(name_of(number), "SYNC_ERR_OTHER");
    }
}
