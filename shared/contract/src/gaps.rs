//! The one table of known gaps: promises a host cannot keep, each with its reason. A gap that closes fails the run.

use std::fmt;

/// A host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// hyper and SQLite.
    Native,
    /// Cloudflare Workers, on workerd.
    Workers,
    /// Spin, on its own binary or our test host.
    Spin,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "native",
            Self::Workers => "workers",
            Self::Spin => "spin",
        })
    }
}

/// A promise that a host does not keep.
#[derive(Debug, Clone, Copy)]
pub struct Gap {
    /// The host.
    pub host: Host,
    /// Port and number, such as `fetch.5`.
    pub item: &'static str,
    /// Why, and what stands in for it.
    pub reason: &'static str,
}

/// All of them.
pub const KNOWN_GAPS: &[Gap] = &[
    Gap {
        host: Host::Workers,
        item: "fetch.5",
        reason: "a Worker sees no addresses; deployed, `global_fetch_strictly_public` keeps it out of private networks",
    },
    Gap {
        host: Host::Spin,
        item: "fetch.5",
        reason: "a component sees no addresses; the runtime's `outbound_networking.block_networks` keeps it out of private networks",
    },
    Gap {
        host: Host::Workers,
        item: "serve.1",
        reason: "workerd ends a chunked answer in good order although its stream failed: a part looks like the whole",
    },
];
