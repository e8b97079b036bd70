//! Experiments on the wire: which variant a visitor sees, that they saw it, and what came of it.

use http::{HeaderValue, StatusCode, header};
use orilla_core::body;
use orilla_core::http::{empty, json};
use orilla_core::limit::Limit;
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::visitors::{self, Salt, visitor_hash};
use orilla_core::{Error, Platform, Request, Response, Sql};
use serde_json::Value as Json;
use std::time::Duration;

use crate::LeadCapture;
use crate::experiment::{self, Arm};
use crate::form::{Form, Variant, public_view};
use crate::store::OpenForm;

/// How many exposures one address may report. Chosen: an office behind one address, not a script that skews a test.
const EXPOSURES: Limit = Limit { hits: 60, window: Duration::from_secs(60) };
/// The longest name a page gives a visitor. Chosen: a UUID fits twice.
const MAX_VISITOR_CHARS: usize = 80;
/// How long a browser may reuse a form it fetched. Chosen: a changed form shows within a minute.
const FRESH: &str = "private, max-age=60";

impl<P: Platform> LeadCapture<P> {
    /// `GET /v1/forms/{form}`: what a page needs, in the visitor's language and variant.
    ///
    /// Errors: `NotFound` if there is no such form, and what the store gives.
    pub(crate) async fn show_form(&self, request: &Request, form: &str) -> Result<Response, Error> {
        let open = self.admit(request, form).await?;
        let locale = self.locale_of(request, &open);
        let variant = self.variant_of(request, &open).await?;
        let view = public_view(&open.id, open.version, &open.form, locale, variant);
        let mut response = json(StatusCode::OK, &view)?;
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(FRESH));
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Language"));
        Ok(response)
    }

    /// `POST /v1/forms/{form}/exposures`: counted once per visitor, and only for the variant that is theirs: a preview is none.
    ///
    /// Errors: `NotFound`, `TooManyRequests`, and what the store gives.
    pub(crate) async fn expose(&self, request: &Request, form: &str, limit: usize) -> Result<Response, Error> {
        let open = self.admit(request, form).await?;
        let payload = body::parse(request, limit).await?;
        let text = |name: &str| payload.get(name).and_then(Json::as_str);
        let visitor = self.visitor_of(request, &open, text("visitor")).await?;
        let Some(own) = bucket(&open.site_id, &open.id, &open.form, &visitor) else { return Ok(empty(StatusCode::NO_CONTENT)) };
        if text("variant").is_some_and(|shown| shown != own.id) {
            return Ok(empty(StatusCode::NO_CONTENT));
        }
        let now = request.received;
        let address = self.address_of(request, &open).await?.unwrap_or_default();
        let limited = format!("expose:{}:{address}", open.id);
        let counted = self
            .sql
            .batch(vec![
                EXPOSURES.hit(&limited, now),
                // What is refused is not counted either.
                Statement::new(
                    "INSERT INTO exposures (site_id, experiment, visitor_id, variant, exposed_at) SELECT ?1, ?2, ?3, ?4, ?5 \
                     WHERE (SELECT count FROM limits WHERE key = ?6) <= ?7 ON CONFLICT DO NOTHING",
                )
                .bind(&open.site_id)
                .bind(open.id.as_str())
                .bind(visitor)
                .bind(own.id.as_str())
                .bind(now)
                .bind(limited.as_str())
                .bind(EXPOSURES.hits),
            ])
            .await?;
        match counted.first().map(|rows| EXPOSURES.read(rows, now)).transpose()?.flatten() {
            Some(exceeded) => Err(exceeded.into()),
            None => Ok(empty(StatusCode::NO_CONTENT)),
        }
    }

    /// The variant a request sees: `?variant=` for a preview, else the visitor's own.
    pub(crate) async fn variant_of<'f>(&self, request: &Request, open: &'f OpenForm) -> Result<Option<&'f Variant>, Error> {
        if let Some(forced) = request.query("variant").and_then(|id| open.form.variant(&id)) {
            return Ok(Some(forced));
        }
        if open.form.variants.is_empty() {
            return Ok(None);
        }
        let visitor = self.visitor_of(request, open, request.query("visitor").as_deref()).await?;
        Ok(bucket(&open.site_id, &open.id, &open.form, &visitor))
    }

    /// The visitor: as the page names them, else the day's hash of address and browser.
    pub(crate) async fn visitor_of(&self, request: &Request, open: &OpenForm, named: Option<&str>) -> Result<String, Error> {
        if let Some(name) = named.filter(|name| is_visitor_name(name)) {
            return Ok(name.to_owned());
        }
        Ok(hash_of(&self.salt(request, open).await?, request, open))
    }

    /// The day's hash of the visitor's address, where the host knows it.
    pub(crate) async fn address_of(&self, request: &Request, open: &OpenForm) -> Result<Option<String>, Error> {
        let Some(address) = request.client else { return Ok(None) };
        Ok(Some(visitors::address_hash(&self.salt(request, open).await?, &open.site_id, address)))
    }

    /// Today's salt: read with the form, or made now.
    async fn salt(&self, request: &Request, open: &OpenForm) -> Result<Salt, Error> {
        match &open.salt {
            Some(salt) => Ok(salt.clone()),
            None => visitors::salt(&self.sql, &self.random, request.received).await,
        }
    }
}

/// Who the visitor was yesterday, unless the page names them or nobody came yesterday.
pub fn visitor_before(request: &Request, open: &OpenForm, named: Option<&str>) -> Option<String> {
    let salt = open.salt_before.as_ref().filter(|_| !named.is_some_and(is_visitor_name))?;
    Some(hash_of(salt, request, open))
}

fn is_visitor_name(name: &str) -> bool {
    (1..=MAX_VISITOR_CHARS).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

fn hash_of(salt: &Salt, request: &Request, open: &OpenForm) -> String {
    visitor_hash(salt, &open.site_id, request.client, request.header(header::USER_AGENT).unwrap_or_default())
}

/// The variant that is a visitor's own; `None` for a form without an experiment.
#[must_use]
pub fn bucket<'f>(site: &SiteId, experiment: &str, form: &'f Form, visitor: &str) -> Option<&'f Variant> {
    let weights: Vec<u32> = form.variants.iter().map(|variant| variant.weight).collect();
    experiment::bucket(site.as_str(), experiment, visitor, &weights).and_then(|index| form.variants.get(index))
}

/// `GET /v1/experiments/{experiment}`: counts and rates by variant, and whether visitors were split as asked.
///
/// Errors: `NotFound` if the site has no form of this name with variants, and what the store gives.
pub async fn show(sql: &impl Sql, site: &SiteId, experiment: &str) -> Result<Response, Error> {
    let of_experiment = |query: &'static str| Statement::new(query).bind(site).bind(experiment);
    let [forms, counts] = orilla_core::sql::take(
        sql.batch(vec![
            of_experiment("SELECT definition FROM forms WHERE site_id = ?1 AND id = ?2"),
            of_experiment(
                "SELECT variant, count(*) AS exposed, count(converted_at) AS converted FROM exposures \
                 WHERE site_id = ?1 AND experiment = ?2 GROUP BY variant",
            ),
        ])
        .await?,
    )?;
    let form: Form = forms.first().ok_or_else(|| Error::not_found("This site has no such experiment."))?.json("definition")?;
    if form.variants.is_empty() {
        return Err(Error::not_found("This form has no variants, so there is no experiment."));
    }
    let mut arms = Vec::new();
    for variant in &form.variants {
        let mut arm = Arm { id: variant.id.clone(), weight: variant.weight, exposed: 0, converted: 0 };
        for row in counts.iter().filter(|row| row.text("variant").is_ok_and(|id| id == variant.id)) {
            arm.exposed = u64::try_from(row.integer("exposed")?).unwrap_or_default();
            arm.converted = u64::try_from(row.integer("converted")?).unwrap_or_default();
        }
        arms.push(arm);
    }
    json(StatusCode::OK, &experiment::report(experiment, &arms))
}
