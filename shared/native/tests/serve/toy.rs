//! A function that does what the server's tests need: echoes, streams, defers, hangs, panics, counts.

use std::cell::Cell;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Method, StatusCode};
use orilla_core::function::Tick;
use orilla_core::http::{Body, json};
use orilla_core::{Error, Function, Platform, Request, Response};
use orilla_native::Native;
use serde_json::json;

/// How long deferred work takes.
pub const DEFERRED: Duration = Duration::from_millis(500);

thread_local! {
    // The server under test has its thread to itself.
    static TICKS: Cell<u32> = const { Cell::new(0) };
    static DEFERS: Cell<u32> = const { Cell::new(0) };
    static HANG: Cell<bool> = const { Cell::new(false) };
}

pub fn counts() -> serde_json::Value {
    json!({ "ticks": TICKS.get(), "deferred": DEFERS.get() })
}

pub struct Toy(Native);

impl Function<Native> for Toy {
    const NAME: &'static str = "toy";
    const OPENAPI: &'static str = "{}";

    fn open(platform: &Native) -> Result<Self, Error> {
        Ok(Self(platform.clone()))
    }

    fn route(_: &Method, _: &str) -> Option<&'static str> {
        None
    }

    async fn preflight(&self, _: &Request) -> Result<(), Error> {
        Ok(())
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match request.uri.path() {
            "/v1/echo" => {
                return json(
                    StatusCode::OK,
                    &json!({
                        "method": request.method.as_str(),
                        "uri": request.uri.to_string(),
                        "client": request.client.map(|client| client.to_string()),
                        "test": request.header("x-test"),
                        "body": request.body.to_vec(),
                        "is_truncated": request.is_truncated,
                    }),
                );
            }
            "/v1/length" => {
                return json(StatusCode::OK, &json!({ "length": request.body.len(), "is_truncated": request.is_truncated }));
            }
            "/v1/stream" => {
                let is_broken = request.query("break").is_some();
                let end = stream::once(async move {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    if is_broken { Err(Error::internal("the source broke")) } else { Ok(Bytes::from("end")) }
                });
                let chunks = stream::iter([Ok(Bytes::from("one")), Ok(Bytes::from("two"))]).chain(end);
                return Ok(Response::new(Body::Stream(chunks.boxed_local())));
            }
            "/v1/panic" => panic!("as the test asked"),
            "/v1/slow" => tokio::time::sleep(DEFERRED).await,
            "/v1/hang-next-tick" => HANG.set(true),
            "/v1/defer" => self.0.defer(async {
                tokio::time::sleep(DEFERRED).await;
                DEFERS.set(DEFERS.get() + 1);
            }),
            "/v1/counts" => return json(StatusCode::OK, &counts()),
            _ => {}
        }
        json(StatusCode::OK, &json!({ "function": "toy" }))
    }

    async fn tick(&self) -> Result<Tick, Error> {
        if HANG.replace(false) {
            std::future::pending::<()>().await;
        }
        TICKS.set(TICKS.get() + 1);
        Ok(Tick::default())
    }
}

pub struct Other;

impl Function<Native> for Other {
    const NAME: &'static str = "other";
    const OPENAPI: &'static str = "{}";

    fn open(_: &Native) -> Result<Self, Error> {
        Ok(Self)
    }

    fn route(_: &Method, _: &str) -> Option<&'static str> {
        None
    }

    async fn preflight(&self, _: &Request) -> Result<(), Error> {
        Ok(())
    }

    async fn handle(&self, _: &Request) -> Result<Response, Error> {
        json(StatusCode::OK, &json!({ "function": "other" }))
    }

    async fn tick(&self) -> Result<Tick, Error> {
        Ok(Tick::default())
    }
}
