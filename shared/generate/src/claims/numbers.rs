//! The numbers of a sentence, however they are written: `1.500`, `1,500`, `19,00 €`, `€19`, `thirty`, `9:30`.

use orilla_learn::words::Language;

use super::Word;

/// How many words around a number are near it. Chosen: "19 € por instructor y mes" has the last of them four words off.
const NEAR: usize = 5;

/// What a number counts, where that is money or a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// €.
    Euro,
    /// $.
    Dollar,
    /// £.
    Pound,
    /// %.
    Percent,
}

/// A number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// In digits, a point before decimals.
    pub value: String,
    /// Its unit.
    pub unit: Option<Unit>,
    /// The stem of the content word right after it, which it counts.
    pub counts: Option<String>,
    /// The stems of the content words around it.
    pub near: Vec<String>,
    /// Written as a word that is an article as well: "un", "one".
    pub is_article: bool,
    /// Where it begins in the text, in bytes.
    pub at: usize,
}

impl Number {
    /// Whether another one is as large, and of the same unit if this one has any.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.value == other.value && (self.unit.is_none() || self.unit == other.unit)
    }
}

/// All of them, in order.
pub(super) fn numbers(text: &str, words: &[Word], language: Language) -> Vec<Number> {
    let in_words = words.iter().filter_map(|word| {
        let value = in_digits(&word.folded, language)?;
        Some(Number { is_article: value == "1", ..number(text, words, word.at..word.at + length(text, word.at), value.to_owned()) })
    });
    spans(text).map(|span| number(text, words, span.clone(), canonical(&text[span]))).chain(in_words).collect()
}

fn length(text: &str, at: usize) -> usize {
    text[at..].find(|c| !orilla_learn::words::is_word(c)).unwrap_or(text.len() - at)
}

fn number(text: &str, words: &[Word], span: std::ops::Range<usize>, value: String) -> Number {
    let after = words.partition_point(|word| word.at < span.end);
    let before = words.partition_point(|word| word.at < span.start);
    let around = words.iter().take(after + NEAR).skip(before.saturating_sub(NEAR));
    let unit = unit(text, &span, words.get(after));
    Number {
        value,
        unit,
        counts: words.get(after).and_then(|word| word.stem.clone()).filter(|_| unit.is_none()),
        near: around.filter_map(|word| word.stem.clone()).collect(),
        is_article: false,
        at: span.start,
    }
}

/// Where digits stand, with points, commas and colons between them.
fn spans(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && !bytes[at].is_ascii_digit() {
            at += 1;
        }
        let start = at;
        while at < bytes.len() {
            let joins = matches!(bytes[at], b'.' | b',' | b':') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
            if !bytes[at].is_ascii_digit() && !joins {
                break;
            }
            at += 1;
        }
        (start < at).then_some(start..at)
    })
}

/// One spelling of each number: thousands are not parted, decimals have a point and no zeros at their end, hours no `:00`.
fn canonical(digits: &str) -> String {
    let digits = digits.strip_suffix(":00").unwrap_or(digits);
    let parts: Vec<&str> = digits.split(['.', ',']).collect();
    let (whole, decimals) = match parts.as_slice() {
        [_] => (digits.to_owned(), ""),
        [first, rest @ ..] if first.len() <= 3 && rest.iter().all(|part| part.len() == 3) => (parts.concat(), ""),
        [whole @ .., last] => (whole.concat(), *last),
        [] => (String::new(), ""),
    };
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() || whole.starts_with(':') { format!("0{whole}") } else { whole.to_owned() };
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() { whole } else { format!("{whole}.{decimals}") }
}

fn unit(text: &str, span: &std::ops::Range<usize>, next: Option<&Word>) -> Option<Unit> {
    let sign = |c: Option<char>| match c? {
        '€' => Some(Unit::Euro),
        '$' => Some(Unit::Dollar),
        '£' => Some(Unit::Pound),
        '%' => Some(Unit::Percent),
        _ => None,
    };
    let before = text[..span.start].trim_end().chars().next_back().filter(|c| *c != '%');
    let rest = text[span.end..].trim_start();
    let is_adjacent = next.is_some_and(|next| text.get(span.end..next.at).is_some_and(|between| between.trim().is_empty()));
    sign(rest.chars().next()).or_else(|| sign(before)).or_else(|| word_unit(&next.filter(|_| is_adjacent)?.folded, rest))
}

fn word_unit(folded: &str, rest: &str) -> Option<Unit> {
    match folded {
        "euro" | "euros" | "eur" => Some(Unit::Euro),
        "dolar" | "dolares" | "dollar" | "dollars" | "usd" => Some(Unit::Dollar),
        "libra" | "libras" | "pound" | "pounds" | "gbp" => Some(Unit::Pound),
        "percent" => Some(Unit::Percent),
        "por" if rest.starts_with("por ciento") => Some(Unit::Percent),
        "per" if rest.starts_with("per cent") => Some(Unit::Percent),
        _ => None,
    }
}

/// Whether a folded word is part of a number: its digits or its unit.
pub(super) fn is_part(folded: &str, language: Language) -> bool {
    in_digits(folded, language).is_some() || word_unit(folded, "").is_some()
}

/// Source: how both languages count; what is composed of two words is two numbers on both sides.
#[rustfmt::skip]
fn in_digits(folded: &str, language: Language) -> Option<&'static str> {
    let spanish = [
        ("cero", "0"), ("un", "1"), ("una", "1"), ("uno", "1"), ("dos", "2"), ("tres", "3"), ("cuatro", "4"), ("cinco", "5"), ("seis", "6"), ("siete", "7"), ("ocho", "8"),
        ("nueve", "9"), ("diez", "10"), ("once", "11"), ("doce", "12"), ("trece", "13"), ("catorce", "14"), ("quince", "15"), ("veinte", "20"), ("veinticuatro", "24"),
        ("treinta", "30"), ("cuarenta", "40"), ("cincuenta", "50"), ("sesenta", "60"), ("setenta", "70"), ("ochenta", "80"), ("noventa", "90"), ("cien", "100"), ("mil", "1000"),
    ];
    let english = [
        ("zero", "0"), ("one", "1"), ("two", "2"), ("three", "3"), ("four", "4"), ("five", "5"), ("six", "6"), ("seven", "7"), ("eight", "8"), ("nine", "9"), ("ten", "10"),
        ("eleven", "11"), ("twelve", "12"), ("thirteen", "13"), ("fourteen", "14"), ("fifteen", "15"), ("twenty", "20"), ("thirty", "30"), ("forty", "40"), ("fifty", "50"),
        ("sixty", "60"), ("seventy", "70"), ("eighty", "80"), ("ninety", "90"), ("hundred", "100"), ("thousand", "1000"), ("a", "1"), ("an", "1"),
    ];
    let table = if language == Language::Spanish { &spanish[..] } else { &english[..] };
    table.iter().find(|(word, _)| *word == folded).map(|(_, digits)| *digits)
}

#[cfg(test)]
mod tests {
    use super::super::Claims;
    use super::*;

    #[track_caller]
    fn check(text: &str, language: Language, expect: &[(&str, Option<Unit>, Option<&str>)]) {
        let found = Claims::read(text, language).numbers;
        let found: Vec<_> = found.iter().filter(|it| !it.is_article).map(|it| (it.value.as_str(), it.unit, it.counts.as_deref())).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn reads_every_spelling() {
        use Language::{English, Spanish};
        check("Cuesta 19 € por instructor", Spanish, &[("19", Some(Unit::Euro), None)]);
        check("It costs €19.00, or $1,500.50 a year", English, &[("19", Some(Unit::Euro), None), ("1500.5", Some(Unit::Dollar), None)]);
        check(
            "1.500 alumnos, el 15 % o 15 por ciento",
            Spanish,
            &[("1500", None, Some("alumn")), ("15", Some(Unit::Percent), None), ("15", Some(Unit::Percent), None)],
        );
        check("thirty days, from 09:00 to 9:30", English, &[("9", None, None), ("9:30", None, None), ("30", None, Some("day"))]);
        check("once euros en un mes", Spanish, &[("11", Some(Unit::Euro), None)]);
        check("once a year", English, &[]);
        check("0,5 y 00:30", Spanish, &[("0.5", None, None), ("0:30", None, None)]);
    }

    #[test]
    fn knows_what_stands_near() {
        let number = &Claims::read("The 30 days for returns begin on delivery of the order", Language::English).numbers[0];
        assert_eq!(number.near, ["day", "return", "begin"]);
    }
}
