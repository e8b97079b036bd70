//! A loaded application: it gives each request to a fresh instance of the component that its path belongs to.
//! It knows nothing of sockets; those are in `serve`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tokio::sync::oneshot;
use wasmtime::{Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, Store};
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::{WasiBody, WasiHttpView};

use crate::component::{self, Component};
use crate::error::{Error, Result};
use crate::guest::Guest;
use crate::manifest::Manifest;
use crate::outbound::Outbound;
use crate::routes::{Matched, Router};
use crate::state::{Journal, State};
use crate::variables::Variables;

/// What can be set from outside the manifest.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where databases are kept; `.spin` beside the manifest if absent.
    pub state_dir: Option<PathBuf>,
    /// Where compiled components are kept; `compiled` in the state folder if absent.
    pub cache_dir: Option<PathBuf>,
    /// Values of application variables, over the manifest's defaults.
    pub variables: BTreeMap<String, String>,
    /// Environment variables for every guest, over the manifest's.
    pub environment: BTreeMap<String, String>,
    /// Statements run on the SQLite database at each start, in this order.
    pub sqlite_statements: Vec<String>,
    /// How SQLite writes.
    pub journal: Journal,
}

/// A loaded application.
pub(crate) struct App {
    engine: Engine,
    router: Router,
    components: BTreeMap<String, Arc<Component>>,
    state: Arc<State>,
    counters: Counters,
    address: OnceLock<SocketAddr>,
}

#[derive(Default)]
struct Counters {
    requests: AtomicU64,
    failures: AtomicU64,
    running: AtomicU64,
    peak_memory_bytes: Arc<AtomicUsize>,
}

/// What has happened since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Requests given to a guest, chained ones included.
    pub requests: u64,
    /// Those of them that ended without an answer of the guest's: a trap, or nothing said.
    pub failures: u64,
    /// Guests that run now; a guest may go on after its answer is complete.
    pub running: u64,
    /// The most linear memory that one guest has held, in bytes.
    pub peak_memory_bytes: usize,
}

impl App {
    pub(crate) fn load(manifest_path: &Path, options: &Options) -> Result<Self> {
        let manifest = Manifest::read(manifest_path)?;
        let fault = |reason: String| Error::Manifest { path: manifest_path.to_owned(), reason };
        let variables = Arc::new(Variables::new(&manifest, &options.variables).map_err(|e| fault(e.to_string()))?);
        let state_dir = options.state_dir.clone().unwrap_or_else(|| manifest_path.parent().unwrap_or(Path::new("")).join(".spin"));
        let state = Arc::new(State::open(&state_dir, options.journal)?);
        for statements in &options.sqlite_statements {
            state.execute_batch(statements)?;
        }
        let engine = engine(&options.cache_dir.clone().unwrap_or_else(|| state_dir.join("compiled")))?;
        let linker = component::linker(&engine).map_err(Error::Engine)?;
        let router = Router::new(&manifest.triggers)?;
        let components = manifest
            .components
            .into_iter()
            .map(|(id, spec)| {
                let loaded = Component::load(&engine, &linker, spec, Arc::clone(&variables), &options.environment)?;
                Ok((id, Arc::new(loaded)))
            })
            .collect::<Result<_>>()?;
        Ok(Self { engine, router, components, state, counters: Counters::default(), address: OnceLock::new() })
    }

    /// Where requests to the application itself go, once it is known.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address.get().copied()
    }

    /// Keeps the first address it is told.
    pub(crate) fn listens_at(&self, address: SocketAddr) {
        self.address.get_or_init(|| address);
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            requests: self.counters.requests.load(Ordering::Relaxed),
            failures: self.counters.failures.load(Ordering::Relaxed),
            running: self.counters.running.load(Ordering::Relaxed),
            peak_memory_bytes: self.counters.peak_memory_bytes.load(Ordering::Relaxed),
        }
    }

    /// Routes a request and answers it; 404 without a body where no route matches, as in Spin.
    pub(crate) async fn route(self: Arc<Self>, request: Request<WasiBody>, client: SocketAddr) -> Response<WasiBody> {
        match self.router.matched(request.uri().path()) {
            Some(matched) => self.answer(request, matched, client).await,
            None => empty(StatusCode::NOT_FOUND),
        }
    }

    /// Gives a request to a new instance; 500 without a body where the guest fails, as in Spin.
    pub(crate) async fn answer(
        self: Arc<Self>,
        mut request: Request<WasiBody>,
        matched: Matched,
        client: SocketAddr,
    ) -> Response<WasiBody> {
        let Some(component) = self.components.get(&matched.component).cloned() else {
            log(&matched.component, "no such component");
            return empty(StatusCode::INTERNAL_SERVER_ERROR);
        };
        let Some(host) = host_of(&request) else {
            return empty(StatusCode::BAD_REQUEST);
        };
        let headers = matched.headers(request.uri(), &host, client);
        for (name, value) in headers {
            request.headers_mut().append(name, value);
        }
        self.counters.requests.fetch_add(1, Ordering::Relaxed);
        match Arc::clone(&self).call(component, request).await {
            Ok(response) => response,
            Err(error) => {
                self.counters.failures.fetch_add(1, Ordering::Relaxed);
                log(&matched.component, &format!("{error:?}"));
                empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    async fn call(self: Arc<Self>, component: Arc<Component>, request: Request<WasiBody>) -> wasmtime::Result<Response<WasiBody>> {
        let outbound = Outbound { app: Arc::clone(&self), component: Arc::clone(&component) };
        let peak = Arc::clone(&self.counters.peak_memory_bytes);
        let guest = Guest::new(Arc::clone(&component), Arc::clone(&self.state), outbound, peak)?;
        let mut store = Store::new(&self.engine, guest);
        store.limiter(|guest| &mut guest.meter);
        let (sender, receiver) = oneshot::channel();
        let request = store.data_mut().http().new_incoming_request(Scheme::Http, request)?;
        let outparam = store.data_mut().http().new_response_outparam(sender)?;

        // A task of its own: a guest may go on after its answer, and after its client is gone.
        let running = Running::new(Arc::clone(&self));
        let guest = tokio::spawn(async move {
            let _running = running;
            let instance = component.pre.instantiate_async(&mut store).await?;
            instance.wasi_http_incoming_handler().call_handle(&mut store, request, outparam).await
        });
        match receiver.await {
            Ok(answer) => {
                tokio::spawn(async move {
                    if let Ok(Err(error)) = guest.await {
                        log("after its answer", &format!("{error:?}"));
                    }
                });
                answer.map_err(wasmtime::Error::from)
            }
            Err(_) => {
                guest.await??;
                wasmtime::bail!("the guest returned without an answer")
            }
        }
    }
}

/// Counts a guest for as long as it lives.
struct Running(Arc<App>);

impl Running {
    fn new(app: Arc<App>) -> Self {
        app.counters.running.fetch_add(1, Ordering::Relaxed);
        Self(app)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.counters.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An engine that keeps compiled code in a folder and instances in a pool, as Spin does.
///
/// The pool reserves terabytes of address space; where a machine refuses that, memory is mapped at each request instead.
fn engine(cache_dir: &Path) -> Result<Engine> {
    let cache_dir = std::fs::create_dir_all(cache_dir)
        .and_then(|()| cache_dir.canonicalize())
        .map_err(|source| Error::File { path: cache_dir.to_owned(), source })?;
    let mut cache = CacheConfig::new();
    cache.with_directory(cache_dir);
    let mut config = Config::new();
    config.cache(Some(Cache::new(cache).map_err(Error::Engine)?));
    if cfg!(target_arch = "x86_64") {
        without_avx(&mut config);
    }
    let mut pooled = config.clone();
    pooled.allocation_strategy(InstanceAllocationStrategy::pooling());
    Engine::new(&pooled).or_else(|_| Engine::new(&config)).map_err(Error::Engine)
}

/// Leaves AVX out of what is compiled: wasmtime writes arithmetic in AVX's encoding and spills in SSE's, and on a thread that something has
/// left with dirty upper halves each change between the two costs newer Intel processors some seventy cycles. An encoder took 13 s instead
/// of 0.2 s, now and then. Source: wasmtime's pull request 5931, where the penalty is discussed; measured on Sapphire Rapids.
#[allow(unsafe_code)]
fn without_avx(config: &mut Config) {
    // SAFETY: what is promised of a flag is that the machine can do what it allows; this one only allows less.
    unsafe { config.cranelift_flag_set("has_avx", "false") };
}

/// The authority a request is for, from its URL or its `Host` header.
fn host_of(request: &Request<WasiBody>) -> Option<String> {
    let header = || request.headers().get(http::header::HOST)?.to_str().ok().map(str::to_owned);
    request.uri().authority().map(ToString::to_string).or_else(header)
}

pub(crate) fn empty(status: StatusCode) -> Response<WasiBody> {
    full(status, Bytes::new())
}

pub(crate) fn full(status: StatusCode, body: Bytes) -> Response<WasiBody> {
    let mut response = Response::new(Full::new(body).map_err(Into::into).boxed_unsync());
    *response.status_mut() = status;
    response
}

fn log(component: &str, text: &str) {
    eprintln!("spin-host: {component}: {text}");
}
