//! Spelling without accents and capitals, so that `Dirección` and `DIRECCION` are the same word to a rule or a column name.
//!
//! Covers the Latin letters of Western Europe; it is no Unicode normalisation and claims nothing for other scripts.

/// Lower case, accents removed, inner white space single, ends trimmed.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut is_gap = false;
    for c in text.trim().chars().flat_map(char::to_lowercase) {
        if c.is_whitespace() {
            is_gap = true;
        } else if !is_combining(c) {
            if std::mem::take(&mut is_gap) {
                folded.push(' ');
            }
            match plain(c) {
                Some(letters) => folded.push_str(letters),
                None => folded.push(c),
            }
        }
    }
    folded
}

/// A folded text as part of a name: letters, digits and single hyphens, at most `max_chars` of them.
#[must_use]
pub fn slug(text: &str, max_chars: usize) -> String {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-");
    let cut: String = joined.chars().take(max_chars).collect();
    cut.trim_end_matches('-').to_owned()
}

/// The marks that letters carry in decomposed text. Source: Unicode, block "Combining Diacritical Marks".
const fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

const fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ā' => "a",
        'é' | 'è' | 'ê' | 'ë' | 'ē' => "e",
        'í' | 'ì' | 'î' | 'ï' | 'ī' => "i",
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ō' | 'ø' => "o",
        'ú' | 'ù' | 'û' | 'ü' | 'ū' => "u",
        'ñ' => "n",
        'ç' => "c",
        'ý' | 'ÿ' => "y",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_what_people_spell_differently() {
        let cases = [
            ("", ""),
            ("  Dirección   General ", "direccion general"),
            ("DIRECCIÓN", "direccion"),
            ("Direccio\u{301}n", "direccion"),
            ("Año\u{a0}nuevo\n", "ano nuevo"),
            ("İstanbul", "istanbul"),
            ("Straße 5", "strasse 5"),
            ("日本", "日本"),
        ];
        for (text, expected) in cases {
            assert_eq!(fold(text), expected, "{text:?}");
        }
    }

    #[test]
    fn slugs_are_names() {
        let cases =
            [("Salud & Farmacia", 64, "salud-farmacia"), ("--", 64, ""), ("a b c", 3, "a-b"), ("a b c", 2, "a"), ("Niñez", 64, "ninez")];
        for (text, max, expected) in cases {
            assert_eq!(slug(text, max), expected, "{text:?}");
        }
    }
}
