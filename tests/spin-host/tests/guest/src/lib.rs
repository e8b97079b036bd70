//! A guest that does what its URL says, one probe per path, so that the host's tests can look at every interface from inside.
//! It promises nothing: it answers 200 with what the interface gave, errors included, and panics on what it does not understand.

mod databases;

use std::time::Duration;

use futures_util::SinkExt;
use serde_json::{Value, json};
use spin_sdk::http::{Fields, IncomingRequest, Method, OutgoingResponse, Request, Response, ResponseOutparam};
use spin_sdk::key_value::Store;
use spin_sdk::{http_component, variables};

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    let path = request.path_with_query().unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    let (probe, query) = (path.rsplit('/').next().unwrap_or_default().to_owned(), query.to_owned());
    let headers = request.headers().entries();
    match probe.as_str() {
        "hello" => text(out, b"hello".to_vec()).await,
        "headers" => text(out, show(headers)).await,
        "echo" => text(out, request.into_body().await.expect("a body")).await,
        "variable" => text(out, format!("{:?}", variables::get(&query)).into_bytes()).await,
        "environment" => text(out, json!(std::env::vars().collect::<Vec<_>>()).to_string().into_bytes()).await,
        "file" => text(out, format!("{:?}", std::fs::read_to_string(query)).into_bytes()).await,
        "write-file" => text(out, format!("{:?}", std::fs::write(query, "x").is_ok()).into_bytes()).await,
        "grow" => {
            let mebibytes: usize = query.parse().expect("a number");
            let held = vec![1u8; mebibytes << 20];
            text(out, held.len().to_string().into_bytes()).await;
        }
        "say" => {
            println!("said on standard output");
            eprintln!("said on standard error");
            text(out, Vec::new()).await;
        }
        "silent" => {}
        "trap" => panic!("as asked"),
        "stream" => stream(out).await,
        "after" => {
            text(out, b"first".to_vec()).await;
            std::thread::sleep(Duration::from_millis(200));
            Store::open_default().expect("a store").set("after", b"then").expect("set");
        }
        "fetch" => {
            let wanted = parse(request).await;
            text(out, fetch(&wanted).await.to_string().into_bytes()).await;
        }
        "key-value" => {
            let steps = parse(request).await;
            text(out, databases::key_value(&steps).to_string().into_bytes()).await;
        }
        "sqlite" => {
            let steps = parse(request).await;
            text(out, databases::sqlite(&steps).to_string().into_bytes()).await;
        }
        "sqlite3" => {
            let steps = parse(request).await;
            text(out, databases::sqlite3(&steps).to_string().into_bytes()).await;
        }
        other => panic!("no probe {other:?}"),
    }
}

async fn text(out: ResponseOutparam, body: Vec<u8>) {
    let response = OutgoingResponse::new(Fields::new());
    out.set_with_body(response, body).await.expect("an answer");
}

async fn stream(out: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    let mut body = response.take_body();
    out.set(response);
    body.send(b"one ".to_vec()).await.expect("a first part");
    std::thread::sleep(Duration::from_millis(300));
    body.send(b"two".to_vec()).await.expect("a second part");
}

async fn parse(request: IncomingRequest) -> Value {
    serde_json::from_slice(&request.into_body().await.expect("a body")).expect("JSON")
}

fn show(headers: Vec<(String, Vec<u8>)>) -> Vec<u8> {
    let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned())).collect();
    json!(headers).to_string().into_bytes()
}

async fn fetch(wanted: &Value) -> Value {
    let url = wanted["url"].as_str().expect("a URL");
    let method = if wanted["body"].is_string() { Method::Post } else { Method::Get };
    let body = wanted["body"].as_str().unwrap_or_default();
    let request = Request::builder().method(method).uri(url).body(body).build();
    match spin_sdk::http::send::<_, Response>(request).await {
        Ok(response) => {
            json!({ "status": response.status(), "body": String::from_utf8_lossy(response.body()) })
        }
        Err(error) => json!({ "error": error.to_string() }),
    }
}
