//! `cargo xtask bench content-score`: how often the score knows the better of two versions, and what a text costs.

mod agreement;
mod cost;
mod groups;
mod report;
mod texts;

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};

use self::agreement::Agreement;
use crate::args::Args;
use crate::bench::{document, machine};
use crate::build::Profile;
use crate::paths;

/// Names this bench on the command line.
pub const NAME: &str = "content-score";
/// The section of how often the better version is known; what a text costs has the bench's own name.
const GROUPS: &str = "content-score-groups";

/// What a command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// Versions in a file: these alone are judged then, and nothing is written.
    groups: Option<PathBuf>,
    only: Option<Part>,
    is_quick: bool,
    profile: Profile,
}

/// Half of the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Groups,
    Cost,
}

impl Asked {
    fn read(mut args: Args) -> Result<Self> {
        let only = match args.value("--only")?.as_deref() {
            None => None,
            Some("groups") => Some(Part::Groups),
            Some("cost") => Some(Part::Cost),
            Some(other) => bail!("--only is `{other}`; it may be groups or cost"),
        };
        let groups = args.value("--groups")?.map(PathBuf::from);
        ensure!(groups.is_none() || only != Some(Part::Cost), "--groups names versions to judge, and --only cost judges none");
        let asked = Self { groups, only, is_quick: args.switch("--quick"), profile: Profile::from_args(&mut args)? };
        args.finish()?;
        Ok(asked)
    }
}

/// Measures, prints and writes; of a quick run, and of a file that was named, nothing is written.
pub fn command(args: Args) -> Result<()> {
    let asked = Asked::read(args)?;
    if let Some(file) = &asked.groups {
        let versions = groups::read(file)?;
        print!("{}", tables(&Agreement::of(&groups::judged(&versions))?));
        return Ok(());
    }
    let own = groups::read(&paths::root().join("benches/content/groups.jsonl"))?;
    if asked.only != Some(Part::Cost) {
        let text = tables(&Agreement::of(&groups::judged(&own))?);
        print!("{text}");
        if asked.is_quick {
            eprintln!("no file is written of a quick run");
        } else {
            let section = format!("## Content scoring: which version is better\n\n{INTRODUCTION} On {}.\n\n{text}", machine::processor()?);
            document::write_benchmarks(GROUPS, &section)?;
        }
    }
    if asked.only != Some(Part::Groups) {
        cost::measure(&own, asked.is_quick, asked.profile)?;
    }
    Ok(())
}

fn tables(agreement: &Agreement) -> String {
    format!("{}\n{}\n{NOTE}\n", agreement.groups_table(), agreement.summary())
}

/// What the tables do not say themselves.
const NOTE: &str = "A pair is two versions of one group with different ranks; it is in order if the better one has the higher score, and a tie is \
     wrong. *Best above worst*: the same of each group's first and last rank alone. Profile `brief`, kind `blog` unless a line says another.";

const INTRODUCTION: &str = "Written by `cargo xtask bench content-score`, from `benches/content/groups.jsonl`: texts of one purpose in three versions, ranked by \
     who wrote them. The weights were looked at with these. `--groups FILE` judges others: lines of JSON with `group`, `rank` (1 is the best; or `good`, `ok`, \
     `bad`), `lang`, `keyphrase`, `title`, `meta` and `html`.";

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Asked> {
        Asked::read(Args::new(line.split_whitespace().map(str::to_owned)))
    }

    #[test]
    fn knows_what_is_asked_for() {
        let nothing = Asked { groups: None, only: None, is_quick: false, profile: Profile::Ship };
        assert_eq!(of("").unwrap(), nothing);
        assert_eq!(of("--groups a.jsonl").unwrap(), Asked { groups: Some("a.jsonl".into()), ..of("").unwrap() });
        let quick = Asked { only: Some(Part::Cost), is_quick: true, profile: Profile::Test, ..nothing };
        assert_eq!(of("--profile wasm-test --quick --only cost").unwrap(), quick);
        for wrong in ["--groups", "--groups a --groups b", "--only speed", "--only cost --groups a", "--data d", "stray"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
