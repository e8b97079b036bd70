//! The contract suite as a function, so that it runs inside each edge host behind the same entry as any other.

mod entry;

use http::StatusCode;
use orilla_core::function::Tick;
use orilla_core::http::empty;
use orilla_core::{Error, Function, Platform, Request, Response};

/// The suite over the platform it runs on.
pub struct ContractGuest<P: Platform>(P);

impl<P: Platform> Function<P> for ContractGuest<P> {
    const NAME: &'static str = "contract-guest";
    const OPENAPI: &'static str = "{}";

    fn open(platform: &P) -> Result<Self, Error> {
        Ok(Self(platform.clone()))
    }

    async fn preflight(&self, _request: &Request) -> Result<(), Error> {
        Ok(())
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        self.0.log(format_args!("{}", request.method));
        Ok(empty(StatusCode::NO_CONTENT))
    }

    async fn tick(&self) -> Result<Tick, Error> {
        Ok(Tick::default())
    }
}
