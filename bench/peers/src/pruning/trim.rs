//! What is left of a million characters of which all but a thousand were deleted.

use crate::cell::Outcome;
use crate::engine::Engine;
use crate::engines;
use crate::measure::HeapMeter;
use crate::workloads::{Input, StateWork, TextWork, Workload};

use super::line::Lines;

/// Heap and bytes, before and after what can be dropped is.
pub(crate) fn run(engine: &dyn Engine, heap: HeapMeter) -> bool {
    let version = engines::version(engine.package());
    let lines = Lines { workload: "trim", engine: engine.name(), version };
    let works = [
        ("before", Workload::Text(TextWork::Untrimmed)),
        ("after", Workload::State(StateWork::Trim)),
    ];
    works.into_iter().fold(true, |right, (when, work)| {
        let outcome = engine.run(work, &Input { trace: None, heap: Some(heap) });
        right & put(&lines, when, outcome)
    })
}

fn put(lines: &Lines, when: &str, outcome: Outcome) -> bool {
    let [heap, bytes] = [format!("heap {when}"), format!("saved {when}")];
    match outcome {
        Outcome::Unavailable(why) => {
            [heap, bytes].iter().for_each(|metric| lines.put_none(metric, "B", why));
            true
        }
        Outcome::Measured(measured) => {
            if let Some((taken, saved)) = measured.heap.zip(measured.bytes) {
                lines.put(&heap, taken as f64, "B");
                lines.put(&bytes, saved, "B");
            }
            measured.ok
        }
    }
}
