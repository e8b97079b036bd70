//! English syllables: groups of vowels, less the letters that are silent, more the pairs that part; what the rules miss is in a list.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use crate::lists;

/// Syllables of a word of letters, one at least.
pub(super) fn count(word: &str) -> usize {
    let lower = lists::lower(word);
    let lower: &str = &lower;
    if let Some(known) = known(lower) {
        return known;
    }
    let (base, more) = without_contraction(lower);
    known(base).unwrap_or_else(|| nuclei(base).len().max(1)) + more
}

/// See [`super::split`].
pub(super) fn split(word: &str) -> Vec<Range<usize>> {
    let lower = word.to_lowercase();
    // Upper and lower case of other scripts may differ in length, and a listed word has no nuclei that could be trusted.
    if lower.len() != word.len() {
        return std::iter::once(0..word.len()).collect();
    }
    let mut nuclei = nuclei(&lower);
    nuclei.truncate(count(word));
    let mut found = Vec::with_capacity(nuclei.len().max(1));
    let mut start = 0;
    for pair in nuclei.windows(2) {
        let between = &lower[pair[0].end..pair[1].start];
        let consonants: Vec<(usize, char)> = between.char_indices().collect();
        let kept = match *consonants {
            [] | [_] => 0,
            [.., (_, first), (_, last)] if is_onset(first, last) => consonants.len() - 2,
            _ => consonants.len() - 1,
        };
        let end = pair[0].end + consonants.get(kept).map_or(between.len(), |(at, _)| *at);
        found.push(start..end);
        start = end;
    }
    found.push(start..word.len());
    found
}

fn known(word: &str) -> Option<usize> {
    static WORDS: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
        let mut words = HashMap::new();
        let mut number = 0;
        for entry in lists::entries(include_str!("../../words/en/syllables.txt")) {
            match entry.parse() {
                Ok(parsed) => number = parsed,
                Err(_) => _ = words.insert(entry, number),
            }
        }
        words
    });
    if let Some(known) = WORDS.get(word) {
        return Some(*known);
    }
    // The plural of a listed word, where it adds no syllable.
    let base = word.strip_suffix('s')?;
    if base.ends_with(['s', 'x', 'z']) || base.ends_with("ce") || base.ends_with("ge") || base.ends_with("se") {
        return None;
    }
    WORDS.get(base).copied()
}

/// The word before an apostrophe, and the syllables behind it.
fn without_contraction(word: &str) -> (&str, usize) {
    let Some(at) = word.find(['\'', '’']) else { return (word, 0) };
    let base = &word[..at];
    let tail = word[at..].trim_start_matches(['\'', '’']);
    let more = match tail {
        // It's, but boss's; we've, but should've; I'd, but it'd.
        "s" => usize::from(base.ends_with(['s', 'x', 'z']) || base.ends_with("ch") || base.ends_with("sh") || base.ends_with("ce")),
        "ve" | "ll" | "re" => usize::from(!base.ends_with(['a', 'e', 'i', 'o', 'u', 'y'])),
        "d" => usize::from(base.ends_with(['t', 'd'])),
        "t" if matches!(
            base,
            "isn" | "wasn" | "doesn" | "didn" | "hasn" | "hadn" | "couldn" | "wouldn" | "shouldn" | "mustn" | "needn"
        ) =>
        {
            return (&base[..base.len() - 1], 1);
        }
        _ => 0,
    };
    if base.is_empty() { (word, 0) } else { (base, more) }
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// The vowels of each syllable, as byte ranges.
fn nuclei(word: &str) -> Vec<Range<usize>> {
    let letters = word.as_bytes();
    let mut found: Vec<Range<usize>> = Vec::with_capacity(letters.len() / 2);
    let mut at = 0;
    for character in word.chars() {
        let length = character.len_utf8();
        let index = at;
        at += length;
        let is_accented = length == 2 && is_accented_vowel(character);
        let is_sound = is_accented || length == 1 && is_vowel(letters[index]);
        if !is_sound || character == 'y' && is_consonant_y(letters, index) {
            continue;
        }
        if is_silent_u(letters, index) || is_silent_e(letters, index) {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.end == index && !is_accented && !parts(letters, last.clone(), index) => last.end = at,
            _ => found.push(index..at),
        }
    }
    // A consonant and "le" or "m" at the end: ta-ble, rhy-thm.
    let is_m = word.ends_with("sm") || word.ends_with("thm");
    if is_m && let Some(last) = letters.len().checked_sub(1) {
        found.push(last..letters.len());
    }
    found
}

fn is_accented_vowel(character: char) -> bool {
    matches!(character, 'à'..='å' | 'è'..='ï' | 'ò'..='ö' | 'ù'..='ü')
}

/// A y at the start, before a vowel, sounds as in "yes".
fn is_consonant_y(letters: &[u8], at: usize) -> bool {
    at == 0 && letters.get(1).is_some_and(|next| is_vowel(*next) && *next != b'y')
}

/// The u of "qu", and of "gu" before a vowel where a word goes on.
fn is_silent_u(letters: &[u8], at: usize) -> bool {
    letters[at] == b'u' && at > 0 && letters.get(at + 1).is_some_and(|next| is_vowel(*next)) && letters[at - 1] == b'q'
}

/// An e that only says how the vowel before it sounds.
fn is_silent_e(letters: &[u8], at: usize) -> bool {
    if letters[at] != b'e' || at == 0 {
        return false;
    }
    let before = letters[at - 1];
    let has_vowel = letters[..at - 1].iter().any(|letter| is_vowel(*letter)) || is_vowel(before);
    if !has_vowel || is_vowel(before) {
        return false;
    }
    let sibilant = matches!(before, b's' | b'z' | b'x' | b'c' | b'g') || before == b'h' && at > 1 && matches!(letters[at - 2], b'c' | b's');
    let syllabic_l = before == b'l' && at > 1 && !is_vowel(letters[at - 2]) && !matches!(letters[at - 2], b'r' | b'l' | b'w');
    match &letters[at + 1..] {
        [] => !syllabic_l,
        b"s" => !sibilant && !syllabic_l,
        b"d" => !matches!(before, b't' | b'd') && !syllabic_l,
        b"ly" | b"ment" | b"ments" | b"less" | b"ness" | b"ful" | b"fully" | b"some" | b"where" | b"lessly" => !syllabic_l,
        _ => false,
    }
}

/// Whether a vowel begins a syllable although one stands before it.
fn parts(letters: &[u8], group: Range<usize>, at: usize) -> bool {
    let before = letters[at - 1];
    let ahead = &letters[at + 1..];
    if letters[at] == b'e' && matches!(ahead, [] | [b'd' | b's']) {
        return false;
    }
    if at - group.start >= 2 && !(before == b'u' && letters[at] == b'i') {
        return matches!((before, letters[at]), (b'i', b'a' | b'o' | b'e') | (b'y', _) | (b'u', b'a'));
    }
    let start = group.start.checked_sub(1).map(|start| letters[start]);
    match (before, letters[at]) {
        // Re-ality, cre-ate, ide-a; but not in ea-t.
        (b'e', b'o') => !matches!(start, Some(b'p' | b'g')),
        (b'e', b'a') => {
            ahead.is_empty() && letters.len() > 4
                || group.start >= 2 && letters[..group.start].ends_with(b"cr") && matches!(ahead, [b't', b'e' | b'i' | b'o', ..])
        }
        (b'e', b'i') => ahead.starts_with(b"ng") || ahead.starts_with(b"ty"),
        (b'i', b'a') => !(matches!(start, Some(b't' | b'c' | b's')) && matches!(ahead, [b'l' | b'n', ..])),
        (b'i', b'o') => {
            !(matches!(start, Some(b't' | b's' | b'c' | b'g' | b'x')) && (ahead.starts_with(b"n") || ahead.starts_with(b"u"))
                || matches!(start, Some(b'l' | b'n')) && ahead.starts_with(b"n"))
        }
        (b'i', b'u') => true,
        (b'i', b'e') => {
            ahead.starts_with(b"nt") && !matches!(start, Some(b'c' | b't' | b'r'))
                || ahead.starts_with(b"nc") && !matches!(start, Some(b'c' | b't'))
                || ahead.starts_with(b"t") && ahead.len() <= 2
                || ahead == b"r" && at > 3
                || ahead == b"st"
        }
        (b'i', b'i') => true,
        (b'u', b'a') => !matches!(start, Some(b'g')),
        (b'u', b'o') => start != Some(b'q') && !ahead.starts_with(b"y"),
        (b'u', b'e') => {
            ahead.starts_with(b"nt")
                || ahead.starts_with(b"nc")
                || ahead.starts_with(b"l") && start == Some(b'f')
                || ahead.starts_with(b"t")
        }
        (b'u', b'i') => ahead.starts_with(b"n") && start != Some(b'r') || ahead.starts_with(b"ty") || ahead.starts_with(b"ng"),
        (b'u', b'u') => true,
        (b'o', b'e') => ahead.starts_with(b"t") || ahead.starts_with(b"m"),
        (b'o', b'i') => ahead.starts_with(b"ng"),
        (b'o', b'a') => false,
        (b'a', b'o') => true,
        (b'a', b'e') => ahead.starts_with(b"l"),
        (b'y', b'i' | b'o' | b'a' | b'e') => !(ahead.is_empty() && letters[at] == b'e'),
        (b'a', b'y') | (b'e', b'y') | (b'o', b'y') => false,
        _ => false,
    }
}

fn is_onset(first: char, last: char) -> bool {
    match last {
        'r' => matches!(first, 'p' | 'b' | 't' | 'd' | 'c' | 'g' | 'f'),
        'l' => matches!(first, 'p' | 'b' | 'c' | 'g' | 'f' | 's'),
        'h' => matches!(first, 'c' | 's' | 't' | 'p' | 'g' | 'w'),
        _ => false,
    }
}
