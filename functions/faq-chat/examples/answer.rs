//! What an answer costs by its parts, and what an index costs: `cargo run --release -p faq-chat --example answer -- FOLDER 60 500 5000 10000`.
//!
//! Makes knowledge bases of so many entries from the demo site's, indexes them, and leaves the articles, the index and the vectors in
//! FOLDER for whoever puts them before a host. Prints a line of JSON for the encoders and one for each knowledge base. It measures no host
//! but this process, and writes nothing down: `cargo xtask bench faq-chat --only cost` does.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic, reason = "a tool for the bench")]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use faq_chat::turn::{Turn, take};
use orilla_infer::{Embedded, Encoder};
use orilla_knowledge::index::{Index, build};
use orilla_knowledge::kb::{Article, markdown};
use orilla_knowledge::model::{Both, Checksum, Embed, checksum};
use orilla_knowledge::retrieve::retrieve;
use orilla_learn::matrix::normalise;
use orilla_text::Locale;
use serde_json::json;

static SMALL: Embedded =
    Embedded::new(include_bytes!("../../../models/small/model.onnx"), include_bytes!("../../../models/small/tokenizer.json"));
static MICRO: Embedded =
    Embedded::new(include_bytes!("../../../models/micro/model.onnx"), include_bytes!("../../../models/micro/tokenizer.json"));

/// What visitors ask; some of it is in the demo's articles, in other words.
const QUESTIONS: [&str; 16] = [
    "cuánto cuesta al mes por instructor?",
    "what does it cost a month",
    "Hola, querría saber si puedo traerme los alumnos que tengo en una hoja de cálculo",
    "Can I import my excel with all my students?",
    "¿funciona sin internet en la playa?",
    "i forgot my password and cannot log in",
    "me han cobrado dos veces este mes, ¿qué hago?",
    "is there a discount for small schools that only open in summer",
    "¿puedo cobrar una señal por adelantado?",
    "how do I cancel a class because of the weather and tell everybody",
    "¿Dónde se guardan los datos de mis clientes y quién los puede ver?",
    "do you have an api",
    "quiero dar de baja mi cuenta",
    "Which payment methods can my customers use when they book online?",
    "¿se puede cambiar el idioma de los correos que reciben los alumnos?",
    "can two instructors share one calendar",
];

/// Up to so many entries every text is encoded; of more, a numbered variant borrows its original's vector, moved a little.
const ENCODED: usize = 500;
/// What tells a variant from its original, before its number.
const MARK: &str = " Marea ";
/// How far a borrowed number may be from the original's. Chosen: neighbours are as near as two wordings of one question.
const MOVED: f32 = 0.02;
/// How long a piece of work is repeated: the processor's time is told in hundredths of a second.
const ENOUGH: Duration = Duration::from_millis(600);

/// The shipped encoders, counted; or vectors of texts that differ from known ones by their number.
struct Lent<'a> {
    model: &'a Both<'static>,
    is_borrowing: bool,
    known: RefCell<HashMap<String, Vec<f32>>>,
    /// Texts that were asked for.
    texts: Cell<usize>,
}

impl<'a> Lent<'a> {
    fn new(model: &'a Both<'static>, is_borrowing: bool) -> Self {
        Self { model, is_borrowing, known: RefCell::default(), texts: Cell::new(0) }
    }

    fn borrowed(&self, text: &str) -> Result<Vec<f32>, orilla_infer::Error> {
        let original = unmarked(text);
        let known = self.known.borrow().get(&original).cloned();
        let vector = match known {
            Some(vector) => vector,
            None => self.model.embed(&[&original])?,
        };
        self.known.borrow_mut().insert(original, vector.clone());
        let seed = checksum(text.as_bytes());
        let mut state = u64::from_le_bytes(std::array::from_fn(|at| seed[at]));
        let mut moved: Vec<f32> = vector.into_iter().map(|value| value + (next(&mut state) - 0.5) * 2.0 * MOVED).collect();
        normalise(&mut moved);
        Ok(moved)
    }
}

impl Embed for Lent<'_> {
    fn dimensions(&self) -> usize {
        self.model.dimensions()
    }

    fn checksum(&self) -> Checksum {
        self.model.checksum()
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, orilla_infer::Error> {
        self.texts.set(self.texts.get() + texts.len());
        if !self.is_borrowing {
            return self.model.embed(texts);
        }
        let vectors = texts.iter().map(|text| self.borrowed(text)).collect::<Result<Vec<_>, _>>()?;
        Ok(vectors.concat())
    }
}

/// Vectors that are there already, so that what is left is what follows them.
struct Given<'a>(&'a Both<'static>, HashMap<&'static str, Vec<f32>>);

impl Embed for Given<'_> {
    fn dimensions(&self) -> usize {
        self.0.dimensions()
    }

    fn checksum(&self) -> Checksum {
        self.0.checksum()
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, orilla_infer::Error> {
        Ok(texts.iter().flat_map(|text| self.1[text].iter().copied()).collect())
    }
}

/// Sebastiano Vigna's splitmix64, from 0 to 1.
fn next(state: &mut u64) -> f32 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z >> 40) as f32 / (1_u32 << 24) as f32
}

/// The demo's articles, by their ids.
fn originals() -> Vec<Vec<Article>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sites/demo/kb");
    let mut by_id = BTreeMap::<String, Vec<Article>>::new();
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let article = Article::from_markdown(&text).unwrap_or_else(|found| panic!("{found:?}"));
        by_id.entry(article.id.clone()).or_default().push(article);
    }
    by_id.into_values().collect()
}

/// So many entries in both languages: the originals, then variants of them with a number in question and answer, and no paraphrases.
fn knowledge(originals: &[Vec<Article>], entries: usize) -> Vec<Article> {
    let variant = |article: &Article, round: usize| match round {
        0 => article.clone(),
        _ => Article {
            id: format!("{}-{round}", article.id),
            question: format!("{}{MARK}{round}", article.question),
            answer: format!("{}{MARK}{round}", article.answer),
            paraphrases: Vec::new(),
            ..article.clone()
        },
    };
    (0..entries).flat_map(|at| originals[at % originals.len()].iter().map(move |it| variant(it, at / originals.len()))).collect()
}

/// The text that a variant's was made of.
fn unmarked(text: &str) -> String {
    let mut pieces = text.split(MARK);
    let mut original = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        original.push_str(if rest.len() == piece.len() { MARK } else { "" });
        original.push_str(rest);
    }
    original
}

/// What the process has used of the processor. Source: proc_pid_stat(5), fields 14 and 15, in hundredths of a second.
fn processor() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit(") ").next().unwrap().split(' ').skip(11).take(2);
    Duration::from_millis(fields.map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum())
}

/// Microseconds of the processor for one of so many that a piece of work does at a time.
fn cost(each: usize, mut work: impl FnMut()) -> f64 {
    work();
    let mut times = 1;
    loop {
        let before = processor();
        (0..times).for_each(|_| work());
        let spent = processor() - before;
        if spent >= ENOUGH {
            return spent.as_secs_f64() * 1e6 / (times * each) as f64;
        }
        times *= 2;
    }
}

fn encoders(both: &Both<'static>) {
    let encoders: [(&str, &Encoder); 2] = [("small", SMALL.encoder().unwrap()), ("micro", MICRO.encoder().unwrap())];
    let tokenise = cost(QUESTIONS.len(), || {
        for question in QUESTIONS {
            encoders.iter().for_each(|(_, encoder)| drop(black_box(encoder.ids(question).unwrap())));
        }
    });
    let embed = cost(QUESTIONS.len(), || drop(black_box(both.embed(&QUESTIONS).unwrap())));
    let ids = encoders.map(|(name, encoder)| (name.to_owned(), json!(QUESTIONS.map(|it| encoder.ids(it).unwrap()))));
    let ids: serde_json::Map<_, _> = ids.into_iter().collect();
    println!("{}", json!({ "tokenise_us": tokenise, "embed_us": embed, "questions": QUESTIONS, "ids": ids }));
}

fn knowledge_base(both: &Both<'static>, articles: &[Article], entries: usize, folder: &Path) {
    let is_encoded = entries <= ENCODED;
    let lender = Lent::new(both, true);
    // Their own texts are encoded before the clock runs.
    let firsts: Vec<_> = articles.iter().filter(|it| !it.question.contains(MARK)).cloned().collect();
    build(&firsts, &lender, None, 1).unwrap();
    let model = if is_encoded { &Lent::new(both, false) } else { &lender };
    model.texts.set(0);
    let before = processor();
    let index = build(articles, model, None, 1).unwrap();
    let built = processor() - before;
    let texts = model.texts.get();
    let blob = index.to_bytes();

    let lines: String = articles.iter().map(|it| serde_json::to_string(it).unwrap() + "\n").collect();
    fs::write(folder.join(format!("articles-{entries}.jsonl")), lines).unwrap();
    fs::write(folder.join(format!("index-{entries}.bin")), &blob).unwrap();
    let whole = |it: &Article| lender.borrowed(&format!("{} {}", it.question, markdown::plain(&it.answer).text)).unwrap();
    let vectors: Vec<u8> = articles.iter().flat_map(whole).flat_map(f32::to_le_bytes).collect();
    fs::write(folder.join(format!("vectors-{entries}.bin")), vectors).unwrap();

    let given = Given(both, QUESTIONS.into_iter().map(|it| (it, both.embed(&[it]).unwrap())).collect());
    let retrieve = cost(QUESTIONS.len(), || {
        QUESTIONS.iter().for_each(|it| drop(black_box(retrieve(&index, &given, it).unwrap())));
    });
    let turn = |text| take(&index, &given, Turn { text, before: None, choice: None, page: Locale::Es }).unwrap();
    let decide = cost(QUESTIONS.len(), || QUESTIONS.iter().for_each(|it| drop(black_box(turn(it)))));
    let open = cost(1, || drop(black_box(Index::open(&blob, both.checksum()).unwrap())));
    println!(
        "{}",
        json!({
            "entries": entries, "articles": articles.len(), "is_encoded": is_encoded, "texts": texts, "build_ms": built.as_secs_f64() * 1e3,
            "bytes": blob.len(), "dimensions": both.dimensions(), "open_us": open, "retrieve_us": retrieve, "decide_us": decide,
        })
    );
}

fn main() {
    let mut words = std::env::args().skip(1);
    let folder = words.next().unwrap();
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).unwrap();
    let both = Both::shipped().unwrap();
    encoders(&both);
    let originals = originals();
    for entries in words.map(|word| word.parse::<usize>().unwrap()) {
        knowledge_base(&both, &knowledge(&originals, entries), entries, folder);
    }
}
