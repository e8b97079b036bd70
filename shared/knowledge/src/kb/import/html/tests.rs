use proptest::prelude::*;

use super::*;
use crate::kb::markdown::plain;

/// Questions with the plain text of their answers.
#[track_caller]
fn check(html: &str, expect: &[(&str, &str)]) {
    let rows = page(html, Locale::En, None);
    let found: Vec<_> = rows.into_iter().map(|row| row.outcome.unwrap()).map(|it| (it.question, plain(&it.answer).text)).collect();
    let found: Vec<_> = found.iter().map(|(question, answer)| (question.as_str(), answer.as_str())).collect();
    assert_eq!(found, expect);
}

#[test]
fn reads_json_ld_before_anything_else() {
    check(
        r#"<h2>Not this?</h2><p>No.</p><script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":["WebPage","FAQPage"],"mainEntity":[
        {"@type":"Question","name":"What is <b>it</b> &amp; why?","acceptedAnswer":{"@type":"Answer","text":"<p>One.</p><ul><li>a</li><li>b <a href=\"/x\">c</a></li></ul>"}},
        {"@type":"Question","name":"Plain?","acceptedAnswer":[{"text":"5 * 3 < 20_000 and a_b_c"}]},
        {"@type":"Question","name":"No answer?"}]}]}</script>"#,
        &[("What is it & why?", "One.\n\n• a\n• b c"), ("Plain?", "5 * 3 < 20_000 and a_b_c")],
    );
}

#[test]
fn reads_microdata() {
    check(
        r#"<div itemscope itemtype="https://schema.org/FAQPage"><div itemscope itemprop="mainEntity" itemtype="https://schema.org/Question">
        <h3 itemprop="name">How long?</h3><div itemscope itemprop="acceptedAnswer" itemtype="https://schema.org/Answer"><div itemprop="text"><p>Two
        days.<p>Or three.</div></div></div></div>"#,
        &[("How long?", "Two days.\n\nOr three.")],
    );
}

#[test]
fn reads_what_opens_and_lists_of_terms() {
    check(
        "<details><summary>Why?</summary>Because.<br>Really.</details><details><summary>Empty?</summary></details>",
        &[("Why?", "Because.\nReally.")],
    );
    check(
        "<dl><dt>Why?<dd>Because.<dt>Term<dd>No question.<div><dt>Who?</dt><dd>We.</dd></div></dl>",
        &[("Why?", "Because."), ("Who?", "We.")],
    );
}

#[test]
fn reads_headings_that_ask_and_all_where_none_does() {
    check(
        "<nav><h2>Menu?</h2><p>no</p></nav><main><h1>Help</h1><p>intro</p><section><h2>Why <em>now</em>?</h2><p>Because.</p><ol><li>x<li>y</ol></section><h2>Contact</h2><p>Mail.</p></main>",
        &[("Why now?", "Because.\n\n1. x\n2. y")],
    );
    check(
        "<h1>Help</h1><p>intro</p><h2>Prices</h2><p>10 €</p><script>var a='<h2>x?</h2>'</script><h3>Hours</h3><p>9–5</p>",
        &[("Prices", "10 €"), ("Hours", "9–5")],
    );
    check("<p>nothing here</p>", &[]);
}

#[test]
fn ids_come_from_questions_and_are_different() {
    let rows = page("<h2>¿Qué es?</h2>a<h2>¿Qué es?</h2>b<h2>???</h2>c", Locale::Es, Some("/faq"));
    let articles: Vec<_> = rows.iter().map(|row| row.outcome.as_ref().map(|it| (it.id.as_str(), it.url()))).collect();
    assert_eq!(articles[..2], [Ok(("que-es", Some("/faq"))), Ok(("que-es-2", Some("/faq")))]);
    assert!(articles[2].is_err_and(|found| found[0].field == "question"));
}

#[test]
fn unsafe_links_and_marks_are_words() {
    check(
        "<h2>x?</h2><a href='javascript:alert(1)'>go</a> # not a heading <p>1. not a list</p><p>- nor this</p><p>[a](b) `c` ~~d~~ &lt;i&gt;</p>",
        &[("x?", "go # not a heading\n\n1. not a list\n\n- nor this\n\n[a](b) `c` ~~d~~ <i>")],
    );
}

#[test]
fn a_page_of_nothing_but_open_elements_is_read() {
    let rows = page(&"<div><h2>a?</h2>".repeat(20_000), Locale::En, None);
    assert!(rows.len() <= MAX_ROWS + 1);
}

proptest! {
    #[test]
    fn words_of_a_page_stay_what_they_are(words in "[a-z0-9*_#>\\-+.)(\\[\\]!`~| ]{1,40}") {
        let expect = words.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assume!(!expect.is_empty());
        let escaped = words.replace('>', "&gt;");
        let markdown = words::markdown(&tree::read(&format!("<p>{escaped}</p>")).children);
        prop_assert_eq!(plain(&markdown).text, expect, "{}", markdown);
    }

    #[test]
    fn any_page_is_read(html in any::<String>(), tags in "(<(/|)(h2|p|li|ul|dl|dt|dd|details|summary|a href=/x|script|table|tr|td)>|a|\\?| |&lt){0,40}") {
        let _ = page(&html, Locale::En, None);
        let _ = page(&tags, Locale::Es, None);
    }
}

#[test]
fn no_question_takes_the_place_of_another_whose_words_are_its_number() {
    let page = |questions: &[&str]| -> Vec<String> {
        let html: String = questions.iter().map(|it| format!("<details><summary>{it}</summary>A</details>")).collect();
        super::page(&html, Locale::Es, None).into_iter().map(|row| row.outcome.unwrap().id).collect()
    };
    assert_eq!(page(&["Q 1?", "Q 1?", "Q 1 2?"]), ["q-1", "q-1-2", "q-1-2-2"]);
    assert_eq!(page(&["Q 1 2?", "Q 1?", "Q 1?", "Q 1?"]), ["q-1-2", "q-1", "q-1-3", "q-1-4"]);
}
