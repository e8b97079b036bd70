//! Written texts: everything that points into what was sent does so, and nothing grows beyond it.

use content_score::asked::Asked;
use content_score::profile::Profile;
use content_score::score;
use content_score::sent::{self, Manner};
use orilla_prose::document::{Document, Format};
use orilla_prose::phrase::{Forms, Phrase};
use orilla_prose::{
    Language, Span, Text, complex, detect, diversity, formulas, passive, sentences, stem, structured, syllables, transitions, words,
};
use serde_json::{Map, Value as Json, json};

use crate::text;

/// A page, or a piece of one.
pub fn html(input: &[u8]) {
    read(&text(input), Format::Html);
}

/// Markdown.
pub fn markdown(input: &[u8]) {
    read(&text(input), Format::Markdown);
}

/// Plain text.
pub fn plain(input: &[u8]) {
    read(&text(input), Format::Plain);
}

fn read(input: &str, format: Format) {
    let document = orilla_prose::read(input, format);
    points(input, &document);
    let said: usize = document.blocks.iter().map(|block| block.text.len()).sum();
    // An entity of four letters may be two characters of three bytes.
    assert!(said <= 2 * input.len() + document.blocks.len(), "{said} bytes are read in {}", input.len());
    assert!(document.links.iter().map(|link| link.text.len()).sum::<usize>() <= 2 * input.len() + document.links.len());
    for finding in structured::check(&document) {
        lies(input, finding.span);
    }
    assert_eq!(orilla_prose::read(input, format), document);
}

fn lies(input: &str, span: Span) {
    assert!(input.get(span.range()).is_some(), "{span:?} is no part of {} bytes", input.len());
}

fn points(input: &str, document: &Document) {
    let check = |text: &Text| {
        lies(input, text.whole());
        let mut last = 0;
        for (range, span) in text.verbatim_stretches() {
            assert!(span.start >= last, "a text goes back");
            last = span.end;
            assert_eq!(&text.as_str()[range], &input[span.range()]);
        }
        text.as_str().char_indices().for_each(|(at, letter)| lies(input, text.span(at..at + letter.len_utf8())));
    };
    let mut last = 0;
    for block in &document.blocks {
        lies(input, block.span);
        check(&block.text);
        let whole = block.text.whole();
        assert!(!block.text.is_empty() && whole.start >= last, "blocks stand in order");
        last = whole.end;
        assert!(block.span.start <= whole.start && whole.end <= block.span.end);
        assert!(block.emphasis.iter().all(|range| block.text.as_str().get(range.clone()).is_some_and(|text| !text.is_empty())));
    }
    for link in &document.links {
        lies(input, link.span);
        let block = link.block.map(|number| &document.blocks[number]);
        assert!(block.is_none_or(|block| block.text.as_str().get(link.range.clone()).is_some()));
    }
    let spans = document.images.iter().map(|it| it.span).chain(document.controls.iter().map(|it| it.span));
    let head = document.head.meta.iter().map(|it| it.span).chain(document.head.links.iter().map(|it| it.span));
    spans.chain(head).chain(document.microdata.iter().map(|it| it.span)).for_each(|span| lies(input, span));
    document.json_ld.iter().chain(&document.head.title).for_each(check);
}

/// Words, sentences and what is read off them: the first line is a keyphrase.
pub fn prose(input: &[u8]) {
    let input = text(input);
    let (keyphrase, text) = input.split_once('\n').unwrap_or(("", &input));
    let mut last = 0;
    for range in words::words(text) {
        assert!(range.start >= last && range.end > range.start && text.get(range.clone()).is_some());
        last = range.end;
    }
    for language in [Language::Spanish, Language::English] {
        let (mut last, mut counted) = (0, 0);
        for range in sentences::sentences(text, language) {
            assert!(range.start >= last);
            last = range.end;
            let sentence = &text[range];
            counted += words::count(sentence);
            for part in [transitions::find(sentence, language), passive::find(sentence, language)].into_iter().flatten() {
                assert!(sentence.get(part).is_some_and(|part| !part.is_empty()));
            }
        }
        assert_eq!(counted, words::count(text), "every word is in one sentence");
        for range in words::words(text) {
            let word = &text[range];
            // A letter by itself and a figure are read aloud.
            assert!(syllables::count(word, language) <= 12 * word.len());
            let _ = (complex::is(word, language), stem::stem(word, language));
        }
        for form in [Forms::Exact, Forms::Stems] {
            let found = Phrase::new(keyphrase, &[], language).occurrences(text, form);
            assert!(found.into_iter().all(|range| text.get(range).is_some()));
        }
        let counts = formulas::counts(text, language);
        assert!([formulas::fernandez_huerta(counts), formulas::smog(counts), formulas::ari(counts)].into_iter().all(f64::is_finite));
        assert!(diversity::rhythm(text, language).is_none_or(|value| value >= 0.0));
    }
    let _ = (detect::block(text), diversity::mattr(text));
}

/// A text judged: the request as JSON, or else the text itself under a keyphrase on its first line.
pub fn content(input: &[u8]) {
    let sent: Map<String, Json> = serde_json::from_slice(input).unwrap_or_else(|_| {
        let input = text(input);
        let (keyphrase, content) = input.split_once('\n').unwrap_or(("", &input));
        let fields = json!({ "content": content, "keyphrase": keyphrase.trim(), "format": "html", "kind": "landing" });
        fields.as_object().cloned().unwrap_or_default()
    });
    for manner in [Manner::Score, Manner::Check, Manner::Page] {
        let Ok(sent) = sent::read(&sent, manner) else { continue };
        if manner == Manner::Score && !sent.is_remote {
            judged(&Asked { hears_meaning: false, ..sent.asked });
        }
    }
}

fn judged(asked: &Asked) {
    let profile = Profile::brief();
    let report = score::score(asked, &profile);
    assert!(report.score <= 100 && ('A'..='F').contains(&report.grade));
    for assessment in &report.assessments {
        assessment.spans.iter().for_each(|span| lies(&asked.content, *span));
    }
    assert_eq!(score::score(asked, &profile), report, "the same text has the same report");
    assert!(serde_json::to_string(&report).unwrap().len() <= 400_000 + 64 * asked.content.len());
}
