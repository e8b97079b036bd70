//! Help centres: entries of question and answer in one or two languages, and what people say who look for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use orilla_learn::words::Language;
use serde::Deserialize;

use super::json_lines;

/// One help centre.
#[derive(Debug, Clone, Default)]
pub struct Centre {
    pub name: String,
    pub entries: Vec<Entry>,
    pub queries: Vec<Query>,
}

/// What is indexed.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: String,
    pub language: Language,
    /// Question and answer.
    pub text: String,
}

/// What somebody says.
#[derive(Debug, Clone)]
pub struct Query {
    pub text: String,
    pub language: Language,
    /// The entries that answer it, by their ids; none if no entry does.
    pub answers: Vec<String>,
}

impl Centre {
    /// Every text of it.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.text.as_str()).chain(self.queries.iter().map(|query| query.text.as_str()))
    }
}

#[derive(Debug, Deserialize)]
struct Intent {
    id: String,
    question: BTreeMap<String, String>,
    answer: BTreeMap<String, String>,
    phrasings: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct Stranger {
    q: String,
    lang: String,
}

/// Our two dev sets: `dev`, riddles without a common word, and `dev_centre`, a help centre as people ask it.
pub fn dev(ours: &Path) -> Result<Vec<Centre>> {
    let read = |name: &str| -> Result<Centre> {
        let mut centre = Centre { name: name.to_owned(), ..Centre::default() };
        for intent in json_lines::<Intent>(&ours.join(format!("{name}.jsonl")))? {
            centre.add(&intent, usize::MAX)?;
        }
        for stranger in json_lines::<Stranger>(&ours.join(format!("{name}_oos.jsonl")))? {
            centre.queries.push(Query { text: stranger.q, language: Language::of(&stranger.lang), answers: Vec::new() });
        }
        Ok(centre)
    };
    ["dev", "dev_centre"].into_iter().map(read).collect()
}

/// Phrasings of each intent and language that are asked. Chosen for time.
const ASKED: usize = 3;

/// The intents that encoders are trained on, each file of several businesses as one help centre: to choose with, never to report.
pub fn training(ours: &Path) -> Result<Vec<Centre>> {
    let listed = std::fs::read_dir(ours).with_context(|| format!("cannot list {}", ours.display()))?;
    let mut files: Vec<PathBuf> = listed.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.sort();
    let name = |file: &Path| file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut centres = Vec::new();
    for file in files.iter().filter(|file| !name(file).starts_with("dev")) {
        let mut centre = Centre { name: name(file), ..Centre::default() };
        for intent in json_lines::<Intent>(file)? {
            centre.add(&intent, ASKED)?;
        }
        centres.push(centre);
    }
    Ok(centres)
}

impl Centre {
    fn add(&mut self, intent: &Intent, asked: usize) -> Result<()> {
        for (language, question) in &intent.question {
            let answer = intent.answer.get(language).with_context(|| format!("{} has no answer in {language}", intent.id))?;
            let language = Language::of(language);
            self.entries.push(Entry { id: intent.id.clone(), language, text: format!("{question} {answer}") });
        }
        for (language, texts) in &intent.phrasings {
            let query = |text: &String| Query { text: text.clone(), language: Language::of(language), answers: vec![intent.id.clone()] };
            self.queries.extend(texts.iter().take(asked).map(query));
        }
        Ok(())
    }
}

#[derive(Debug, Deserialize)]
struct Given {
    id: String,
    lang: String,
    question: String,
    answer: String,
}

#[derive(Debug, Deserialize)]
struct Asked {
    q: String,
    lang: String,
    #[serde(default)]
    gold: Option<Gold>,
    #[serde(default)]
    oos: bool,
}

/// The entries that answer a question, in a file of questions.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Gold {
    One(String),
    Several(Vec<String>),
}

impl Gold {
    /// Their ids.
    pub fn ids(self) -> Vec<String> {
        match self {
            Self::One(id) if id.is_empty() => Vec::new(),
            Self::One(id) => vec![id],
            Self::Several(ids) => ids,
        }
    }
}

/// A help centre of two files, for instance one that was not at hand in training.
pub fn given(entries: &Path, queries: &Path) -> Result<Centre> {
    let entry = |line: Given| Entry { id: line.id, language: Language::of(&line.lang), text: format!("{} {}", line.question, line.answer) };
    let query = |line: Asked| {
        let answers = line.gold.filter(|_| !line.oos).map(Gold::ids).unwrap_or_default();
        Query { text: line.q, language: Language::of(&line.lang), answers }
    };
    Ok(Centre {
        name: entries.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        entries: json_lines(entries)?.into_iter().map(entry).collect(),
        queries: json_lines(queries)?.into_iter().map(query).collect(),
    })
}
