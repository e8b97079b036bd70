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
#[allow(unsafe_code, reason = "the component's export, as the macro writes it")]
mod spin {
    use orilla_spin::Spin;
    use spin_sdk::http::{IncomingRequest, ResponseOutparam};

    use crate::ContentScore as Function;

    #[spin_sdk::http_component]
    async fn handle(request: IncomingRequest, out: ResponseOutparam) {
        orilla_spin::serve::<Function<Spin>>(request, out).await;
    }
}
