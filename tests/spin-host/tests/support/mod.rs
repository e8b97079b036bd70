//! What the tests share: the guest built once, an application around it, and a client that asks it.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use spin_host::{Options, SpinHost};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

/// A served application; its state folder goes with it.
pub struct Served {
    pub folder: TempDir,
    pub host: SpinHost,
    pub client: Client,
}

/// Asks one address, over a new connection each time.
pub struct Client {
    pub address: String,
}

/// What a request was answered with.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// The guest's component, or `None`, said once per test, where no Wasm tool chain has been set up.
#[allow(clippy::explicit_write, reason = "the harness shows nothing of what a passing test prints with a macro")]
pub fn guest() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| has_tool_chain().then(|| compiled(build()))).as_deref();
    if built.is_none() {
        writeln!(std::io::stderr(), "skipped: no Wasm tool chain; `cargo xtask setup` makes one").unwrap();
    }
    built
}

/// One component named `guest` on every path, with these lines in its table.
pub fn manifest(guest: &Path, lines: &str) -> String {
    format!(
        "spin_manifest_version = 2\n[application]\nname = \"test\"\n[[trigger.http]]\nroute = \"/...\"\n\
         component = \"guest\"\n[component.guest]\nsource = {guest:?}\n{lines}\n"
    )
}

/// Options that keep compiled components across tests and runs.
pub fn options() -> Options {
    Options { cache_dir: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled")), ..Options::default() }
}

impl Served {
    pub async fn new(manifest: &str, options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::in_folder(folder, manifest, options).await
    }

    pub async fn in_folder(folder: TempDir, manifest: &str, options: Options) -> Self {
        let path = folder.path().join("spin.toml");
        std::fs::write(&path, manifest).unwrap();
        let host = SpinHost::from_manifest(&path, &options).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let served = host.clone();
        tokio::spawn(async move { served.serve(listener).await });
        Self { folder, host, client: Client { address } }
    }
}

impl std::ops::Deref for Served {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Client {
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), "").await
    }

    /// Posts JSON and reads the answer as JSON.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.send(Request::post(path), &body.to_string()).await;
        assert_eq!(answer.status, 200, "{path}");
        serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{path} answered {:?}", answer.body))
    }

    pub async fn send(&self, request: http::request::Builder, body: &str) -> Answer {
        read(self.begin(request, body).await).await
    }

    /// Sends a request and gives the answer as soon as its head is there.
    pub async fn begin(&self, request: http::request::Builder, body: &str) -> Response<Incoming> {
        let stream = TcpStream::connect(&self.address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = request.header("host", &self.address).body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).unwrap();
        sender.send_request(request).await.unwrap()
    }
}

pub async fn read(response: Response<Incoming>) -> Answer {
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Answer { status, body: String::from_utf8_lossy(&body).into_owned() }
}

/// Compiles the guest into the cache once, so that tests side by side do not each do so.
fn compiled(guest: PathBuf) -> PathBuf {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spin.toml");
    std::fs::write(&path, manifest(&guest, "")).unwrap();
    SpinHost::from_manifest(&path, &options()).unwrap();
    guest
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Whether `cargo xtask wasm-cargo` would build without downloading anything first.
fn has_tool_chain() -> bool {
    let has_std = |folder: &Path| {
        std::fs::read_dir(folder)
            .is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
    };
    let rustups = Command::new("rustc").args(["--print", "target-libdir", "--target", "wasm32-wasip2"]).output();
    rustups.is_ok_and(|out| has_std(Path::new(String::from_utf8_lossy(&out.stdout).trim())))
        || has_std(&root().join("target/toolchain/sysroot/lib/rustlib/wasm32-wasip2/lib"))
}

fn build() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest");
    // Set by `cargo xtask test`; it spares a second look at whether xtask itself is up to date.
    let mut xtask = match std::env::var_os("ORILLA_XTASK") {
        Some(program) => Command::new(program),
        None => {
            let mut cargo = Command::new("cargo");
            cargo.arg("xtask");
            cargo
        }
    };
    let status = xtask
        .current_dir(root())
        // The outer cargo may have been told another build folder; the tool chain stands in the default one.
        .env_remove("CARGO_TARGET_DIR")
        .args(["wasm-cargo", "--", "build", "--quiet", "--release", "--target", "wasm32-wasip2"])
        .args(["--manifest-path", "tests/spin-host/tests/guest/Cargo.toml", "--target-dir"])
        .arg(&target)
        .status()
        .unwrap();
    assert!(status.success(), "the guest does not build");
    target.join("wasm32-wasip2/release/spin_host_guest.wasm")
}
