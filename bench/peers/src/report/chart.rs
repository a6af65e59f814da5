//! The chart: a line for every row, and on it a dot for every engine, where its number in those of
//! the best peer is, on a logarithmic scale.

use std::fmt::Write;

use crate::engines;

use super::figure::three_digits;
use super::rows::Row;

/// As [`engines::ALL`]; told apart by people who see colours in another way, too.
const COLOURS: [&str; 6] = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#999999", "#56b4e9"];
const WIDTH: f64 = 960.0;
/// Where the scale starts: the titles are before.
const LEFT: f64 = 430.0;
const RIGHT: f64 = WIDTH - 60.0;
const TOP: f64 = 64.0;
const LINE: f64 = 20.0;
/// The ends of the scale, as powers of ten; what is beyond is drawn at the end.
const SCALE: (f64, f64) = (-1.0, 3.0);

/// The chart as SVG.
pub(crate) fn svg(rows: &[Row]) -> String {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.ratio().is_some()).collect();
    let bottom = TOP + LINE * rows.len() as f64;
    let height = bottom + 36.0;
    let mut svg = String::new();
    // Writing to a string can't fail.
    let mut put = |text: std::fmt::Arguments<'_>| {
        let _ = writeln!(svg, "{text}");
    };
    put(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#222\">"
    ));
    put(format_args!("<title>libsync beside its peers, in numbers of the best peer</title>"));
    put(format_args!("<rect width=\"{WIDTH}\" height=\"{height}\" rx=\"8\" fill=\"#fff\"/>"));
    for (place, engine) in engines::ALL.iter().enumerate() {
        let x = 24.0 + 130.0 * place as f64;
        put(format_args!("{}", dot(place, x, 24.0)));
        put(format_args!("<text x=\"{}\" y=\"28\">{}</text>", x + 12.0, engine.name()));
    }
    for power in SCALE.0 as i32..=SCALE.1 as i32 {
        let (x, times) = (across(10f64.powi(power)), 10f64.powi(power));
        let stroke = if power == 0 { "#222" } else { "#ddd" };
        put(format_args!(
            "<path d=\"M{x:.1} {TOP}V{bottom}\" stroke=\"{stroke}\"/>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{times} ×</text>",
            bottom + 18.0
        ));
    }
    let mut trace = None;
    for (line, row) in rows.iter().enumerate() {
        let y = TOP + LINE * (line as f64 + 0.5);
        if trace.replace(&row.trace).is_some_and(|before| before != &row.trace) {
            let y = y - LINE / 2.0;
            put(format_args!("<path d=\"M16 {y}H{}\" stroke=\"#ddd\"/>", WIDTH - 16.0));
        }
        let title = format!("{} · {}", row.trace, row.title);
        let title = title.replace('&', "&amp;").replace('<', "&lt;");
        put(format_args!("<text x=\"16\" y=\"{}\">{title}</text>", y + 4.0));
        let best = row.best_peer().map_or(1.0, |(_, best)| best);
        // libsync last, so that no other dot hides its own.
        for (place, value) in row.values.iter().enumerate().rev() {
            if let Some(number) = value.number() {
                put(format_args!("{}", dot(place, across(number / best), y)));
            }
        }
        let ratio = row.ratio().map_or(String::new(), three_digits);
        put(format_args!("<text x=\"{}\" y=\"{}\">{ratio}</text>", RIGHT + 14.0, y + 4.0));
    }
    put(format_args!("</svg>"));
    svg
}

/// Where a ratio is.
fn across(ratio: f64) -> f64 {
    let power = ratio.log10().clamp(SCALE.0, SCALE.1);
    LEFT + (RIGHT - LEFT) * (power - SCALE.0) / (SCALE.1 - SCALE.0)
}

/// An engine's dot; the first engine's is larger.
fn dot(place: usize, x: f64, y: f64) -> String {
    let (radius, colour) = (if place == 0 { 6 } else { 4 }, COLOURS[place]);
    format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"/>")
}
