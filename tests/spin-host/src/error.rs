//! The one error type of the host. Guests never see it: what they see are the error cases of the WIT interfaces.

use std::path::PathBuf;

/// Why an application could not be loaded or a request not be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder that is needed cannot be read or made.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The manifest is not one that this host can serve.
    #[error("{}: {reason}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong, in the words of the manifest.
        reason: String,
    },
    /// One component cannot be compiled, linked or called.
    #[error("component {id:?}: {reason}")]
    Component {
        /// The component's name in the manifest.
        id: String,
        /// What is wrong.
        reason: String,
    },
    /// A route names no valid pattern.
    #[error("route {pattern:?}: {reason}")]
    Route {
        /// The route as written.
        pattern: String,
        /// What is wrong.
        reason: String,
    },
    /// A file of the state folder is not a SQLite database that can be opened.
    #[error("{}: {source}", path.display())]
    State {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The Wasm engine could not be set up on this machine.
    #[error("wasm engine: {0:#}")]
    Engine(wasmtime::Error),
    /// The listening socket failed.
    #[error("listening: {0}")]
    Listen(std::io::Error),
}

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
