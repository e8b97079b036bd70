//! How often the keyphrase is used.

use super::super::wording::{counted, figure};
use super::super::{Assessment, Message, Page};
use crate::assessment::Part;
use crate::page::Topic;
use crate::profile::Density;

/// A text of so many words has room for the keyphrase twice, and is not blamed for that. Source: Yoast's `keyphraseDensity`, measured.
const ROOM_FOR_TWO: usize = 100;

pub(super) fn assess(page: &Page, topic: &Topic) -> Assessment {
    let density = page.profile.density;
    let count = page.uses.len();
    let factor = if density.weighs_length { factor(topic.length()) } else { 1.0 };
    let value = if page.words == 0 { 0.0 } else { count as f64 * factor * 100.0 / page.words as f64 };
    let score = if page.words == 0 { -50 } else { score(count, page.words, value, density) };
    let uses = |share: f64| share * page.words as f64 / (100.0 * factor);
    let least = (uses(density.min).ceil() as usize).max(if page.words < ROOM_FOR_TWO { 1 } else { 2 });
    let most = (uses(density.max).floor() as usize).max(least);
    let shown = figure(value);
    let (es, en) = (counted(count, "vez", "veces"), counted(count, "time", "times"));
    let range = if least == most { least.to_string() } else { format!("{least}–{most}") };
    let message = match score {
        9 => Message::new(
            format!("La frase clave aparece {es} ({} %): bien.", shown.es),
            format!("The keyphrase appears {en} ({}%): good.", shown.en),
        ),
        6 => Message::new(
            format!("La frase clave aparece {es} ({} %); lo ideal son {range} en un texto de este largo.", shown.es),
            format!("The keyphrase appears {en} ({}%); ideal would be {range} in a text of this length.", shown.en),
        ),
        0.. => Message::new(
            format!(
                "La frase clave aparece {es} ({} %): dila {} más, donde sea natural (lo ideal son {range}).",
                shown.es,
                counted(least.saturating_sub(count).max(1), "vez", "veces")
            ),
            format!(
                "The keyphrase appears {en} ({}%): say it {} more, where it is natural (ideal would be {range}).",
                shown.en,
                counted(least.saturating_sub(count).max(1), "time", "times")
            ),
        ),
        _ if page.words == 0 => Message::new("Falta el texto para juzgarlo.", "A text is needed to judge this."),
        _ => Message::new(
            format!(
                "La frase clave aparece {es} ({} %): suena a relleno. Quita {} o usa pronombres y sinónimos.",
                shown.es,
                counted(count.saturating_sub(most), "vez", "veces")
            ),
            format!(
                "The keyphrase appears {en} ({}%): it sounds stuffed. Take out {} or use pronouns and synonyms.",
                shown.en,
                counted(count.saturating_sub(most), "use", "uses")
            ),
        ),
    };
    Assessment::new("keyphraseDensity", Part::Seo, score, message)
        .value(value)
        .within(density.min, density.max)
        .spans(page.uses.iter().filter_map(|used| Some(page.document.blocks.get(used.number)?.text.span(used.range.clone()))))
}

/// A keyphrase of one word counts about once, of four words twice. Source: Yoast's density, measured with keyphrases of 1 to 4 words.
fn factor(words: usize) -> f64 {
    0.7 + words as f64 / 3.0
}

fn score(count: usize, words: usize, value: f64, density: Density) -> i32 {
    let is_short = words < ROOM_FOR_TWO;
    match count {
        0 => 4,
        1 => {
            if is_short {
                9
            } else {
                4
            }
        }
        2 if !is_short && value >= density.min => 9,
        _ if value < density.ok_min => 4,
        _ if (density.min..=density.max).contains(&value) => 9,
        _ if value <= density.ok_max => 6,
        2 => -10,
        _ if value <= density.over => -10,
        _ => -50,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    #[test]
    fn scores_as_yoast_does_on_both_sides_of_every_bound() {
        // Words of the keyphrase, words of the text, and uses with their scores: as the package gave them.
        type Measured = (usize, usize, &'static [(usize, i32)]);
        let measured: [Measured; 12] = [
            (1, 20, &[(0, 4), (1, 9), (2, -10), (3, -50)]),
            (1, 50, &[(0, 4), (1, 9), (2, -10), (3, -50)]),
            (1, 98, &[(1, 9), (2, 9), (3, -10), (4, -50)]),
            (1, 100, &[(0, 4), (1, 4), (2, 9), (3, -10), (4, -50)]),
            (1, 200, &[(1, 4), (2, 9), (5, 9), (6, -10), (7, -10), (8, -50)]),
            (1, 1000, &[(4, 4), (5, 9), (25, 9), (30, -10), (35, -10), (40, -50)]),
            (2, 50, &[(1, 9), (2, -10), (3, -50)]),
            (2, 100, &[(1, 4), (2, 9), (3, -50)]),
            (2, 1000, &[(3, 4), (4, 9), (20, 9), (25, -10), (30, -50)]),
            (3, 100, &[(2, 9), (3, -50)]),
            (3, 1000, &[(2, 4), (3, 9), (15, 9), (20, -10), (25, -50)]),
            (4, 200, &[(1, 4), (2, 9), (3, -10), (4, -50)]),
        ];
        for (length, words, each) in measured {
            for (count, expected) in each {
                let value = *count as f64 * factor(length) * 100.0 / words as f64;
                assert_eq!(score(*count, words, value, Profile::yoast().density), *expected, "{count} of {length} in {words}");
            }
        }
    }

    #[test]
    fn the_brief_asks_for_one_to_two_percent() {
        let density = Profile::brief().density;
        for (count, expected) in [(4, 4), (5, 6), (9, 6), (10, 9), (20, 9), (21, 6), (25, 6), (26, -10), (40, -10), (41, -50)] {
            assert_eq!(score(count, 1000, count as f64 / 10.0, density), expected, "{count}");
        }
    }
}
