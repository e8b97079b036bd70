use orilla_prose::document::Format;
use orilla_text::Locale;
use proptest::prelude::*;

use super::*;
use crate::asked;
use crate::assessment::Rating;

mod bounds;
mod own;

fn asked(html: &str) -> Asked {
    Asked {
        content: html.to_owned(),
        format: Format::Html,
        keyphrase: None,
        synonyms: Vec::new(),
        title: None,
        meta_description: None,
        slug: None,
        url: None,
        locale: None,
        kind: asked::Kind::Blog,
        persona: None,
        preview: None,
        hears_meaning: false,
    }
}

fn find<'r>(report: &'r Report, id: &str) -> Option<&'r Assessment> {
    report.assessments.iter().find(|one| one.id == id)
}

fn scored(report: &Report, id: &str) -> Option<i32> {
    find(report, id).map(|one| one.score)
}

const PAGE: &str = "<h1>Cursos de cerámica en Oaxaca</h1><p>Los cursos de cerámica de Barro Vivo duran 6 semanas y cuestan $1,800. Aprendes a tornear, \
esmaltar y hornear con 8 personas por grupo.</p><h2>¿Qué incluye el curso?</h2><p>Incluye el barro, dos hornadas y un delantal. Además, te llevas tus piezas a \
casa.</p><ul><li>Torno para cada quien</li><li>Horno a 1,200 °C</li></ul><p>Por eso, reserva hoy tu lugar: quedan 3.</p><p><a class=\"btn\" href=\"/reserva\">Reserva tu lugar \
gratis</a></p>";

#[test]
fn bad_input_is_judged_as_well() {
    let long_sentence = format!("<p>{}</p>", "palabra ".repeat(10_000));
    let nested = format!("{}hola{}", "<div><b>".repeat(3_000), "</b></div>".repeat(3_000));
    for html in [
        "",
        " \n ",
        "\u{200b}\u{feff}",
        "<p>",
        "<p></p><h2></h2><a></a><img>",
        "<!doctype html><title></title>",
        "....!!!???",
        "<p>这是一个测试，看看它会怎么样。这个网站用中文写。</p>",
        "<p>هذا نص باللغة العربية لاختبار النظام وقياس القراءة.</p>",
        "<table><tr><td>1<td>2<tr><td>3</table><pre>fn main() {}</pre>",
        "<p>pa\u{200b}la\u{ad}bra &amp; &nbsp;&#x1F600; x&</p>",
        &long_sentence,
        &nested,
        PAGE,
    ] {
        for (profile, keyphrase) in [
            (Profile::brief(), None),
            (Profile::yoast(), Some("una frase clave más larga que todo el texto que hay aquí")),
            (Profile::brief(), Some("\"…\"")),
        ] {
            for kind in [asked::Kind::Blog, asked::Kind::Email, asked::Kind::Landing] {
                let asked = Asked { keyphrase: keyphrase.map(str::to_owned), kind, ..asked(html) };
                check(&asked, &score(&asked, &profile));
            }
        }
    }
}

fn check(asked: &Asked, report: &Report) {
    assert!(report.score <= 100);
    for part in [report.seo, report.readability, report.structure, report.persuasion].into_iter().flatten() {
        assert!(part <= 100);
    }
    let mut ids = std::collections::HashSet::new();
    for one in &report.assessments {
        assert!(ids.insert(one.id), "{} twice", one.id);
        assert!(one.costs >= 0.0 && one.value.is_none_or(f64::is_finite), "{one:?}");
        assert!(!one.message.es.is_empty() && !one.message.en.is_empty());
        for span in &one.spans {
            assert!(asked.content.get(span.range()).is_some(), "{} {span:?}", one.id);
        }
    }
}

#[test]
fn another_language_is_said_and_judged_only_by_what_has_no_language() {
    let asked = asked(
        "<h1>Ceci</h1><p>Nous sommes une petite entreprise qui vend des fleurs depuis longtemps, et nous aimons beaucoup notre travail dans la ville.</p>",
    );
    let report = score(&asked, &Profile::brief());
    assert_eq!((report.language.main, report.language.is_supported), ("other", false));
    assert_eq!(find(&report, "languageNotSupported").map(|one| one.rating), Some(Rating::Feedback));
    assert_eq!(scored(&report, "textSentenceLength"), None);
    assert_eq!(scored(&report, "passiveVoice"), None);
    assert_eq!(scored(&report, "titleWidth"), Some(1));
}

#[test]
fn each_block_of_a_mixed_page_is_held_to_its_own_language() {
    // 22 words: long in English, not in Spanish.
    let spanish = "Los vecinos de la calle que está junto al mercado viejo compran el pan y la leche en la tienda de la esquina azul.";
    let english = "The people who live in the street by the old market buy their bread and their milk at the shop on the corner.";
    let report = score(&asked(&format!("<p>{spanish}</p><p>{english}</p>")), &Profile::brief());
    assert!(report.language.is_mixed);
    let long = find(&report, "textSentenceLength").map(|one| (one.value, one.spans.len()));
    assert_eq!(long, Some((Some(50.0), 1)));
}

#[test]
fn what_is_missing_never_scores_higher_than_what_is_there() {
    let bare = Asked { keyphrase: Some("cursos de cerámica".to_owned()), locale: Some(Locale::Es), ..asked(PAGE) };
    let title = Asked { title: Some("Cursos de cerámica en Oaxaca: 6 semanas, grupos de 8".to_owned()), ..bare.clone() };
    let description = Asked { meta_description: Some("Una descripción cualquiera de la página.".to_owned()), ..bare.clone() };
    let both = Asked {
        meta_description: Some("Cursos de cerámica en Oaxaca para principiantes: 6 semanas, grupos de 8 personas, barro y horno incluidos. Reserva tu lugar hoy.".to_owned()),
        ..title.clone()
    };
    let of = |asked: &Asked| score(asked, &Profile::brief()).score;
    assert!(of(&title) > of(&bare) && of(&description) >= of(&bare) && of(&both) > of(&title));
}

#[test]
fn the_same_text_gives_the_same_report() {
    let asked = Asked { keyphrase: Some("cursos de cerámica".to_owned()), ..asked(PAGE) };
    assert_eq!(score(&asked, &Profile::brief()), score(&asked, &Profile::brief()));
}

#[test]
fn time_grows_with_the_text_and_not_with_its_square() {
    // By work, not by clock: twice the text has twice the words and at most as many places as the limit.
    let once = score(&asked(&PAGE.repeat(20)), &Profile::brief());
    let twice = score(&asked(&PAGE.repeat(40)), &Profile::brief());
    assert_eq!(twice.stats.words, once.stats.words * 2);
    assert!(twice.assessments.iter().all(|one| one.spans.len() <= 400));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_text_breaks_it(html in "(<(/?)(p|h1|h2|h4|ul|li|a href=x|img alt=cosa|b|td|blockquote|button|title|pre)>|[ a-zñá.!?¿\"'&;0-9\u{200b}é中]{0,20}|Los |de |cosa )*", keyphrase in proptest::option::of("[ a-z\"é]{0,12}"), is_yoast in any::<bool>()) {
        let asked = Asked { keyphrase, ..asked(&html) };
        let profile = if is_yoast { Profile::yoast() } else { Profile::brief() };
        check(&asked, &score(&asked, &profile));
    }
}
