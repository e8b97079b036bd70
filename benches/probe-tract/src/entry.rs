//! What a host calls. The target chooses the host; on any other `main.rs` is the entry.

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers {
    use worker::{Context, Env, Request, Response, Result, event};

    #[event(fetch)]
    async fn fetch(mut request: Request, _env: Env, _context: Context) -> Result<Response> {
        match orilla_bench_probe::answer(&crate::MODELS, &request.bytes().await?) {
            Ok(answer) => Response::from_bytes(answer),
            Err(error) => Response::error(error, 400),
        }
    }
}

#[cfg(target_os = "wasi")]
#[allow(unsafe_code, reason = "the component's exports, as the macros write them")]
mod spin {
    use spin_sdk::http::{IntoResponse, Request, Response};

    wit_bindgen::generate!({
        inline: "package orilla:probe; world snapshot { export wizer-initialize: func(); }",
        world: "snapshot",
    });

    struct Snapshot;

    impl Guest for Snapshot {
        fn wizer_initialize() {
            orilla_bench_probe::open(&crate::MODELS);
        }
    }

    export!(Snapshot);

    #[spin_sdk::http_component]
    fn handle(request: Request) -> impl IntoResponse {
        match orilla_bench_probe::answer(&crate::MODELS, request.body()) {
            Ok(answer) => Response::new(200, answer),
            Err(error) => Response::new(400, error),
        }
    }
}
