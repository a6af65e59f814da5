//! The figures as a table in Markdown: of each day of the year only what the year comes to.

use super::line::Line;
use super::year::DAYS;

/// From which day on the year has reached its level: twice the time after which one is evicted.
const LEVEL: usize = 61;

pub(crate) fn markdown(lines: &[Line]) -> String {
    let mut table =
        "| workload | engine | figure | value |\n| --- | --- | --- | --: |\n".to_owned();
    let mut row = |line: &Line, metric: &str, value: Option<f64>| {
        let value =
            value.map_or("n/a".to_owned(), |value| format!("{} {}", written(value), line.unit));
        let Line { workload, engine, version, .. } = line;
        table.push_str(&format!(
            "| {workload} | {engine} {version} | {metric} | {} |\n",
            value.trim()
        ));
    };
    lines
        .iter()
        .filter(|line| line.day.is_none())
        .for_each(|line| row(line, &line.metric, line.value));
    for last in lines.iter().filter(|line| line.day == Some(DAYS)) {
        let same = |line: &&Line| (&line.engine, &line.metric) == (&last.engine, &last.metric);
        let level =
            lines.iter().filter(same).filter(|line| line.day.is_some_and(|day| day >= LEVEL));
        let values: Vec<f64> = level.filter_map(|line| line.value).collect();
        let half = values.len() / 2;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let most = values.iter().copied().reduce(f64::max);
        row(last, &format!("{}, at most from day {LEVEL} on", last.metric), most);
        row(
            last,
            &format!("{}, mean of the first half of these days", last.metric),
            Some(mean(&values[..half])),
        );
        row(
            last,
            &format!("{}, mean of the second half", last.metric),
            Some(mean(&values[half..])),
        );
    }
    table
}

/// A number with its thousands parted, or with a fraction if it is small.
fn written(value: f64) -> String {
    if value.fract() != 0.0 && value < 1000.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let parts: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|part| std::str::from_utf8(part).expect("digits are ASCII"))
        .collect();
    parts.join(",")
}
