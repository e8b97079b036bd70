//! A running server on its own thread, and a client that speaks bytes.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use orilla_core::function::CLIENT_HEADER;
use orilla_native::Native;
use orilla_native::serve::{Mount, Options, serve};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::toy::{Other, Toy, counts};

pub struct Running {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Value>,
}

/// The header that the server was told to believe.
pub const TRUSTED: &str = "x-visitor";

impl Running {
    pub fn start(options: Options) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (ready, address) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                ready.send(listener.local_addr().unwrap()).unwrap();
                let native = Native::in_memory([(CLIENT_HEADER.0.to_owned(), TRUSTED.to_owned())].into()).unwrap();
                let mounts = vec![Mount::new::<Toy>(&["/v1"]), Mount::new::<Other>(&["/v1/other"])];
                let shutdown = async { drop(stopped.await) };
                serve(listener, native, mounts, options, shutdown).await.unwrap();
            });
            counts()
        });
        Self { address: address.recv().unwrap(), stop, thread }
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        send(self.address, method, path, headers, body)
    }

    pub fn wait_until(&self, is_so: impl Fn(&Value) -> bool) {
        let began = Instant::now();
        loop {
            let counts = self.send("GET", "/v1/counts", &[], b"").json();
            if is_so(&counts) {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(10), "never came about: {counts}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends the server; what it had counted by then.
    pub fn stop(self) -> Value {
        drop(self.stop);
        self.thread.join().unwrap()
    }
}

pub struct Reply {
    pub status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<String> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Sends everything before it reads anything, as simple clients do.
pub fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    let answer = exchange(address, &[head.as_bytes(), b"\r\n", body].concat());
    let split = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer");
    let head = String::from_utf8(answer[..split].to_vec()).unwrap();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    Reply { status, head, body: answer[split + 4..].to_vec() }
}

/// Sends bytes and reads until the server hangs up.
pub fn raw(address: SocketAddr, request: &[u8]) -> String {
    String::from_utf8_lossy(&exchange(address, request)).into_owned()
}

fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The server may answer and hang up before it has read everything: what it said by then is what counts.
    let _ = stream.write_all(request);
    if !request.windows(17).any(|window| window == b"connection: close") {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}
