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
}

impl Arguments {
    /// Reads words.
    ///
    /// Errors: a sentence about a word that is not known or lacks its value.
    pub fn read(words: impl Iterator<Item = String>) -> Result<Self> {
        let mut words = words;
        let (mut data, mut out, mut cache, mut models, mut teacher) = (None, None, None, None, None);
        let (mut also, mut entries, mut queries, mut is_quick, mut is_faq) = (Vec::new(), Vec::new(), Vec::new(), false, false);
        while let Some(word) = words.next() {
            if let Some(switch) = [("--quick", &mut is_quick), ("--faq", &mut is_faq)].into_iter().find(|it| it.0 == word) {
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
                other => bail!("{other} is not known"),
            }
        }
        if entries.len() != queries.len() {
            bail!("each --kb needs its --queries");
        }
        Ok(Self {
            data: if entries.is_empty() && !is_faq { data.context("--data is missing")? } else { data.unwrap_or_default() },
            out: out.context("--out is missing")?,
            cache: cache.context("--cache is missing")?,
            models: models.context("--models is missing")?,
            teacher: teacher.context("--teacher is missing")?,
            also,
            centres: entries.into_iter().zip(queries).collect(),
            is_quick,
            is_faq,
        })
    }
}
