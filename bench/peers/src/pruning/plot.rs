//! The year as a plot: what a document takes of the heap, day by day, on a logarithmic scale.

use std::fmt::Write;

use super::line::Line;
use super::year::{DAYS, UNEVICTED};

/// The curves, with colours that are told apart by people who see them in another way, too.
const CURVES: [(&str, &str, &str); 3] = [
    ("libsync", "#d55e00", "libsync, the lost are evicted after 30 days"),
    (UNEVICTED, "#cc79a7", "libsync, nobody is evicted"),
    ("yrs", "#0072b2", "yrs, which keeps where all characters were"),
];
const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = WIDTH - 24.0;
const TOP: f64 = 90.0;
const BOTTOM: f64 = HEIGHT - 40.0;

/// The plot as SVG.
pub(crate) fn svg(lines: &[Line]) -> String {
    let heaps = |engine: &str| -> Vec<(usize, f64)> {
        let of = lines.iter().filter(|line| line.engine == engine && line.metric == "heap");
        of.filter_map(|line| line.day.zip(line.value)).collect()
    };
    let all: Vec<f64> =
        CURVES.iter().flat_map(|(engine, ..)| heaps(engine)).map(|(_, heap)| heap).collect();
    let low = all.iter().fold(f64::MAX, |low, heap| low.min(*heap)).max(1.0).log10().floor();
    let high =
        all.iter().fold(1.0, |high: f64, heap| high.max(*heap)).log10().ceil().max(low + 1.0);
    let across = |day: usize| LEFT + (RIGHT - LEFT) * day as f64 / DAYS as f64;
    let down = |heap: f64| BOTTOM - (BOTTOM - TOP) * (heap.max(1.0).log10() - low) / (high - low);
    let mut svg = String::new();
    // Writing to a string can't fail.
    let mut put = |text: std::fmt::Arguments<'_>| {
        let _ = writeln!(svg, "{text}");
    };
    put(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#222\">"
    ));
    put(format_args!("<title>Heap of a document that 20 clients overwrite for a year</title>"));
    put(format_args!("<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"8\" fill=\"#fff\"/>"));
    for power in low as i32..=high as i32 {
        let y = down(10f64.powi(power));
        put(format_args!(
            "<path d=\"M{LEFT} {y:.1}H{RIGHT}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            y + 4.0,
            size(10f64.powi(power))
        ));
    }
    for day in (0..=DAYS).step_by(73) {
        put(format_args!(
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">day {day}</text>",
            across(day),
            BOTTOM + 20.0
        ));
    }
    for (place, (engine, colour, title)) in CURVES.iter().enumerate() {
        let y = 24.0 + 18.0 * place as f64;
        put(format_args!("<path d=\"M{LEFT} {y}h20\" stroke=\"{colour}\" stroke-width=\"3\"/>"));
        put(format_args!("<text x=\"{}\" y=\"{}\">{title}</text>", LEFT + 28.0, y + 4.0));
        let points: Vec<String> = heaps(engine)
            .into_iter()
            .map(|(day, heap)| format!("{:.1} {:.1}", across(day), down(heap)))
            .collect();
        if !points.is_empty() {
            put(format_args!(
                "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>",
                points.join("L")
            ));
        }
    }
    put(format_args!("</svg>"));
    svg
}

/// A power of ten of bytes.
fn size(bytes: f64) -> String {
    match bytes {
        _ if bytes >= 1e9 => format!("{} GB", bytes / 1e9),
        _ if bytes >= 1e6 => format!("{} MB", bytes / 1e6),
        _ if bytes >= 1e3 => format!("{} kB", bytes / 1e3),
        _ => format!("{bytes} B"),
    }
}
