//! Readability formulas for Spanish and English, from counts, and the bands their authors read them by.

/// What the formulas are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counts {
    /// Words.
    pub words: usize,
    /// Sentences.
    pub sentences: usize,
    /// Syllables of all words.
    pub syllables: usize,
    /// Letters and digits of all words.
    pub letters: usize,
    /// Words of three syllables or more.
    pub long_words: usize,
}

impl Counts {
    fn syllables_per_word(self) -> f64 {
        ratio(self.syllables, self.words)
    }

    fn letters_per_word(self) -> f64 {
        ratio(self.letters, self.words)
    }

    fn words_per_sentence(self) -> f64 {
        ratio(self.words, self.sentences)
    }

    fn sentences_per_word(self) -> f64 {
        ratio(self.sentences, self.words)
    }

    fn is_empty(self) -> bool {
        self.words == 0 || self.sentences == 0
    }
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            words: self.words + other.words,
            sentences: self.sentences + other.sentences,
            syllables: self.syllables + other.syllables,
            letters: self.letters + other.letters,
            long_words: self.long_words + other.long_words,
        }
    }
}

/// Counts the words and sentences of a text.
#[must_use]
pub fn counts(text: &str, language: crate::Language) -> Counts {
    let mut counts = Counts { sentences: crate::sentences::sentences(text, language).len(), ..Counts::default() };
    for range in crate::words::words(text) {
        let word = &text[range];
        let syllables = crate::syllables::count(word, language);
        counts.words += 1;
        counts.syllables += syllables;
        counts.letters += word.chars().filter(|character| character.is_alphanumeric()).count();
        counts.long_words += usize::from(syllables >= 3);
    }
    counts
}

#[allow(clippy::cast_precision_loss)]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A formula's value, or zero where there is no word.
fn of(counts: Counts, value: impl FnOnce() -> f64) -> f64 {
    if counts.is_empty() { 0.0 } else { value() }
}

/// Lecturabilidad: the higher the easier.
///
/// Both traps are avoided: syllables are per hundred words, and the second term is words per sentence, not sentences per hundred words.
///
/// Source: Fernández Huerta 1959, as corrected by Gwillim Law 2011.
#[must_use]
pub fn fernandez_huerta(counts: Counts) -> f64 {
    of(counts, || 206.84 - 60.0 * counts.syllables_per_word() - 1.02 * counts.words_per_sentence())
}

/// Perspicuidad, the base of INFLESZ: the higher the easier.
///
/// Source: Szigriszt Pazos 1993.
#[must_use]
pub fn szigriszt_pazos(counts: Counts) -> f64 {
    of(counts, || 206.835 - 62.3 * counts.syllables_per_word() - counts.words_per_sentence())
}

/// Comprensibilidad, made for sixth grade: the higher the easier; needs no syllables.
///
/// Source: Gutiérrez de Polini 1972.
#[must_use]
pub fn gutierrez_polini(counts: Counts) -> f64 {
    of(counts, || 95.2 - 9.7 * counts.letters_per_word() - 0.35 * counts.words_per_sentence())
}

/// Years of school that a Spanish text asks for.
///
/// Source: Crawford 1984.
#[must_use]
pub fn crawford(counts: Counts) -> f64 {
    of(counts, || -0.205 * 100.0 * counts.sentences_per_word() + 0.049 * 100.0 * counts.syllables_per_word() - 3.407)
}

/// Reading ease: the higher the easier.
///
/// Source: Flesch 1948.
#[must_use]
pub fn flesch(counts: Counts) -> f64 {
    of(counts, || 206.835 - 1.015 * counts.words_per_sentence() - 84.6 * counts.syllables_per_word())
}

/// A school grade of the United States.
///
/// Source: Kincaid, Fishburne, Rogers & Chissom 1975.
#[must_use]
pub fn flesch_kincaid(counts: Counts) -> f64 {
    of(counts, || 0.39 * counts.words_per_sentence() + 11.8 * counts.syllables_per_word() - 15.59)
}

/// Years of school.
///
/// Source: Gunning 1952; long words are those of three syllables or more.
#[must_use]
pub fn gunning_fog(counts: Counts) -> f64 {
    of(counts, || 0.4 * (counts.words_per_sentence() + 100.0 * ratio(counts.long_words, counts.words)))
}

/// Years of school.
///
/// Source: McLaughlin 1969, the regression on the number of long words in thirty sentences.
#[must_use]
pub fn smog(counts: Counts) -> f64 {
    of(counts, || 1.043 * (30.0 * ratio(counts.long_words, counts.sentences)).sqrt() + 3.1291)
}

/// A school grade; needs no syllables.
///
/// Source: Coleman & Liau 1975, per hundred words.
#[must_use]
pub fn coleman_liau(counts: Counts) -> f64 {
    of(counts, || 0.0588 * 100.0 * counts.letters_per_word() - 0.296 * 100.0 * counts.sentences_per_word() - 15.8)
}

/// A school grade; needs no syllables.
///
/// Source: Senter & Smith 1967.
#[must_use]
pub fn ari(counts: Counts) -> f64 {
    of(counts, || 4.71 * counts.letters_per_word() + 0.5 * counts.words_per_sentence() - 21.43)
}

/// How hard a text is, from the easiest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Muy fácil.
    VeryEasy,
    /// Fácil; in INFLESZ, bastante fácil.
    Easy,
    /// Algo fácil.
    FairlyEasy,
    /// Normal.
    Normal,
    /// Algo difícil.
    FairlyHard,
    /// Difícil.
    Hard,
    /// Muy difícil.
    VeryHard,
}

impl Band {
    /// Of a value of `fernandez_huerta` or `flesch`.
    ///
    /// Source: Flesch 1948 and Fernández Huerta 1959 have the same seven.
    #[must_use]
    pub fn of_ease(value: f64) -> Self {
        match value {
            _ if value >= 90.0 => Self::VeryEasy,
            _ if value >= 80.0 => Self::Easy,
            _ if value >= 70.0 => Self::FairlyEasy,
            _ if value >= 60.0 => Self::Normal,
            _ if value >= 50.0 => Self::FairlyHard,
            _ if value >= 30.0 => Self::Hard,
            _ => Self::VeryHard,
        }
    }

    /// Of a value of `szigriszt_pazos`: five of them.
    ///
    /// Source: INFLESZ, Barrio-Cantalejo et al. 2008.
    #[must_use]
    pub fn inflesz(value: f64) -> Self {
        match value {
            _ if value > 80.0 => Self::VeryEasy,
            _ if value > 65.0 => Self::Easy,
            _ if value > 55.0 => Self::Normal,
            _ if value > 40.0 => Self::FairlyHard,
            _ => Self::VeryHard,
        }
    }

    /// Its name in Spanish.
    #[must_use]
    pub fn spanish(self) -> &'static str {
        match self {
            Self::VeryEasy => "muy fácil",
            Self::Easy => "fácil",
            Self::FairlyEasy => "algo fácil",
            Self::Normal => "normal",
            Self::FairlyHard => "algo difícil",
            Self::Hard => "difícil",
            Self::VeryHard => "muy difícil",
        }
    }

    /// Its name in English.
    #[must_use]
    pub fn english(self) -> &'static str {
        match self {
            Self::VeryEasy => "very easy",
            Self::Easy => "easy",
            Self::FairlyEasy => "fairly easy",
            Self::Normal => "standard",
            Self::FairlyHard => "fairly difficult",
            Self::Hard => "difficult",
            Self::VeryHard => "very difficult",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f64, expect: f64, tolerance: f64) {
        assert!((value - expect).abs() < tolerance, "{value} is not {expect}");
    }

    /// The opening of "Cien años de soledad" up to "había que señalarlas con el dedo" and on, as libraries test with it: 162 words, 6 sentences.
    const OPENING: Counts = Counts { words: 162, sentences: 6, syllables: 328, letters: 785, long_words: 0 };

    /// Quoted as a vector that libraries of readability test with too. Gabriel García Márquez, Cien años de soledad (1967), the first lines.
    const QUOTED: &str = include_str!("../tests/soledad.txt");

    #[test]
    fn a_known_opening_is_counted_by_the_rules_of_the_orthography() {
        let counted = counts(QUOTED.trim(), crate::Language::Spanish);
        assert_eq!((counted.words, counted.sentences, counted.syllables), (162, 6, 328));
        near(fernandez_huerta(counted), 57.8, 0.05);
        near(szigriszt_pazos(counted), 53.70, 0.01);
    }

    #[test]
    fn a_known_opening_has_its_known_values() {
        near(fernandez_huerta(OPENING), 57.8, 0.05);
        near(szigriszt_pazos(OPENING), 53.70, 0.01);
        // With a syllable counter that misses hiatuses (306) the band would be "normal".
        let missed = Counts { syllables: 306, ..OPENING };
        near(szigriszt_pazos(missed), 62.157, 0.01);
        assert_eq!(Band::inflesz(szigriszt_pazos(OPENING)), Band::FairlyHard);
        assert_eq!(Band::inflesz(szigriszt_pazos(missed)), Band::Normal);
        near(fernandez_huerta(missed), 65.967, 0.001);
        near(crawford(missed), 5.089, 0.001);
    }

    #[test]
    fn both_traps_of_fernandez_huerta_are_avoided() {
        let easy = Counts { words: 100, sentences: 10, syllables: 180, letters: 450, long_words: 8 };
        // Per hundred words: 0.60 × 180; words per sentence: 10, not 10 sentences.
        near(fernandez_huerta(easy), 206.84 - 0.60 * 180.0 - 1.02 * 10.0, 1e-9);
        let long = Counts { sentences: 4, ..easy };
        assert!(fernandez_huerta(long) < fernandez_huerta(easy), "longer sentences are harder");
    }

    /// textstat gives the same from the same counts, but for Coleman-Liau, where its coefficient of letters is rounded to 0.058.
    #[test]
    fn english_formulas_agree_with_their_definitions() {
        let counts = Counts { words: 372, sentences: 16, syllables: 548, letters: 1_747, long_words: 49 };
        near(flesch(counts), 58.61, 0.01);
        near(flesch_kincaid(counts), 10.86, 0.01);
        near(gunning_fog(counts), 14.57, 0.01);
        near(smog(counts), 13.13, 0.01);
        near(coleman_liau(counts), 10.54, 0.01);
        near(ari(counts), 12.31, 0.01);
    }

    #[test]
    fn nothing_has_no_value_and_bands_meet_at_their_edges() {
        for formula in
            [fernandez_huerta, szigriszt_pazos, gutierrez_polini, crawford, flesch, flesch_kincaid, gunning_fog, smog, coleman_liau, ari]
        {
            near(formula(Counts::default()), 0.0, 1e-9);
        }
        assert_eq!(Band::of_ease(90.0), Band::VeryEasy);
        assert_eq!(Band::of_ease(59.9), Band::FairlyHard);
        assert_eq!(Band::inflesz(40.0), Band::VeryHard);
        assert_eq!(Band::inflesz(55.1).spanish(), "normal");
    }
}
