//! Images, and what stands in for them where they are not seen.

use orilla_prose::document::Image;

use super::wording::{counted, plural, share};
use super::{Assessment, Message, Page};
use crate::asked::Kind;
use crate::assessment::Part;

/// An `alt` reflects the keyphrase if it has at least this share of its words. Source: Yoast's `imageKeyphrase`, measured.
const REFLECTS: f64 = 50.0;

/// From so many images on their share counts, not whether there is one. Source: as above.
const MANY: usize = 5;

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    let images = &page.document.images;
    let is_yoast = page.profile.name == "yoast";
    if is_yoast || page.asked.kind != Kind::Email {
        into.push(presence(images));
    }
    if is_yoast || !images.is_empty() {
        into.push(alternatives(images, is_yoast));
        into.extend(keyphrase(page, images, is_yoast));
    }
}

fn presence(images: &[Image]) -> Assessment {
    let number = images.len();
    let (score, message) = if number > 0 {
        (
            9,
            Message::new(
                format!("Hay {}.", counted(number, "imagen", "imágenes")),
                format!("There {} {}.", plural(number, "is", "are"), counted(number, "image", "images")),
            ),
        )
    } else {
        (
            3,
            Message::new(
                "No hay imágenes: agrega una que muestre lo que el texto explica.",
                "There are no images: add one that shows what the text explains.",
            ),
        )
    };
    Assessment::new("images", Part::Seo, score, message).value(number as f64).at_least(1.0)
}

/// An empty `alt` is an ornament's, and right; for Yoast it is none.
fn lacks(image: &Image, is_yoast: bool) -> bool {
    image.alt.as_deref().is_none_or(|alt| is_yoast && alt.trim().is_empty())
}

fn alternatives(images: &[Image], is_yoast: bool) -> Assessment {
    let lacking: Vec<_> = images.iter().filter(|image| lacks(image, is_yoast)).collect();
    let (score, message) = if images.is_empty() {
        (3, Message::new("No hay imágenes con texto alternativo.", "There are no images with alternative text."))
    } else if lacking.is_empty() {
        (9, Message::new("Todas las imágenes tienen texto alternativo.", "All images have alternative text."))
    } else {
        (
            3,
            Message::new(
                format!(
                    "{} texto alternativo: di en pocas palabras qué se ve.",
                    counted(lacking.len(), "imagen no tiene", "imágenes no tienen")
                ),
                format!("{} no alternative text: say in a few words what is seen.", counted(lacking.len(), "image has", "images have")),
            ),
        )
    };
    Assessment::new("imageAltTags", Part::Seo, score, message)
        .value(lacking.len() as f64)
        .at_most(0.0)
        .spans(lacking.iter().map(|image| image.span))
}

fn keyphrase(page: &Page, images: &[Image], is_yoast: bool) -> Option<Assessment> {
    let new = |score, message| Some(Assessment::new("imageKeyphrase", Part::Seo, score, message));
    let topic = match &page.topic {
        Some(topic) if !images.is_empty() => topic,
        _ if is_yoast => {
            return new(
                3,
                Message::new("Faltan imágenes o la frase clave para juzgarlo.", "Images or a keyphrase are needed to judge this."),
            );
        }
        _ => return None,
    };
    let alts = || images.iter().filter(|image| image.alt.as_deref().is_some_and(|alt| !alt.trim().is_empty()));
    let reflecting: Vec<_> = alts().filter(|image| topic.covered(image.alt.as_deref().unwrap_or_default()).share() >= REFLECTS).collect();
    let (found, all) = (reflecting.len(), images.len());
    let within = page.profile.reflecting;
    let least = (within.min * all as f64 / 100.0).ceil() as usize;
    // Of five images four may: three alone would leave too little room.
    let most = if all == MANY { 4 } else { (within.max * all as f64 / 100.0).floor() as usize };
    let is_good = if all < MANY { found > 0 } else { (least..=most).contains(&found) };
    let name = &topic.text;
    let (score, message) = if is_good {
        (
            9,
            Message::new(
                format!("{found} de {all} textos alternativos hablan del tema."),
                format!("{found} of {all} alternative texts are about the topic."),
            ),
        )
    } else if found == 0 && alts().next().is_none() {
        (
            6,
            Message::new(
                format!("Ninguna imagen tiene un texto alternativo: descríbelas, y di «{name}» donde se vea."),
                format!("No image has an alternative text: describe them, and say “{name}” where it is seen."),
            ),
        )
    } else if all >= MANY && found > most {
        (
            6,
            Message::new(
                format!("{found} de {all} textos alternativos dicen «{name}»: son demasiados (hasta {most}). Describe lo que se ve."),
                format!("{found} of {all} alternative texts say “{name}”: that is too many (up to {most}). Describe what is seen."),
            ),
        )
    } else {
        let wanted = if all < MANY { 1 } else { least };
        (
            6,
            Message::new(
                format!("{found} de {all} textos alternativos hablan de «{name}»; bastaría con {wanted}, donde se vea."),
                format!("{found} of {all} alternative texts are about “{name}”; {wanted} would do, where it is seen."),
            ),
        )
    };
    let shown = share(found, all);
    Some(new(score, message)?.value(shown).within(within.min, within.max).spans(reflecting.iter().map(|image| image.span)))
}
