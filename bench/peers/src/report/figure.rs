//! Numbers as the table writes them.

/// What a row shows of its cells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    /// The time of the whole workload.
    Time,
    /// The time of one operation.
    TimeEach,
    /// Bytes that were saved or sent.
    Bytes,
    /// Bytes of one update.
    BytesEach,
    /// Memory.
    Heap,
}

impl Figure {
    /// In what [`write`](Self::write) counts.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Time => "ms",
            Self::TimeEach => "µs",
            Self::Bytes | Self::BytesEach => "B",
            Self::Heap => "KiB",
        }
    }

    /// The number without its unit: three digits, or all of a number of bytes.
    pub(crate) fn write(self, value: f64) -> String {
        match self {
            Self::Bytes => grouped(value),
            _ => three_digits(value),
        }
    }
}

/// At least three digits: the fraction only where they are not enough without it.
pub(crate) fn three_digits(value: f64) -> String {
    match value {
        _ if value >= 99.95 => grouped(value),
        _ if value >= 9.995 => format!("{value:.1}"),
        _ if value >= 0.9995 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// A whole number with its thousands parted.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let parts: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|part| std::str::from_utf8(part).expect("digits are ASCII"))
        .collect();
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits() {
        let written = [0.0123, 0.9996, 9.994, 9.996, 99.94, 99.96, 999.6, 1_234_567.0];
        let written = written.map(three_digits);
        assert_eq!(written, ["0.012", "1.00", "9.99", "10.0", "99.9", "100", "1,000", "1,234,567"]);
        assert_eq!(Figure::Bytes.write(7.0), "7");
    }
}
