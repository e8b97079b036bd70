//! A text made ready to be judged: read once, split once, each block in its own language. What judges it only looks.

use std::ops::Range;

use orilla_prose::document::{Block, Document, Kind};
use orilla_prose::language::Language;
use orilla_prose::{Span, Text, read, sentences, words};
use orilla_text::Locale;

use crate::asked::Asked;
use crate::profile::Profile;
use crate::report::Languages;

mod address;
mod tongue;
mod topic;

pub use address::Leads;
pub use topic::{Topic, Use};

/// A text made ready.
#[derive(Debug)]
pub struct Page<'a> {
    /// What was asked.
    pub asked: &'a Asked,
    /// What it is held against.
    pub profile: &'a Profile,
    /// As read.
    pub document: Document,
    /// One for each block of the document, by the same number.
    pub passages: Vec<Passage>,
    /// What most of it is written in; none where that is neither Spanish nor English.
    pub language: Option<Language>,
    /// The same in the report's words.
    pub languages: Languages,
    /// What a list of results shows: as asked for, else the head's.
    pub title: Option<Text>,
    /// As `title`.
    pub description: Option<Text>,
    /// Where each link of the document leads, by the same number.
    pub leads: Vec<Leads>,
    /// What it wants to be found by.
    pub topic: Option<Topic>,
    /// Where the keyphrase is used, in reading order.
    pub uses: Vec<Use>,
    /// How many words count.
    pub words: usize,
}

/// One block's words and sentences, as ranges of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// None where it is neither Spanish nor English.
    pub language: Option<Language>,
    /// In order.
    pub words: Vec<Range<usize>>,
    /// In order; none in a language that is not known.
    pub sentences: Vec<Sentence>,
    /// Whether it is of the text proper, by the profile.
    pub counts: bool,
}

/// One sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Of the block's text.
    pub range: Range<usize>,
    /// Of the passage's words.
    pub words: Range<usize>,
}

/// A sentence with what it stands in.
#[derive(Debug, Clone, Copy)]
pub struct Said<'p> {
    /// The block's number.
    pub number: usize,
    /// The block.
    pub block: &'p Block,
    /// The block's words and sentences.
    pub passage: &'p Passage,
    /// The sentence.
    pub sentence: &'p Sentence,
    /// What it is written in.
    pub language: Language,
}

impl<'p> Said<'p> {
    /// As read.
    #[must_use]
    pub fn text(&self) -> &'p str {
        self.block.text.as_str().get(self.sentence.range.clone()).unwrap_or_default()
    }

    /// How many words.
    #[must_use]
    pub fn length(&self) -> usize {
        self.sentence.words.len()
    }

    /// Its words.
    pub fn words(&self) -> impl Iterator<Item = &'p str> + use<'p> {
        let text = self.block.text.as_str();
        let words = self.passage.words.get(self.sentence.words.clone()).unwrap_or_default();
        words.iter().map(|word| text.get(word.clone()).unwrap_or_default())
    }

    /// Where it stands in the input.
    #[must_use]
    pub fn span(&self) -> Span {
        self.block.text.span(self.sentence.range.clone())
    }
}

impl<'a> Page<'a> {
    /// Reads a text.
    #[must_use]
    pub fn read(asked: &'a Asked, profile: &'a Profile) -> Self {
        let document = read::read(&asked.content, asked.format);
        let told = tongue::tell(&document, asked, profile);
        let passages: Vec<_> =
            document.blocks.iter().zip(&told.blocks).map(|(block, language)| Passage::of(block, *language, profile)).collect();
        let words = passages.iter().filter(|passage| passage.counts).map(|passage| passage.words.len()).sum();
        let title = stated(asked.title.as_deref()).or_else(|| document.head.title.clone().filter(|title| !is_blank(title.as_str())));
        let description = stated(asked.meta_description.as_deref()).or_else(|| address::meta(&document, &asked.content, "description"));
        let leads = address::leads(&document, asked.url.as_ref());
        let topic = asked
            .keyphrase
            .as_deref()
            .and_then(|keyphrase| Topic::new(keyphrase, &asked.synonyms, told.main.unwrap_or(Language::English), profile.matching));
        let uses = topic.as_ref().map(|topic| topic.uses(&document, &passages)).unwrap_or_default();
        Self {
            asked,
            profile,
            document,
            passages,
            language: told.main,
            languages: told.languages,
            title,
            description,
            leads,
            topic,
            uses,
            words,
        }
    }

    /// The blocks that count, with their numbers.
    pub fn prose(&self) -> impl Iterator<Item = (usize, &Block, &Passage)> {
        let both = self.document.blocks.iter().zip(&self.passages).enumerate();
        both.filter(|(_, (_, passage))| passage.counts).map(|(number, (block, passage))| (number, block, passage))
    }

    /// The sentences of the blocks that count, in a language that is known.
    pub fn sentences(&self) -> impl Iterator<Item = Said<'_>> {
        self.prose().flat_map(|(number, block, passage)| {
            let language = passage.language;
            passage
                .sentences
                .iter()
                .filter_map(move |sentence| language.map(|language| Said { number, block, passage, sentence, language }))
        })
    }

    /// Headings of the text, with their numbers and levels.
    pub fn headings(&self) -> impl Iterator<Item = (usize, u8, &Block)> {
        self.prose().filter_map(|(number, block, _)| match block.kind {
            Kind::Heading(level) => Some((number, level, block)),
            _ => None,
        })
    }

    /// What is read on the whole page, headings and all, block by block.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.words == 0
    }

    /// Whether the document is a page with a head, not a piece of one.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let is_html = self.asked.format == orilla_prose::document::Format::Html;
        // Its first bytes say so; a `meta` alone may stand in a piece as well.
        let begin: String = self.asked.content.trim_start().chars().take(200).collect::<String>().to_ascii_lowercase();
        is_html && ["<!doctype", "<html", "<head", "<body"].iter().any(|tag| begin.contains(tag))
    }
}

impl Passage {
    fn of(block: &Block, language: Option<Language>, profile: &Profile) -> Self {
        let text = block.text.as_str();
        let counts = match block.kind {
            Kind::Code => false,
            Kind::Quote => profile.counts_quotes,
            Kind::Chrome => profile.counts_chrome,
            _ => true,
        };
        let words: Vec<_> = words::words(text).collect();
        let mut sentences = Vec::new();
        if let (Some(language), true) = (language, counts) {
            let mut first = 0;
            for range in sentences::sentences(text, language) {
                let from = first + words.get(first..).unwrap_or_default().partition_point(|word| word.start < range.start);
                let to = from + words.get(from..).unwrap_or_default().partition_point(|word| word.start < range.end);
                first = to;
                if to > from {
                    sentences.push(Sentence { range, words: from..to });
                }
            }
        }
        Self { language, words, sentences, counts }
    }
}

/// The locale of a language.
#[must_use]
pub fn locale(language: Language) -> Locale {
    match language {
        Language::Spanish => Locale::Es,
        Language::English => Locale::En,
    }
}

/// Text that stands outside the input: it has no place there.
fn stated(text: Option<&str>) -> Option<Text> {
    let text = text?.trim();
    if is_blank(text) {
        return None;
    }
    let mut stated = Text::default();
    stated.push(text, Span::default());
    Some(stated)
}

/// Whether nothing of it is seen.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|character| character.is_whitespace() || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'))
}
