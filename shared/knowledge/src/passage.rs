//! What of an article is shown as the answer: the whole of a short one, of a long one the part below one heading.

use crate::kb::{Article, Link, markdown};

/// The longest passage, in characters. Chosen: about what the encoder reads of a text, 128 pieces, and what a visitor reads in a small window.
pub const MAX_CHARS: usize = 700;
/// Passages of one article. Chosen: with it, an article's share of an index is bounded.
pub const MAX_PASSAGES: usize = 60;

/// A part of an article that answers by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passage {
    /// The headings that lead to it, the outermost first; none of a short article.
    pub headings: Vec<String>,
    /// Plain text.
    pub text: String,
    /// Where it links to.
    pub links: Vec<Link>,
}

impl Passage {
    /// What is searched: the headings and the text.
    #[must_use]
    pub fn searched(&self) -> String {
        let parts = self.headings.iter().chain([&self.text]);
        parts.map(String::as_str).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(". ")
    }
}

/// The passages of an article, in order; at least one.
///
/// An article that fits is one passage. A longer one is parted by its headings, and what is still too long by its paragraphs, lines and
/// sentences; short neighbours below one heading stay together.
#[must_use]
pub fn split(article: &Article) -> Vec<Passage> {
    let whole = markdown::plain(&article.answer);
    if fits(&whole.text) {
        return vec![Passage { headings: Vec::new(), text: whole.text, links: whole.links }];
    }
    let mut passages = Vec::new();
    for section in markdown::sections(&article.answer) {
        for text in parted(&section.text) {
            let links = section.links.iter().filter(|link| text.contains(&link.title)).cloned().collect();
            passages.push(Passage { headings: section.headings.clone(), text, links });
        }
    }
    passages.truncate(MAX_PASSAGES);
    passages
}

fn fits(text: &str) -> bool {
    text.chars().count() <= MAX_CHARS
}

/// Pieces of a text that fit, each as long as it can be.
fn parted(text: &str) -> Vec<String> {
    const MARKS: [&str; 4] = ["\n\n", "\n", ". ", " "];
    let mut pieces = vec![text.to_owned()];
    for mark in MARKS {
        pieces = pieces.into_iter().flat_map(|piece| if fits(&piece) { vec![piece] } else { joined(&piece, mark) }).collect();
    }
    // A word that is longer than a passage is cut.
    let cut = |piece: String| {
        if fits(&piece) { vec![piece] } else { piece.chars().collect::<Vec<_>>().chunks(MAX_CHARS).map(|it| it.iter().collect()).collect() }
    };
    pieces.into_iter().flat_map(cut).map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).collect()
}

/// The parts between marks, as many in a piece as fit.
fn joined(text: &str, mark: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut last_chars = 0;
    for part in text.split_inclusive(mark) {
        let chars = part.chars().count();
        match pieces.last_mut() {
            Some(last) if last_chars + chars <= MAX_CHARS => {
                last.push_str(part);
                last_chars += chars;
            }
            _ => {
                pieces.push(part.to_owned());
                last_chars = chars;
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use orilla_text::Locale;
    use proptest::prelude::*;

    use super::*;

    fn article(answer: &str) -> Article {
        Article {
            id: "a".to_owned(),
            locale: Locale::En,
            question: "Q?".to_owned(),
            paraphrases: Vec::new(),
            tags: Vec::new(),
            links: Vec::new(),
            answer: answer.to_owned(),
        }
    }

    #[test]
    fn a_short_article_is_one_passage() {
        let passages = split(&article("# Title\n\nOne [page](/x).\n\n## More\n\nTwo."));
        assert_eq!(passages.len(), 1);
        assert_eq!((passages[0].searched().as_str(), passages[0].links.len()), ("Title\n\nOne page.\n\nMore\n\nTwo.", 1));
    }

    #[test]
    fn a_long_one_is_parted_by_its_headings() {
        let long = "A sentence of some length. ".repeat(20);
        let passages =
            split(&article(&format!("{long}\n\n# Cards\n\n{long}[Card](/card)\n\n## Lost\n\nCall.\n\n# Cash\n\n{long}\n\n{long}")));
        let shown: Vec<_> = passages.iter().map(|it| (it.headings.join(" > "), it.text.len() > 300, it.links.len())).collect();
        let expect = [("", true, 0), ("Cards", true, 1), ("Cards > Lost", false, 0), ("Cash", true, 0), ("Cash", true, 0)];
        assert_eq!(shown, expect.map(|(headings, is_long, links)| (headings.to_owned(), is_long, links)));
        assert_eq!(passages[2].searched(), "Cards. Lost. Call.");
    }

    #[test]
    fn what_has_no_headings_is_parted_where_it_pauses() {
        let lines = (0..100).map(|at| format!("- item number {at}\n")).collect::<String>();
        let passages = split(&article(&format!("{lines}\n\n{}", "x".repeat(2_000))));
        assert!(passages.len() > 4 && passages.iter().all(|it| it.text.chars().count() <= MAX_CHARS));
        assert!(passages[0].text.ends_with(char::is_numeric) && passages[0].text.starts_with("• item number 0"));
    }

    proptest! {
        #[test]
        fn every_word_of_an_article_is_in_a_passage(words in prop::collection::vec("[a-zñé]{1,12}[.]?", 1..400), breaks in prop::collection::vec(0usize..400, 0..12)) {
            let mut words = words;
            breaks.iter().for_each(|at| if let Some(word) = words.get_mut(*at) { word.push_str("\n\n") });
            let answer = words.join(" ");
            let passages = split(&article(&answer));
            let of = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let found: Vec<_> = passages.iter().flat_map(|it| of(&it.text)).collect();
            prop_assert_eq!(found, of(&markdown::plain(&answer).text));
            prop_assert!(passages.iter().all(|it| it.text.chars().count() <= MAX_CHARS));
        }

        #[test]
        fn any_article_has_passages(answer in any::<String>()) {
            prop_assert!(split(&article(&answer)).len() <= MAX_PASSAGES);
        }
    }
}
