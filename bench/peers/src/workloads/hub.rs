//! A hub that receives from 32 writers who never pause.

use cpu_time::ProcessTime;

use crate::cell::Measured;
use crate::engine::Text;
use crate::measure::median;
use crate::session::Session;

use super::{READER, merging};

/// One encoded update for every operation; the text is up to date after each.
pub(super) fn hub<D: Text>() -> Measured {
    let trace = Session::hub(D::HUB_OPERATIONS).trace();
    let updates = merging::updates::<D>(&trace);
    let sent: Vec<_> = merging::sent(&trace, &updates).collect();
    let (&(host, opening), operations) = sent.split_first().expect("a session has an opening");
    // Seconds an operation.
    let mut tenths: Vec<f64> = Vec::new();
    let (time, ok) = median(
        || {
            let mut document = D::new(READER);
            document.apply(opening, host);
            document
        },
        |mut document| {
            tenths.clear();
            for tenth in operations.chunks(operations.len().div_ceil(10)) {
                let start = ProcessTime::now();
                tenth.iter().for_each(|&(sender, update)| document.apply(update, sender));
                tenths.push(start.elapsed().as_secs_f64() / tenth.len() as f64);
            }
            document
        },
        |document| document.text() == trace.expected,
    );
    let growth = tenths[9] / tenths[0];
    let operations = operations.len();
    let note =
        format!("of {operations} operations the last tenth takes {growth:.1} x the first's time");
    Measured { time: Some(time), operations, ok, note: Some(note), ..Measured::default() }
}
