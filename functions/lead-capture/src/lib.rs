//! Lead capture: forms in, scored and consented leads out, nobody lost and nobody notified twice.
//!
//! This file is the function's list of capabilities and its dispatch; each operation is a file of its own.

mod answer;
pub mod apply;
mod assets;
pub mod backup;
mod challenge;
pub mod config;
mod confirm;
pub mod csv_in;
mod decide;
mod deliveries;
mod entry;
mod erase;
pub mod experiment;
mod export;
mod exposure;
mod fold;
pub mod form;
mod history;
mod import;
mod journey;
mod leads;
pub mod messages;
mod notify;
mod page;

mod record;
mod release;
mod rescore;
mod restore;
pub mod routes;
pub mod score;
pub mod segment;
pub mod site;
mod store;
pub mod submission;
mod submit;
pub mod tags;
pub mod verdict;

use http::Method;
use orilla_core::function::Tick;
use orilla_core::ids::uuid_v7;
use orilla_core::outbox::Courier;
use orilla_core::ports::{DB, KV};
use orilla_core::router::{self, Matched};
use orilla_core::sites::{self, SiteId};
use orilla_core::{Error, Function, Platform, Request, Response, auth};

use crate::apply::Applier;
use crate::config::Config;
use crate::routes::{Manage, Operate, Operation, Preserve, ROUTES, Visit};

/// Everything lead capture may touch.
pub struct LeadCapture<P: Platform> {
    platform: P,
    sql: P::Sql,
    kv: P::Kv,
    fetch: P::Fetch,
    clock: P::Clock,
    random: P::Random,
    config: Config,
    courier: Courier<P>,
}

impl<P: Platform> Function<P> for LeadCapture<P> {
    const NAME: &'static str = "lead-capture";
    const OPENAPI: &'static str = include_str!("../openapi.json");

    fn open(platform: &P) -> Result<Self, Error> {
        let sql = platform.sql(DB)?;
        Ok(Self {
            courier: Courier::open(platform, sql.clone())?,
            sql,
            kv: platform.kv(KV)?,
            fetch: platform.fetch(),
            clock: platform.clock(),
            random: platform.random(),
            config: Config::read(platform)?,
            platform: platform.clone(),
        })
    }

    fn route(method: &Method, path: &str) -> Option<&'static str> {
        router::template(ROUTES, method, path)
    }

    async fn preflight(&self, request: &Request) -> Result<(), Error> {
        let Some(form) = form_of(request) else { return Ok(()) };
        self.admit(request, &form).await.map(|_| ())
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        let matched = router::find(ROUTES, &request.method, request.uri.path())?;
        match matched.route.name {
            Operation::Visit(visit) => match self.visit(visit, request, &matched).await {
                Err(error) if request.wants_html() && visit.is_a_page() => Ok(confirm::dead_end(request, &error)),
                outcome => outcome,
            },
            Operation::Manage(manage) => {
                let caller = sites::authenticate(&self.sql, request, matched.route.access).await?;
                self.manage(manage, &caller.site, request, &matched).await
            }
            Operation::Operate(operate) => {
                let site = site_of(&matched)?;
                sites::admit_operator(&self.platform, &self.sql, request, &site).await?;
                self.operate(operate, &site, request, &matched).await
            }
            Operation::Preserve(preserve) => {
                sites::admit_operator_alone(&self.platform, &self.sql, request).await?;
                match preserve {
                    Preserve::Backup => backup::stream(&self.sql, &self.kv, request).await,
                    Preserve::Restore => {
                        let site = site_of(&matched)?;
                        restore::restore(&self.sql, &self.kv, &site, request, matched.route.body_limit).await
                    }
                }
            }
        }
    }

    async fn tick(&self) -> Result<Tick, Error> {
        // What fails here does not keep deliveries from being sent.
        let sorted = self.sort_due().await;
        let tick = self.courier.tick().await?;
        sorted.map(|_| tick)
    }
}

impl<P: Platform> LeadCapture<P> {
    async fn visit(&self, visit: Visit, request: &Request, matched: &Matched<'_, Operation>) -> Result<Response, Error> {
        let form = matched.parameter("form");
        match visit {
            Visit::ShowForm => self.show_form(request, form).await,
            Visit::Submit => self.submit_native(request, form, matched.route.body_limit).await,
            Visit::SubmitFormspree => self.submit_formspree(request, form, matched.route.body_limit).await,
            Visit::Expose => self.expose(request, form, matched.route.body_limit).await,
            Visit::HostForm => self.host_form(request, form).await,
            Visit::Thank => self.thank(request, form).await,
            Visit::AskConfirmation => self.ask_confirmation(request).await,
            Visit::Confirm => self.confirm(request, matched.route.body_limit).await,
            Visit::Download => self.download(request, matched.parameter("asset")).await,
        }
    }

    async fn manage(&self, manage: Manage, site: &SiteId, request: &Request, matched: &Matched<'_, Operation>) -> Result<Response, Error> {
        let limit = matched.route.body_limit;
        match manage {
            Manage::ListForms => leads::list_forms(&self.sql, site).await,
            Manage::ListLeads => leads::list(&self.sql, site, request).await,
            Manage::ExportLeads => export::stream(&self.sql, site, request).await,
            Manage::ListSegments => segment::list(&self.sql, site).await,
            Manage::ListSegmentLeads => segment::list_leads(&self.sql, site, matched.parameter("segment"), request).await,
            Manage::ShowLead => leads::show(&self.sql, site, matched.parameter("lead")).await,
            Manage::ListSubmissions => leads::list_submissions(&self.sql, site, request).await,
            Manage::Release => self.release(site, matched.parameter("submission"), request).await,
            Manage::ImportLeads => self.import(site, request, limit).await,
            Manage::Rescore => self.rescore(site, request).await,
            Manage::EraseLead => {
                let receipt = uuid_v7(request.received, &self.random).to_string();
                erase::erase(&self.sql, site, matched.parameter("lead"), &receipt, request.received).await
            }
            Manage::ShowExperiment => exposure::show(&self.sql, site, matched.parameter("experiment")).await,
            Manage::ListDeliveries => self.list_deliveries(site, request).await,
            Manage::ReplayDelivery => self.replay_delivery(site, matched.parameter("delivery"), request).await,
            Manage::ReplayFailed => self.replay_failed(site, request).await,
            Manage::ListDestinations => self.list_destinations(site).await,
            Manage::AddDestination => self.add_destination(site, request, limit).await,
            Manage::RemoveDestination => self.remove_destination(site, matched.parameter("destination")).await,
            Manage::RotateSecret => self.rotate_secret(site, matched.parameter("destination"), request).await,
            Manage::EnableDestination => self.enable_destination(site, matched.parameter("destination")).await,
        }
    }

    async fn operate(
        &self,
        operate: Operate,
        site: &SiteId,
        request: &Request,
        matched: &Matched<'_, Operation>,
    ) -> Result<Response, Error> {
        match operate {
            Operate::ApplySite => {
                let is_operator = auth::require_operator(&self.platform, request).is_ok();
                let by = Applier { is_operator, limit: matched.route.body_limit };
                let applied = apply::put_site(&self.sql, &self.random, &self.config, site, request, by).await?;
                self.sort_soon();
                Ok(applied)
            }
            Operate::ShowSite => apply::show_site(&self.sql, site).await,
            Operate::IssueKey => apply::issue_key(&self.sql, &self.random, site, request, matched.route.body_limit).await,
            Operate::StoreAsset => assets::store(&self.kv, site, matched.parameter("asset"), request, matched.route.body_limit).await,
        }
    }
}

fn site_of(matched: &Matched<'_, Operation>) -> Result<SiteId, Error> {
    SiteId::parse(matched.parameter("site")).ok_or_else(|| Error::not_found("A site's id is a UUID; it stands in its site.toml."))
}

/// The form a preflight is about: its path fits a visitor's route of some method.
fn form_of(request: &Request) -> Option<String> {
    let forms = router::public(ROUTES, request.uri.path()).map(|matched| matched.parameter("form").to_owned());
    forms.into_iter().find(|form| !form.is_empty())
}
