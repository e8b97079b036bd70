//! Ticket routing: what a ticket is about and how much it matters, who gets it, by when it is due, and what became of it.
//!
//! This file is the function's list of capabilities and its dispatch; each operation is a file of its own.

mod apply;
mod assignment;
pub mod classify;
pub mod clocks;
mod desk;
mod draft;
mod entry;
mod figures;
mod gaps;
pub mod happened;
mod holidays;
pub mod intake;
pub mod intervals;
pub mod learn;
mod letters;
pub mod macros;
mod mails;
pub mod manners;
mod merge;
mod mirror;
mod notice;
mod origins;
mod people;
pub mod problems;
mod rates;
mod report;
pub mod routes;
mod satisfaction;
pub mod settings;
mod shortcuts;
mod sources;
mod suggest;
mod surveys;
mod sweep;
pub mod ticket;
pub mod wire;
mod work;

use http::Method;
use orilla_core::function::Tick;
use orilla_core::outbox::Courier;
use orilla_core::ports::{DB, Variable};
use orilla_core::router::{self, Matched};
use orilla_core::sites::{self, SiteId};
use orilla_core::{Clock, Error, Function, Platform, Request, Response};

use crate::routes::{Manage, Operate, Operation, ROUTES, Visit};
use crate::surveys::Survey;
use crate::wire::zendesk;

/// The origin visitors see. Without it no mail links to us, and links in answers have the request's own.
pub const PUBLIC_URL: Variable = Variable("PUBLIC_URL");

/// Everything ticket routing may touch.
pub struct TicketRoute<P: Platform> {
    platform: P,
    sql: P::Sql,
    clock: P::Clock,
    random: P::Random,
    courier: Courier<P>,
    /// The origin of links in mails: what a request says of itself must not reach somebody's mailbox.
    public_url: Option<String>,
}

impl<P: Platform> Function<P> for TicketRoute<P> {
    const NAME: &'static str = "ticket-route";
    const OPENAPI: &'static str = include_str!("../openapi.json");

    fn open(platform: &P) -> Result<Self, Error> {
        let sql = platform.sql(DB)?;
        Ok(Self {
            courier: Courier::open(platform, sql.clone())?,
            sql,
            clock: platform.clock(),
            random: platform.random(),
            public_url: platform.variable(PUBLIC_URL)?.map(|url| url.trim_end_matches('/').to_owned()).filter(|url| !url.is_empty()),
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
            Operation::Visit(visit) => match self.visit(visit, request, &matched, limit).await {
                Err(error) if visit.is_a_page() && (request.wants_html() || request.method == Method::GET) => {
                    Ok(satisfaction::dead_end(request, &error))
                }
                outcome => outcome,
            },
            Operation::Manage(manage) => {
                let caller = sites::authenticate(&self.sql, request, matched.route.access).await?;
                self.manage(manage, &caller.site, request, &matched).await
            }
            Operation::Zendesk(asked) => {
                let told = async {
                    let caller = sites::authenticate(&self.sql, request, matched.route.access).await?;
                    self.zendesk(asked, &caller.site, matched.parameter("ticket"), request, limit).await
                };
                told.await.or_else(zendesk::refused)
            }
            Operation::Inbound => self.inbound(matched.parameter("source"), request, limit).await,
            Operation::Operate(Operate::ApplyDesk) => {
                let site = SiteId::parse(matched.parameter("site"))
                    .ok_or_else(|| Error::not_found("A site's id is a UUID; it stands in its site.toml."))?;
                sites::admit_operator(&self.platform, &self.sql, request, &site).await?;
                self.apply_desk(&site, request, limit).await
            }
        }
    }

    async fn tick(&self) -> Result<Tick, Error> {
        let now = self.clock.now();
        // One part's fault must not keep the others from their work: each is done, and the first fault is told.
        let done = [self.take_requests(now).await, self.watch(now).await, self.assign_everywhere(now).await];
        let tick = self.courier.tick().await;
        done.into_iter().collect::<Result<(), _>>()?;
        tick
    }
}

impl<P: Platform> TicketRoute<P> {
    async fn visit(&self, visit: Visit, request: &Request, matched: &Matched<'_, Operation>, limit: usize) -> Result<Response, Error> {
        let token = matched.parameter("token");
        match visit {
            Visit::Create => self.create(request, limit).await,
            Visit::AskSatisfaction => self.ask_satisfaction(request, token).await,
            Visit::Rate => self.rate(request, token, limit).await,
            Visit::AnswerNps => self.answer_survey(Survey::Nps, request, limit).await,
            Visit::AnswerCsat => self.answer_survey(Survey::Csat, request, limit).await,
            Visit::Invite => self.invite(matched.parameter("survey"), request, limit).await,
        }
    }

    async fn manage(&self, manage: Manage, site: &SiteId, request: &Request, matched: &Matched<'_, Operation>) -> Result<Response, Error> {
        let limit = matched.route.body_limit;
        let ticket = || matched.parameter("ticket");
        match manage {
            Manage::ListTickets => self.list_tickets(site, request).await,
            Manage::ShowTicket => self.show_ticket(site, ticket(), request.received).await,
            Manage::ChangeTicket => self.change_ticket(site, ticket(), request, limit).await,
            Manage::Comment => self.comment(site, ticket(), request, limit).await,
            Manage::ClaimTicket => self.claim_ticket(site, ticket(), request, limit).await,
            Manage::MergeTicket => self.merge_ticket(site, ticket(), request, limit).await,
            Manage::SuggestReplies => self.suggest_replies(site, ticket()).await,
            Manage::DraftReply => self.draft(site, ticket(), request, limit).await,
            Manage::EraseTicket => self.erase_ticket(site, ticket(), request.received).await,
            Manage::Classify => self.classify(site, request, limit).await,
            Manage::ListAgents => self.list_agents(site, request).await,
            Manage::SetPresence => self.set_presence(site, matched.parameter("agent"), request, limit).await,
            Manage::ShowDesk => self.show_desk(site).await,
            Manage::ShowQuality => self.quality(site).await,
            Manage::ShowReport => self.report(site, request).await,
            Manage::ListMacros => self.list_macros(site, request).await,
            Manage::ApplyMacro => self.apply_macro(site, ticket(), request, limit).await,
            Manage::IssueSatisfactionLink => self.issue_satisfaction_link(site, ticket(), request).await,
            Manage::ShowNps => self.show_survey(Survey::Nps, site, request).await,
            Manage::ShowCsat => self.show_survey(Survey::Csat, site, request).await,
            Manage::EraseAnswers => self.erase_answers(Survey::Nps, site, request).await,
            Manage::EraseCsat => self.erase_answers(Survey::Csat, site, request).await,
            Manage::ShowProblems => self.problems(site, request).await,
            Manage::ShowGaps => self.gaps(site, request).await,
            Manage::Train => self.train(site, request).await,
            Manage::ListSources => self.list_sources(site).await,
            Manage::PutSource => self.put_source(site, matched.parameter("source"), request, limit).await,
            Manage::RemoveSource => self.remove_source(site, matched.parameter("source")).await,
            Manage::PutHolidays => self.put_holidays(site, matched.parameter("calendar"), request, limit).await,
        }
    }

    /// Gives out what waits at a site and sends what is due once the answer is out; if the host cuts that short, the next tick does it.
    fn follow_up(&self, site: &SiteId) {
        let (platform, site, now) = (self.platform.clone(), site.clone(), self.clock.now());
        self.platform.defer(async move {
            // What fails here is met again by the next tick, and logged there.
            if let Ok(function) = Self::open(&platform) {
                let _ = function.assign_waiting(&site, now).await;
                let _ = function.courier.drain().await;
            }
        });
    }

    /// Sends what is due once the answer is out.
    fn nudge(&self) {
        let courier = self.courier.clone();
        self.platform.defer(async move {
            // Logged by the tick that finds the same rows again.
            let _ = courier.drain().await;
        });
    }
}
