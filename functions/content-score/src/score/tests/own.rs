//! Orilla's own assessments.

use super::*;

fn brief(html: &str) -> Report {
    score(&asked(html), &Profile::brief())
}

#[test]
fn a_call_to_action_is_found_placed_and_weighed() {
    let text = "<p>Nuestro taller enseña a tornear en seis semanas y cada persona tiene su torno.</p>";
    for (end, presence, strength) in [
        ("", 3, None),
        ("<p>Escríbenos al 55 1234 5678 y pregunta por el horario.</p>", 6, None),
        ("<p><a href=/r>Reserva tu lugar gratis</a></p>", 9, Some(9)),
        ("<p><a class=btn href=/r>Enviar</a></p>", 9, Some(3)),
        ("<p><a class=btn href=/r>Haz clic aquí</a></p>", 9, Some(3)),
        ("<button>Get my free quote</button>", 9, Some(9)),
    ] {
        let report = brief(&format!("{text}{end}"));
        assert_eq!((scored(&report, "callToAction"), scored(&report, "callToActionStrength")), (Some(presence), strength), "{end}");
    }
}

#[test]
fn a_keyphrase_that_is_forced_in_costs_more_than_it_gains() {
    let honest = PAGE.to_owned();
    let stuffed = format!(
        "{PAGE}<p>{}</p>",
        "Los mejores cursos de cerámica son nuestros cursos de cerámica, porque los cursos de cerámica son cursos de cerámica. ".repeat(3)
    );
    let of = |html: &str| score(&Asked { keyphrase: Some("cursos de cerámica".to_owned()), ..asked(html) }, &Profile::brief());
    let (honest, stuffed) = (of(&honest), of(&stuffed));
    assert_eq!(scored(&honest, "keywordStuffing"), Some(9), "{:?}", find(&honest, "keywordStuffing"));
    assert!(scored(&stuffed, "keywordStuffing").is_some_and(|score| score < 0));
    assert!(stuffed.score + 15 <= honest.score, "{} {}", stuffed.score, honest.score);
}

#[test]
fn word_forms_and_accents_count_in_the_brief_and_not_in_yoasts() {
    let html = "<p>Nuestro curso de ceramica empieza hoy.</p>";
    for (profile, expected) in [(Profile::brief(), 9), (Profile::yoast(), 3)] {
        let asked = Asked { keyphrase: Some("cursos de cerámica".to_owned()), locale: Some(Locale::Es), ..asked(html) };
        assert_eq!(scored(&score(&asked, &profile), "introductionKeyword"), Some(expected), "{}", profile.name);
    }
}

#[test]
fn an_email_is_judged_by_its_subject_and_preview() {
    for (subject, expected) in [(0, 1), (29, 6), (30, 9), (50, 9), (51, 6), (60, 6), (61, 3)] {
        let asked = Asked { kind: asked::Kind::Email, title: (subject > 0).then(|| "á".repeat(subject)), ..asked("<p>Hola, Ana.</p>") };
        let report = score(&asked, &Profile::brief());
        assert_eq!(scored(&report, "subjectLength"), Some(expected), "{subject}");
        assert_eq!(scored(&report, "metaDescriptionLength"), None);
    }
    for (preview, expected) in [(0, 3), (34, 6), (35, 9), (110, 9), (111, 6)] {
        let asked = Asked { kind: asked::Kind::Email, preview: Some("é".repeat(preview)), ..asked("<p>Hola, Ana.</p>") };
        assert_eq!(scored(&score(&asked, &Profile::brief()), "previewText"), Some(expected), "{preview}");
    }
    let spam = Asked { kind: asked::Kind::Email, title: Some("Has ganado: dinero fácil".to_owned()), ..asked("<p>Haz clic aquí.</p>") };
    assert_eq!(scored(&score(&spam, &Profile::brief()), "spamWords"), Some(1));
}

#[test]
fn headings_keep_their_order() {
    for (html, expected) in [
        ("<h1>a</h1><h2>b</h2><h3>c</h3><h2>d</h2>", Some(9)),
        ("<h1>a</h1><h3>b</h3>", Some(6)),
        ("<h1>a</h1><h3>b</h3><h5>c</h5>", Some(3)),
        ("<h2>a</h2>", None),
    ] {
        assert_eq!(scored(&brief(html), "headingOrder"), expected, "{html}");
    }
}

#[test]
fn a_whole_page_is_held_to_lighthouses_audits_and_a_piece_is_not() {
    let piece = brief("<p>Hola, mundo de las flores.</p>");
    assert_eq!(scored(&piece, "document-title"), None);
    let page = brief(
        "<!doctype html><html lang=es><head><title>Flores</title><meta name=robots content='noindex, follow'><link rel=canonical href='/x'><link rel=alternate hreflang=espanol href='https://a.example/'></head><body><p>Hola <a href=/x>aquí</a> <a href='javascript:x()'>y</a></p>",
    );
    for (id, expected) in [
        ("document-title", 9),
        ("meta-description", 3),
        ("html-has-lang", 9),
        ("viewport", 3),
        ("is-crawlable", 3),
        ("canonical", 3),
        ("hreflang", 3),
        ("link-text", 3),
        ("crawlable-anchors", 3),
    ] {
        assert_eq!(scored(&page, id), Some(expected), "{id}");
    }
}

#[test]
fn empty_phrases_and_facts_tell_substance_from_noise() {
    let noise = "<p>En el mundo actual, nuestras soluciones integrales de vanguardia llevan a las personas al siguiente nivel. Cabe destacar que somos líderes en calidad y \
servicio. Nuestra amplia experiencia marca la diferencia sin lugar a dudas, y un equipo de profesionales con altos estándares trabaja en todo momento para que la \
experiencia única sea la mejor opción para las personas que la buscan.</p>";
    let noise = brief(noise);
    assert_eq!((scored(&noise, "emptyPhrases"), scored(&noise, "factDensity")), (Some(3), Some(3)));
    let facts = brief(&format!(
        "{PAGE}<p>El taller abrió en 2014 en la calle Alcalá 12 y tiene 214 alumnos, según la encuesta de mayo de la Casa de la Cultura de Oaxaca.</p>"
    ));
    assert_eq!((scored(&facts, "emptyPhrases"), scored(&facts, "factDensity")), (Some(9), Some(9)));
}

#[test]
fn inclusive_language_names_another_word() {
    let report = brief("<p>El baño para minusválidos está al fondo, y la lista negra también.</p>");
    let found = find(&report, "inclusiveLanguage");
    assert!(
        found.is_some_and(|one| one.score == 3 && one.spans.len() == 2 && one.message.es.contains("personas con discapacidad")),
        "{found:?}"
    );
    assert_eq!(scored(&brief("<p>The normal price is black and white.</p>"), "inclusiveLanguage"), Some(9));
}

#[test]
fn places_point_at_what_they_are_about() {
    let html = "<p>Hola &amp; bienvenida, <b>se&ntilde;ora</b>.</p><p>El informe fue escrito por Ana.</p>";
    let report = score(&Asked { locale: Some(Locale::Es), ..asked(html) }, &Profile::brief());
    let places: Vec<_> =
        find(&report, "passiveVoice").map(|one| one.spans.iter().filter_map(|span| html.get(span.range())).collect()).unwrap_or_default();
    assert_eq!(places, ["El informe fue escrito por Ana."]);
}

#[test]
fn structured_data_is_held_to_what_is_asked_of_it() {
    let of = |json: &str| {
        let html = format!(
            "<!doctype html><html lang=es><body><script type=\"application/ld+json\">{json}</script><p>Hola a todos.</p></body></html>"
        );
        (find(&score(&asked(&html), &Profile::brief()), "structuredData").cloned().unwrap(), html)
    };
    let question = r#"{"@context":"https://schema.org","@type":"FAQPage","mainEntity":[{"@type":"Question","name":"¿Cuánto cuesta?","acceptedAnswer":{"@type":"Answer","text":"Diez euros."}}]}"#;
    assert_eq!(of(question).0.score, 9);
    let (broken, html) = of(&question.replace("acceptedAnswer", "answer"));
    assert_eq!(broken.score, 3, "{broken:?}");
    assert!(broken.message.en.contains("acceptedAnswer is missing"), "{}", broken.message.en);
    assert!(broken.spans.iter().all(|span| html.get(span.range()).is_some()) && !broken.spans.is_empty());
    assert_eq!(of("{\"@type\":").0.score, 3);
    let none = score(&asked("<!doctype html><html lang=es><body><p>Hola.</p></body></html>"), &Profile::brief());
    assert_eq!(scored(&none, "structuredData"), Some(0));
}
