//! The command line, which `cargo xtask bench models` writes.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::system::Model;

/// What is asked for.
#[derive(Debug)]
pub struct Arguments {
    /// The folder with the public data; empty where only help centres are asked for.
    pub data: PathBuf,
    /// Where tables go.
    pub out: PathBuf,
    /// Where vectors are kept.
    pub cache: PathBuf,
    /// The repository's folder `models`.
    pub models: PathBuf,
    /// The teacher's exported files, which need not be there.
    pub teacher: PathBuf,
    /// Further encoders.
    pub also: Vec<Model>,
    /// Entries and queries of help centres, which alone are measured then.
    pub centres: Vec<(PathBuf, PathBuf)>,
    /// A part of everything, to see whether it runs.
    pub is_quick: bool,
    /// The FAQ chat is measured, and nothing else.
    pub is_faq: bool,
    /// Ticket routing is measured, and nothing else.
    pub is_ticket_route: bool,
    /// Tickets to route in place of our dev set.
    pub tickets: Option<PathBuf>,
}

impl Arguments {
    /// Reads words.
    ///
    /// Errors: a sentence about a word that is not known or lacks its value.
    pub fn read(words: impl Iterator<Item = String>) -> Result<Self> {
        let mut words = words;
        let (mut data, mut out, mut cache, mut models, mut teacher) = (None, None, None, None, None);
        let (mut also, mut entries, mut queries, mut tickets) = (Vec::new(), Vec::new(), Vec::new(), None);
        let (mut is_quick, mut is_faq, mut is_ticket_route) = (false, false, false);
        while let Some(word) = words.next() {
            let switches = [("--quick", &mut is_quick), ("--faq", &mut is_faq), ("--ticket-route", &mut is_ticket_route)];
            if let Some(switch) = switches.into_iter().find(|it| it.0 == word) {
                *switch.1 = true;
                continue;
            }
            let value = words.next().with_context(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--data" => data = Some(value.into()),
                "--out" => out = Some(value.into()),
                "--cache" => cache = Some(value.into()),
                "--models" => models = Some(value.into()),
                "--teacher" => teacher = Some(value.into()),
                "--also" => {
                    let (name, folder) = value.split_once('=').with_context(|| format!("--also wants NAME=FOLDER, not {value}"))?;
                    also.push(Model { name: name.to_owned(), folder: folder.into() });
                }
                "--kb" => entries.push(value.into()),
                "--queries" => queries.push(value.into()),
                "--tickets" if tickets.is_some() => bail!("--tickets is there twice"),
                "--tickets" => tickets = Some(value.into()),
                other => bail!("{other} is not known"),
            }
        }
        if entries.len() != queries.len() {
            bail!("each --kb needs its --queries");
        }
        if is_faq && is_ticket_route {
            bail!("--faq and --ticket-route are measured one at a time");
        }
        if tickets.is_some() && !is_ticket_route {
            bail!("--tickets needs --ticket-route");
        }
        let reads_data = entries.is_empty() && !is_faq && !is_ticket_route;
        Ok(Self {
            data: if reads_data { data.context("--data is missing")? } else { data.unwrap_or_default() },
            out: out.context("--out is missing")?,
            cache: cache.context("--cache is missing")?,
            models: models.context("--models is missing")?,
            teacher: teacher.context("--teacher is missing")?,
            also,
            centres: entries.into_iter().zip(queries).collect(),
            is_quick,
            is_faq,
            is_ticket_route,
            tickets,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Arguments> {
        Arguments::read(format!("--out o --cache c --models m --teacher t {line}").split_whitespace().map(str::to_owned))
    }

    #[test]
    fn tickets_need_no_public_data_and_come_once() {
        let read = of("--ticket-route --tickets f.jsonl --quick").unwrap();
        assert_eq!((read.tickets, read.is_ticket_route, read.is_quick, read.is_faq), (Some("f.jsonl".into()), true, true, false));
        assert!(of("--ticket-route").unwrap().tickets.is_none());
        for wrong in [
            "",
            "--tickets f",
            "--data d --tickets f",
            "--ticket-route --tickets f --tickets g",
            "--ticket-route --tickets",
            "--faq --ticket-route",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
