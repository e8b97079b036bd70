//! What only e-mails have: a subject, a preview, filters on the way, one thing to click.

use std::sync::LazyLock;

use orilla_prose::words;

use super::phrases::Phrases;
use super::wording::counted;
use super::{Assessment, Message, Page};
use crate::asked::Kind;
use crate::assessment::Part;
use crate::page::{Leads, is_blank};

/// What filters and readers know from unwanted mail. Own list.
static SPAM: LazyLock<Phrases<()>> = LazyLock::new(|| {
    let list = "gratis gratis / 100 gratis / dinero fácil / dinero rápido / gana dinero / ingresos extra / sin riesgo / oferta exclusiva / oferta limitada / oferta imperdible / \
última oportunidad / actúa ya / actúa ahora / compra ya / haz clic aquí / clic aquí / felicidades has ganado / has ganado / eres el ganador / premio / millonario / \
crédito inmediato / préstamo inmediato / elimina tus deudas / baja de peso / adelgaza ya / milagroso / garantizado al 100 / no te lo pierdas / urgente / no es spam / \
free money / 100 free / easy money / fast cash / make money / extra income / risk free / risk-free / exclusive offer / limited offer / last chance / act now / buy now / \
order now / click here / congratulations you / you have won / you've won / winner / prize / millionaire / instant credit / no credit check / eliminate debt / lose weight / \
miracle / guaranteed 100 / don't miss out / urgent / this is not spam / once in a lifetime / double your / earn extra / cash bonus / while supplies last";
    Phrases::new(list.split(" / ").map(|phrase| (phrase, ())))
});

/// Things to click that one e-mail bears; chosen.
const LINKS: usize = 5;

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    into.extend(super::tone::shouting(page));
    if page.asked.kind != Kind::Email {
        return;
    }
    into.push(subject(page));
    into.push(spam(page));
    into.push(preview(page));
    into.push(links(page));
}

fn subject(page: &Page) -> Assessment {
    let within = page.profile.subject;
    let most = page.profile.subject_ok;
    let length = page.title.as_ref().map_or(0, |title| title.as_str().chars().count());
    let (min, max) = (within.min as usize, within.max as usize);
    let (score, message) = match length {
        0 => (
            1,
            Message::new(
                "El correo no tiene asunto: escríbelo, es lo que decide si se abre.",
                "The e-mail has no subject: write one, it decides whether it is opened.",
            ),
        ),
        _ if within.holds(length as f64) => (
            9,
            Message::new(
                format!("El asunto tiene {length} caracteres: se lee entero."),
                format!("The subject has {length} characters: it is read whole."),
            ),
        ),
        _ if length < min => (
            6,
            Message::new(
                format!(
                    "El asunto tiene {}; de {min} a {max} dicen más: agrega qué hay adentro.",
                    counted(length, "carácter", "caracteres")
                ),
                format!("The subject has {}; {min} to {max} say more: add what is inside.", counted(length, "character", "characters")),
            ),
        ),
        _ => (
            if length <= most { 6 } else { 3 },
            Message::new(
                format!("El asunto tiene {length} caracteres; en el teléfono se corta después de {max}: pon lo importante al comienzo."),
                format!("The subject has {length} characters; a telephone cuts it off after {max}: put what matters first."),
            ),
        ),
    };
    Assessment::new("subjectLength", Part::Persuasion, score, message)
        .value(length as f64)
        .within(within.min, within.max)
        .spans(page.title.as_ref().map(|title| title.whole()))
}

fn spam(page: &Page) -> Assessment {
    let mut number = 0;
    let mut first = None;
    let mut spans = Vec::new();
    let mut look = |text: &orilla_prose::Text, words: &[std::ops::Range<usize>], weight: usize| {
        for found in SPAM.find(text.as_str(), words) {
            number += weight;
            first = first.take().or_else(|| text.as_str().get(found.range.clone()).map(str::to_lowercase));
            spans.push(text.span(found.range));
        }
    };
    if let Some(title) = &page.title {
        let words: Vec<_> = words::words(title.as_str()).collect();
        look(title, &words, 2);
    }
    for (_, block, passage) in page.prose() {
        look(&block.text, &passage.words, 1);
    }
    let phrase = first.unwrap_or_default();
    let message = if number == 0 {
        Message::new(
            "No hay palabras que los filtros conozcan de los correos no deseados.",
            "There are no words that filters know from unwanted mail.",
        )
    } else {
        Message::new(
            format!("Suena a correo no deseado, como «{phrase}»: di lo concreto (qué, cuánto, hasta cuándo)."),
            format!("It sounds like unwanted mail, like “{phrase}”: say what is concrete (what, how much, until when)."),
        )
    };
    let score = match number {
        0 => 9,
        1 => 6,
        2..=3 => 3,
        _ => 1,
    };
    Assessment::new("spamWords", Part::Persuasion, score, message).value(number as f64).at_most(0.0).spans(spans)
}

fn preview(page: &Page) -> Assessment {
    let within = page.profile.preview;
    let stated = page.asked.preview.as_deref().filter(|preview| !is_blank(preview));
    let text = stated.or(page.description.as_ref().map(|text| text.as_str())).unwrap_or_default();
    let length = text.trim().chars().count();
    let (min, max) = (within.min as usize, within.max as usize);
    let (score, message) = match length {
        0 => (
            3,
            Message::new(
                format!("No hay texto de vista previa: sin él se ven las primeras palabras. Escribe uno de {min} a {max} caracteres."),
                format!("There is no preview text: without it the first words are shown. Write one of {min} to {max} characters."),
            ),
        ),
        _ if within.holds(length as f64) => {
            (9, Message::new("El texto de vista previa tiene un buen largo.", "The preview text has a good length."))
        }
        _ => (
            6,
            Message::new(
                format!("El texto de vista previa tiene {}; lo bueno es de {min} a {max}.", counted(length, "carácter", "caracteres")),
                format!("The preview text has {}; {min} to {max} is good.", counted(length, "character", "characters")),
            ),
        ),
    };
    Assessment::new("previewText", Part::Persuasion, score, message).value(length as f64).within(within.min, within.max)
}

fn links(page: &Page) -> Assessment {
    let both = page.document.links.iter().zip(&page.leads);
    let links: Vec<_> = both.filter(|(_, leads)| matches!(leads, Leads::Inside | Leads::Outside)).map(|(link, _)| link).collect();
    let targets: std::collections::HashSet<&str> = links.iter().filter_map(|link| link.href.as_deref()).collect();
    let number = targets.len();
    let (score, message) = match number {
        0 => (
            3,
            Message::new(
                "El correo no lleva a ningún lado: pon un enlace al paso que sigue.",
                "The e-mail leads nowhere: add a link to the next step.",
            ),
        ),
        1..=LINKS => {
            (9, Message::new("El correo tiene pocos enlaces: se ve cuál es el paso.", "The e-mail has few links: the step is clear."))
        }
        _ => (
            6,
            Message::new(
                format!("El correo lleva a {number} lugares distintos: deja uno principal y quita lo que distrae."),
                format!("The e-mail leads to {number} different places: keep a main one and take out what distracts."),
            ),
        ),
    };
    Assessment::new("emailLinks", Part::Persuasion, score, message)
        .value(number as f64)
        .within(1.0, LINKS as f64)
        .spans(links.iter().map(|link| link.span))
}
