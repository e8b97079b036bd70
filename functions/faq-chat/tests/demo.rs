//! The demo site's knowledge base, with the shipped models: every file is right, and visitors find their answers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use faq_chat::decide::{Action, Decision, Reason, decide};
use orilla_knowledge::index::{Index, build};
use orilla_knowledge::kb::Article;
use orilla_knowledge::model::Both;
use orilla_knowledge::retrieve::retrieve;
use orilla_text::Locale;

fn articles() -> Vec<Article> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sites/demo/kb");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |file: &Path| {
        let article =
            Article::from_markdown(&fs::read_to_string(file).unwrap()).unwrap_or_else(|found| panic!("{}: {found:#?}", file.display()));
        let name = format!("{}.{}.md", article.id, article.locale.as_str());
        assert_eq!(file.file_name().unwrap().to_str(), Some(name.as_str()), "a file is named after its article");
        article
    };
    files.iter().map(|file| read(file)).collect()
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| build(&articles(), &Both::shipped().unwrap(), None, 1).unwrap())
}

#[test]
fn every_article_stands_in_both_languages() {
    let mut by_id = BTreeMap::<String, Vec<Article>>::new();
    articles().into_iter().for_each(|article| by_id.entry(article.id.clone()).or_default().push(article));
    assert!(by_id.len() >= 60, "{}", by_id.len());
    for (id, articles) in &by_id {
        assert_eq!(articles.iter().map(|it| it.locale).collect::<Vec<_>>(), [Locale::En, Locale::Es], "{id}");
        assert_eq!(articles[0].links.len(), articles[1].links.len(), "{id}");
    }
    let rich = by_id.values().filter(|articles| articles.iter().all(|it| it.paraphrases.len() >= 3)).count();
    assert!(rich >= 20, "{rich}");
}

#[track_caller]
fn ask(message: &str, page: Locale) -> Decision {
    decide(index(), &Both::shipped().unwrap(), message, page).unwrap()
}

#[test]
fn visitors_find_their_answers() {
    let asked = [
        ("cuánto cuesta al mes por instructor?", Locale::Es, Locale::Es, "price"),
        ("what does it cost a month", Locale::Es, Locale::En, "price"),
        ("Can I import my excel with all my students?", Locale::En, Locale::En, "import-spreadsheet"),
        ("¿funciona sin internet en la playa?", Locale::En, Locale::Es, "offline"),
        ("i forgot my password and cannot log in", Locale::En, Locale::En, "forgot-password"),
        ("quiero dar de alta un instructor que llega el lunes", Locale::Es, Locale::Es, "add-instructor"),
    ];
    let mut answered = 0;
    for (message, page, locale, id) in asked {
        let decision = ask(message, page);
        let first = decision.sources.first().unwrap_or_else(|| panic!("{message}: {decision:?}"));
        assert_eq!((decision.locale, first.id.as_str(), first.locale), (locale, id, locale), "{message}: {decision:?}");
        answered += usize::from(decision.action == Action::Answer);
    }
    assert!(answered >= 4, "{answered} of {} are answered, the others asked back", asked.len());
}

#[test]
fn what_nobody_wrote_is_not_answered() {
    for message in [
        "what is the capital of Mongolia",
        "recomiéndame una receta de paella",
        "who won the world cup in 1994",
        "cuéntame un chiste de abogados",
    ] {
        let decision = ask(message, Locale::Es);
        assert_ne!(decision.action, Action::Answer, "{message}: {decision:?}");
    }
}

#[test]
fn of_the_long_article_the_part_is_named_that_answers() {
    let model = Both::shipped().unwrap();
    let entry = (0..index().len()).find(|entry| index().id(*entry) == "get-started-guide").unwrap();
    for (message, passage) in [
        ("minutes behind the reference port", 1),
        ("count wetsuits by size and boards by level", 4),
        ("paste the code and make a test booking", 5),
    ] {
        let found = retrieve(index(), &model, message).unwrap();
        for article in index().articles(entry) {
            assert_eq!(index().passage(article, &found.vector), passage, "{message} in {}", article.locale.as_str());
        }
    }
}

#[test]
fn asking_for_a_person_needs_no_article() {
    let decision = ask("quiero hablar con una persona", Locale::En);
    assert_eq!((decision.action, decision.reasons.as_slice()), (Action::Handoff, &[Reason::AskedForPerson][..]));
}

#[test]
fn the_blob_is_small_and_whole() {
    let blob = index().to_bytes();
    let checksum = orilla_knowledge::model::Embed::checksum(&Both::shipped().unwrap());
    assert_eq!(&Index::open(&blob, checksum).unwrap(), index());
    assert!(blob.len() < 1_000_000, "{} bytes do not fit one value of the key-value store", blob.len());
}
