//! What a page tells machines about itself, by the rules that search engines publish.

use orilla_prose::structured::{self, Finding, Problem};

use super::wording::counted;
use super::{Assessment, Message, Page};
use crate::asked::Kind;
use crate::assessment::Part;

/// Findings that a message names. Chosen: who has more mends these first.
const NAMED: usize = 3;

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    let findings = structured::check(&page.document);
    let kinds = structured::kinds(&page.document);
    if kinds.is_empty() && findings.is_empty() {
        if page.is_whole() && page.asked.kind != Kind::Email {
            into.push(Assessment::new(
                "structuredData",
                Part::Seo,
                0,
                Message::new(
                    "La página no dice qué es a las máquinas: agrega JSON-LD (Article, FAQPage, Product…) si quieres más que un enlace en los resultados.",
                    "The page does not tell machines what it is: add JSON-LD (Article, FAQPage, Product…) if you want more than a link in the results.",
                ),
            ));
        }
        return;
    }
    let (errors, wishes): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|finding| finding.problem.is_error());
    let (score, worst) = match (errors.is_empty(), wishes.is_empty()) {
        (true, true) => (9, &wishes),
        (true, false) => (7, &wishes),
        (false, _) => (3, &errors),
    };
    let named: Vec<[String; 2]> = worst.iter().take(NAMED).map(|finding| said(finding)).collect();
    let list = |at: usize| named.iter().map(|said| said[at].as_str()).collect::<Vec<_>>().join("; ");
    let message = match score {
        9 => Message::new(
            format!("Los datos estructurados están completos: {}.", kinds.join(", ")),
            format!("The structured data is complete: {}.", kinds.join(", ")),
        ),
        7 => Message::new(
            format!("Los datos estructurados se leen, y ganarían con más: {}.", list(0)),
            format!("The structured data is read, and would gain by more: {}.", list(1)),
        ),
        _ => Message::new(
            format!("{} en los datos estructurados: {}.", counted(errors.len(), "error", "errores"), list(0)),
            format!("{} in the structured data: {}.", counted(errors.len(), "error", "errors"), list(1)),
        ),
    };
    into.push(
        Assessment::new("structuredData", Part::Seo, score, message)
            .value(errors.len() as f64)
            .at_most(0.0)
            .spans(worst.iter().map(|finding| finding.span)),
    );
}

/// What is wrong, in Spanish and in English.
fn said(finding: &Finding) -> [String; 2] {
    let place = if finding.path.is_empty() { finding.kind.clone() } else { format!("{}.{}", finding.kind, finding.path) };
    let [es, en] = match finding.problem {
        Problem::MissingRequired => ["falta", "is missing"],
        Problem::MissingRecommended => ["se recomienda", "is recommended"],
        Problem::WrongType => ["no es del tipo que toca", "is not of the right type"],
        Problem::BrokenJson => ["no es JSON", "is no JSON"],
        Problem::UnknownType => ["es de un tipo que no existe", "is of a type that does not exist"],
        Problem::BadDate => ["no es una fecha ISO 8601", "is no date by ISO 8601"],
        Problem::BadUrl => ["no es una dirección web", "is no web address"],
        Problem::BadNumber => ["no es un número", "is no number"],
    };
    let place = if place.is_empty() { "JSON-LD".to_owned() } else { place };
    [format!("{place} {es}"), format!("{place} {en}")]
}
