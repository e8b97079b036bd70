//! How well the FAQ chat finds answers, and how well it knows when it has none: its own code, on help centres, beside simpler ways to search.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use faq_chat::decide::{Action, Decision, decide};
use orilla_knowledge::index::{Index, build};
use orilla_knowledge::kb::{Article, import};
use orilla_knowledge::model::{Both, Embed};
use orilla_knowledge::retrieve::retrieve;
use orilla_learn::fuse::fused;
use orilla_text::Locale;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::arguments::Arguments;
use crate::data::{self, centres, labelled, pairs};
use crate::figures::{Ranks, auroc, covered, rank};
use crate::report::table::{Table, of_ranks, one};
use crate::tfidf::TfIdf;

/// Paraphrases of each entry, where it has some. Source: the issue that asked for the bench.
const PARAPHRASES: usize = 3;
/// Examples of an intent that become its entry. Chosen: what the 3,000 rows of the models' protocol are for each of 150.
const EXAMPLES: usize = 20;
/// Questions of a set that a quick run asks.
const QUICK: usize = 60;
/// What of the answers may be wrong, in the curve of coverage, in percent. Source: the issue.
const MOST_WRONG: [f64; 3] = [2.0, 5.0, 10.0];

/// A knowledge base and what it is asked.
struct Set {
    name: String,
    articles: Vec<Article>,
    questions: Vec<Question>,
}

struct Question {
    text: String,
    locale: Locale,
    /// Ids of the entries that answer it; none of a stranger.
    answers: Vec<String>,
}

/// Which questions are asked of which articles.
#[derive(Clone, Copy)]
struct Side {
    title: &'static str,
    asked: Locale,
    /// The language of the articles; both where there is none.
    indexed: Option<Locale>,
}

const SIDES: [Side; 4] = [
    Side { title: "en", asked: Locale::En, indexed: None },
    Side { title: "es", asked: Locale::Es, indexed: None },
    Side { title: "es→en", asked: Locale::Es, indexed: Some(Locale::En) },
    Side { title: "en→es", asked: Locale::En, indexed: Some(Locale::Es) },
];

/// Measures and gives the section as Markdown.
pub fn run(arguments: &Arguments) -> Result<String> {
    let model = Both::shipped()?;
    let mut sets = Vec::new();
    if arguments.centres.is_empty() {
        let ours = arguments.models.join("data/intents");
        for name in ["dev_centre", "dev"] {
            sets.push(dev(&ours, name, 0)?);
            sets.push(dev(&ours, name, PARAPHRASES)?);
        }
        if !arguments.data.as_os_str().is_empty() {
            sets.push(documentation(&arguments.data)?);
            sets.push(intents(&arguments.data)?);
        }
    } else {
        for (entries, questions) in &arguments.centres {
            sets.push(given(entries, questions)?);
        }
    }
    let mut out = String::new();
    for set in &mut sets {
        if arguments.is_quick {
            let every = set.questions.len().div_ceil(QUICK).max(1);
            set.questions = std::mem::take(&mut set.questions).into_iter().step_by(every).collect();
        }
        eprintln!("{} …", set.name);
        out.push_str(&measured(set, &model)?);
    }
    Ok(out)
}

fn measured(set: &Set, model: &Both<'_>) -> Result<String> {
    let mut found = Table::new(["top-1 / top-3 / MRR".to_owned(), "AUROC".to_owned()].into_iter());
    let mut acts = Table::new(
        MOST_WRONG.iter().map(|most| format!("covered at {most} % wrong")).chain(
            ["answered", "wrong of these", "asked back", "right among the choices", "strangers answered", "strangers told unknown"]
                .map(str::to_owned),
        ),
    );
    let mut costs = String::new();
    for side in SIDES {
        let articles: Vec<Article> =
            set.articles.iter().filter(|it| side.indexed.is_none_or(|locale| it.locale == locale)).cloned().collect();
        let questions: Vec<&Question> = set.questions.iter().filter(|it| it.locale == side.asked).collect();
        let is_redundant =
            side.indexed.is_some() && articles.len() == set.articles.len() && set.articles.iter().all(|it| it.locale == side.asked);
        if questions.is_empty() || articles.is_empty() || is_redundant {
            continue;
        }
        let (index, cost) = index(&articles, model)?;
        if side.indexed.is_none() && costs.is_empty() {
            costs = cost;
        }
        let asked = ask(&index, model, &questions)?;
        if asked.iter().all(|it| it.right.is_empty()) {
            continue;
        }
        let linear = linear(&index, &articles, side.indexed.unwrap_or(side.asked));
        let ways: [(&str, Way<'_>); 4] = [
            ("BM25", &|it| it.likenesses.iter().map(|it| it.share).collect()),
            ("TF-IDF + linear", &|it| linear.as_ref().map_or_else(|| vec![0.0; index.len()], |scores| scores(&it.text))),
            ("dense", &|it| it.likenesses.iter().map(|it| it.cosine).collect()),
            ("the function", &|it| it.likenesses.iter().map(|it| fused(it.cosine, it.share)).collect()),
        ];
        for (name, score) in ways {
            if name == "TF-IDF + linear" && linear.is_none() {
                continue;
            }
            let (mut ranks, mut inside, mut outside) = (Vec::new(), Vec::new(), Vec::new());
            for it in &asked {
                let scores = score(it);
                let best = if name == "the function" { it.fit } else { scores.iter().copied().fold(f32::NEG_INFINITY, f32::max) };
                if it.right.is_empty() {
                    outside.push(best);
                } else {
                    inside.push(best);
                    ranks.push(rank(&scores, &it.right));
                }
            }
            let area = if outside.is_empty() { "–".to_owned() } else { one(auroc(&inside, &outside)) };
            found.push(&format!("{}, {name}", side.title), "", [of_ranks(Ranks::of(&ranks)), area].into_iter());
        }
        acts.push(side.title, "", acted(&index, &asked).into_iter());
    }
    Ok(format!("### {}\n\n{costs}\n\n{}\n{}\n", set.name, found.finish(), acts.finish()))
}

/// How a question scores every entry.
type Way<'a> = &'a dyn Fn(&Asked) -> Vec<f32>;

/// One question as the function saw it.
struct Asked {
    text: String,
    likenesses: Vec<orilla_knowledge::index::Likeness>,
    /// The entries that answer it.
    right: Vec<usize>,
    fit: f32,
    decision: Decision,
    confidence: f32,
    /// The first candidate.
    first: Option<usize>,
}

fn ask(index: &Index, model: &Both<'_>, questions: &[&Question]) -> Result<Vec<Asked>> {
    let mut asked = Vec::with_capacity(questions.len());
    for question in questions {
        let found = retrieve(index, model, &question.text)?;
        asked.push(Asked {
            text: question.text.clone(),
            likenesses: index.likenesses(&found.vector, &question.text),
            right: (0..index.len()).filter(|entry| question.answers.iter().any(|id| id == index.id(*entry))).collect(),
            fit: found.fit,
            confidence: found.confidence,
            first: found.candidates.first().map(|it| it.entry),
            decision: decide(index, model, &question.text, question.locale)?,
        });
    }
    // A question whose entry is not in this language of the index is no stranger; it is left out.
    let known: Vec<bool> = questions.iter().zip(&asked).map(|(question, it)| question.answers.is_empty() || !it.right.is_empty()).collect();
    let mut known = known.into_iter();
    asked.retain(|_| known.next().unwrap_or_default());
    Ok(asked)
}

/// What was done with the questions, in percent.
fn acted(index: &Index, asked: &[Asked]) -> Vec<String> {
    let outcomes: Vec<_> =
        asked.iter().map(|it| (it.confidence, it.first.is_some_and(|entry| it.right.contains(&entry)), !it.right.is_empty())).collect();
    let mut cells: Vec<String> = MOST_WRONG.iter().map(|most| one(covered(&outcomes, *most))).collect();
    let is_right = |it: &&Asked| it.decision.sources.iter().any(|source| it.right.iter().any(|entry| index.id(*entry) == source.id));
    let (inside, outside): (Vec<&Asked>, Vec<&Asked>) = asked.iter().partition(|it| !it.right.is_empty());
    let did = |of: &[&Asked], action| of.iter().copied().filter(|it| it.decision.action == action).count();
    let share = |part: usize, of: usize| if of == 0 { "–".to_owned() } else { one(100.0 * part as f64 / of as f64) };
    let answered: Vec<&Asked> = asked.iter().filter(|it| it.decision.action == Action::Answer).collect();
    let is_offered = |it: &&Asked| it.decision.action == Action::Clarify && !it.decision.is_lost();
    let choices: Vec<&Asked> = inside.iter().copied().filter(is_offered).collect();
    cells.push(share(did(&inside, Action::Answer), inside.len()));
    cells.push(share(answered.iter().filter(|it| !is_right(it)).count(), answered.len()));
    cells.push(share(choices.len(), inside.len()));
    cells.push(share(choices.iter().filter(|it| is_right(it)).count(), choices.len()));
    cells.push(share(did(&outside, Action::Answer), outside.len()));
    cells.push(share(outside.iter().filter(|it| it.decision.is_lost()).count(), outside.len()));
    cells
}

/// An index and what it costs.
fn index(articles: &[Article], model: &Both<'_>) -> Result<(Index, String)> {
    let began = Instant::now();
    let index = build(articles, model, None, 1)?;
    let built = began.elapsed();
    let blob = index.to_bytes();
    let began = Instant::now();
    let opened = Index::open(&blob, model.checksum())?;
    let open = began.elapsed();
    ensure!(opened == index, "the blob does not give back the index");
    let quality = index.calibration().quality;
    let cost = format!(
        "{} entries, {} articles: built in {:.1} s, {:.0} kB, opened in {:.2} ms on this machine, natively. Of {} questions of its own, each as if it had not been \
         there, {} find their entry first; {} would be answered, {} of them wrongly, and {} of as many strangers.",
        index.len(),
        articles.len(),
        built.as_secs_f64(),
        blob.len() as f64 / 1e3,
        open.as_secs_f64() * 1e3,
        quality.asked,
        quality.first,
        quality.answered,
        quality.wrong,
        quality.strangers_answered
    );
    Ok((index, cost))
}

/// The lexical classifier: learns each entry from its own texts in one language. None of an index where a single entry has any.
fn linear(index: &Index, articles: &[Article], locale: Locale) -> Option<impl Fn(&str) -> Vec<f32>> {
    let entry = |article: &Article| (0..index.len()).find(|entry| index.id(*entry) == article.id);
    let (mut texts, mut labels) = (Vec::new(), Vec::new());
    for article in articles.iter().filter(|it| it.locale == locale) {
        for text in [&article.question, &article.answer].into_iter().chain(&article.paraphrases) {
            texts.push(text.as_str());
            labels.push(entry(article)?);
        }
    }
    let mut different = labels.clone();
    different.dedup();
    // An entry that has no text in this language has no weights; the last one must, for there to be a column for each.
    if different.len() < 2 || labels.last() != Some(&(index.len() - 1)) {
        return None;
    }
    let head = TfIdf::new(&texts, &labels);
    Some(move |text: &str| head.scores(text))
}

/// One of our own help centres: with no paraphrases, or with the first few ways to ask as such, the others being asked.
fn dev(ours: &Path, name: &str, paraphrases: usize) -> Result<Set> {
    let title = if paraphrases == 0 {
        "without paraphrases".to_owned()
    } else {
        format!("with {paraphrases} paraphrases for each entry and language")
    };
    let mut set = Set { name: format!("`{name}`, {title}"), articles: Vec::new(), questions: Vec::new() };
    for intent in data::json_lines::<Json>(&ours.join(format!("{name}.jsonl")))? {
        let id = intent["id"].as_str().context("an intent has no id")?;
        for locale in Locale::ALL {
            let tag = locale.as_str();
            let ways: Vec<&str> = intent["phrasings"][tag].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
            let (known, asked) = ways.split_at(paraphrases.min(ways.len()));
            let fields = json!({"id": id, "locale": tag, "question": intent["question"][tag], "answer": intent["answer"][tag], "paraphrases": known});
            set.articles.push(read(&fields)?);
            set.questions.extend(asked.iter().map(|text| Question { text: (*text).to_owned(), locale, answers: vec![id.to_owned()] }));
        }
    }
    for stranger in data::json_lines::<Line>(&ours.join(format!("{name}_oos.jsonl")))? {
        set.questions.extend(stranger.question());
    }
    Ok(set)
}

/// Documentation in two languages: a Spanish question finds the English entry of the same place, and the other way round.
fn documentation(data: &Path) -> Result<Set> {
    let mut set = Set {
        name: "Documentation, question to the entry of the other language (`faq_pairs`)".to_owned(),
        articles: Vec::new(),
        questions: Vec::new(),
    };
    for (at, pair) in pairs::answered(data)?.into_iter().enumerate() {
        let id = format!("pair-{at}");
        for (locale, (question, answer)) in [(Locale::En, pair.english), (Locale::Es, pair.spanish)] {
            set.articles.push(read(&json!({"id": id, "locale": locale, "question": question, "answer": answer}))?);
            set.questions.push(Question { text: question, locale, answers: vec![id.clone()] });
        }
    }
    Ok(set)
}

/// CLINC150 as a knowledge base: an intent is an entry, its examples are paraphrases; the test is asked, in scope and out of it.
fn intents(data: &Path) -> Result<Set> {
    let clinc = labelled::clinc150(data)?;
    let mut set = Set {
        name: format!("CLINC150, {EXAMPLES} examples for each intent; the official test"),
        articles: Vec::new(),
        questions: Vec::new(),
    };
    let mut labels: Vec<&String> = clinc.train.iter().map(|row| &row.1).collect();
    labels.sort();
    labels.dedup();
    for label in labels {
        let mut ways: Vec<&str> = Vec::new();
        for (text, _) in clinc.train.iter().filter(|row| row.1 == *label) {
            if ways.iter().all(|it| !it.eq_ignore_ascii_case(text)) && ways.len() < EXAMPLES {
                ways.push(text);
            }
        }
        let question = ways.first().context("an intent has no example")?;
        set.articles.push(read(
            &json!({"id": label, "locale": "en", "question": question, "paraphrases": ways[1..], "answer": label.replace('_', " ")}),
        )?);
    }
    let asked = |text: &String, answers| Question { text: text.clone(), locale: Locale::En, answers };
    set.questions.extend(clinc.test.iter().map(|(text, label)| asked(text, vec![label.clone()])));
    set.questions.extend(clinc.outside.iter().map(|text| asked(text, Vec::new())));
    Ok(set)
}

/// A knowledge base and its questions in files. Articles are read as the function imports them.
fn given(entries: &Path, questions: &Path) -> Result<Set> {
    let name = entries.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut set = Set { name, articles: Vec::new(), questions: Vec::new() };
    for row in import::json_lines(&data::text(entries)?) {
        match row.outcome {
            Ok(article) => set.articles.push(article),
            Err(found) => bail!(
                "{}:{}: {}",
                entries.display(),
                row.line,
                found.iter().map(|it| format!("{}: {}", it.field, it.message)).collect::<Vec<_>>().join(" ")
            ),
        }
    }
    for line in data::json_lines::<Line>(questions)? {
        set.questions.extend(line.question());
    }
    Ok(set)
}

#[derive(Deserialize)]
struct Line {
    q: String,
    lang: String,
    #[serde(default)]
    gold: Option<centres::Gold>,
    #[serde(default)]
    oos: bool,
}

impl Line {
    /// None in a language that the chat does not answer in.
    fn question(self) -> Option<Question> {
        let answers = self.gold.filter(|_| !self.oos).map(centres::Gold::ids).unwrap_or_default();
        Some(Question { text: self.q, locale: Locale::of_tag(&self.lang)?, answers })
    }
}

fn read(fields: &Json) -> Result<Article> {
    Article::from_json(fields).map_err(|found| {
        let told: Vec<_> = found.iter().map(|it| format!("{}: {}", it.field, it.message)).collect();
        anyhow::anyhow!("{}: {}", fields["id"], told.join(" "))
    })
}
