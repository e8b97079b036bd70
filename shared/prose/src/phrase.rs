//! What a text wants to be found by, and where it says it: word for word, or in other forms of its words.

use std::ops::Range;

use crate::{Language, function_words, sentences, stem, words};

/// How alike two words must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Forms {
    /// The same letters, whatever their case and accents.
    Exact,
    /// The same stem: plurals, genders and most conjugations.
    #[default]
    Stems,
}

/// A keyphrase and its synonyms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    language: Language,
    keyphrase: Variant,
    synonyms: Vec<Variant>,
}

/// One occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// From the first of its words to the last.
    pub range: Range<usize>,
    /// Whether the phrase stands there as it was given, its words side by side.
    pub is_exact: bool,
    /// Whether it is a synonym's.
    pub is_synonym: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Variant {
    /// All words, folded.
    all: Vec<String>,
    /// Those that matter.
    content: Vec<Target>,
    /// In quotation marks: nothing but the words as they stand.
    is_quoted: bool,
    has_content: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    word: String,
    folded: String,
    stem: String,
}

impl Phrase {
    /// Reads a keyphrase; in quotation marks it is to be found word for word.
    #[must_use]
    pub fn new(keyphrase: &str, synonyms: &[String], language: Language) -> Self {
        let synonyms = synonyms.iter().map(|synonym| Variant::new(synonym, language)).filter(|variant| !variant.all.is_empty()).collect();
        Self { language, keyphrase: Variant::new(keyphrase, language), synonyms }
    }

    /// The language its words are in.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The words that carry its meaning, as given, without repetitions; all of them where none does, or where it is quoted.
    pub fn content_words(&self) -> impl ExactSizeIterator<Item = &str> {
        self.keyphrase.content.iter().map(|target| &*target.word)
    }

    /// How many words it has, function words included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keyphrase.all.len()
    }

    /// Whether it has no word.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keyphrase.all.is_empty()
    }

    /// Whether none of its words carries meaning.
    #[must_use]
    pub fn is_function_words_only(&self) -> bool {
        !self.is_empty() && !self.keyphrase.has_content
    }

    /// Whether it was given in quotation marks.
    #[must_use]
    pub fn is_quoted(&self) -> bool {
        self.keyphrase.is_quoted
    }

    /// The occurrences of the keyphrase and its synonyms in a sentence, in order.
    ///
    /// A phrase occurs as often as the rarest of its words, wherever they stand in the sentence.
    #[must_use]
    pub fn in_sentence(&self, sentence: &str, forms: Forms) -> Vec<Match> {
        let tokens = tokens(sentence);
        let mut found = self.keyphrase.matches(&tokens, forms, self.language, false);
        for synonym in &self.synonyms {
            found.extend(synonym.matches(&tokens, forms, self.language, true));
        }
        found.sort_by_key(|found| (found.range.start, found.range.end));
        found
    }

    /// The occurrences of the keyphrase itself in a text, sentence by sentence.
    #[must_use]
    pub fn occurrences(&self, text: &str, forms: Forms) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for sentence in sentences::sentences(text, self.language) {
            let matches = self.keyphrase.matches(&tokens(&text[sentence.clone()]), forms, self.language, false);
            found.extend(matches.into_iter().map(|found| sentence.start + found.range.start..sentence.start + found.range.end));
        }
        found
    }

    /// Which of the content words stand in a text, in the order of `content_words`.
    #[must_use]
    pub fn found_words(&self, text: &str, forms: Forms) -> Vec<bool> {
        self.keyphrase.found(&tokens(text), forms, self.language)
    }

    /// The largest share of content words that the keyphrase, or one of its synonyms, has in a text; 0 to 1.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn coverage(&self, text: &str, forms: Forms) -> f64 {
        let tokens = tokens(text);
        std::iter::once(&self.keyphrase)
            .chain(&self.synonyms)
            .map(|variant| {
                let found = variant.found(&tokens, forms, self.language);
                let count = found.iter().filter(|is_found| **is_found).count();
                if found.is_empty() { 0.0 } else { count as f64 / found.len() as f64 }
            })
            .fold(0.0, f64::max)
    }
}

impl Variant {
    fn new(phrase: &str, language: Language) -> Self {
        let trimmed = phrase.trim();
        let is_quoted =
            trimmed.chars().count() > 2 && trimmed.starts_with(['"', '“', '«', '”', '„']) && trimmed.ends_with(['"', '”', '»', '“']);
        let given: Vec<&str> = words::words(trimmed).map(|range| &trimmed[range]).collect();
        let has_content = given.iter().any(|word| !function_words::is(word, language));
        let mut content: Vec<Target> = Vec::new();
        for word in &given {
            let folded = folded(word);
            if has_content && !is_quoted && function_words::is(word, language) || content.iter().any(|target| target.folded == folded) {
                continue;
            }
            content.push(Target { word: (*word).to_owned(), stem: stem::stem(word, language), folded });
        }
        Self { all: given.iter().map(|word| folded(word)).collect(), content, is_quoted, has_content }
    }

    fn matches(&self, tokens: &[Token<'_>], forms: Forms, language: Language, is_synonym: bool) -> Vec<Match> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let exact: Vec<Range<usize>> = self.side_by_side(tokens);
        if self.is_quoted {
            return exact.into_iter().map(|range| Match { range, is_exact: true, is_synonym }).collect();
        }
        let places: Vec<Vec<&Range<usize>>> = self
            .content
            .iter()
            .map(|target| tokens.iter().filter(|token| target.is(token, forms, language)).map(|token| &token.range).collect())
            .collect();
        let count = places.iter().map(Vec::len).min().unwrap_or(0);
        (0..count)
            .filter_map(|index| {
                let start = places.iter().filter_map(|place| place.get(index)).map(|range| range.start).min()?;
                let end = places.iter().filter_map(|place| place.get(index)).map(|range| range.end).max()?;
                let before = exact.partition_point(|range| range.start <= start);
                let is_exact = before.checked_sub(1).and_then(|last| exact.get(last)).is_some_and(|range| end <= range.end);
                Some(Match { range: start..end, is_exact, is_synonym })
            })
            .collect()
    }

    fn side_by_side(&self, tokens: &[Token<'_>]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(run) = tokens.get(at..at + self.all.len()) {
            if run.iter().zip(&self.all).all(|(token, word)| token.folded == *word) {
                found.push(run[0].range.start..run[run.len() - 1].range.end);
                at += self.all.len();
            } else {
                at += 1;
            }
        }
        found
    }

    fn found(&self, tokens: &[Token<'_>], forms: Forms, language: Language) -> Vec<bool> {
        if self.is_quoted {
            return vec![!self.side_by_side(tokens).is_empty(); self.content.len()];
        }
        self.content.iter().map(|target| tokens.iter().any(|token| target.is(token, forms, language))).collect()
    }
}

impl Target {
    fn is(&self, token: &Token<'_>, forms: Forms, language: Language) -> bool {
        if self.folded == token.folded {
            return true;
        }
        // Stems begin as their words do, so most words need none.
        forms == Forms::Stems
            && self.folded.chars().next() == token.folded.chars().next()
            && (self.stem == stem::stem(token.word, language) || self.stem == stem::stem(&token.folded, language))
    }
}

struct Token<'a> {
    range: Range<usize>,
    word: &'a str,
    folded: String,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    words::words(text).map(|range| Token { word: &text[range.clone()], folded: folded(&text[range.clone()]), range }).collect()
}

/// Folded, and without an English possessive.
fn folded(word: &str) -> String {
    let mut folded = stem::fold(word);
    if folded.ends_with("'s") {
        folded.truncate(folded.len() - 2);
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(keyphrase: &str) -> Phrase {
        Phrase::new(keyphrase, &[], Language::Spanish)
    }

    #[test]
    fn a_phrase_occurs_as_often_as_its_rarest_word() {
        let phrase = phrase("zapatos de piel");
        assert_eq!(phrase.content_words().collect::<Vec<_>>(), ["zapatos", "piel"]);
        assert_eq!(phrase.occurrences("Zapatos y zapatos de piel. La piel.", Forms::Exact).len(), 1);
        assert_eq!(phrase.occurrences("Un zapato de piel.", Forms::Exact).len(), 0);
        assert_eq!(phrase.occurrences("Un zapato de piel.", Forms::Stems).len(), 1);
        assert_eq!(phrase.occurrences("Piel, piel; zapatos, ZAPATOS.", Forms::Exact).len(), 2);
    }

    #[test]
    fn accents_do_not_matter_and_quotation_marks_do() {
        assert_eq!(phrase("gestion de leads").occurrences("La gestión de leads.", Forms::Exact).len(), 1);
        let quoted = phrase("«gestión de leads»");
        assert!(quoted.is_quoted());
        assert_eq!(quoted.occurrences("La gestión de los leads.", Forms::Stems).len(), 0);
        assert_eq!(quoted.occurrences("La gestión de leads.", Forms::Stems).len(), 1);
    }

    #[test]
    fn function_words_count_where_there_is_nothing_else() {
        let only = phrase("sobre nosotros");
        assert!(only.is_function_words_only());
        assert_eq!(only.content_words().len(), 2);
        assert!(!phrase("").is_function_words_only());
        assert!(phrase("").occurrences("Hola.", Forms::Stems).is_empty());
    }

    #[test]
    fn a_match_says_whether_it_is_exact_or_a_synonym() {
        let phrase = Phrase::new("leather shoes", &["boots".to_owned()], Language::English);
        let found = phrase.in_sentence("Leather shoes, a shoe of leather, and my boot's sole.", Forms::Stems);
        let facts: Vec<(bool, bool)> = found.iter().map(|found| (found.is_exact, found.is_synonym)).collect();
        assert_eq!(facts, [(true, false), (false, false), (false, true)]);
        assert!((phrase.coverage("shoes only", Forms::Exact) - 0.5).abs() < 1e-9);
        assert_eq!(phrase.found_words("shoes only", Forms::Exact), [false, true]);
    }
}
