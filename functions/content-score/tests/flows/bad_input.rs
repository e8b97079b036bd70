//! What nobody should send and somebody will: a report or a clear refusal, never a fault of ours.

use orilla_native::testing::Call;
use serde_json::json;

use crate::support::Shore;

#[tokio::test]
async fn whatever_a_text_is_it_is_judged() {
    let shore = Shore::new().await;
    let words = "palabra ".repeat(10_000);
    let texts = [
        String::new(),
        "   \n\t ".to_owned(),
        "\u{200b}\u{feff}\u{ad}".to_owned(),
        "<div>".repeat(20_000),
        format!("{}{}", "<b><i>".repeat(5_000), "</i>".repeat(3)),
        "<p><table><tr><p></div></p><!-- <![CDATA[ <script>alert(1)".to_owned(),
        "<h1>مرحبا بالعالم</h1><p>هذا نص عربي طويل بما يكفي ليعرف.</p>".to_owned(),
        "<p>これは日本語の文章です。長い文章を書きます。</p>".to_owned(),
        words.clone(),
        format!("<p>{words}</p>"),
        "a&amp&lt;&#x1F600;&bogus;&#99999999;".to_owned(),
        "(a+)+$ ".repeat(2_000),
        "[".repeat(20_000),
        "<a href=\"::::\">x</a><img src=\"\"><script type=\"application/ld+json\">{]</script>".to_owned(),
    ];
    for text in &texts {
        for format in ["html", "markdown", "plain"] {
            let sent =
                json!({ "content": text, "format": format, "keyphrase": "una frase clave más larga que el texto que la tiene que tener" });
            let reply = shore.send(Call::post("/v1/content/score").key(&shore.read).json(&sent)).await;
            let beginning: String = text.chars().take(30).collect();
            assert_eq!(reply.status.as_u16(), 200, "{format} {beginning:?}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn a_language_that_is_not_known_is_said_and_what_needs_none_is_judged() {
    let shore = Shore::new().await;
    let told = shore
        .score(json!({ "content": "<h1>これは日本語の見出しです</h1><p>これは日本語の文章です。とても長い文章を書きます。</p>" }))
        .await;
    assert_eq!((told["language"]["main"].as_str(), told["language"]["is_supported"].as_bool()), (Some("other"), Some(false)), "{told}");
    assert!(!told["assessments"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_text_or_too_much_of_it_is_refused() {
    let shore = Shore::new().await;
    let post = |body: String| Call::post("/v1/content/score").key(&shore.read).header("content-type", "application/json").body(body);
    for (body, expect) in [
        (String::new(), 400),
        ("{".to_owned(), 400),
        ("[]".to_owned(), 422),
        ("{\"content\": \"a\\u0000b\"}".to_owned(), 400),
        (json!({ "content": ["a"] }).to_string(), 422),
        (json!({ "content": "x".repeat(5 * 1024 * 1024 + 1) }).to_string(), 413),
        (json!({ "content": "x".repeat(8 * 1024 * 1024) }).to_string(), 413),
        (json!({ "content": "a", "keyphrase": "x".repeat(300) }).to_string(), 422),
    ] {
        let reply = shore.send(post(body)).await;
        assert_eq!(reply.status.as_u16(), expect, "{}", reply.text());
    }
}
