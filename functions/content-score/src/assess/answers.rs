//! Whether it can be quoted as an answer: said up front, with facts, under questions.

use std::sync::LazyLock;

use orilla_prose::document::Kind;
use orilla_prose::function_words;

use super::phrases::Phrases;
use super::wording::{counted, excerpt, figure};
use super::{Assessment, Message, Page};
use crate::asked;
use crate::assessment::Part;
use crate::page::Leads;

/// Words within which an answer should have been given; chosen, what a result's excerpt quotes.
const UP_FRONT: usize = 60;

/// Facts per hundred words; chosen: encyclopedic prose has about ten, advertising without substance under two.
const FACTS: f64 = 4.0;
const FACTS_OK: f64 = 2.0;

/// Words of a paragraph that answers directly; chosen.
const DIRECT: usize = 70;

/// Verbs of a definition or a claim. Own lists.
const CLAIMS: [&str; 34] = [
    "es",
    "son",
    "consiste",
    "significa",
    "sirve",
    "sirven",
    "permite",
    "permiten",
    "cuesta",
    "cuestan",
    "necesitas",
    "debes",
    "puedes",
    "hay",
    "tiene",
    "tienen",
    "dura",
    "tarda",
    "incluye",
    "evita",
    "is",
    "are",
    "means",
    "costs",
    "cost",
    "takes",
    "take",
    "lets",
    "includes",
    "need",
    "needs",
    "has",
    "have",
    "can",
];

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    if page.language.is_none() || page.words < UP_FRONT {
        return;
    }
    into.extend(up_front(page));
    into.push(facts(page));
    into.extend(empty_phrases(page));
    if page.asked.kind != asked::Kind::Email {
        into.extend(questions(page));
    }
}

fn up_front(page: &Page) -> Option<Assessment> {
    let topic = page.topic.as_ref()?;
    let mut opening = String::new();
    let mut words = 0;
    let mut has_claim = false;
    let mut spans = Vec::new();
    for said in page.sentences().filter(|said| !matches!(said.block.kind, Kind::Heading(_) | Kind::Caption)) {
        if words >= UP_FRONT {
            break;
        }
        words += said.length();
        opening.push_str(said.text());
        opening.push(' ');
        let about = topic.covered(said.text()).share() >= 50.0;
        let claims = said
            .words()
            .any(|word| CLAIMS.contains(&word.to_lowercase().as_str()) || word.chars().any(|character| character.is_ascii_digit()));
        has_claim |= about && claims;
        spans.push(said.span());
    }
    let is_about = topic.covered(&opening).is_whole();
    let name = &topic.text;
    let (score, message) = match (is_about, has_claim) {
        (true, true) => (
            9,
            Message::new(
                "El comienzo responde: nombra el tema y afirma algo de él.",
                "The beginning answers: it names the topic and says something of it.",
            ),
        ),
        (false, false) => (
            3,
            Message::new(
                format!("Las primeras {UP_FRONT} palabras no dicen nada de «{name}»: empieza por la respuesta, el contexto después."),
                format!("The first {UP_FRONT} words say nothing of “{name}”: begin with the answer, the context later."),
            ),
        ),
        _ => (
            6,
            Message::new(
                format!("Las primeras {UP_FRONT} palabras rozan «{name}»: di ahí en una oración qué es, cuánto cuesta o qué se hace."),
                format!("The first {UP_FRONT} words touch on “{name}”: say there in one sentence what it is, costs or takes."),
            ),
        ),
    };
    Some(Assessment::new("answerUpFront", Part::Structure, score, message).spans(spans))
}

fn facts(page: &Page) -> Assessment {
    let mut facts = 0;
    let mut spans = Vec::new();
    for said in page.sentences().filter(|said| !matches!(said.block.kind, Kind::Heading(_))) {
        let text = said.block.text.as_str();
        let words = said.passage.words.get(said.sentence.words.clone()).unwrap_or_default();
        let mut was_name = false;
        for (index, range) in words.iter().enumerate() {
            let word = text.get(range.clone()).unwrap_or_default();
            let has_digit = word.chars().any(|character| character.is_ascii_digit());
            let is_name = index > 0
                && word.chars().next().is_some_and(char::is_uppercase)
                && word.chars().any(char::is_lowercase)
                && !function_words::is(word, said.language);
            // A name of several words is one fact.
            if has_digit || (is_name && !was_name) {
                facts += 1;
                spans.push(said.block.text.span(range.clone()));
            }
            was_name = is_name;
        }
    }
    facts += page.leads.iter().filter(|leads| **leads == Leads::Outside).count();
    let value = facts as f64 * 100.0 / page.words.max(1) as f64;
    let shown = figure(value);
    let (score, message) = if value >= FACTS {
        (
            9,
            Message::new(
                format!("Hay {} datos cada 100 palabras: el texto es concreto.", shown.es),
                format!("There are {} facts in every 100 words: the text is concrete.", shown.en),
            ),
        )
    } else {
        (
            if value >= FACTS_OK { 6 } else { 3 },
            Message::new(
                format!(
                    "Hay {} datos cada 100 palabras; se buscan {FACTS:.0}: pon cifras, fechas, precios, nombres o fuentes donde hoy hay adjetivos.",
                    shown.es
                ),
                format!(
                    "There are {} facts in every 100 words; {FACTS:.0} are wanted: put figures, dates, prices, names or sources where adjectives stand now.",
                    shown.en
                ),
            ),
        )
    };
    Assessment::new("factDensity", Part::Persuasion, score, message).value(value).at_least(FACTS).spans(spans)
}

fn questions(page: &Page) -> Option<Assessment> {
    let blocks: Vec<_> = page.prose().collect();
    let mut asked = 0;
    let mut open = Vec::new();
    for (index, (_, block, _)) in blocks.iter().enumerate() {
        if !matches!(block.kind, Kind::Heading(_)) || !block.text.as_str().trim_end().ends_with('?') {
            continue;
        }
        asked += 1;
        let is_answered = blocks.get(index + 1).is_some_and(|(_, next, passage)| {
            matches!(next.kind, Kind::Paragraph | Kind::ListItem(_)) && (1..=DIRECT).contains(&passage.words.len())
        });
        if !is_answered {
            open.push(*block);
        }
    }
    if asked == 0 {
        return None;
    }
    let (score, message) = match open.first() {
        None => (
            9,
            Message::new(
                format!("{}, con su respuesta directa debajo.", counted(asked, "título pregunta", "títulos preguntan")),
                format!("{} a question, each with its direct answer below.", counted(asked, "heading asks", "headings ask")),
            ),
        ),
        Some(first) => {
            let text = excerpt(first.text.as_str());
            (
                6,
                Message::new(
                    format!("«{text}» no tiene debajo una respuesta directa: contesta en un párrafo de hasta {DIRECT} palabras."),
                    format!("“{text}” has no direct answer below: answer in a paragraph of up to {DIRECT} words."),
                ),
            )
        }
    };
    Some(
        Assessment::new("questionHeadings", Part::Structure, score, message)
            .value(asked as f64)
            .spans(open.iter().map(|block| block.text.whole())),
    )
}

/// Phrases that say nothing, and what to do instead is always the same: say the fact. Own list.
static EMPTY: LazyLock<Phrases<()>> = LazyLock::new(|| {
    let list = "en el mundo actual / en el mundo de hoy / hoy en día / hoy más que nunca / en la actualidad / es importante destacar / cabe destacar / cabe mencionar / \
cabe señalar / es importante mencionar / es fundamental / vale la pena mencionar / soluciones integrales / solución integral / de vanguardia / de última generación / \
líderes en / líder en / amplia experiencia / años de trayectoria / calidad y servicio / altos estándares / de la más alta calidad / a la medida de tus necesidades / \
se adapta a tus necesidades / adaptadas a tus necesidades / llevar tu negocio al siguiente nivel / al siguiente nivel / marcar la diferencia / un abanico de / \
una amplia gama / un sinfín de / sin lugar a dudas / sin duda alguna / no es ningún secreto / a nivel de / en el marco de / con el fin de / con el objetivo de / \
potenciar / sinergia / sinergias / innovador / innovadora / innovadoras / innovadores / disruptivo / disruptiva / holístico / holística / transformador / \
comprometidos con la excelencia / la excelencia / equipo de profesionales / profesionales altamente calificados / altamente calificado / altamente calificados / \
mejor opción / la mejor calidad / los mejores precios / experiencia única / de manera eficiente / de forma eficiente / en todo momento / \
in today's world / in today's fast-paced world / in today's digital / now more than ever / in this day and age / it is important to note / it's important to note / \
it is worth noting / it should be noted / needless to say / at the end of the day / cutting edge / cutting-edge / state of the art / state-of-the-art / world class / \
world-class / best in class / best-in-class / industry leading / industry-leading / next level / to the next level / take your business / game changer / \
game-changer / game-changing / tailored solutions / innovative solutions / comprehensive solutions / holistic / synergy / synergies / leverage / leveraging / \
seamless / seamlessly / robust / innovative / a wide range of / a wide variety of / plethora / myriad / wide array of / passionate about / commitment to excellence / \
highest standards / highest quality / excellence / unparalleled / second to none / one-stop shop / one stop shop / empower / empowering / unlock the potential / \
unleash / delve / ever-changing / ever-evolving / in order to / due to the fact that / in the realm of / look no further / team of experts / \
team of professionals / years of experience / meet your needs / all your needs / peace of mind / whether you're";
    Phrases::new(list.split(" / ").map(|phrase| (phrase, ())))
});

/// Empty phrases per hundred words; chosen.
const EMPTY_GOOD: f64 = 0.4;
const EMPTY_OK: f64 = 1.2;

fn empty_phrases(page: &Page) -> Option<Assessment> {
    if page.language.is_none() || page.words < UP_FRONT {
        return None;
    }
    let mut spans = Vec::new();
    let mut first = None;
    for (_, block, passage) in page.prose() {
        for found in EMPTY.find(block.text.as_str(), &passage.words) {
            first = first.or_else(|| block.text.as_str().get(found.range.clone()).map(str::to_lowercase));
            spans.push(block.text.span(found.range));
        }
    }
    let number = spans.len();
    let value = number as f64 * 100.0 / page.words as f64;
    let score = if number <= 1 || value <= EMPTY_GOOD {
        9
    } else if value <= EMPTY_OK {
        6
    } else {
        3
    };
    let phrase = first.unwrap_or_default();
    let message = if score == 9 {
        Message::new("Casi no hay frases hechas.", "There are hardly any empty phrases.")
    } else {
        Message::new(
            format!("{}, como «{phrase}»: cambia cada una por un dato.", counted(number, "frase no dice nada", "frases no dicen nada")),
            format!("{} nothing, like “{phrase}”: replace each with a fact.", counted(number, "phrase says", "phrases say")),
        )
    };
    Some(Assessment::new("emptyPhrases", Part::Persuasion, score, message).value(value).at_most(EMPTY_GOOD).spans(spans))
}
