//! What each block is written in: told from its own words; where they are too few, from its `lang`, its neighbours, or what was asked for.

use orilla_prose::detect::{self, Detected};
use orilla_prose::document::{Block, Document, Kind};
use orilla_prose::language::Language;
use orilla_text::Locale;

use crate::asked::Asked;
use crate::profile::Profile;
use crate::report::Languages;

/// How much of a text is looked at as a whole where no block of it is long enough; chosen, more would say nothing new.
const SAMPLE: usize = 8_000;

/// What was told.
pub(super) struct Told {
    /// For each block; none is neither of the two.
    pub blocks: Vec<Option<Language>>,
    /// What most words are in.
    pub main: Option<Language>,
    /// In the report's words.
    pub languages: Languages,
}

pub(super) fn tell(document: &Document, asked: &Asked, profile: &Profile) -> Told {
    let detected: Vec<Option<Detected>> =
        document.blocks.iter().map(|block| if block.kind == Kind::Code { None } else { detect::block(block.text.as_str()) }).collect();
    let weight = |which: Detected| -> usize {
        let both = document.blocks.iter().zip(&detected);
        both.filter(|(_, found)| **found == Some(which)).map(|(block, _)| block.text.as_str().len()).sum()
    };
    let (spanish, english, other) = (weight(Detected::Spanish), weight(Detected::English), weight(Detected::Other));
    let locale = asked.locale.map(language);
    let most = if spanish + english + other == 0 {
        together(document).or_else(|| document.head.lang.as_deref().and_then(of_tag))
    } else if other > spanish + english {
        Some(Detected::Other)
    } else if spanish > english || (spanish == english && locale != Some(Language::English)) {
        Some(Detected::Spanish)
    } else {
        Some(Detected::English)
    };
    let main = match (locale, most) {
        // A script or a language that nobody asked for: to judge it by Spanish or English rules would be wrong silently.
        (_, Some(Detected::Other)) => None,
        (Some(locale), _) => Some(locale),
        (None, Some(most)) => known(most),
        // Nothing to tell it by: a few words, or none.
        (None, None) => Some(Language::English),
    };
    let follows = profile.follows_locale && locale.is_some();
    let mut blocks = Vec::with_capacity(document.blocks.len());
    for (block, found) in document.blocks.iter().zip(&detected) {
        let language = match found {
            Some(Detected::Other) => None,
            Some(found) if !follows => known(*found),
            _ if follows => main,
            _ => block.lang.as_deref().filter(|lang| is_own_lang(lang, document, block)).and_then(of_tag).map_or(main, known),
        };
        blocks.push(language);
    }
    let is_mixed = spanish > 0 && english > 0 || (other > 0 && spanish + english > 0);
    let languages = Languages {
        main: main.map_or("other", |main| super::locale(main).as_str()),
        is_detected: locale.is_none() && most.is_some(),
        is_mixed,
        is_supported: main.is_some(),
    };
    Told { blocks, main, languages }
}

/// A `lang` on the block itself or near it; the whole page's is a template's word, and often wrong.
fn is_own_lang(lang: &str, document: &Document, _block: &Block) -> bool {
    document.head.lang.as_deref().is_none_or(|whole| !whole.eq_ignore_ascii_case(lang))
}

fn together(document: &Document) -> Option<Detected> {
    let mut sample = String::new();
    for block in document.blocks.iter().filter(|block| block.kind.is_prose()) {
        if sample.len() > SAMPLE {
            break;
        }
        sample.push_str(block.text.as_str());
        sample.push('\n');
    }
    detect::block(&sample)
}

fn of_tag(tag: &str) -> Option<Detected> {
    let tag = tag.trim();
    if tag.is_empty() {
        return None;
    }
    Some(match Locale::of_tag(tag) {
        Some(Locale::Es) => Detected::Spanish,
        Some(Locale::En) => Detected::English,
        None => Detected::Other,
    })
}

fn known(detected: Detected) -> Option<Language> {
    match detected {
        Detected::Spanish => Some(Language::Spanish),
        Detected::English => Some(Language::English),
        Detected::Other => None,
    }
}

fn language(locale: Locale) -> Language {
    match locale {
        Locale::Es => Language::Spanish,
        Locale::En => Language::English,
    }
}
