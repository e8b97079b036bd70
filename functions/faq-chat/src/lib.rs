//! FAQ chat: answers from the site's own articles, says so where it has none, and passes on to people.
//!
//! This file is the function's list of capabilities and its dispatch; each operation is a file of its own.

mod agents;
mod answer;
mod articles;
mod chat;
mod consult;
mod conversation;
pub mod decide;
mod desk;
mod entry;
pub mod floor;
mod follow;
mod gaps;
mod handoff;
mod hours;
mod outcome;
mod pieces;
mod rates;
pub mod routes;
pub mod said;
pub mod smalltalk;
mod sse;
mod sweep;
pub mod turn;
pub mod wanted;
pub mod wire;
mod words;
mod write;

use std::rc::Rc;

use chrono::{DateTime, Utc};
use http::Method;
use orilla_core::function::Tick;
use orilla_core::outbox::Courier;
use orilla_core::ports::DB;
use orilla_core::router::{self, Matched};
use orilla_core::sites::{self, SiteId};
use orilla_core::{Clock, Error, Function, Platform, Request, Response, Sql};
use orilla_knowledge::index::{Index, build};
use orilla_knowledge::library::{self, Progress, Shelf};
use orilla_knowledge::model::{self, Embed};

use crate::routes::{Manage, Operate, Operation, ROUTES, Visit};

/// Builds that follow a request at most, one after another. Chosen: together they stay below the half minute that Workers gives them.
const BUILDS: u32 = 5;

/// Everything the FAQ chat may touch.
pub struct FaqChat<P: Platform> {
    platform: P,
    sql: P::Sql,
    clock: P::Clock,
    random: P::Random,
    courier: Courier<P>,
}

impl<P: Platform> Function<P> for FaqChat<P> {
    const NAME: &'static str = "faq-chat";
    const OPENAPI: &'static str = include_str!("../openapi.json");

    fn open(platform: &P) -> Result<Self, Error> {
        let sql = platform.sql(DB)?;
        Ok(Self {
            courier: Courier::open(platform, sql.clone())?,
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
            Operation::Visit(visit) => match visit {
                Visit::Chat => self.chat(request, limit).await,
                Visit::Follow => self.follow(request, matched.parameter("conversation")).await,
                Visit::Complete => self.complete(request, limit).await,
                Visit::ListModels => self.list_models(request).await,
                Visit::SpeakMcp => self.speak_mcp(request, limit).await,
                Visit::Rate => self.rate(request, matched.parameter("conversation"), limit).await,
            },
            Operation::Manage(manage) => {
                let caller = sites::authenticate(&self.sql, request, matched.route.access).await?;
                self.manage(manage, &caller.site, request, &matched).await
            }
            Operation::Operate(Operate::ApplyArticles) => {
                let site = SiteId::parse(matched.parameter("site"))
                    .ok_or_else(|| Error::not_found("A site's id is a UUID; it stands in its site.toml."))?;
                sites::admit_operator(&self.platform, &self.sql, request, &site).await?;
                self.apply_articles(&site, request, limit).await
            }
        }
    }

    async fn tick(&self) -> Result<Tick, Error> {
        let now = self.clock.now();
        if let Some(site) = sweep::behind(&self.sql).await? {
            library::advance(&self.sql, &model::shipped()?, &self.random, &site, now).await?;
        }
        let forgotten = sweep::forget(&self.sql, now).await?;
        self.sql.query(orilla_generate::breaker::forget(now.date_naive())).await?;
        let tick = self.courier.tick().await?;
        Ok(Tick { expired: tick.expired + forgotten, ..tick })
    }
}

impl<P: Platform> FaqChat<P> {
    async fn manage(&self, manage: Manage, site: &SiteId, request: &Request, matched: &Matched<'_, Operation>) -> Result<Response, Error> {
        let limit = matched.route.body_limit;
        match manage {
            Manage::ListConversations => self.list_conversations(site, request).await,
            Manage::ShowConversation => self.show_conversation(site, matched.parameter("conversation")).await,
            Manage::Reply => self.reply(site, matched.parameter("conversation"), request, limit).await,
            Manage::Steer => self.steer(site, matched.parameter("conversation"), request, limit).await,
            Manage::EraseConversation => self.erase_conversation(site, matched.parameter("conversation"), request.received).await,
            Manage::ListArticles => self.list_articles(site, request).await,
            Manage::ShowArticle => self.show_article(site, matched.parameter("article")).await,
            Manage::PutArticle => self.put_article(site, matched.parameter("article"), request, limit).await,
            Manage::RemoveArticle => self.remove_article(site, matched.parameter("article"), request).await,
            Manage::ImportArticles => self.import_articles(site, request, limit).await,
            Manage::BuildIndex => self.build_index(site, request).await,
            Manage::ShowQuality => self.show_quality(site, request).await,
            Manage::ShowGaps => gaps::show(&self.sql, &model::quick()?, site, request).await,
        }
    }

    /// The site's index as it is now. One that cannot be read any more, or was never made, is begun here; what is missing follows.
    ///
    /// Errors: what the store and the model give.
    async fn index(&self, site: &SiteId, shelf: &Shelf, now: DateTime<Utc>) -> Result<Rc<Index>, Error> {
        let model = model::shipped()?;
        if !shelf.is_current() {
            self.keep_building(site);
        }
        if let Some(index) = library::open(&self.sql, site, shelf, model.checksum()).await? {
            return Ok(index);
        }
        if shelf.version > 0 {
            library::advance(&self.sql, &model, &self.random, site, now).await?;
            let shelf = Shelf::read(&self.sql.query(library::find(site)).await?)?;
            if let Some(index) = library::open(&self.sql, site, &shelf, model.checksum()).await? {
                return Ok(index);
            }
        }
        build(&[], &model, None, 0).map(Rc::new).map_err(Error::internal)
    }

    /// Goes on with a site's index once the answer is out; if the host cuts that short, the next tick does it.
    fn keep_building(&self, site: &SiteId) {
        let (sql, random, clock, site) = (self.sql.clone(), self.random.clone(), self.clock.clone(), site.clone());
        self.platform.defer(async move {
            let Ok(model) = model::shipped() else { return };
            for _ in 0..BUILDS {
                // Whatever fails here is met again by the next tick, and logged there.
                if !matches!(library::advance(&sql, &model, &random, &site, clock.now()).await, Ok(Progress::Begun)) {
                    return;
                }
            }
        });
    }

    /// Sends what is due once the answer is out; if the host cuts that short, the next tick does it.
    fn nudge(&self) {
        let courier = self.courier.clone();
        self.platform.defer(async move {
            // Logged by the tick that finds the same rows again.
            let _ = courier.drain().await;
        });
    }
}
