//! `cargo xtask bench models`: how good the models are, and how fast.

pub mod quality;
pub mod speed;

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::document;
use crate::args::Args;

/// Names this bench on the command line.
pub const NAME: &str = "models";

/// What a command line asks for.
#[derive(Debug)]
struct Asked {
    quality: Option<quality::Options>,
    speed: bool,
    is_quick: bool,
}

/// Measures, prints and writes; of a quick run nothing is written.
pub fn command(args: Args) -> Result<()> {
    let Asked { quality, speed, is_quick } = asked(args)?;
    if let Some(options) = quality {
        quality::run(&options)?;
    }
    if speed {
        let text = format!("## Models: speed\n\n{}", speed::section(is_quick)?);
        println!("{text}");
        if !is_quick {
            document::write_benchmarks("models-speed", &text)?;
        }
    }
    Ok(())
}

fn asked(mut args: Args) -> Result<Asked> {
    let is_quick = args.switch("--quick");
    let only = args.value("--only")?;
    let folder = |value: Option<String>| value.map(PathBuf::from);
    let options = quality::Options {
        data: folder(args.value("--data")?.or_else(|| std::env::var("ORILLA_DATASETS").ok())),
        teacher: folder(args.value("--teacher")?),
        also: args.values("--also")?,
        entries: args.values("--kb")?,
        queries: args.values("--queries")?,
        tickets: None,
        is_quick,
    };
    args.finish()?;
    let has_centres = !options.entries.is_empty();
    let (quality, speed) = match only.as_deref() {
        None => (true, !has_centres),
        Some("quality") => (true, false),
        Some("speed") => (false, true),
        Some(other) => bail!("--only is `{other}`; it may be quality or speed"),
    };
    if quality && !has_centres && options.data.is_none() {
        bail!("name the folder with the public data: --data DIR, or ORILLA_DATASETS");
    }
    Ok(Asked { quality: quality.then_some(options), speed, is_quick })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Asked> {
        asked(Args::new(line.split_whitespace().map(str::to_owned)))
    }

    #[test]
    fn knows_what_is_asked_for() {
        let both = of("--data /d --also big=/m --quick").unwrap();
        let options = both.quality.unwrap();
        assert_eq!((options.also, options.data, both.speed, both.is_quick), (vec!["big=/m".to_owned()], Some("/d".into()), true, true));
        assert!(of("--only speed").unwrap().quality.is_none());
        let centre = of("--kb a.jsonl --queries b.jsonl").unwrap();
        assert!(centre.quality.is_some() && !centre.speed);
        assert!(of("--only size --data /d").is_err() && of("--data /d stray").is_err());
    }
}
