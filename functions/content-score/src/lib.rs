//! Content scoring: what a Spanish-and-English editor would say of a page, post or e-mail, each point with its reason and its place.
//!
//! This file is the function's list of capabilities and its dispatch; each operation is a file of its own.

mod advice;
mod apply;
pub mod asked;
mod assess;
pub mod assessment;
mod candidates;
mod documents;
mod entry;
mod fetched;
pub mod grade;
mod history;
pub mod meaning;
mod notice;
pub mod page;
mod pages;
pub mod profile;
mod recheck;
pub mod report;
pub mod routes;
pub mod score;
mod scoring;
pub mod sent;
pub mod settings;
mod site;
mod suggest;
mod written;

use http::Method;
use orilla_core::function::Tick;
use orilla_core::guard::Exemptions;
use orilla_core::outbox::{ALLOWED_PRIVATE_HOSTS, Courier};
use orilla_core::ports::DB;
use orilla_core::router::{self, Matched};
use orilla_core::sites::{self, Caller, SiteId};
use orilla_core::{Clock, Error, Function, Platform, Request, Response};

use crate::routes::{Manage, Operation, ROUTES};

/// Everything content scoring may touch.
pub struct ContentScore<P: Platform> {
    platform: P,
    sql: P::Sql,
    clock: P::Clock,
    random: P::Random,
    courier: Courier<P>,
    /// Hosts whose pages are read although they are private.
    exemptions: Exemptions,
}

impl<P: Platform> Function<P> for ContentScore<P> {
    const NAME: &'static str = "content-score";
    const OPENAPI: &'static str = include_str!("../openapi.json");

    fn open(platform: &P) -> Result<Self, Error> {
        let sql = platform.sql(DB)?;
        Ok(Self {
            courier: Courier::open(platform, sql.clone())?,
            exemptions: Exemptions::parse(&platform.variable(ALLOWED_PRIVATE_HOSTS)?.unwrap_or_default()),
            sql,
            clock: platform.clock(),
            random: platform.random(),
            platform: platform.clone(),
        })
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
        let limit = matched.route.body_limit;
        match matched.route.name {
            Operation::Check => self.check(request, limit).await,
            Operation::Manage(manage) => {
                let caller = sites::authenticate(&self.sql, request, matched.route.access).await?;
                self.manage(manage, &caller, request, &matched).await
            }
            Operation::ApplySettings => {
                let site = SiteId::parse(matched.parameter("site"))
                    .ok_or_else(|| Error::not_found("A site's id is a UUID; it stands in its site.toml."))?;
                sites::admit_operator(&self.platform, &self.sql, request, &site).await?;
                self.apply_settings(&site, request, limit).await
            }
        }
    }

    async fn tick(&self) -> Result<Tick, Error> {
        let now = self.clock.now();
        // One part's fault must not keep the others from their work: each is done, and the first fault is told.
        let (checked, forgotten) = (self.check_pages(now).await, history::forget(&self.sql, now).await);
        let tick = self.courier.tick().await;
        checked?;
        let tick = tick?;
        Ok(Tick { expired: tick.expired + forgotten?, ..tick })
    }
}

impl<P: Platform> ContentScore<P> {
    async fn manage(
        &self,
        manage: Manage,
        caller: &Caller,
        request: &Request,
        matched: &Matched<'_, Operation>,
    ) -> Result<Response, Error> {
        let (site, limit) = (&caller.site, matched.route.body_limit);
        match manage {
            Manage::Score => self.score(caller, request, limit).await,
            Manage::Suggest => self.suggest(site, request, limit).await,
            Manage::ListDocuments => self.list_documents(site, request).await,
            Manage::ShowDocument => self.show_document(site, matched.parameter("document"), request).await,
            Manage::RemoveDocument => self.remove_document(site, matched.parameter("document"), request.received).await,
            Manage::ListPages => self.list_pages(site, request).await,
            Manage::ShowPage => self.show_page(site, matched.parameter("page")).await,
            Manage::PutPage => self.put_page(site, matched.parameter("page"), request, limit).await,
            Manage::RemovePage => self.remove_page(site, matched.parameter("page")).await,
            Manage::ShowSettings => self.show_settings(site).await,
        }
    }
}
