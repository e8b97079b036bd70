//! How rich a text's words are, and how much its sentences vary in length.

use std::collections::HashMap;

use crate::{Language, lists, sentences, words};

/// Words in a window. Source: Covington & McFall 2010 leave the size open; 50 is chosen, as short texts have it too.
pub const WINDOW: usize = 50;

/// Moving-average type-token ratio: the share of different words in a window, averaged over all windows; of the whole text where it is shorter.
///
/// Units: 0 to 1; none without words.
///
/// Source: Covington & McFall 2010, "Cutting the Gordian Knot: The Moving-Average Type–Token Ratio".
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn mattr(text: &str) -> Option<f64> {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut tokens = Vec::new();
    for range in words::words(text) {
        let next = numbers.len();
        tokens.push(*numbers.entry(lists::lower(&text[range]).into_owned()).or_insert(next));
    }
    let window = WINDOW.min(tokens.len());
    if window == 0 {
        return None;
    }
    let mut counts = vec![0_usize; numbers.len()];
    let (mut different, mut sum, mut windows) = (0_usize, 0_usize, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        different += usize::from(counts[*token] == 0);
        counts[*token] += 1;
        if at >= window {
            let gone = tokens[at - window];
            counts[gone] -= 1;
            different -= usize::from(counts[gone] == 0);
        }
        if at + 1 >= window {
            sum += different;
            windows += 1;
        }
    }
    Some(sum as f64 / (windows * window) as f64)
}

/// Standard deviation of the sentences' lengths.
///
/// Units: words; none with fewer than two sentences.
#[must_use]
pub fn rhythm(text: &str, language: Language) -> Option<f64> {
    deviation(sentences::sentences(text, language).into_iter().map(|range| words::count(&text[range])))
}

/// Standard deviation of some lengths; none of fewer than two.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn deviation(lengths: impl IntoIterator<Item = usize>) -> Option<f64> {
    let (mut count, mut sum, mut squares) = (0.0_f64, 0.0, 0.0);
    for length in lengths {
        let length = length as f64;
        count += 1.0;
        sum += length;
        squares += length * length;
    }
    (count >= 2.0).then(|| (squares / count - (sum / count).powi(2)).max(0.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_words_make_a_text_poorer() {
        assert_eq!(mattr(""), None);
        assert_eq!(mattr("uno dos tres"), Some(1.0));
        assert_eq!(mattr("uno Uno uno uno"), Some(0.25));
        let long = "a b ".repeat(100);
        assert_eq!(mattr(&long), Some(2.0 / 50.0));
    }

    #[test]
    fn rhythm_is_the_deviation_of_lengths() {
        assert_eq!(rhythm("Uno dos. Tres cuatro.", Language::Spanish), Some(0.0));
        assert_eq!(rhythm("Uno. Dos tres cuatro.", Language::Spanish), Some(1.0));
        assert_eq!(rhythm("Uno.", Language::Spanish), None);
    }
}
