//! What is not read letter by letter as it is written: numbers, signs, and initials that are spelt.

use crate::{Language, function_words};

/// Syllables of a number as it is read; groups of three behind a separator are thousands, what else is behind one are decimals.
pub(super) fn number(text: &str, language: Language) -> usize {
    let mut digits = String::with_capacity(text.len());
    let mut decimals = None;
    for (index, group) in text.split(['.', ',']).enumerate() {
        if index == 0 || group.len() == 3 && decimals.is_none() {
            digits.push_str(group);
        } else {
            decimals = Some(group);
        }
    }
    let point = match language {
        Language::Spanish => 2,
        Language::English => 1,
    };
    let fraction = decimals.map_or(0, |group| point + whole(group, language));
    whole(&digits, language) + fraction
}

fn whole(digits: &str, language: Language) -> usize {
    // A long number, or one that begins with zeros, is read digit by digit: a telephone number, a code.
    let is_code = digits.len() > 9 || digits.len() > 1 && digits.starts_with('0');
    match digits.parse::<u32>() {
        Ok(value) if !is_code => match language {
            Language::Spanish => spanish(value),
            Language::English => english(value),
        },
        _ => digits.bytes().map(|digit| whole_digit(digit, language)).sum(),
    }
}

fn whole_digit(digit: u8, language: Language) -> usize {
    let index = usize::from(digit.saturating_sub(b'0'));
    let table: &[u8] = match language {
        Language::Spanish => &SPANISH_SMALL,
        Language::English => &ENGLISH_SMALL,
    };
    usize::from(table.get(index).copied().unwrap_or(1))
}

/// Syllables of cero … veintinueve.
const SPANISH_SMALL: [u8; 30] = [2, 2, 1, 1, 2, 2, 1, 2, 2, 2, 1, 2, 2, 2, 3, 2, 3, 4, 3, 4, 2, 3, 3, 3, 4, 4, 3, 4, 3, 4];
/// Syllables of doscientos … novecientos.
const SPANISH_HUNDREDS: [u8; 8] = [3, 3, 4, 3, 3, 4, 4, 4];
/// Syllables of zero … nineteen.
const ENGLISH_SMALL: [u8; 20] = [2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2];

fn spanish(value: u32) -> usize {
    match value {
        0..30 => usize::from(SPANISH_SMALL[value as usize]),
        // Treinta has two syllables, the other tens three; "y" is one.
        30..100 => (if value < 40 { 2 } else { 3 }) + if value.is_multiple_of(10) { 0 } else { 1 + spanish(value % 10) },
        100 => 1,
        101..200 => 2 + spanish(value % 100),
        200..1_000 => usize::from(SPANISH_HUNDREDS[value as usize / 100 - 2]) + rest(value % 100, spanish),
        1_000..1_000_000 => (if value < 2_000 { 0 } else { spanish(value / 1_000) }) + 1 + rest(value % 1_000, spanish),
        1_000_000..2_000_000 => 3 + rest(value % 1_000_000, spanish),
        _ => spanish(value / 1_000_000) + 3 + rest(value % 1_000_000, spanish),
    }
}

fn english(value: u32) -> usize {
    match value {
        0..20 => usize::from(ENGLISH_SMALL[value as usize]),
        20..100 => (if value / 10 == 7 { 3 } else { 2 }) + rest(value % 10, english),
        100..1_000 => english(value / 100) + 2 + rest(value % 100, english),
        // Years are read in pairs.
        1_100..2_000 if value % 100 >= 10 => english(value / 100) + english(value % 100),
        1_000..1_000_000 => english(value / 1_000) + 2 + rest(value % 1_000, english),
        _ => english(value / 1_000_000) + 2 + rest(value % 1_000_000, english),
    }
}

fn rest(value: u32, read: fn(u32) -> usize) -> usize {
    if value == 0 { 0 } else { read(value) }
}

/// Syllables of a sign's name.
pub(super) fn sign(sign: char, language: Language) -> usize {
    match (sign, language) {
        ('%', Language::Spanish) | ('$', Language::Spanish) => 3,
        ('€' | '%' | '$', _) => 2,
        ('£', Language::Spanish) => 2,
        ('@', Language::Spanish) => 3,
        ('£' | '&' | '@', _) => 1,
        _ => 0,
    }
}

/// Whether letters are spelt: they have no vowel, or are capitals that nobody could read as a word.
pub(super) fn is_spelt(letters: &str, language: Language) -> bool {
    let length = letters.chars().count();
    if !(2..=6).contains(&length) || !letters.is_ascii() {
        return false;
    }
    if !letters.bytes().any(is_vowel) {
        return letters.bytes().all(|letter| letter.is_ascii_alphabetic());
    }
    if !letters.bytes().all(|letter| letter.is_ascii_uppercase()) || function_words::is(letters, language) {
        return false;
    }
    // Two capitals are initials, unless they are a word of the language; so is a longer one that begins or ends as no word does.
    length == 2 || !can_begin(letters) || !can_end(letters)
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

fn can_begin(letters: &str) -> bool {
    let onset: String = letters.bytes().take_while(|letter| !is_vowel(*letter)).map(|letter| letter.to_ascii_lowercase() as char).collect();
    match onset.len() {
        0 | 1 => true,
        2 => onset.ends_with(['l', 'r', 'h', 'w']) || onset.starts_with('s') || onset == "qu",
        _ => onset.starts_with('s') && onset.ends_with(['l', 'r', 'h']),
    }
}

fn can_end(letters: &str) -> bool {
    let coda: Vec<u8> = letters.bytes().rev().take_while(|letter| !is_vowel(*letter)).map(|letter| letter.to_ascii_lowercase()).collect();
    match *coda {
        [] => true,
        [last] => !matches!(last, b'q' | b'v' | b'h'),
        [last, before] => matches!(last, b's' | b't' | b'k' | b'd') && !matches!(before, b't' | b'd' | b'g' | b'b' | b'v' | b'm' | b'j'),
        _ => false,
    }
}

/// Syllables of letters by their names.
pub(super) fn spelt(letters: &str, language: Language) -> usize {
    if let Some(read) = in_full(letters, language) {
        return read;
    }
    letters
        .bytes()
        .map(|letter| match (letter.to_ascii_lowercase(), language) {
            // Efe, hache, jota, ele, eme, ene, erre, ese, uve, equis, zeta; i griega; uve doble.
            (b'f' | b'h' | b'j' | b'l' | b'm' | b'n' | b'r' | b's' | b'v' | b'x' | b'z', Language::Spanish) => 2,
            (b'w', Language::Spanish) => 4,
            (b'w', Language::English) => 3,
            _ => 1,
        })
        .sum()
}

/// Abbreviations without a vowel that are read in full.
fn in_full(letters: &str, language: Language) -> Option<usize> {
    let letters = letters.to_ascii_lowercase();
    let (two, three, four): (&[&str], &[&str], &[&str]) = match language {
        Language::Spanish => (&["sr", "dr"], &["srs"], &["km", "kg", "cm", "mm", "kms", "cms"]),
        Language::English => (&["mr", "mrs", "dr", "ms", "jr"], &["vs"], &["km", "kg", "mm", "cm"]),
    };
    if two.contains(&&*letters) {
        return Some(2);
    }
    if three.contains(&&*letters) {
        return Some(3);
    }
    four.contains(&&*letters).then_some(4)
}
