//! How figures are said in both languages.

/// A figure with at most one decimal.
pub(crate) struct Figure {
    pub es: String,
    pub en: String,
}

/// To one decimal, none where it is nought; Spanish has a comma.
pub(crate) fn figure(value: f64) -> Figure {
    let rounded = (value * 10.0).round() / 10.0;
    let en = if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.1}") };
    Figure { es: en.replace('.', ","), en }
}

/// `1 imagen`, `3 imágenes`.
pub(crate) fn counted(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// One of two texts, by number.
pub(crate) fn plural<'t>(number: usize, one: &'t str, many: &'t str) -> &'t str {
    if number == 1 { one } else { many }
}

/// In percent; nothing of nothing is nothing.
pub(crate) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

/// A piece of the input as a message shows it.
pub(crate) fn excerpt(text: &str) -> String {
    const CHARACTERS: usize = 60;
    let mut shown: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if shown.chars().count() > CHARACTERS {
        shown = shown.chars().take(CHARACTERS).collect::<String>().trim_end().to_owned();
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_one_decimal_at_most() {
        for (value, es, en) in [(18.0, "18", "18"), (18.04, "18", "18"), (27.27, "27,3", "27.3"), (0.0, "0", "0"), (-0.01, "0", "0")] {
            let figure = figure(value);
            assert_eq!((figure.es.trim_start_matches('-'), figure.en.trim_start_matches('-')), (es, en));
        }
    }

    #[test]
    fn an_excerpt_ends_between_characters() {
        let long = excerpt(&"ñandú ".repeat(40));
        assert!(long.ends_with('…') && long.chars().count() <= 61, "{long}");
        assert_eq!(excerpt(" a\n b "), "a b");
    }
}
