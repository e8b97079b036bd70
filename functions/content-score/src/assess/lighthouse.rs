//! The search audits of Lighthouse that a document alone can answer, under its ids.
//!
//! Source: Lighthouse 12, `core/audits/seo`: what each audit asks, and its list of texts that say nothing of a link's target.

use super::wording::{counted, excerpt};
use super::{Assessment, Message, Page};
use crate::asked::Kind;
use crate::assessment::Part;
use crate::page::{Leads, is_blank};
use orilla_prose::Span;

/// Texts of links that say nothing of where they lead. Own lists.
pub(super) const GENERIC_ES: [&str; 26] = [
    "clic aquí",
    "haz clic aquí",
    "haz clic",
    "click aquí",
    "haga clic aquí",
    "haz click aquí",
    "pincha aquí",
    "pulsa aquí",
    "presiona aquí",
    "aquí",
    "acá",
    "aqui",
    "este",
    "enlace",
    "link",
    "este enlace",
    "en este enlace",
    "leer más",
    "lee más",
    "ver más",
    "más",
    "saber más",
    "más información",
    "info",
    "continuar",
    "ir",
];
pub(super) const GENERIC_EN: [&str; 22] = [
    "click here",
    "click this",
    "click",
    "here",
    "go",
    "this",
    "this link",
    "link",
    "read more",
    "more",
    "learn more",
    "see more",
    "more info",
    "more information",
    "right here",
    "start",
    "info",
    "details",
    "continue",
    "tap here",
    "see here",
    "this page",
];

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    link_texts(page, into);
    crawlable_anchors(page, into);
    if !page.is_whole() || page.asked.kind == Kind::Email {
        return;
    }
    let head = &page.document.head;
    let named = |name: &str| head.meta(name).map(|meta| meta.content.to_lowercase());
    let is_hidden = ["robots", "googlebot"]
        .iter()
        .any(|name| named(name).is_some_and(|content| content.split([',', ' ']).any(|word| matches!(word.trim(), "noindex" | "none"))));
    let robots = head.meta.iter().find(|meta| meta.name == "robots" || meta.name == "googlebot").map(|meta| meta.span);
    check(
        into,
        "is-crawlable",
        !is_hidden,
        robots,
        ["Los buscadores pueden mostrar la página.", "Search engines may show the page."],
        [
            "La página dice noindex: ningún buscador la mostrará. Quítalo si debe encontrarse.",
            "The page says noindex: no search engine will show it. Take that away if it is to be found.",
        ],
    );
    let has_title = head.title.as_ref().is_some_and(|title| !is_blank(title.as_str()));
    check(
        into,
        "document-title",
        has_title,
        None,
        ["El documento tiene <title>.", "The document has a <title>."],
        ["El documento no tiene <title>: agrégalo en el <head>.", "The document has no <title>: add one in its <head>."],
    );
    let has_description = named("description").is_some_and(|content| !is_blank(&content));
    check(
        into,
        "meta-description",
        has_description,
        None,
        ["El documento tiene meta descripción.", "The document has a meta description."],
        [
            "El documento no tiene <meta name=\"description\">: agrégala en el <head>.",
            "The document has no <meta name=\"description\">: add one in its <head>.",
        ],
    );
    check(
        into,
        "html-has-lang",
        head.lang.as_deref().is_some_and(|lang| !is_blank(lang)),
        None,
        ["El documento dice su idioma.", "The document says its language."],
        ["<html> no dice su idioma: agrega lang=\"es\" o el que sea.", "<html> does not say its language: add lang=\"en\" or what it is."],
    );
    let has_viewport = named("viewport").is_some_and(|content| content.contains("width=") || content.contains("initial-scale"));
    check(
        into,
        "viewport",
        has_viewport,
        None,
        ["La página se adapta al teléfono.", "The page fits a telephone."],
        [
            "Falta <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">: en el teléfono se ve diminuta.",
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"> is missing: on a telephone it is tiny.",
        ],
    );
    links_of_head(page, into);
}

fn check(into: &mut Vec<Assessment>, id: &'static str, is_good: bool, span: Option<Span>, good: [&str; 2], bad: [&str; 2]) {
    let [es, en] = if is_good { good } else { bad };
    into.push(Assessment::new(id, Part::Structure, if is_good { 9 } else { 3 }, Message::new(es, en)).spans(span));
}

fn links_of_head(page: &Page, into: &mut Vec<Assessment>) {
    let head = &page.document.head;
    let is_full = |href: &str| url::Url::parse(href.trim()).is_ok_and(|url| url.has_host());
    let canonical: Vec<_> = head.links.iter().filter(|link| link.rel.split_whitespace().any(|rel| rel == "canonical")).collect();
    if let Some(first) = canonical.first() {
        let is_one = canonical.iter().all(|link| link.href.trim() == first.href.trim());
        check(
            into,
            "canonical",
            is_one && is_full(&first.href),
            Some(first.span),
            ["La dirección canónica es válida.", "The canonical address is valid."],
            [
                "La dirección canónica no sirve: debe ser una sola y completa, con https://.",
                "The canonical address is of no use: it must be a single one and whole, with https://.",
            ],
        );
    }
    let alternates: Vec<_> = head.links.iter().filter_map(|link| Some((link.hreflang.as_deref()?, link))).collect();
    if !alternates.is_empty() {
        let wrong: Vec<_> = alternates.iter().filter(|(lang, link)| !is_language(lang) || !is_full(&link.href)).collect();
        check(
            into,
            "hreflang",
            wrong.is_empty(),
            wrong.first().map(|(_, link)| link.span),
            ["Los hreflang son válidos.", "All hreflang are valid."],
            [
                "Un hreflang no sirve: el código debe ser como es, es-MX o x-default, y la dirección completa.",
                "An hreflang is of no use: its code must be like en, en-GB or x-default, and its address whole.",
            ],
        );
    }
}

fn is_language(tag: &str) -> bool {
    let tag = tag.trim();
    if tag.eq_ignore_ascii_case("x-default") {
        return true;
    }
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && language.chars().all(|letter| letter.is_ascii_alphabetic())
        && parts.all(|part| (2..=8).contains(&part.len()) && part.chars().all(|letter| letter.is_ascii_alphanumeric()))
}

/// Whether a text says nothing of where it leads.
pub(super) fn is_generic(text: &str) -> bool {
    let plain = text.to_lowercase();
    let plain = plain.trim_matches(|character: char| !character.is_alphanumeric());
    GENERIC_ES.contains(&plain) || GENERIC_EN.contains(&plain)
}

fn link_texts(page: &Page, into: &mut Vec<Assessment>) {
    let both = page.document.links.iter().zip(&page.leads);
    let links: Vec<_> = both.filter(|(_, leads)| matches!(leads, Leads::Inside | Leads::Outside)).map(|(link, _)| link).collect();
    if links.is_empty() {
        return;
    }
    let vague: Vec<_> = links.iter().filter(|link| is_generic(&link.text)).collect();
    let message = match vague.first() {
        None => Message::new("Los textos de los enlaces dicen adónde llevan.", "The texts of the links say where they lead."),
        Some(first) => {
            let text = excerpt(&first.text);
            Message::new(
                format!(
                    "{} adónde llevan, como «{text}»: nombra lo que hay detrás.",
                    counted(vague.len(), "enlace no dice", "enlaces no dicen")
                ),
                format!("{} not say where they lead, like “{text}”: name what is behind.", counted(vague.len(), "link does", "links do")),
            )
        }
    };
    let score = if vague.is_empty() { 9 } else { 3 };
    into.push(
        Assessment::new("link-text", Part::Structure, score, message)
            .value(vague.len() as f64)
            .at_most(0.0)
            .spans(vague.iter().map(|link| link.span)),
    );
}

fn crawlable_anchors(page: &Page, into: &mut Vec<Assessment>) {
    if page.document.links.is_empty() {
        return;
    }
    let dead: Vec<_> = page
        .document
        .links
        .iter()
        .filter(|link| {
            link.href.as_deref().is_none_or(|href| is_blank(href) || href.trim().to_ascii_lowercase().starts_with("javascript:"))
        })
        .collect();
    let message = if dead.is_empty() {
        Message::new("Todos los enlaces llevan a una dirección.", "All links lead to an address.")
    } else {
        Message::new(
            format!("{} a ninguna dirección: pon un href o usa un botón.", counted(dead.len(), "enlace no lleva", "enlaces no llevan")),
            format!("{} to no address: give an href or use a button.", counted(dead.len(), "link leads", "links lead")),
        )
    };
    let score = if dead.is_empty() { 9 } else { 3 };
    into.push(
        Assessment::new("crawlable-anchors", Part::Structure, score, message)
            .value(dead.len() as f64)
            .at_most(0.0)
            .spans(dead.iter().map(|link| link.span)),
    );
}
