//! Reasons to believe it, and whom it speaks to.

use std::sync::LazyLock;

use orilla_prose::document::Kind;

use super::phrases::Phrases;
use super::wording::{figure, share};
use super::{Assessment, Message, Page};
use crate::asked;
use crate::assessment::Part;

/// What a reader may believe it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Evidence {
    /// A promise with a consequence.
    Guarantee,
    /// Others who say or do so.
    Others,
    /// A source, a study, a certificate.
    Source,
}

/// Own list.
static EVIDENCE: LazyLock<Phrases<Evidence>> = LazyLock::new(|| {
    let of = |evidence, list: &'static str| list.split(" / ").map(move |phrase| (phrase, evidence));
    let guarantee = "garantía / garantizado / garantizada / devolución / te devolvemos / devolvemos tu dinero / sin compromiso / sin permanencia / prueba gratis / \
prueba gratuita / primer mes gratis / cancela cuando / sin costo / sin tarjeta / reembolso / guarantee / guaranteed / money back / refund / refunded / free trial / \
cancel anytime / cancel any / no card / no contract / no obligation / first month free / warranty";
    let others = "clientes / alumnos / estudiantes / familias / negocios / empresas / testimonio / testimonios / reseñas / opiniones / casos de éxito / pacientes / \
customers / clients / students / families / traders / reviews / testimonial / testimonials / rated / members / patients / owners";
    let source = "según / estudio / encuesta / informe / certificado / certificada / certificación / fuente / medimos / registrado / colegiado / according to / study / \
survey / report / certified / accredited / licensed / source / we measured / registered / insured";
    Phrases::new(of(Evidence::Guarantee, guarantee).chain(of(Evidence::Others, others)).chain(of(Evidence::Source, source)))
});

/// Words for the reader, and for who writes. Own lists; Spanish endings also say *tú*, which these leave out.
const READER: [&str; 24] = [
    "tú", "tu", "tus", "te", "ti", "contigo", "tuyo", "tuya", "tuyos", "tuyas", "usted", "ustedes", "vos", "you", "your", "yours",
    "yourself", "you're", "you'll", "you've", "you'd", "vuestro", "vuestra", "os",
];
const WRITER: [&str; 20] = [
    "nosotros",
    "nosotras",
    "nuestro",
    "nuestra",
    "nuestros",
    "nuestras",
    "nos",
    "somos",
    "we",
    "our",
    "ours",
    "us",
    "we're",
    "we've",
    "we'll",
    "we'd",
    "ourselves",
    "contamos",
    "ofrecemos",
    "brindamos",
];

/// Addresses from which their balance means something; chosen.
const ADDRESSES: usize = 4;

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    if page.language.is_none() || page.is_blank() {
        return;
    }
    if page.asked.kind != asked::Kind::Email {
        into.push(evidence(page));
    }
    into.extend(address(page));
}

fn evidence(page: &Page) -> Assessment {
    let mut kinds = std::collections::HashSet::new();
    let mut spans = Vec::new();
    let mut has_quote = false;
    for (_, block, passage) in page.prose() {
        let text = block.text.as_str();
        has_quote |= block.kind == Kind::Quote;
        for sentence in &passage.sentences {
            let words = passage.words.get(sentence.words.clone()).unwrap_or_default();
            let has_figure = text.get(sentence.range.clone()).is_some_and(|said| said.chars().any(|character| character.is_ascii_digit()));
            for found in EVIDENCE.find(text, words) {
                // "Our customers" is a claim; "214 customers" can be held against who says it.
                if found.says == Evidence::Others && !has_figure {
                    continue;
                }
                let _ = kinds.insert(found.says);
                spans.push(block.text.span(found.range));
            }
        }
    }
    let number = kinds.len() + usize::from(has_quote);
    let (score, message) = match number {
        0 => (
            3,
            Message::new(
                "Nada respalda lo que se promete: agrega un testimonio con nombre, una garantía o una cifra de clientes.",
                "Nothing backs what is promised: add a testimonial with a name, a guarantee or a number of customers.",
            ),
        ),
        1 => (
            6,
            Message::new(
                "Hay una razón para creer lo que se dice; suma otra: un testimonio, una garantía, una fuente.",
                "There is one reason to believe what is said; add another: a testimonial, a guarantee, a source.",
            ),
        ),
        _ => (
            9,
            Message::new(
                "Hay testimonios, garantías o fuentes que respaldan el texto.",
                "Testimonials, guarantees or sources back the text.",
            ),
        ),
    };
    Assessment::new("trustEvidence", Part::Persuasion, score, message).value(number as f64).at_least(2.0).spans(spans)
}

fn address(page: &Page) -> Option<Assessment> {
    let (mut reader, mut writer) = (0, 0);
    for word in page.sentences().flat_map(|said| said.words().collect::<Vec<_>>()) {
        let word = word.to_lowercase();
        reader += usize::from(READER.contains(&word.as_str()));
        writer += usize::from(WRITER.contains(&word.as_str()));
    }
    if reader + writer < ADDRESSES {
        return None;
    }
    let part = share(reader, reader + writer);
    let shown = figure(part);
    let (score, message) = if part >= 50.0 {
        (
            9,
            Message::new(
                format!("El texto le habla al lector ({reader} veces «tú» o «usted», {writer} «nosotros»)."),
                format!("The text speaks to the reader ({reader} times “you”, {writer} “we”)."),
            ),
        )
    } else {
        (
            if part >= 25.0 { 6 } else { 3 },
            Message::new(
                format!(
                    "El texto habla más de quien escribe ({writer} veces «nosotros») que del lector ({reader}, {} %): di qué gana él.",
                    shown.es
                ),
                format!(
                    "The text speaks more of who writes ({writer} times “we”) than of the reader ({reader}, {}%): say what they gain.",
                    shown.en
                ),
            ),
        )
    };
    Some(Assessment::new("readerAddress", Part::Persuasion, score, message).value(part).at_least(50.0))
}
