//! Words that leave people out or put them down, each with another that does not. Own lists, kept short: what has a harmless meaning is not on them.

use std::sync::LazyLock;

use super::phrases::Phrases;
use super::wording::counted;
use super::{Assessment, Message, Page};
use crate::assessment::Part;

/// Spanish and English, each with what to say instead.
static WORDS: LazyLock<Phrases<&'static str>> = LazyLock::new(|| {
    Phrases::new([
        ("minusválido", "persona con discapacidad"),
        ("minusválidos", "personas con discapacidad"),
        ("discapacitado", "persona con discapacidad"),
        ("discapacitados", "personas con discapacidad"),
        ("inválidos", "personas con discapacidad"),
        ("retrasado mental", "persona con discapacidad intelectual"),
        ("retrasados mentales", "personas con discapacidad intelectual"),
        ("sordomudo", "persona sorda"),
        ("sordomudos", "personas sordas"),
        ("confinado a una silla de ruedas", "usa silla de ruedas"),
        ("atado a una silla de ruedas", "usa silla de ruedas"),
        ("postrado en una silla de ruedas", "usa silla de ruedas"),
        ("sufre de autismo", "es autista"),
        ("personas normales", "personas sin discapacidad"),
        ("inmigrantes ilegales", "inmigrantes sin papeles"),
        ("inmigrante ilegal", "inmigrante sin papeles"),
        ("tercer mundo", "países en desarrollo"),
        ("tercermundista", "precario"),
        ("trabajo de chinos", "trabajo minucioso"),
        ("merienda de negros", "desorden"),
        ("lista negra", "lista de bloqueo"),
        ("listas negras", "listas de bloqueo"),
        ("mercado negro", "mercado clandestino"),
        ("sexo débil", "mujeres"),
        ("llora como una niña", "llora"),
        ("los ancianos", "las personas mayores"),
        ("viejitos", "personas mayores"),
        ("el hombre de la calle", "la gente"),
        ("amas de casa", "personas que cuidan el hogar"),
        ("sirvienta", "trabajadora del hogar"),
        ("mano de obra", "personal"),
        ("señoritas", "mujeres"),
        ("chairman", "chair"),
        ("salesman", "salesperson"),
        ("salesmen", "salespeople"),
        ("businessmen", "business people"),
        ("policeman", "police officer"),
        ("policemen", "police officers"),
        ("fireman", "firefighter"),
        ("firemen", "firefighters"),
        ("stewardess", "flight attendant"),
        ("mailman", "mail carrier"),
        ("mankind", "humankind"),
        ("manpower", "workforce"),
        ("man-made", "artificial"),
        ("manned", "staffed"),
        ("housewives", "homemakers"),
        ("the elderly", "older people"),
        ("old people", "older people"),
        ("senile", "older"),
        ("handicapped", "disabled"),
        ("the disabled", "disabled people"),
        ("wheelchair-bound", "who uses a wheelchair"),
        ("wheelchair bound", "who uses a wheelchair"),
        ("confined to a wheelchair", "who uses a wheelchair"),
        ("suffers from autism", "is autistic"),
        ("mentally retarded", "with an intellectual disability"),
        ("retarded", "with an intellectual disability"),
        ("deaf and dumb", "deaf"),
        ("lame excuse", "poor excuse"),
        ("normal people", "people without a disability"),
        ("crazy people", "people with a mental illness"),
        ("lunatic", "reckless"),
        ("illegal aliens", "undocumented immigrants"),
        ("illegal immigrants", "undocumented immigrants"),
        ("third world", "developing countries"),
        ("oriental people", "Asian people"),
        ("gypped", "cheated"),
        ("blacklist", "blocklist"),
        ("whitelist", "allowlist"),
        ("spirit animal", "inspiration"),
        ("powwow", "meeting"),
        ("the homeless", "people without a home"),
        ("sexual preference", "sexual orientation"),
        ("opposite sex", "another sex"),
        ("ladies and gentlemen", "everyone"),
        ("you guys", "everyone"),
    ])
});

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    if page.language.is_none() || page.is_blank() {
        return;
    }
    let mut found = Vec::new();
    for (_, block, passage) in page.prose().filter(|(_, _, passage)| passage.language.is_some()) {
        for hit in WORDS.find(block.text.as_str(), &passage.words) {
            let said = block.text.as_str().get(hit.range.clone()).unwrap_or_default();
            found.push((said, hit.says, block.text.span(hit.range)));
        }
    }
    let number = found.len();
    let message = match found.first() {
        None => Message::new("Ninguna expresión deja a alguien afuera.", "No expression leaves anyone out."),
        Some((said, instead, _)) => Message::new(
            format!(
                "{}: en lugar de «{said}» prueba «{instead}».",
                counted(number, "expresión puede dejar a alguien afuera", "expresiones pueden dejar a alguien afuera")
            ),
            format!(
                "{}: instead of “{said}” try “{instead}”.",
                counted(number, "expression may leave someone out", "expressions may leave someone out")
            ),
        ),
    };
    let score = match number {
        0 => 9,
        1 => 6,
        _ => 3,
    };
    into.push(
        Assessment::new("inclusiveLanguage", Part::Persuasion, score, message)
            .value(number as f64)
            .at_most(0.0)
            .spans(found.iter().map(|(_, _, span)| *span)),
    );
}
