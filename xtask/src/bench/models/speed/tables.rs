//! The section as text.

use std::fmt::Write as _;
use std::time::Duration;

use super::figures::Cost;
use super::{LENGTHS, ROWS, Row, TEXTS};
use crate::bench::measure::short;
use crate::build::size::Size;

/// How one subject starts.
#[derive(Debug)]
pub struct Start {
    pub title: &'static str,
    /// A question to a process that has answered none.
    pub first: Duration,
    pub second: Duration,
    /// Opening the encoder once more, in warm code.
    pub opening: Option<Cost>,
    pub memory_bytes: Option<u64>,
}

/// Everything the section tells.
#[derive(Debug)]
pub struct Measured {
    pub start: Vec<(&'static str, Vec<Start>)>,
    pub encoding: Vec<(&'static str, Vec<Row>)>,
    pub searching: Vec<Row>,
    pub furthest: Vec<(&'static str, f64)>,
    pub sizes: Vec<(String, Size)>,
    pub command: &'static str,
}

/// Markdown, without the heading.
pub fn section(measured: &Measured) -> String {
    let mut text = format!(
        "Written by `{}`. *In place* is what a function ships: the graph in plain Rust over its 4-bit weights; *tract* and *ONNX Runtime* run the \
         same `model.onnx`. One thread everywhere. A cell is the time of one question by a clock outside, with the processor's time in brackets; \
         medians of rounds in which all subjects were asked in turn, the question itself taken off.\n",
        measured.command
    );
    for (model, rows) in &measured.encoding {
        let _ = writeln!(text, "\n### {model}: encoding\n");
        let heads = TEXTS.iter().flat_map(|texts| LENGTHS.iter().map(move |length| format!("{texts} × {length}")));
        costs(&mut text, "texts × pieces", &heads.collect::<Vec<_>>(), rows);
        let _ = writeln!(text, "\nRatios of processor time to the first row:\n");
        ratios(&mut text, rows);
    }
    for (model, starts) in &measured.start {
        let _ = writeln!(
            text,
            "\n### {model}: start-up\n\n| | first question | second | opening again | linear memory |\n|---|---:|---:|---:|---:|"
        );
        for Start { title, first, second, opening, memory_bytes } in starts {
            let memory = memory_bytes.map_or_else(|| "–".to_owned(), |bytes| format!("{:.1} MB", bytes as f64 / (1024.0 * 1024.0)));
            let _ = writeln!(
                text,
                "| {title} | {} | {} | {} | {memory} |",
                short(*first),
                short(*second),
                opening.map_or_else(|| "–".to_owned(), cell)
            );
        }
    }
    let _ = writeln!(text, "\n### Nearest of int8 vectors of 384\n");
    costs(&mut text, "vectors", &ROWS.map(|rows| rows.to_string()), &measured.searching);
    let _ = writeln!(text, "\n### What travels\n\n| | raw | gzip |\n|---|---:|---:|");
    for (title, size) in &measured.sizes {
        let _ = writeln!(text, "| {title} | {} KB | {} KB |", size.raw.div_ceil(1024), size.gzip.div_ceil(1024));
    }
    let far =
        measured.furthest.iter().map(|(title, far)| if *far == 0.0 { format!("{title}: none") } else { format!("{title}: {far:.1e}") });
    let _ =
        writeln!(text, "\nLargest difference of any number of a vector from *in place, native*: {}.", far.collect::<Vec<_>>().join("; "));
    text
}

fn costs(text: &mut String, corner: &str, heads: &[String], rows: &[Row]) {
    let _ = writeln!(text, "| {corner} | {} |\n|---|{}", heads.join(" | "), "---:|".repeat(heads.len()));
    for (title, costs) in rows {
        let cells: Vec<String> = costs.iter().copied().map(cell).collect();
        let _ = writeln!(text, "| {title} | {} |", cells.join(" | "));
    }
}

fn ratios(text: &mut String, rows: &[Row]) {
    let Some(((_, reference), others)) = rows.split_first() else { return };
    let heads = TEXTS.iter().flat_map(|texts| LENGTHS.iter().map(move |length| format!("{texts} × {length}"))).collect::<Vec<_>>();
    let _ = writeln!(text, "| | {} |\n|---|{}", heads.join(" | "), "---:|".repeat(heads.len()));
    for (title, costs) in others {
        let ratio = |(cost, reference): (&Cost, &Cost)| format!("{:.2}", cost.cpu.as_secs_f64() / reference.cpu.as_secs_f64());
        let cells: Vec<String> = costs.iter().zip(reference).map(ratio).collect();
        let _ = writeln!(text, "| {title} | {} |", cells.join(" | "));
    }
}

fn cell(cost: Cost) -> String {
    format!("{} ({})", short(cost.wall), short(cost.cpu))
}
