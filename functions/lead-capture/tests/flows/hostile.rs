//! Bad input: a clear 4xx, nothing stored, never a 5xx; and what is merely ugly is kept as given and escaped where it is shown.

use std::io::Write;

use http::{Method, StatusCode};
use orilla_native::testing::Call;
use serde_json::{Map, Value as Json, json};

use crate::support::{Shore, ana};

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_clearly() {
    let shore = Shore::new().await;
    let fields: Map<String, Json> = (0..1_001).map(|n| (format!("f{n}"), json!("x"))).collect();
    let deep = format!("{{\"email\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let cases: Vec<(&str, Vec<u8>, StatusCode)> = vec![
        ("empty", vec![], StatusCode::BAD_REQUEST),
        ("broken JSON", b"{\"email\":".to_vec(), StatusCode::BAD_REQUEST),
        ("a list", b"[1]".to_vec(), StatusCode::BAD_REQUEST),
        ("invalid UTF-8", b"email=\xff\xfe".to_vec(), StatusCode::BAD_REQUEST),
        ("NUL", b"{\"email\":\"a\\u0000@b.example\"}".to_vec(), StatusCode::BAD_REQUEST),
        ("too deep", deep.into_bytes(), StatusCode::BAD_REQUEST),
        ("1,001 fields", Json::Object(fields).to_string().into_bytes(), StatusCode::PAYLOAD_TOO_LARGE),
        ("300 KB", format!("{{\"email\":\"{}\"}}", "x".repeat(300_000)).into_bytes(), StatusCode::PAYLOAD_TOO_LARGE),
        ("10 MB", vec![b'x'; 10_000_000], StatusCode::PAYLOAD_TOO_LARGE),
        ("wrong types", b"{\"email\":{\"a\":1},\"consent\":[],\"name\":5}".to_vec(), StatusCode::UNPROCESSABLE_ENTITY),
    ];
    for (what, body, expect) in cases {
        for uri in ["/v1/forms/demo/submissions", "/f/demo"] {
            let reply = shore.send(Call::post(uri).body(body.clone())).await;
            assert_eq!(reply.status, expect, "{what} at {uri}: {}", reply.text());
        }
    }
    assert_eq!(shore.count("submissions").await, 0);
}

#[tokio::test]
async fn a_gzip_bomb_stops_at_the_limit_and_honest_gzip_is_read() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let shore = Shore::new().await;
    let bomb =
        shore.send(Call::post("/v1/forms/demo/submissions").header("content-encoding", "gzip").body(gzip(&vec![b' '; 50_000_000]))).await;
    assert_eq!(bomb.status, StatusCode::PAYLOAD_TOO_LARGE);
    let unannounced =
        Call::post("/v1/forms/demo/submissions").header("content-type", "text/plain").body(gzip(ana().to_string().as_bytes()));
    assert_eq!(shore.send(unannounced).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_file_is_refused_by_name() {
    let shore = Shore::new().await;
    let body =
        "--x\r\nContent-Disposition: form-data; name=\"cv\"; filename=\"cv.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--x--\r\n";
    let call =
        Call::post("/f/demo").header("accept", "application/json").header("content-type", "multipart/form-data; boundary=x").body(body);
    let reply = shore.send(call).await;
    assert_eq!((reply.status, &reply.json()["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("NO_FILE_UPLOADS")));
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_say_what_there_is() {
    let shore = Shore::new().await;
    assert_eq!(shore.send(Call::get("/v1/nothing")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(shore.send(Call::get("/v1/forms/nope")).await.status, StatusCode::NOT_FOUND);
    let wrong = shore.send(Call::new(Method::PATCH, "/v1/forms/demo/submissions")).await;
    assert_eq!((wrong.status, wrong.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST, OPTIONS"));
}

#[tokio::test]
async fn a_hostile_next_leads_nowhere_but_to_the_thanks() {
    let shore = Shore::new().await;
    for (n, next) in [
        "https://evil.example/",
        "//evil.example/",
        "https://marea.example@evil.example/",
        "https://marea.example.evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://evil.example/\\marea.example",
        "http://marea.example:80@evil.example",
        "https://marea.example/%0d%0aset-cookie:x=1",
        "https://marea.example/\r\nset-cookie: x=1",
    ]
    .into_iter()
    .enumerate()
    {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("email", &format!("p{n}@olas.example")).append_pair("consent", "on").append_pair("_next", next);
        let reply = shore.send(Call::post("/f/demo").header("accept", "text/html").body(form.finish())).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{next}");
        let location = reply.header("location").to_owned();
        assert!(location.starts_with("/f/demo/thanks") || location.starts_with("https://marea.example/"), "{next} leads to {location}");
        assert!(!reply.headers.contains_key("set-cookie"), "{next}");
    }
}

#[tokio::test]
async fn markup_and_sql_are_kept_as_given_and_escaped_where_shown() {
    let shore = Shore::new().await;
    for (n, text) in
        ["<script>alert(1)</script>", "'; DROP TABLE leads; --", "\" onmouseover=\"x", "{{7*7}} ${7*7}", "%s%n", "Ñandú 🌊 שלום"]
            .into_iter()
            .enumerate()
    {
        let mut fields = ana();
        fields["email"] = json!(format!("p{n}@olas.example"));
        for name in ["name", "company", "role", "message"] {
            fields[name] = json!(text);
        }
        assert_eq!(shore.submit(&fields).await.status, StatusCode::CREATED, "{text}");
        let stored = shore.leads().await.into_iter().find(|lead| lead["email"] == json!(format!("p{n}@olas.example"))).unwrap();
        for name in ["name", "company", "role", "message"] {
            assert_eq!(stored["fields"][name], json!(text), "{name}");
        }
        fields["email"] = json!("broken");
        let page = shore.send(Call::post("/f/demo").header("accept", "text/html").json(&fields)).await.text();
        assert!(!page.contains("<script>alert") && !page.contains("\" onmouseover=\"x"), "{page}");
    }
}

#[tokio::test]
async fn keys_of_the_wrong_shape_are_told_so() {
    let shore = Shore::new().await;
    for key in ["", " ", "with space", &"x".repeat(256), "ñ"] {
        let reply = shore.submit_as(key, &ana()).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{key:?}: {}", reply.text());
    }
    assert_eq!(shore.count("submissions").await, 0);
}

#[tokio::test]
async fn the_thanks_link_to_assets_and_nothing_else() {
    let shore = Shore::new().await;
    let thanks = async |asset: &str| shore.send(Call::get(format!("/f/demo/thanks?asset={asset}&token=x"))).await.text();
    assert!(thanks("guide.pdf").await.contains("/v1/assets/guide.pdf"));
    for asset in ["..%2F..%2Fdemo%2Finbox", "a.pdf%3Fb", "%2F%2Fevil.example%2Fa.pdf"] {
        let page = thanks(asset).await;
        assert!(!page.contains("/v1/assets/"), "{asset}: {page}");
    }
}
