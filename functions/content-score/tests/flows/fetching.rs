//! Pages that are fetched: through the guard, as they say they are written, and with a reason where they are not.

use http::{HeaderMap, HeaderValue, StatusCode};
use orilla_core::ports::FetchError;
use orilla_native::testing::{Answer, Call};
use serde_json::json;

use crate::support::{GOOD, Shore, html_page, violations};

#[tokio::test]
async fn a_page_is_fetched_through_its_redirects_and_judged_where_it_ends() {
    let shore = Shore::new().await;
    shore.host.answer_fetches(|request| match request.destination.url().path() {
        "/" => {
            let mut headers = HeaderMap::new();
            headers.insert("location", HeaderValue::from_static("/es/?a=1#x"));
            Ok(Answer { status: StatusCode::MOVED_PERMANENTLY, headers, body: "".into() })
        }
        _ => {
            let mut page = html_page(GOOD.as_bytes(), "text/html");
            page.headers.insert("x-robots-tag", HeaderValue::from_static("googlebot: noindex"));
            Ok(page)
        }
    });
    let told = shore.score(json!({ "url": "https://marea.example/", "keyphrase": "clases de surf" })).await;
    assert!(told["fetched"]["url"].as_str().unwrap().starts_with("https://marea.example/es/?a=1"), "{}", told["fetched"]);
    assert_eq!((told["fetched"]["redirects"].as_u64(), told["fetched"]["is_noindex"].as_bool()), (Some(1), Some(true)));
    assert_eq!(told["language"]["main"], "es");
}

#[tokio::test]
async fn a_page_is_read_in_its_own_encoding() {
    let shore = Shore::new().await;
    shore.host.answer_fetches(|_| {
        Ok(html_page(b"<title>Espa\xf1a y ma\xf1ana</title><p>Ma\xf1ana ser\xe1 otro d\xeda.</p>", "text/html; charset=iso-8859-1"))
    });
    shore.score(json!({ "url": "https://marea.example/", "document": "d" })).await;
    assert_eq!(shore.get("/documents/d").await["title"], "España y mañana");
}

#[tokio::test]
async fn why_a_page_cannot_be_read_is_told() {
    type Fault = fn() -> Result<Answer, FetchError>;
    let faults: [(Fault, &str); 8] = [
        (|| Err(FetchError::Connect("refused".into())), "unreachable"),
        (|| Err(FetchError::Deadline), "deadline"),
        (|| Err(FetchError::Refused("private".into())), "refused"),
        (|| Err(FetchError::Protocol("x".into())), "broken"),
        (|| Ok(StatusCode::NOT_FOUND.into()), "status"),
        (|| Ok(StatusCode::FOUND.into()), "redirects"),
        (|| Ok(html_page(b"%PDF", "application/pdf")), "content_type"),
        (|| Ok(Answer { body: vec![b'x'; 6 * 1024 * 1024].into(), ..html_page(b"", "text/html") }), "too_large"),
    ];
    for (fault, expect) in faults {
        let shore = Shore::new().await;
        shore.host.answer_fetches(move |_| fault());
        let reply = shore.send(Call::post("/v1/content/score").key(&shore.read).json(&json!({ "url": "https://marea.example/" }))).await;
        assert_eq!((reply.status.as_u16(), violations(&reply)), (422, vec![("url".to_owned(), expect.to_owned())]));
    }
}

#[tokio::test]
async fn a_page_in_a_private_network_is_not_called_whoever_leads_there() {
    let shore = Shore::new().await;
    for url in ["http://127.0.0.1/", "https://169.254.169.254/latest", "https://localhost/", "http://marea.example/"] {
        let reply = shore.send(Call::post("/v1/content/score").key(&shore.read).json(&json!({ "url": url }))).await;
        assert_eq!(violations(&reply), [("url".to_owned(), "refused".to_owned())], "{url}");
    }
    assert!(shore.host.take_fetches().is_empty());
    shore.host.answer_fetches(|_| {
        let mut headers = HeaderMap::new();
        headers.insert("location", HeaderValue::from_static("https://10.0.0.1/"));
        Ok(Answer { status: StatusCode::FOUND, headers, body: "".into() })
    });
    let reply = shore.send(Call::post("/v1/content/score").key(&shore.read).json(&json!({ "url": "https://marea.example/" }))).await;
    assert_eq!((violations(&reply)[0].1.as_str(), shore.host.take_fetches().len()), ("refused", 1));
}
