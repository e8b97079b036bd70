//! How wide a line of text is in a list of results.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Thousandths of an em of the characters from space to tilde.
///
/// Source: the advance widths that Arial, Helvetica and Liberation Sans share.
const WIDTHS: [u32; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278,
    278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722,
    667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556,
    556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Pixels of a title in Arial at 20 px, as lists of results set it.
#[must_use]
pub fn pixels(title: &str) -> u32 {
    let thousandths: u32 = title.nfd().filter(|character| !is_combining_mark(*character)).map(width).fold(0, u32::saturating_add);
    (thousandths.saturating_add(25)) / 50
}

fn width(character: char) -> u32 {
    let at = (character as usize).checked_sub(32);
    match character {
        '¿' => 611,
        '¡' | '·' => 333,
        '–' | '«' | '»' => 556,
        '—' | '…' | '™' => 1000,
        '‘' | '’' => 222,
        '“' | '”' => 333,
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => 0,
        // What is not of this script is as wide as it is high.
        '\u{2e80}'.. => 1000,
        _ => at.and_then(|at| WIDTHS.get(at)).copied().unwrap_or(556),
    }
}
