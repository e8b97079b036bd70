//! Event tracking: the clients people already have, an honest ledger, and the journey of every visitor.
//!
//! This file is the function's list of capabilities and its dispatch; each operation is a file of its own.

mod calendar;
mod collect;
mod desk;
mod entry;
mod erase;
pub mod event;
mod export;
mod forget;
mod funnel;
pub mod instant;
mod journey;
mod judge;
mod ledger;
mod numbers;
mod people;
mod place;
mod policy;
mod privacy;
mod query;
mod retention;
pub mod robots;
pub mod routes;
mod sessions;
mod settings;
mod span;
mod stats;
mod store;
pub mod verdict;
pub mod wire;

use http::Method;
use orilla_core::function::Tick;
use orilla_core::ids::uuid_v7;
use orilla_core::ports::DB;
use orilla_core::router;
use orilla_core::{Clock, Error, Function, Platform, Request, Response, sites};

use crate::routes::{Operation, ROUTES, Read};

/// Everything event tracking may touch.
pub struct TrackEvents<P: Platform> {
    sql: P::Sql,
    clock: P::Clock,
    random: P::Random,
}

impl<P: Platform> Function<P> for TrackEvents<P> {
    const NAME: &'static str = "track-events";
    const OPENAPI: &'static str = include_str!("../openapi.json");

    fn open(platform: &P) -> Result<Self, Error> {
        Ok(Self { sql: platform.sql(DB)?, clock: platform.clock(), random: platform.random() })
    }

    fn route(method: &Method, path: &str) -> Option<&'static str> {
        router::template(ROUTES, method, path)
    }

    /// A preflight carries no key, so it cannot say whose site it is for: the request itself is bound to the site's origins.
    async fn preflight(&self, request: &Request) -> Result<(), Error> {
        request.is_origin_allowed.set(router::public(ROUTES, request.uri.path()).next().is_some());
        Ok(())
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        let matched = router::find(ROUTES, &request.method, request.uri.path())?;
        match matched.route.name {
            Operation::Collect(wire) => self.collect(wire, request, &matched).await,
            Operation::Settle(setup) => settings::show(&self.sql, setup, request, &matched).await,
            Operation::Read(read) => {
                let caller = sites::authenticate(&self.sql, request, matched.route.access).await?;
                match read {
                    Read::Events => export::show(&self.sql, &caller.site, request).await,
                    Read::Ledger => ledger::show(&self.sql, &caller.site, request).await,
                    Read::Stats => stats::show(&self.sql, &caller.site, request).await,
                    Read::Funnels => funnel::show(&self.sql, &caller.site, request).await,
                    Read::Retention => retention::show(&self.sql, &caller.site, request).await,
                    Read::Journey => journey::show(&self.sql, &caller.site, request, matched.parameter("id")).await,
                    Read::Erase => {
                        let receipt = uuid_v7(request.received, &self.random).to_string();
                        erase::erase(&self.sql, &caller.site, matched.parameter("id"), &receipt, request.received).await
                    }
                }
            }
        }
    }

    /// Nothing else is deferred: events are stored with everything that follows from them.
    async fn tick(&self) -> Result<Tick, Error> {
        let expired = forget::forget(&self.sql, self.clock.now()).await?;
        Ok(Tick { expired, ..Tick::default() })
    }
}
