use orilla_prose::document::Format;

use super::*;
use crate::asked::{Asked, Kind};
use crate::profile::Profile;

fn asked(content: &str, keyphrase: &str, title: &str) -> Asked {
    Asked {
        content: content.to_owned(),
        format: Format::Html,
        keyphrase: (!keyphrase.is_empty()).then(|| keyphrase.to_owned()),
        synonyms: Vec::new(),
        title: Some(title.to_owned()),
        meta_description: None,
        slug: None,
        url: None,
        locale: None,
        kind: Kind::Blog,
        persona: None,
        preview: None,
        hears_meaning: true,
    }
}

const SURF: [&str; 5] = [
    "<p>Elegir la primera tabla de surf depende de tu peso, de tu altura y de las olas de la playa donde aprendes.</p>",
    "<p>Una tabla larga y ancha flota más, se rema mejor y perdona los errores de quien empieza a pararse sobre las olas.</p>",
    "<p>Las tablas de espuma cuestan menos y no lastiman a quien se cae, por eso las escuelas de surf las usan en sus clases.</p>",
    "<p>Cuando ya tomas olas verdes con tu tabla, puedes pasar a una más corta, que gira mejor y pide más técnica.</p>",
    "<p>Revisa la tabla antes de comprarla: los golpes, las quillas flojas y la cera vieja dicen cuánto surf lleva encima.</p>",
];
const BAKERY: &str =
    "<p>El banco central subió ayer la tasa de interés por tercera vez este año para contener la inflación de los alimentos.</p>";

fn judged(asked: &Asked, questions: &[Question]) -> Vec<Assessment> {
    let profile = Profile::brief();
    assess(&Page::read(asked, &profile), questions)
}

fn of<'a>(judged: &'a [Assessment], id: &str) -> Option<&'a Assessment> {
    judged.iter().find(|it| it.id == id)
}

#[test]
fn a_text_is_about_its_own_keyphrase_and_not_about_a_strangers() {
    let own = judged(&asked(&SURF.concat(), "primera tabla de surf", "Cómo elegir tu primera tabla de surf"), &[]);
    assert_eq!(of(&own, "topicalFocus").unwrap().score, 9, "{own:?}");
    let strange = judged(&asked(&SURF.concat(), "declaración de impuestos", "Declaración de impuestos para autónomos"), &[]);
    assert_eq!(of(&strange, "topicalFocus").unwrap().score, 3, "{strange:?}");
    assert!(of(&judged(&asked(&SURF.concat(), "", "Surf"), &[]), "topicalFocus").is_none(), "nobody says what it is to be about");
}

#[test]
fn what_is_said_twice_is_pointed_at_where_it_comes_again() {
    let content = [
        SURF[0],
        SURF[1],
        "<p>Una tabla ancha y larga flota más y se rema mejor: perdona los errores de quien empieza a pararse en las olas.</p>",
    ]
    .concat();
    let found = judged(&asked(&content, "tabla de surf", "Tabla de surf"), &[]);
    let redundancy = of(&found, "redundancy").unwrap();
    assert_eq!((redundancy.score, redundancy.spans.len()), (6, 1));
    assert!(content[redundancy.spans[0].range()].starts_with("Una tabla ancha"));
    assert_eq!(of(&judged(&asked(&SURF.concat(), "tabla de surf", "Tabla de surf"), &[]), "redundancy").unwrap().score, 9);
}

#[test]
fn a_paragraph_of_another_world_is_a_hint_without_weight() {
    let content = [&SURF[..3], &[BAKERY], &SURF[3..]].concat().concat();
    let found = judged(&asked(&content, "primera tabla de surf", "Cómo elegir tu primera tabla de surf"), &[]);
    let strays = of(&found, "offTopic").unwrap();
    assert_eq!((strays.score, strays.spans.len()), (0, 1));
    assert!(content[strays.spans[0].range()].contains("banco central"));
    assert!(of(&judged(&asked(&SURF.concat(), "primera tabla de surf", "Tu primera tabla de surf"), &[]), "offTopic").is_none());
}

#[test]
fn questions_of_the_help_centre_on_this_matter_that_stay_open_are_ideas() {
    let ask = |text: &str, locale| Question { text: text.to_owned(), locale };
    let questions = [
        ask("¿Cómo elijo mi primera tabla de surf?", Locale::Es),
        ask("¿Cómo se guarda una tabla de surf en invierno?", Locale::Es),
        ask("¿Puedo pagar con tarjeta?", Locale::Es),
        ask("How do I choose a surf board?", Locale::En),
    ];
    let content = ["<h2>¿Cómo elijo mi primera tabla de surf?</h2>", &SURF.concat()].concat();
    let found = judged(&asked(&content, "primera tabla de surf", "Tu primera tabla de surf"), &questions);
    let coverage = of(&found, "questionCoverage").unwrap();
    assert!(coverage.message.es.contains("invierno") && !coverage.message.es.contains("tarjeta"), "{}", coverage.message.es);
    assert_eq!((coverage.score, coverage.value), (0, Some(50.0)));
}

#[test]
fn what_is_in_no_language_of_ours_or_says_nothing_is_not_judged() {
    for content in ["", "<p>Hola.</p>", "<p>これは日本語の文章です。これは日本語の文章です。これは日本語の文章です。</p>"]
    {
        assert!(judged(&asked(content, "surf", "Surf"), &[]).is_empty(), "{content}");
    }
}

#[test]
fn the_encoder_is_part_of_the_program() {
    assert!(model::quick().is_ok());
}
