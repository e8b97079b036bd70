//! What a text costs without a host around it, and how that grows: `cargo run --release -p content-score --example text -- TEXTS [--quick]`.
//!
//! TEXTS holds lines of JSON with `id`, `language`, `content`, `keyphrase`, `title` and `meta_description`. Prints a line of JSON for each text, then
//! one for each kind of text that is made longer and longer. It writes nothing down: `cargo xtask bench content-score` does.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a tool for the bench, with its clock and its terminal")]

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use content_score::asked::{Asked, Kind};
use content_score::profile::Profile;
use content_score::report::Report;
use content_score::score;
use orilla_prose::document::Format;
use orilla_text::Locale;
use serde::Deserialize;
use serde_json::json;

/// How long a text is judged again and again: the processor's time is told in hundredths of a second.
const ENOUGH: Duration = Duration::from_secs(1);
/// How much longer a text is made. Source: the issue wants a slope; chosen: four doublings tell linear from quadratic.
const TIMES: [usize; 5] = [1, 2, 4, 8, 16];
/// Bytes of the longest bait, and of the longest of nested elements. Source: the 5 MB for the latter; chosen for the former.
const BAIT_BYTES: usize = 1024 * 1024;
const NESTED_BYTES: usize = 5 * 1024 * 1024;
/// Words of the longest sentence. Source: the issue.
const SENTENCE_WORDS: usize = 10_000;
/// Nothing longer is tried after a text that took so long.
const TOO_LONG: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Deserialize)]
struct Text {
    id: String,
    language: String,
    content: String,
    keyphrase: String,
    title: String,
    meta_description: String,
}

impl Text {
    fn asked(&self, content: String) -> Asked {
        Asked {
            content,
            format: Format::Html,
            keyphrase: Some(self.keyphrase.clone()),
            synonyms: Vec::new(),
            title: Some(self.title.clone()),
            meta_description: Some(self.meta_description.clone()),
            slug: None,
            url: None,
            locale: Locale::of_tag(&self.language),
            kind: Kind::Blog,
            persona: None,
            preview: None,
            hears_meaning: false,
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("name the file of texts")?;
    let is_quick = arguments.any(|word| word == "--quick");
    let texts: Vec<Text> = std::fs::read_to_string(file)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let profile = Profile::brief();
    let enough = if is_quick { ENOUGH / 10 } else { ENOUGH };
    for text in &texts {
        let asked = text.asked(text.content.clone());
        // Once unmeasured: lists of words are read when they are first needed.
        let report = score::score(&asked, &profile);
        let (cpu, wall) = cost(enough, || score::score(&asked, &profile))?;
        println!(
            "{}",
            json!({ "id": text.id, "words": report.stats.words, "bytes": text.content.len(), "score": report.score, "cpu_us": cpu, "wall_us": wall })
        );
    }
    let first = texts.first().ok_or("there is no text")?;
    let (bait, nested) = if is_quick { (BAIT_BYTES / 16, NESTED_BYTES / 16) } else { (BAIT_BYTES, NESTED_BYTES) };
    for text in &texts {
        grow(&format!("the text {}", text.id), &profile, |times| text.asked(text.content.repeat(times)));
    }
    grow("one sentence", &profile, |times| {
        let words = SENTENCE_WORDS * times / 16;
        first.asked(format!("<p>{}.</p>", "una escuela de surf que no para ".repeat(words.div_ceil(7)).trim_end()))
    });
    grow("elements in elements", &profile, |times| {
        let depth = nested * times / 16 / "<div></div>".len();
        first.asked(format!("{}Hola{}", "<div>".repeat(depth), "</div>".repeat(depth)))
    });
    for (name, piece) in BAITS {
        grow(name, &profile, |times| first.asked(piece.repeat((bait * times / 16).div_ceil(piece.len()))));
    }
    // What stands between the same words over and over: each is a candidate to be the keyphrase.
    grow("the keyphrase alone", &profile, |times| {
        let piece = format!("{} ", first.keyphrase);
        first.asked(piece.repeat((bait * times / 16).div_ceil(piece.len())))
    });
    Ok(())
}

/// What makes a careless pattern or reader try again from every place. Chosen: one for each thing that is looked for in a text.
const BAITS: [(&str, &str); 14] = [
    ("one word without an end", "a"),
    ("opened tags", "<a "),
    ("opened comments", "<!--"),
    ("opened elements", "<p><b><i><a href=x>"),
    ("badly nested elements", "<b><p></b></p>"),
    ("opened attributes", "<p a=\"b' "),
    ("ampersands", "&amp"),
    ("opened quotations", "¿«\"("),
    ("full stops", ". "),
    ("initials and abbreviations", "Sr. D. J. "),
    ("addresses", "a@a.a@"),
    ("white space", " \n\t\u{200b}"),
    ("halves of two-part transitions", "no solo por un lado "),
    ("passives without a participle", "was being fue siendo "),
];

/// What one judgement takes of the processor and of the clock, in microseconds.
fn cost(enough: Duration, mut work: impl FnMut() -> Report) -> Result<(f64, f64), Box<dyn Error>> {
    let (cpu, began) = (processor()?, Instant::now());
    let mut times = 0_u32;
    while began.elapsed() < enough {
        black_box(work());
        times += 1;
    }
    let wall = began.elapsed();
    let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(times.max(1));
    Ok((each(processor()?.saturating_sub(cpu)), each(wall)))
}

/// What the process has used of the processor. Source: proc_pid_stat(5), fields 14 and 15, in hundredths of a second.
fn processor() -> Result<Duration, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    let hundredths = fields.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(hundredths * 10))
}

/// Judges a text that is made longer and longer, and prints how long each took.
fn grow(name: &str, profile: &Profile, of: impl Fn(usize) -> Asked) {
    let mut steps = Vec::new();
    for times in TIMES {
        let asked = of(times);
        let once = || {
            let began = Instant::now();
            black_box(score::score(black_box(&asked), profile));
            began.elapsed()
        };
        // The least of several: whatever else runs on the machine only makes one slower.
        let first = once();
        let again = (Duration::from_millis(300).as_nanos() / first.as_nanos().max(1)).clamp(2, 30);
        let least = if first > Duration::from_secs(2) { first } else { (0..again).map(|_| once()).fold(first, Duration::min) };
        steps.push((asked.content.len(), least));
        if least > TOO_LONG {
            break;
        }
    }
    let told: Vec<_> = steps.iter().map(|(bytes, took)| json!({ "bytes": bytes, "ms": took.as_secs_f64() * 1e3 })).collect();
    println!("{}", json!({ "name": name, "steps": told, "exponent": exponent(&steps) }));
}

/// The power of the length by which the time grows: the slope of a straight line through the logarithms, by least squares.
fn exponent(steps: &[(usize, Duration)]) -> f64 {
    let points: Vec<(f64, f64)> = steps.iter().map(|(bytes, took)| ((*bytes as f64).ln(), took.as_secs_f64().max(1e-9).ln())).collect();
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
    let (x, y) = (mean(|it| it.0), mean(|it| it.1));
    let sum = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>();
    sum(&|it| (it.0 - x) * (it.1 - y)) / sum(&|it| (it.0 - x).powi(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponent_is_that_of_the_power() {
        let of = |power: i32| TIMES.map(|times| (times * 1_000, Duration::from_secs_f64((times as f64).powi(power) * 0.001)));
        assert!((exponent(&of(1)) - 1.0).abs() < 1e-6 && (exponent(&of(2)) - 2.0).abs() < 1e-6);
    }
}
