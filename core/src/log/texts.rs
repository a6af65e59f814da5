//! The characters that retained changes have inserted.

use crate::container::ContainerId;
use crate::id::IdSpan;
use crate::op::{Elements, Op};

use super::Log;

impl Log {
    /// What characters of a text were inserted as; `None` if any is of a change that is pruned.
    /// Decodes the blocks in which they are, each once.
    pub(crate) fn inserted(&self, text: &ContainerId, nodes: &[IdSpan]) -> Option<Vec<String>> {
        let mut inserted = vec![String::new(); nodes.len()];
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.sort_unstable_by_key(|&nth| nodes[nth]);
        let mut found = 0;
        for of_author in order.chunk_by(|&a, &b| nodes[a].start.replica == nodes[b].start.replica) {
            let (first, last) = (&nodes[of_author[0]], &nodes[of_author[of_author.len() - 1]]);
            let author = first.start.replica;
            // The first span that does not lie before what is read.
            let mut from = 0;
            for change in self.overlapping(author, first.start.counter, last.end()) {
                for (id, _, op) in change.numbered() {
                    let Op::Insert { container, elements: Elements::Text(typed), .. } = op else {
                        continue;
                    };
                    if container != text {
                        continue;
                    }
                    let end = id.counter + op.len();
                    from +=
                        of_author[from..].partition_point(|&nth| nodes[nth].end() <= id.counter);
                    for &nth in &of_author[from..] {
                        let span = &nodes[nth];
                        if span.start.counter >= end {
                            break;
                        }
                        let skipped = span.start.counter.saturating_sub(id.counter);
                        let upto = span.end().min(end) - id.counter;
                        let part = typed.chars().skip(skipped as usize);
                        let before = inserted[nth].len();
                        inserted[nth].extend(part.take((upto - skipped) as usize));
                        found += inserted[nth][before..].chars().count() as u64;
                    }
                }
            }
        }
        let wanted: u64 = nodes.iter().map(|span| span.len).sum();
        (found == wanted).then_some(inserted)
    }
}
