//! Passive voice: a form of "ser", or of "be" and "get", and a participle in the same clause. Spanish passives with "se" are none here.

use std::ops::Range;
use std::sync::LazyLock;

use crate::lists::{self, Set};
use crate::{Language, function_words, words};

/// The first passive of a sentence, from its auxiliary to its participle, as bytes of it.
#[must_use]
pub fn find(sentence: &str, language: Language) -> Option<Range<usize>> {
    let words: Vec<Word> =
        words::words(sentence).map(|range| Word { text: sentence[range.clone()].to_lowercase().replace('’', "'"), range }).collect();
    for (at, word) in words.iter().enumerate() {
        let is_auxiliary = match language {
            Language::Spanish => SPANISH_AUXILIARIES.contains(&&*word.text),
            Language::English => ENGLISH_AUXILIARIES.contains(&&*word.text) || contracted(&word.text),
        };
        if !is_auxiliary {
            continue;
        }
        // In a question the subject stands between: "Where is the data stored?"
        let asks = language == Language::English && at == 1 && matches!(&*words[0].text, "how" | "where" | "when" | "why");
        for behind in at + 1..words.len().min(at + 1 + REACH) {
            let before = &words[behind - 1];
            let between = &sentence[before.range.end..words[behind].range.start];
            if between.contains([',', ';', ':', '(', ')', '—', '–', '"', '“', '«']) || breaks(&words[behind].text, language) {
                break;
            }
            let is_noun = behind > at + 1 && leads_to_noun(&before.text, language);
            if !is_noun && is_participle(&words[behind].text, language) && agrees(&word.text, &words[behind].text, language) {
                return Some(word.range.start..words[behind].range.end);
            }
            if !goes_on(&words[behind].text, language) && !asks {
                break;
            }
        }
    }
    None
}

struct Word {
    text: String,
    range: Range<usize>,
}

/// How many words behind an auxiliary its participle may stand. Chosen: room for a subject and two adverbs.
const REACH: usize = 6;

const SPANISH_AUXILIARIES: [&str; 55] = [
    "ser",
    "soy",
    "eres",
    "sos",
    "es",
    "somos",
    "sois",
    "son",
    "era",
    "eras",
    "éramos",
    "erais",
    "eran",
    "fui",
    "fuiste",
    "fue",
    "fuimos",
    "fuisteis",
    "fueron",
    "seré",
    "serás",
    "será",
    "seremos",
    "seréis",
    "serán",
    "sería",
    "serías",
    "seríamos",
    "seríais",
    "serían",
    "sea",
    "seas",
    "seamos",
    "seáis",
    "sean",
    "fuera",
    "fueras",
    "fuéramos",
    "fuerais",
    "fueran",
    "fuese",
    "fueses",
    "fuésemos",
    "fueseis",
    "fuesen",
    "fuere",
    "fueres",
    "fueren",
    "sido",
    "siendo",
    "sed",
    "serse",
    "serle",
    "serlo",
    "serles",
];

const ENGLISH_AUXILIARIES: [&str; 23] = [
    "am", "is", "are", "was", "were", "be", "been", "being", "get", "gets", "got", "getting", "gotten", "isn't", "aren't", "wasn't",
    "weren't", "i'm", "you're", "we're", "they're", "ain't", "ive",
];

fn contracted(word: &str) -> bool {
    matches!(
        word,
        "he's"
            | "she's"
            | "it's"
            | "that's"
            | "there's"
            | "what's"
            | "who's"
            | "here's"
            | "where's"
            | "how's"
            | "everything's"
            | "which're"
    )
}

/// Words that begin another clause.
fn breaks(word: &str, language: Language) -> bool {
    match language {
        Language::Spanish => matches!(
            word,
            "que"
                | "porque"
                | "pero"
                | "aunque"
                | "si"
                | "cuando"
                | "mientras"
                | "donde"
                | "quien"
                | "quienes"
                | "cual"
                | "cuales"
                | "como"
                | "sino"
                | "es"
                | "son"
                | "era"
                | "fue"
                | "está"
                | "están"
                | "ha"
                | "han"
                | "había"
                | "habían"
                | "haber"
                | "pues"
        ),
        Language::English => matches!(
            word,
            "that"
                | "which"
                | "who"
                | "whom"
                | "because"
                | "but"
                | "although"
                | "though"
                | "if"
                | "when"
                | "while"
                | "where"
                | "whether"
                | "since"
                | "unless"
                | "until"
                | "and"
                | "or"
                | "than"
                | "as"
                | "what"
                | "how"
                | "why"
                | "whose"
                | "to"
                | "have"
                | "has"
                | "had"
        ),
    }
}

/// Words before a noun or an adjective: what follows them is no participle of the auxiliary's.
fn leads_to_noun(word: &str, language: Language) -> bool {
    match language {
        Language::Spanish => matches!(
            word,
            "el" | "la"
                | "los"
                | "las"
                | "un"
                | "una"
                | "unos"
                | "unas"
                | "lo"
                | "al"
                | "del"
                | "de"
                | "en"
                | "con"
                | "por"
                | "para"
                | "sin"
                | "a"
                | "mi"
                | "tu"
                | "su"
                | "sus"
                | "este"
                | "esta"
                | "ese"
                | "esa"
                | "muy"
                | "tan"
                | "demasiado"
                | "bastante"
                | "más"
                | "menos"
                | "otro"
                | "otra"
        ),
        Language::English => matches!(
            word,
            "a" | "an"
                | "the"
                | "my"
                | "your"
                | "his"
                | "her"
                | "its"
                | "our"
                | "their"
                | "this"
                | "that"
                | "these"
                | "those"
                | "of"
                | "in"
                | "on"
                | "with"
                | "for"
                | "from"
                | "at"
                | "by"
                | "no"
                | "any"
                | "some"
                | "very"
                | "too"
                | "having"
                | "what"
                | "every"
                | "each"
        ),
    }
}

/// Whether a clause's verb may still come behind a word: adverbs and pronouns, and a subject in a question.
fn goes_on(word: &str, language: Language) -> bool {
    function_words::is(word, language)
        || match language {
            Language::Spanish => word.ends_with("mente"),
            Language::English => word.ends_with("ly"),
        }
}

fn is_participle(word: &str, language: Language) -> bool {
    match language {
        Language::Spanish => {
            let Some(stem) = word.strip_suffix("as").or_else(|| word.strip_suffix("os")).or_else(|| word.strip_suffix(['a', 'o'])) else {
                return false;
            };
            let lists = &*SPANISH;
            if lists.irregular.contains(stem) {
                return true;
            }
            let is_regular = stem.ends_with("ad") || stem.ends_with("id") || stem.ends_with("íd");
            let has_other_accent =
                stem.chars().any(|letter| matches!(letter, 'á' | 'é' | 'ó' | 'ú')) || stem.trim_end_matches("íd").contains('í');
            is_regular && stem.len() > 3 && !has_other_accent && !lists.others.contains(stem)
        }
        Language::English => {
            let lists = &*ENGLISH;
            lists.irregular.contains(word) || word.ends_with("ed") && word.len() > 3 && !lists.others.contains(word)
        }
    }
}

/// Whether a participle has the number of its auxiliary; forms that have none agree with all.
fn agrees(auxiliary: &str, participle: &str, language: Language) -> bool {
    if language == Language::English {
        return true;
    }
    let is_plural = participle.ends_with('s');
    match auxiliary {
        "ser" | "sido" | "siendo" | "serse" | "serle" | "serlo" | "serles" => true,
        _ if auxiliary.ends_with('n') || auxiliary.ends_with("mos") || auxiliary.ends_with("is") => is_plural,
        _ => !is_plural,
    }
}

struct Participles {
    irregular: Set,
    others: Set,
}

static SPANISH: LazyLock<Participles> = LazyLock::new(|| {
    let text = include_str!("../words/es/participles.txt");
    Participles { irregular: lists::section(text, "irregular").collect(), others: lists::section(text, "adjectives").collect() }
});

static ENGLISH: LazyLock<Participles> = LazyLock::new(|| {
    let text = include_str!("../words/en/participles.txt");
    Participles { irregular: lists::section(text, "irregular").collect(), others: lists::section(text, "exceptions").collect() }
});

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sentence: &str, language: Language, expect: Option<&str>) {
        assert_eq!(find(sentence, language).map(|range| &sentence[range]), expect, "{sentence}");
    }

    #[test]
    fn spanish_passives_have_ser_and_a_participle_that_agrees() {
        check("El libro fue escrito por ella.", Language::Spanish, Some("fue escrito"));
        check("Las cartas han sido enviadas hoy.", Language::Spanish, Some("sido enviadas"));
        check("La casa no será nunca vendida.", Language::Spanish, Some("será nunca vendida"));
        check("La puerta está cerrada.", Language::Spanish, None);
        check("Se venden casas.", Language::Spanish, None);
        check("Es el resultado de años.", Language::Spanish, None);
        check("Este método es adecuado y válido.", Language::Spanish, None);
        check("Son casa cerrada.", Language::Spanish, None);
    }

    #[test]
    fn english_passives_have_be_or_get_and_a_participle() {
        check("He was seen by me.", Language::English, Some("was seen"));
        check("It's been quickly fixed.", Language::English, Some("It's been quickly fixed"));
        check("They got fired.", Language::English, Some("got fired"));
        check("Where is the data stored?", Language::English, Some("is the data stored"));
        check("How were the older bins used?", Language::English, Some("were the older bins used"));
        check("Where is the best surf?", Language::English, None);
        check("Prices are based on the season.", Language::English, None);
        check("This is the preferred way.", Language::English, None);
        check("I am a hundred years old.", Language::English, None);
        check("We need it indeed.", Language::English, None);
    }
}
