//! The other end of the `Fetch` tests: what the suite expects of it, not the server itself (`orilla_native::testing`).

use serde::{Deserialize, Serialize};

/// Where the peer listens, and what each of its paths does.
///
/// | path | does |
/// |---|---|
/// | `/echo?status=N` | answers `N` with JSON `{"method", "target", "headers": [[name, value]], "body": [bytes]}`, `x-peer: echo` |
/// | `/bytes?n=N` | answers `N` bytes, of which byte `i` is `i % 256`, with `Content-Length` |
/// | `/endless` | answers bytes without end |
/// | `/broken` | promises 100 bytes, sends 10, hangs up |
/// | `/slow-head` | accepts and says nothing for half a minute |
/// | `/slow-body` | sends a head and one chunk, then nothing for half a minute |
/// | `/redirect?status=N` | answers `N` with `Location: /echo` |
/// | `/gate?id=X` | sends `first `, waits for a request to `/open?id=X`, sends `second`; hangs up if none comes in 10 seconds |
/// | `/open?id=X` | opens that gate |
/// | `/now` | answers its Unix time in milliseconds |
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Peer {
    /// Its origin, such as `http://127.0.0.1:4321`; the host must be able to reach it.
    pub origin: String,
    /// A URL on a port nobody listens on.
    pub closed: String,
    /// A URL with `https` whose public-looking name resolves, for the host under test, to a loopback address.
    pub private: String,
}
