//! Links: to others, to one's own pages, and those that give the page's own topic away.

use orilla_prose::document::Link;

use super::wording::{counted, plural};
use super::{Assessment, Message, Page};
use crate::asked::Kind;
use crate::assessment::Part;
use crate::page::Leads;

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    let is_yoast = page.profile.name == "yoast";
    // A landing page and an e-mail want one way out, their own.
    if is_yoast || !matches!(page.asked.kind, Kind::Landing | Kind::Email) {
        into.push(outside(page));
        into.push(inside(page));
    }
    if let Some(topic) = &page.topic {
        let away = leading(page, Leads::Inside).into_iter().chain(leading(page, Leads::Outside));
        let competing: Vec<&Link> = away.filter(|link| topic.is_all_of(&link.text)).collect();
        let (score, message) = if competing.is_empty() {
            (8, Message::new("Ningún enlace usa la frase clave como texto.", "No link has the keyphrase as its text."))
        } else {
            (
                2,
                Message::new(
                    format!(
                        "{} la frase clave como texto: le das tu tema a otra página. Cambia las palabras.",
                        counted(competing.len(), "enlace usa", "enlaces usan")
                    ),
                    format!(
                        "{} the keyphrase as text: that gives your topic to another page. Use other words.",
                        counted(competing.len(), "link has", "links have")
                    ),
                ),
            )
        };
        into.push(
            Assessment::new("textCompetingLinks", Part::Seo, score, message)
                .value(competing.len() as f64)
                .at_most(0.0)
                .spans(competing.iter().map(|link| link.span)),
        );
    } else if is_yoast {
        let message = Message::new("Ningún enlace usa la frase clave como texto.", "No link has the keyphrase as its text.");
        into.push(Assessment::new("textCompetingLinks", Part::Seo, 8, message));
    }
}

fn leading<'p>(page: &'p Page, where_to: Leads) -> Vec<&'p Link> {
    let both = page.document.links.iter().zip(&page.leads);
    both.filter(|(_, leads)| **leads == where_to).map(|(link, _)| link).collect()
}

/// Yoast knows `nofollow` alone; `sponsored` and `ugc` came later.
fn is_unfollowed(page: &Page, link: &Link) -> bool {
    if page.profile.name != "yoast" || !link.is_nofollow {
        return link.is_nofollow;
    }
    let element = page.asked.content.get(link.span.range()).unwrap_or_default();
    let tag = element.split('>').next().unwrap_or_default();
    tag.to_ascii_lowercase().contains("nofollow")
}

fn outside(page: &Page) -> Assessment {
    let links = leading(page, Leads::Outside);
    let followed = links.iter().filter(|link| !is_unfollowed(page, link)).count();
    let number = links.len();
    let (score, message) = if number == 0 {
        (
            3,
            Message::new(
                "No hay enlaces a otros sitios: cita una fuente o un ejemplo.",
                "There are no links to other sites: cite a source or an example.",
            ),
        )
    } else if followed == 0 {
        (
            7,
            Message::new(
                format!(
                    "{} nofollow: sigue al menos uno que recomiendes.",
                    counted(number, "enlace a otro sitio, y es", "enlaces a otros sitios, y todos son")
                ),
                format!(
                    "{} nofollow: follow at least one that you recommend.",
                    counted(number, "link to another site, and it is", "links to other sites, and all are")
                ),
            ),
        )
    } else if followed < number {
        (
            8,
            Message::new(
                format!("{} a otros sitios, {followed} sin nofollow.", counted(number, "enlace", "enlaces")),
                format!("{} to other sites, {followed} of them followed.", counted(number, "link", "links")),
            ),
        )
    } else {
        (
            9,
            Message::new(
                format!("Hay {} a otros sitios.", counted(number, "enlace", "enlaces")),
                format!("There {} {} to other sites.", plural(number, "is", "are"), counted(number, "link", "links")),
            ),
        )
    };
    Assessment::new("externalLinks", Part::Seo, score, message).value(number as f64).at_least(1.0).spans(links.iter().map(|link| link.span))
}

fn inside(page: &Page) -> Assessment {
    let links = leading(page, Leads::Inside);
    let followed = links.iter().filter(|link| !is_unfollowed(page, link)).count();
    let number = links.len();
    let (score, message) = if number == 0 {
        (
            3,
            Message::new(
                "No hay enlaces a otras páginas tuyas: lleva al lector a la que sigue.",
                "There are no links to other pages of yours: lead the reader on to the next one.",
            ),
        )
    } else if followed == 0 {
        (
            7,
            Message::new(
                "Los enlaces a tus páginas son todos nofollow: quítalo, son tuyas.",
                "The links to your own pages are all nofollow: take that away, they are yours.",
            ),
        )
    } else if followed < number {
        (
            8,
            Message::new(
                format!("{} a tus páginas, {followed} sin nofollow.", counted(number, "enlace", "enlaces")),
                format!("{} to your own pages, {followed} of them followed.", counted(number, "link", "links")),
            ),
        )
    } else {
        (
            9,
            Message::new(
                format!("Hay {} a tus páginas.", counted(number, "enlace", "enlaces")),
                format!("There {} {} to your own pages.", plural(number, "is", "are"), counted(number, "link", "links")),
            ),
        )
    };
    Assessment::new("internalLinks", Part::Seo, score, message).value(number as f64).at_least(1.0).spans(links.iter().map(|link| link.span))
}
