//! What a list of results shows: the title and the description.

use orilla_prose::{Text, sentences, width};

use super::wording::{counted, excerpt, figure};
use super::{Assessment, Message, Page};
use crate::asked::Kind;
use crate::assessment::Part;
use crate::page::Topic;

/// Uses of the keyphrase in a description above which it is stuffed. Source: Yoast's `metaDescriptionKeyword`, measured.
const IN_DESCRIPTION: usize = 2;

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    let is_yoast = page.profile.name == "yoast";
    if page.asked.kind == Kind::Email && !is_yoast {
        return;
    }
    into.push(presence(page));
    match &page.topic {
        Some(topic) => {
            into.push(keyphrase_in_title(page, topic));
            into.push(keyphrase_in_description(page, topic));
        }
        None if is_yoast => {
            let says = || Message::new("Falta la frase clave para juzgarlo.", "A keyphrase is needed to judge this.");
            into.push(Assessment::new("keyphraseInSEOTitle", Part::Seo, 2, says()));
            into.push(Assessment::new("metaDescriptionKeyword", Part::Seo, 3, says()));
        }
        None => {}
    }
    into.push(width(page));
    into.push(description_length(page));
}

fn presence(page: &Page) -> Assessment {
    match &page.title {
        Some(title) => {
            Assessment::new("textTitle", Part::Seo, 9, Message::new("La página tiene título.", "The page has a title.")).spans(whole(title))
        }
        None => Assessment::new(
            "textTitle",
            Part::Seo,
            -10_000,
            Message::new(
                "La página no tiene título: escribe uno, es lo primero que se lee en los resultados.",
                "The page has no title: write one, it is what is read first in results.",
            ),
        ),
    }
}

fn whole(text: &Text) -> Option<orilla_prose::Span> {
    Some(text.whole())
}

fn keyphrase_in_title(page: &Page, topic: &Topic) -> Assessment {
    let name = &topic.text;
    let new = |score, message| Assessment::new("keyphraseInSEOTitle", Part::Seo, score, message).spans(page.title.as_ref().and_then(whole));
    let Some(title) = &page.title else {
        return new(
            2,
            Message::new(
                format!("No hay título: escríbelo y comienza con «{name}»."),
                format!("There is no title: write one that begins with “{name}”."),
            ),
        );
    };
    let title = title.as_str();
    let covered = topic.covered_itself(title);
    match topic.exact_at(title) {
        Some((_, true)) => new(9, Message::new("El título comienza con la frase clave.", "The title begins with the keyphrase.")),
        Some((_, false)) => new(
            6,
            Message::new(
                format!("El título dice «{name}», pero no al comienzo: llévala adelante, ahí se ve primero."),
                format!("The title says “{name}”, but not at its beginning: move it to the front, where it is seen first."),
            ),
        ),
        None if covered.is_whole() => new(
            6,
            Message::new(
                format!("El título tiene las palabras de «{name}», pero no seguidas: escríbela tal cual, al comienzo."),
                format!("The title has the words of “{name}”, but not in a row: write it as it is, at the beginning."),
            ),
        ),
        None => new(
            2,
            Message::new(
                format!("El título tiene {} de {} palabras de «{name}»: ponla entera, al comienzo.", covered.found, covered.of),
                format!("The title has {} of {} words of “{name}”: put it there whole, at the beginning.", covered.found, covered.of),
            ),
        ),
    }
}

fn keyphrase_in_description(page: &Page, topic: &Topic) -> Assessment {
    let name = &topic.text;
    let new = |score, message| {
        Assessment::new("metaDescriptionKeyword", Part::Seo, score, message).spans(page.description.as_ref().and_then(whole))
    };
    let Some(description) = &page.description else {
        return new(
            3,
            Message::new(
                format!("No hay meta descripción: escribe una que diga «{name}»."),
                format!("There is no meta description: write one that says “{name}”."),
            ),
        );
    };
    let text = description.as_str();
    let language = page.language.unwrap_or(orilla_prose::language::Language::English);
    let ranges = sentences::sentences(text, language);
    let each = || ranges.iter().filter_map(|range| text.get(range.clone()));
    let mut uses: usize = each().map(|sentence| topic.in_sentence(sentence).len()).sum();
    if uses == 0 && each().any(|sentence| topic.covered(sentence).is_whole()) {
        uses = 1;
    }
    let (score, message) = match uses {
        0 => (
            3,
            Message::new(
                format!("La meta descripción no dice «{name}»: ponla, los resultados la resaltan."),
                format!("The meta description does not say “{name}”: put it there, results show it in bold."),
            ),
        ),
        1..=IN_DESCRIPTION => (9, Message::new("La meta descripción dice la frase clave.", "The meta description says the keyphrase.")),
        _ => (
            3,
            Message::new(
                format!("La meta descripción repite «{name}» {uses} veces: déjala en una o dos."),
                format!("The meta description repeats “{name}” {uses} times: leave one or two."),
            ),
        ),
    };
    new(score, message).value(uses as f64).within(1.0, IN_DESCRIPTION as f64)
}

fn width(page: &Page) -> Assessment {
    let within = page.profile.title_pixels;
    let pixels = page.title.as_ref().map_or(0, |title| width::pixels(title.as_str()));
    let value = f64::from(pixels);
    let (min, max) = (figure(within.min).en, figure(within.max).en);
    let (score, message) = if pixels == 0 {
        (1, Message::new("No hay título que medir: escribe uno.", "There is no title to measure: write one."))
    } else if value > within.max {
        (
            3,
            Message::new(
                format!("El título mide {pixels} px y se corta después de {max}: acórtalo."),
                format!("The title is {pixels} px wide and cut off after {max}: shorten it."),
            ),
        )
    } else if value < within.min {
        (
            6,
            Message::new(
                format!("El título mide {pixels} px; hay lugar hasta {max}: dile al lector qué gana (desde {min} px)."),
                format!("The title is {pixels} px wide; there is room up to {max}: say what the reader gains (from {min} px)."),
            ),
        )
    } else {
        (9, Message::new(format!("El título mide {pixels} px: se ve entero."), format!("The title is {pixels} px wide: it is seen whole.")))
    };
    Assessment::new("titleWidth", Part::Seo, score, message)
        .value(value)
        .within(within.min, within.max)
        .spans(page.title.as_ref().and_then(whole))
}

fn description_length(page: &Page) -> Assessment {
    let within = page.profile.meta_description;
    let length = page.description.as_ref().map_or(0, |text| text.as_str().chars().count());
    let value = length as f64;
    let (min, max) = (within.min as usize, within.max as usize);
    let shown = page.description.as_ref().map(|text| excerpt(text.as_str())).unwrap_or_default();
    let (score, message) = if length == 0 {
        (
            1,
            Message::new(
                format!("No hay meta descripción: escribe una de {min} a {max} caracteres; si no, el buscador elige por ti."),
                format!("There is no meta description: write one of {min} to {max} characters, or the search engine chooses for you."),
            ),
        )
    } else if value < within.min {
        (
            6,
            Message::new(
                format!(
                    "La meta descripción («{shown}») tiene {}; caben hasta {max}: agrega una razón para entrar.",
                    counted(length, "carácter", "caracteres")
                ),
                format!(
                    "The meta description (“{shown}”) has {}; up to {max} fit: add a reason to visit.",
                    counted(length, "character", "characters")
                ),
            ),
        )
    } else if value > within.max {
        (
            6,
            Message::new(
                format!("La meta descripción tiene {length} caracteres y se corta después de {max}: quita {}.", length - max),
                format!("The meta description has {length} characters and is cut off after {max}: take out {}.", length - max),
            ),
        )
    } else {
        (
            9,
            Message::new(
                format!("La meta descripción tiene {length} caracteres: se ve entera."),
                format!("The meta description has {length} characters: it is seen whole."),
            ),
        )
    };
    Assessment::new("metaDescriptionLength", Part::Seo, score, message)
        .value(value)
        .within(within.min, within.max)
        .spans(page.description.as_ref().and_then(whole))
}
