//! Texts with one label each: intents.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::text;
use crate::random::Random;

/// A text and its label.
pub type Row = (String, String);

/// One set, by split.
#[derive(Debug, Clone, Default)]
pub struct Labelled {
    /// What the tables call it.
    pub name: &'static str,
    /// What `provenance.json` calls it.
    pub key: &'static str,
    pub train: Vec<Row>,
    pub test: Vec<Row>,
    pub validation: Vec<Row>,
    /// Texts that have none of the labels.
    pub outside: Vec<String>,
    /// Whether each row of `test` has no near-copy in training.
    pub is_clean: Vec<bool>,
}

impl Labelled {
    /// The first rows only of all but the training part, for a quick run.
    pub fn shortened(mut self, rows: usize) -> Self {
        let step = self.test.len().div_ceil(rows).max(1);
        let thin = |rows: &mut Vec<Row>| *rows = rows.iter().step_by(step).cloned().collect();
        thin(&mut self.test);
        thin(&mut self.validation);
        self.is_clean = self.is_clean.into_iter().step_by(step).collect();
        self.outside.truncate(rows);
        self
    }

    /// Every text of it.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let rows = [&self.train, &self.test, &self.validation].into_iter().flatten().map(|row| row.0.as_str());
        rows.chain(self.outside.iter().map(String::as_str))
    }

    /// `shots` rows of each label, or as many as there are, in the labels' order.
    pub fn sample(&self, shots: usize, seed: u64) -> Vec<&Row> {
        let mut by_label = BTreeMap::<&str, Vec<&Row>>::new();
        self.train.iter().for_each(|row| by_label.entry(&row.1).or_default().push(row));
        let mut random = Random::new(seed);
        by_label.into_values().flat_map(|rows| random.sample(&rows, shots)).collect()
    }
}

/// Labels as numbers in their alphabetical order.
#[derive(Debug, Clone)]
pub struct Numbers<'a>(BTreeMap<&'a str, usize>);

impl<'a> Numbers<'a> {
    /// Of the labels that these rows have.
    pub fn of(rows: impl Iterator<Item = &'a Row>) -> Self {
        let mut numbers: BTreeMap<&str, usize> = rows.map(|row| (row.1.as_str(), 0)).collect();
        numbers.values_mut().enumerate().for_each(|(number, value)| *value = number);
        Self(numbers)
    }

    /// A row's number; one beyond all for a label that is not known, which no system can get right.
    pub fn get(&self, row: &Row) -> usize {
        self.0.get(row.1.as_str()).copied().unwrap_or(self.0.len())
    }
}

fn is_clean(data: &Path, name: &str, rows: usize) -> Result<Vec<bool>> {
    let indices: Vec<usize> = serde_json::from_str(&text(&data.join("clean_test_indices").join(name))?)?;
    let mut is_clean = vec![false; rows];
    for index in indices {
        *is_clean.get_mut(index).with_context(|| format!("{name} names row {index} of {rows}"))? = true;
    }
    Ok(is_clean)
}

/// 77 intents of a bank. CC BY 4.0, PolyAI.
pub fn banking77(data: &Path) -> Result<Labelled> {
    let read = |split: &str| -> Result<Vec<Row>> {
        let text = text(&data.join("banking77").join(split))?;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows = reader.records().map(|record| {
            let record = record?;
            let field = |at: usize| record.get(at).with_context(|| format!("{split} lacks a column")).map(str::trim);
            Ok((field(0)?.to_owned(), field(1)?.to_owned()))
        });
        rows.collect()
    };
    let test = read("test.csv")?;
    let is_clean = is_clean(data, "banking77_test_csv.json", test.len())?;
    Ok(Labelled { name: "BANKING77", key: "banking77", train: read("train.csv")?, test, is_clean, ..Labelled::default() })
}

/// 150 intents of many domains, and texts of none. CC BY 3.0.
pub fn clinc150(data: &Path) -> Result<Labelled> {
    let mut sets: BTreeMap<String, Vec<Row>> = serde_json::from_str(&text(&data.join("clinc150/data_full.json.gz"))?)?;
    let mut take = |name: &str| sets.remove(name).with_context(|| format!("CLINC150 lacks {name}"));
    let test = take("test")?;
    let is_clean = is_clean(data, "clinc150_data_full_json_test.json", test.len())?;
    let outside = take("oos_test")?.into_iter().map(|row| row.0).collect();
    Ok(Labelled { name: "CLINC150", key: "clinc150", train: take("train")?, test, validation: take("val")?, outside, is_clean })
}

/// 64 intents of a home assistant. CC BY-SA: for measuring only.
pub fn hwu64(data: &Path) -> Result<Labelled> {
    let test = two_files(data.join("hwu64/test"))?;
    let is_clean = is_clean(data, "hwu64_test.json", test.len())?;
    Ok(Labelled { name: "HWU64", key: "hwu64", train: two_files(data.join("hwu64/train"))?, test, is_clean, ..Labelled::default() })
}

/// 50 of BANKING77's intents; what is out of scope asks for the other 27.
pub fn banking77_oos(data: &Path) -> Result<Labelled> {
    let folder = data.join("banking77_oos");
    Ok(Labelled {
        name: "BANKING77-OOS",
        key: "banking77",
        train: two_files(folder.join("train"))?,
        test: two_files(folder.join("test"))?,
        validation: two_files(folder.join("valid"))?,
        outside: two_files(folder.join("id-oos/test"))?.into_iter().map(|row| row.0).collect(),
        is_clean: Vec::new(),
    })
}

/// 12 voice intents. Licence unsettled: for measuring only.
#[derive(Debug)]
pub struct Mtod {
    /// English rows; the published training file is not at hand, so these are its evaluation file.
    pub english: Vec<Row>,
    /// The Spanish splits.
    pub spanish: Labelled,
}

/// Reads it.
pub fn mtod(data: &Path) -> Result<Mtod> {
    let read = |language: &str, split: &str| -> Result<Vec<Row>> {
        let text = text(&data.join("fb_mtod_en_es").join(language).join(format!("{split}-{language}.tsv.gz")))?;
        let row = |line: &str| {
            let mut columns = line.split('\t');
            let label = columns.next()?.to_owned();
            Some((columns.nth(1)?.trim().to_owned(), label))
        };
        Ok(text.lines().filter_map(row).collect())
    };
    let test = read("es", "test")?;
    let is_clean = is_clean(data, "fb_mtod_en_es_es_test_es_tsv_vs_es_train_eval_.json", test.len())?;
    let spanish = Labelled { name: "MTOD-es", key: "mtod_es", train: read("es", "train")?, test, is_clean, ..Labelled::default() };
    Ok(Mtod { english: read("en", "eval")?, spanish })
}

/// `seq.in` and `label`, line by line, without empty texts.
fn two_files(folder: PathBuf) -> Result<Vec<Row>> {
    let (texts, labels) = (text(&folder.join("seq.in"))?, text(&folder.join("label"))?);
    let rows = texts.lines().zip(labels.lines()).filter(|row| !row.0.trim().is_empty());
    Ok(rows.map(|(text, label)| (text.to_owned(), label.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str, label: &str) -> Row {
        (text.to_owned(), label.to_owned())
    }

    #[test]
    fn samples_so_many_of_each_label() {
        let train: Vec<_> = (0..30).map(|i| row(&i.to_string(), if i < 25 { "b" } else { "a" })).collect();
        let set = Labelled { train, ..Labelled::default() };
        let sample = set.sample(10, 0);
        let count = |label: &str| sample.iter().filter(|row| row.1 == label).count();
        assert_eq!((count("a"), count("b"), sample[0].1.as_str()), (5, 10, "a"));
        let numbers = Numbers::of(set.train.iter());
        assert_eq!((numbers.get(&row("", "a")), numbers.get(&row("", "b")), numbers.get(&row("", "c"))), (0, 1, 2));
    }
}
