use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::kb::Article;
use crate::model::Embed;
use crate::model::testing::Words;

fn article(id: &str, locale: Locale, question: &str, paraphrases: &[&str], answer: &str) -> Article {
    Article::from_json(&json!({"id": id, "locale": locale, "question": question, "paraphrases": paraphrases, "answer": answer})).unwrap()
}

fn three() -> Vec<Article> {
    vec![
        article("price", Locale::Es, "¿Cuánto cuesta la tienda?", &["precio de la tienda", "tienda barata"], "Cien euros."),
        article("price", Locale::En, "How much does the tent cost?", &[], "One hundred euros."),
        article("return", Locale::En, "How do I return an order?", &["send something back"], &"Put the order into its box. ".repeat(60)),
    ]
}

fn vector(text: &str) -> Int8 {
    Int8::new(&Words(1).embed(&[text]).unwrap()).unwrap()
}

#[test]
fn a_blob_gives_back_the_index() {
    let index = build(&three(), &Words(1), None, 7).unwrap();
    assert_eq!((index.len(), index.id(0), index.id(1), index.id(2), index.kb_version()), (2, "price", "return", "", 7));
    let articles: Vec<_> = index.articles(0).iter().map(|it| (it.locale, it.passages.len())).collect();
    assert_eq!(articles, [(Locale::Es, 0), (Locale::En, 0)]);
    assert!(index.articles(1)[0].passages.len() > 1 && index.articles(2).is_empty());
    assert_eq!(Index::open(&index.to_bytes(), Words(1).checksum()), Ok(index));
}

#[test]
fn a_blob_of_another_model_or_version_is_to_be_made_again() {
    let blob = build(&three(), &Words(1), None, 7).unwrap().to_bytes();
    assert_eq!(Index::open(&blob, Words(2).checksum()), Err(Refusal::Model));
    let mut newer = blob.clone();
    newer[4] += 1;
    assert_eq!(Index::open(&newer, Words(1).checksum()), Err(Refusal::Version));
    for damaged in [&b""[..], b"ORKB", b"no index at all", &blob[..blob.len() - 1], &[&blob[..], &[0]].concat()] {
        assert_eq!(Index::open(damaged, Words(1).checksum()), Err(Refusal::Damaged));
    }
}

#[test]
fn likeness_is_of_meaning_and_of_words() {
    let index = build(&three(), &Words(1), None, 7).unwrap();
    let found = index.likenesses(&vector("precio de la tienda"), "precio de la tienda");
    assert!(found[0].cosine > found[1].cosine && found[0].share > 0.3 && found[1].share == 0.0, "{found:?}");
    let found = index.likenesses(&vector("return an order"), "returning orders");
    assert!(found[1].cosine > found[0].cosine && found[1].share > 0.3, "{found:?}");
}

#[test]
fn the_later_of_two_articles_counts() {
    let mut articles = three();
    articles.push(article("price", Locale::En, "Is it dear?", &[], "No."));
    let index = build(&articles, &Words(1), None, 1).unwrap();
    assert_eq!((index.len(), index.articles(0).len()), (2, 2));
    assert!(index.likenesses(&vector("dear"), "dear")[0].share > 0.5);
}

/// Counts what it is asked to encode.
struct Counting(std::cell::Cell<usize>);

impl Embed for Counting {
    fn dimensions(&self) -> usize {
        Words(1).dimensions()
    }

    fn checksum(&self) -> Checksum {
        Words(1).checksum()
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, orilla_infer::Error> {
        self.0.set(self.0.get() + texts.len());
        Words(1).embed(texts)
    }
}

#[test]
fn only_what_is_new_is_encoded() {
    let model = Counting(0.into());
    let old = build(&three(), &model, None, 1).unwrap();
    let all = model.0.replace(0);
    assert!(all > 10, "{all}");
    let same = build(&three(), &model, Some(&old), 1).unwrap();
    assert_eq!((model.0.replace(0), same == old), (0, true));
    let mut articles = three();
    articles[0].paraphrases.push("qué vale".to_owned());
    build(&articles, &model, Some(&old), 2).unwrap();
    assert_eq!(model.0.replace(0), 1);
    build(&three(), &Words(2), Some(&old), 1).unwrap();
}

#[test]
fn its_own_questions_are_tried() {
    let words = ["alfa", "bravo", "carbon", "delta", "echo", "foxtrot", "golf", "hotel", "india", "julieta", "kilo", "lima"];
    let articles: Vec<_> = words
        .iter()
        .map(|it| article(it, Locale::Es, &format!("¿Dónde queda {it}?"), &[&format!("sitio {it}")], &format!("El {it} queda aquí.")))
        .collect();
    let Quality { asked, first, .. } = build(&articles, &Words(1), None, 1).unwrap().calibration().quality;
    assert_eq!((asked, first), (24, 24));
}

proptest! {
    #[test]
    fn an_index_made_from_an_older_one_is_the_same(old in "[a-d ]{0,12}", new in "[a-d ]{0,12}", paraphrases in prop::collection::btree_set("[e-h]{3,5}", 0..4)) {
        let of = |text: &str| {
            let paraphrases: Vec<&str> = paraphrases.iter().map(String::as_str).collect();
            vec![article("x", Locale::Es, "Una pregunta", &paraphrases, &format!("Sí. {text}")), article("y", Locale::En, &format!("Why {text}"), &[], "So.")]
        };
        let older = build(&of(&old), &Words(1), None, 1).unwrap();
        prop_assert_eq!(build(&of(&new), &Words(1), Some(&older), 2).unwrap(), build(&of(&new), &Words(1), None, 2).unwrap());
    }

    #[test]
    fn any_bytes_are_opened_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut damaged = build(&three(), &Words(1), None, 7).unwrap().to_bytes();
        _ = Index::open(&bytes, Words(1).checksum());
        let at = at.index(damaged.len());
        damaged[at] = value;
        if let Ok(index) = Index::open(&damaged, Words(1).checksum()) {
            let found = index.likenesses(&vector("return"), "return la tienda");
            prop_assert_eq!(found.len(), index.len());
        }
    }
}

#[test]
fn an_index_grows_from_call_to_call_into_the_whole_one() {
    let whole = build(&three(), &Words(1), None, 3).unwrap();
    let mut older: Option<Index> = None;
    let mut missing = vec![3];
    while *missing.last().unwrap() > 0 {
        let built = build_some(&three(), &Words(1), older.as_ref(), 3, 4).unwrap();
        assert_eq!(built.index.articles.len() + built.missing, 3);
        missing.push(built.missing);
        older = Some(built.index);
        assert!(missing.is_sorted_by(|a, b| a > b), "each call adds something: {missing:?}");
    }
    assert!(missing.len() > 2 && older == Some(whole), "{missing:?}");
}
