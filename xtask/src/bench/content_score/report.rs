//! The section of `BENCHMARKS.md` on what a text costs.

use std::fmt::Write as _;
use std::time::Duration;

use super::cost::{Bare, CLIENTS, Figures, Growth};
use super::texts::Text;
use crate::bench::events::reads::grouped;
use crate::bench::hosts::Host;
use crate::bench::measure::short;
use crate::bench::models::speed::figures::Cost;

/// Everything it tells; figures are in the order of the texts.
#[derive(Debug)]
pub struct Report {
    pub command: String,
    pub machine: String,
    pub texts: Vec<Text>,
    pub bare: Vec<Bare>,
    pub yoast: Vec<Cost>,
    pub hosts: Vec<(Host, Vec<Figures>)>,
    pub failures: Vec<String>,
    pub growths: Vec<Growth>,
}

impl Report {
    pub fn markdown(&self) -> String {
        format!(
            include_str!("cost.md.in"),
            command = self.command,
            machine = self.machine.trim_end(),
            clients = CLIENTS,
            failures = self.failures.join("\n\n"),
            costs = self.costs(),
            growth = self.growth(),
        )
    }

    /// A row for each text and whoever judges it.
    fn costs(&self) -> String {
        let mut text = format!(
            "| text | | CPU | p50, p95 | per second | per second, {CLIENTS} clients | yoastseo's CPU to it | its throughput to yoastseo's |\n\
             |---|---|---:|---:|---:|---:|---:|---:|\n"
        );
        for (at, ((it, bare), yoast)) in self.texts.iter().zip(&self.bare).zip(&self.yoast).enumerate() {
            let name = format!("{}, {} words", it.language, grouped(bare.words));
            let yoast_rate = rate(yoast.wall);
            let _ = writeln!(text, "| {name} | yoastseo | {} | {} | {yoast_rate:.1} | – | 1 | 1 |", short(yoast.cpu), short(yoast.wall));
            let [cpu, wall] = [bare.cpu_us, bare.wall_us].map(|us| Duration::from_secs_f64(us / 1e6));
            let ratios = |cpu: Duration, rate: f64| format!("{} | {}", ratio(seconds(yoast.cpu), seconds(cpu)), ratio(rate, yoast_rate));
            let _ =
                writeln!(text, "| | no host | {} | {} | {:.1} | – | {} |", short(cpu), short(wall), rate(wall), ratios(cpu, rate(wall)));
            for (host, figures) in &self.hosts {
                let Some(it) = figures.get(at) else { continue };
                let _ = writeln!(
                    text,
                    "| | {} | {} | {}, {} | {:.1} | {:.1} | {} |",
                    host.title(),
                    short(it.cpu),
                    short(it.p50),
                    short(it.p95),
                    it.alone_per_second,
                    it.together_per_second,
                    ratios(it.cpu, it.alone_per_second),
                );
            }
        }
        text
    }

    /// A row for each kind of text that was made longer.
    fn growth(&self) -> String {
        let mut text =
            String::from("| what grows | bytes, at most | time at 1 ×, 2 ×, 4 ×, 8 ×, 16 × | exponent |\n|---|---:|---:|---:|\n");
        for it in &self.growths {
            let times: Vec<String> = it.steps.iter().map(|step| short(Duration::from_secs_f64(step.ms / 1e3))).collect();
            let bytes = it.steps.last().map_or(0, |step| step.bytes);
            let _ = writeln!(text, "| {} | {} | {} | {:.2} |", it.name, grouped(bytes), times.join(", "), it.exponent);
        }
        text
    }
}

const fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

fn rate(each: Duration) -> f64 {
    1.0 / seconds(each).max(1e-9)
}

fn ratio(one: f64, other: f64) -> String {
    if other > 0.0 { format!("{:.1} ×", one / other) } else { "–".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::content_score::cost::Step;

    #[test]
    fn ratios_are_how_much_cheaper_and_how_much_faster_it_is() {
        let text = Text {
            id: "es-300".into(),
            language: "es",
            content: String::new(),
            keyphrase: String::new(),
            title: String::new(),
            meta_description: String::new(),
        };
        let ms = Duration::from_millis;
        let host = Figures { cpu: ms(2), p50: ms(4), p95: ms(8), alone_per_second: 250.0, together_per_second: 400.0 };
        let report = Report {
            command: "c".into(),
            machine: String::new(),
            texts: vec![text],
            bare: vec![Bare { id: "es-300".into(), words: 1_310, cpu_us: 1_000.0, wall_us: 1_000.0 }],
            yoast: vec![Cost { cpu: ms(60), wall: ms(40) }],
            hosts: vec![(Host::Native, vec![host]), (Host::Spin, Vec::new())],
            failures: Vec::new(),
            growths: vec![Growth { name: "full stops".into(), steps: vec![Step { bytes: 5_000, ms: 2.0 }], exponent: 1.004 }],
        };
        let costs = report.costs();
        assert!(costs.contains("| es, 1,310 words | yoastseo | 60.0 ms | 40.0 ms | 25.0 | – | 1 | 1 |"), "{costs}");
        assert!(costs.contains("| | no host | 1.0 ms | 1.0 ms | 1000.0 | – | 60.0 × | 40.0 × |"), "{costs}");
        assert!(costs.contains("| | native | 2.0 ms | 4.0 ms, 8.0 ms | 250.0 | 400.0 | 30.0 × | 10.0 × |"), "{costs}");
        assert!(report.growth().contains("| full stops | 5,000 | 2.0 ms | 1.00 |"), "{}", report.growth());
        assert!(report.markdown().contains("Written by `c`."));
    }
}
