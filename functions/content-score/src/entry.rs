//! What a host calls. The target chooses the host; on any other this file is empty. Every function has the same one, but for its name.

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers {
    use orilla_cloudflare::Cloudflare;
    use worker::{Context, Env, Response, Result, ScheduleContext, ScheduledEvent, event, web_sys::Request};

    use crate::ContentScore as Function;

    #[event(fetch)]
    async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
        orilla_cloudflare::fetch::<Function<Cloudflare>>(request, env, context).await
    }

    #[event(scheduled)]
    async fn scheduled(_event: ScheduledEvent, env: Env, context: ScheduleContext) {
        orilla_cloudflare::scheduled::<Function<Cloudflare>>(env, context).await;
    }
}

#[cfg(target_os = "wasi")]
#[allow(unsafe_code, reason = "the component's exports, as the macros write them")]
mod spin {
    use orilla_spin::Spin;
    use spin_sdk::http::{IncomingRequest, ResponseOutparam};

    use crate::ContentScore as Function;

    // A build calls this once and keeps what it leaves: an instance lasts one request, and would open the encoder for each.
    wit_bindgen::generate!({
        inline: "package orilla:faq-chat; world snapshot { export wizer-initialize: func(); }",
        world: "snapshot",
    });

    struct Snapshot;

    impl Guest for Snapshot {
        fn wizer_initialize() {
            crate::meaning::warm();
        }
    }

    export!(Snapshot);

    #[spin_sdk::http_component]
    async fn handle(request: IncomingRequest, out: ResponseOutparam) {
        orilla_spin::serve::<Function<Spin>>(request, out).await;
    }
}
