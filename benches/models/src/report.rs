//! The tables, for `BENCHMARKS.md` and for each card: the same figures, a card without the other systems' lesser heads.

pub mod table;

use self::table::{Table, of_accuracy, one};
use crate::data::labelled::Labelled;
use crate::figures::Ranks;
use crate::protocols::few_shot::{DRAWS, LOGISTIC_DRAWS, SHOTS};
use crate::protocols::{Accuracy, Line, centre, full, scope};
use crate::published;
use crate::system::{Seen, System};

/// Everything that was measured.
pub struct Results {
    pub few_shot: Vec<Line<Option<Accuracy>>>,
    pub full: Vec<Line<Option<Accuracy>>>,
    pub scope: Vec<Line<scope::Figures>>,
    pub mtod: Vec<Line<Option<Accuracy>>>,
    pub translations: Vec<Line<f64>>,
    /// Names of the sets of translations.
    pub parallel: Vec<&'static str>,
    pub answers: Vec<Line<Ranks>>,
    /// By name.
    pub centres: Vec<(String, Vec<Line<Option<centre::Figures>>>)>,
    pub fusion: Vec<Line<f64>>,
    /// What each encoder is, and what it read.
    pub about: Vec<About>,
    /// Encoders that were not at hand.
    pub absent: Vec<String>,
    pub answered: usize,
}

/// An encoder, in words.
pub struct About {
    pub name: String,
    pub weight: u64,
    pub provenance: String,
    /// Keys of the sets it read.
    pub read: Vec<String>,
}

impl About {
    /// Of an encoder.
    pub fn of(system: &System) -> Self {
        let read = if let Seen::Sets(sets) = &system.seen { sets.clone() } else { Vec::new() };
        Self { name: system.name.clone(), weight: system.weight, provenance: system.provenance(), read }
    }
}

/// For whom a report is.
#[derive(Clone, Copy)]
enum Reader<'a> {
    All,
    Card(&'a str),
}

impl Reader<'_> {
    /// A card tells all of its own model, and of others what is best known.
    fn wants(self, system: &str, head: &str) -> bool {
        match self {
            Self::All => true,
            Self::Card(name) => system == name || matches!(head, "" | centre::FUSED | "linear SVM") && !is_other_kin(system),
        }
    }

    /// Of retrieval the vectors alone are well known too.
    fn wants_retriever(self, system: &str, head: &str) -> bool {
        self.wants(system, head) || head == centre::DENSE && !is_other_kin(system)
    }
}

/// Further encoders that were named on the command line stand in `BENCHMARKS.md` alone.
fn is_other_kin(system: &str) -> bool {
    !["micro", "small", "teacher", "TF-IDF", "BM25"].contains(&system)
}

impl Results {
    /// The section of `BENCHMARKS.md`.
    pub fn benchmarks(&self) -> String {
        let encoders: Vec<_> = self.about.iter().map(|it| format!("{} {:.2} MB", it.name, it.weight as f64 / 1e6)).collect();
        format!(
            "Measured natively: ONNX files through `shared/infer`, heads of `shared/learn`; {}. *Official* is the published test, *clean* (in brackets) \
             leaves out rows with a near-copy in training. In percent.\n\n{}\n\n### Forms of fusion\n\n{}",
            encoders.join(", "),
            self.tables(Reader::All, "###"),
            self.forms(),
        )
    }

    /// The figures of one model's card.
    pub fn card(&self, name: &str) -> String {
        format!("In percent; official test, clean in brackets.\n\n{}", self.tables(Reader::Card(name), "###"))
    }

    fn tables(&self, reader: Reader<'_>, level: &str) -> String {
        let mut parts = vec![
            (format!("{} examples a label", SHOTS.map(|it| it.to_string()).join(" or ")), self.few(reader)),
            ("All training rows".to_owned(), self.all_rows(reader)),
            ("Out of scope".to_owned(), self.scopes(reader)),
            ("Spanish voice intents".to_owned(), self.voice(reader)),
            ("Translations and answers".to_owned(), self.pairs(reader)),
        ];
        parts.extend(self.centres.iter().map(|(name, lines)| (format!("Help centre `{name}`"), self.centre(reader, lines))));
        parts.push(("Sentence similarity".to_owned(), "STS: not measured; no set at hand whose licence is settled.".to_owned()));
        parts.iter().map(|(title, text)| format!("{level} {title}\n\n{text}")).collect::<Vec<_>>().join("\n\n")
    }

    /// What the encoders read of the sets of a table.
    fn seen(&self) -> String {
        let told: Vec<_> = self.about.iter().map(|it| it.provenance.as_str()).collect();
        format!("Read in training, labels aside (†): {}. What TF-IDF knows are the examples.", told.join("; "))
    }

    fn has_read(&self, system: &str, key: &str) -> bool {
        self.about.iter().any(|it| it.name == system && it.read.iter().any(|read| read == key))
    }

    /// A table of accuracies, each column of one set.
    fn accuracies(
        &self,
        reader: Reader<'_>,
        columns: &[(String, &str)],
        lines: &[Line<Option<Accuracy>>],
        published: &[published::Row],
    ) -> String {
        let mut table = Table::new(columns.iter().map(|column| column.0.clone()));
        for line in lines.iter().filter(|line| reader.wants(&line.system, line.head)) {
            let cells = line.values.iter().zip(columns).map(|(value, (_, key))| {
                value.map_or_else(|| "–".to_owned(), |value| of_accuracy(value, self.has_read(&line.system, key)))
            });
            table.push(&line.system, line.head, cells);
        }
        table.absent(&self.absent);
        for (name, values) in published {
            table.push(name, "", values.iter().map(|value| if *value > 0.0 { one(*value) } else { "–".to_owned() }));
        }
        table.finish()
    }

    fn few(&self, reader: Reader<'_>) -> String {
        let columns: Vec<_> = SHOTS.iter().flat_map(|shots| SETS.map(|(name, key)| (format!("{name} {shots}"), key))).collect();
        format!(
            "{}\nMean of {DRAWS} draws, whose standard error is about half a point; logistic regression, which takes ten times as long, of {LOGISTIC_DRAWS}. Published \
             rows have draws of their own. {}",
            self.accuracies(reader, &columns, &self.few_shot, published::FEW_SHOT),
            self.seen()
        )
    }

    fn all_rows(&self, reader: Reader<'_>) -> String {
        let columns = SETS.map(|(name, key)| (name.to_owned(), key));
        format!(
            "{}\nRidge heads learn from all rows and keep {} of them as landmarks. {}",
            self.accuracies(reader, &columns, &self.full, published::FULL),
            full::LANDMARKS,
            self.seen()
        )
    }

    fn scopes(&self, reader: Reader<'_>) -> String {
        let names = ["CLINC150", "BANKING77-OOS"];
        let mut table = Table::new(names.iter().flat_map(|name| {
            ["AUROC", "recall, kept (validation)", "recall, kept (examples alone)", "accuracy"].map(|figure| format!("{name} {figure}"))
        }));
        let keys = ["clinc150", "banking77"];
        for line in self.scope.iter().filter(|line| reader.wants(&line.system, line.head)) {
            let cells = line.values.iter().zip(keys).flat_map(|(it, key)| {
                let both = |it: scope::Threshold| format!("{:.1}, {:.1}", it.refused, it.kept);
                let mark = if self.has_read(&line.system, key) { "†" } else { "" };
                let left_out = it.left_out.map_or_else(|| "–".to_owned(), both);
                [format!("{:.1}{mark}", it.auroc), both(it.validated), left_out, one(it.accuracy)]
            });
            table.push(&line.system, line.head, cells);
        }
        table.absent(&self.absent);
        format!(
            "{}\nAll learn from {} rows of training. The threshold should keep 95 % of what is in scope; it comes from validation rows, or from leave-one-out \
             scores of the examples alone. *Recall* is of what is out of scope, *kept* of the test in scope; *accuracy* is without a threshold. What is out \
             of scope in BANKING77-OOS asks for other intents of the same bank. {} {}",
            table.finish(),
            scope::ROWS,
            published::SCOPE,
            self.seen()
        )
    }

    fn voice(&self, reader: Reader<'_>) -> String {
        let columns = ["English training", "20 Spanish examples a label"].map(|name| (name.to_owned(), "mtod_es"));
        format!(
            "{}\nMTOD-es, 12 intents. The published English training file is not at hand: its evaluation file, 4,181 rows, stands in. No encoder of ours read any of it.",
            self.accuracies(reader, &columns, &self.mtod, &[])
        )
    }

    fn pairs(&self, reader: Reader<'_>) -> String {
        let mut table = Table::new(self.parallel.iter().flat_map(|set| ["es→en", "en→es"].map(|side| format!("{set} {side}"))));
        for line in self.translations.iter().filter(|line| reader.wants(&line.system, line.head)) {
            table.push(&line.system, line.head, line.values.iter().map(|value| one(*value)));
        }
        table.absent(&self.absent);
        let mut answers = Table::new(["en→en", "es→es", "es→en"].map(|side| format!("FAQ {side}, top-1 / top-3 / MRR")).into_iter());
        for line in self.answers.iter().filter(|line| reader.wants_retriever(&line.system, line.head)) {
            answers.push(&line.system, line.head, line.values.iter().map(|ranks| table::of_ranks(*ranks)));
        }
        answers.absent(&self.absent);
        format!(
            "{}\nHow often a sentence finds its translation first. `test_2000` is of the sources that micro and small were trained on, other documents of \
             them; of Tatoeba and NTREX-128 they read nothing.\n\n{}\nQuestion to answer among {}, none of which is in the parallel text of the training.",
            table.finish(),
            answers.finish(),
            self.answered
        )
    }

    fn centre(&self, reader: Reader<'_>, lines: &[Line<Option<centre::Figures>>]) -> String {
        let wanted = |line: &&Line<_>| reader.wants_retriever(&line.system, line.head);
        centre(&lines.iter().filter(wanted).cloned().collect::<Vec<_>>(), &self.absent)
    }

    fn forms(&self) -> String {
        let mut table = Table::new(["mixed, en", "mixed, es", "dense, en", "dense, es"].map(str::to_owned).into_iter());
        for line in &self.fusion {
            table.push(&line.system, line.head, line.values.iter().map(|value| one(*value)));
        }
        format!(
            "Top-1 on intents of the training part, each file one help centre, *dense* where its entries are easily confused: to choose a form with, not to judge \
             a system by. The teacher has read none of them.\n\n{}",
            table.finish()
        )
    }
}

/// The table of a help centre.
pub fn centre(lines: &[Line<Option<centre::Figures>>], absent: &[String]) -> String {
    let sides = ["en→en", "es→es", "es→en"];
    let mut table = Table::new(sides.iter().flat_map(|side| [format!("{side} top-1 / top-3 / MRR"), "AUROC".to_owned()]));
    for line in lines {
        let cells = line.values.iter().flat_map(|value| match value {
            Some(figures) => [table::of_ranks(figures.ranks), figures.auroc.map_or_else(|| "–".to_owned(), one)],
            None => ["–".to_owned(), "–".to_owned()],
        });
        table.push(&line.system, line.head, cells);
    }
    table.absent(absent);
    format!("{}\n*AUROC* is of questions that an entry answers against those that none does, by the best entry's score.", table.finish())
}

/// The sets of the first tables and their keys, in their columns' order.
const SETS: [(&str, &str); 3] = [("BANKING77", "banking77"), ("CLINC150", "clinc150"), ("HWU64", "hwu64")];

/// True if the sets stand in the tables' order.
pub fn is_in_order(sets: &[Labelled]) -> bool {
    sets.iter().map(|set| (set.name, set.key)).eq(SETS)
}
