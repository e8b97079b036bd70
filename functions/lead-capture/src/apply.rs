//! Applies a site's files: checks everything, tells everything that is wrong or would change, writes what changed in one batch.
//! Reading files is the operator's machine's part (`cargo xtask apply`); this is what the server makes of them.

mod diff;
mod parts;
mod stored;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::{hex, rfc3339};
use orilla_core::operations::alerts;
use orilla_core::outbox::destinations;
use orilla_core::signing::Secret;
use orilla_core::sites::{self, SiteId};
use orilla_core::sql::{Rows, SqlError, Statement};
use orilla_core::{Code, Error, Random, Request, Response, Sql, Violation, auth, body};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::config::Config;
use crate::segment::store as segment;
use crate::site::Destination;
use diff::{Change, Op};
use parts::Parts;
use stored::Stored;

/// What an apply did, or would do.
#[derive(Debug, Serialize)]
struct Applied<'a> {
    site: &'a SiteId,
    is_dry_run: bool,
    changes: &'a [Change],
    /// The signing secrets of webhooks that are new, by their names: shown this once.
    secrets: BTreeMap<String, String>,
}

/// `PUT /v1/sites/{site}?dry_run=1`: the whole site as `{"site", "forms", "scoring", "segments"}`. What the body leaves out is removed.
/// Alerts about the whole
/// deployment are for its operator to add.
///
/// Errors: `Invalid` with a JSON path for everything that is wrong, and what the store gives.
pub async fn put_site(
    sql: &impl Sql,
    random: &impl Random,
    config: &Config,
    site: &SiteId,
    request: &Request,
    by: Applier,
) -> Result<Response, Error> {
    let sent: Json = body::json(request, by.limit)?;
    let stored = Stored::read(sql, site, &form_ids(&sent)).await?;
    let parts = Parts::read(&sent, site, config, &stored)
        .map_err(|violations| Error::invalid("Some of the site's files break a rule; nothing was changed.", violations))?;
    let not_theirs = if by.is_operator { Vec::new() } else { foreign_alerts(&stored, &parts) };
    if !not_theirs.is_empty() {
        return Err(Error::invalid("Some of the alerts are not this key's to add; nothing was changed.", not_theirs));
    }
    let changes = diff::changes(&stored, &parts);
    let is_dry_run = request.asks_for("dry_run");
    let mut secrets = BTreeMap::new();
    if !is_dry_run && !changes.is_empty() {
        let fresh = fresh_secrets(&parts, random);
        let results = sql.batch(statements(&parts, &changes, &fresh, random, request.received)).await.map_err(outrun)?;
        secrets = used_secrets(&results, &fresh)?;
    }
    json(StatusCode::OK, &Applied { site, is_dry_run, changes: &changes, secrets })
}

/// Who applies.
#[derive(Debug, Clone, Copy)]
pub struct Applier {
    /// Whoever runs the deployment, or else the site itself.
    pub is_operator: bool,
    /// The most bytes they may send.
    pub limit: usize,
}

/// Alerts about what other sites take part in, but for those that the operator has added before.
fn foreign_alerts(stored: &Stored, parts: &Parts) -> Vec<Violation> {
    let known = |rule: &alerts::Rule| {
        let before = stored.site.as_ref().and_then(|site| site["alerts"].as_array());
        before.is_some_and(|rules| rules.contains(&json!(rule)))
    };
    let foreign = parts.site.alerts.iter().enumerate().filter(|(_, rule)| rule.measure.is_operators() && !known(rule));
    let message = "It is about the whole deployment: whoever runs it applies it, with the operator's key.";
    foreign
        .map(|(i, _)| Violation { field: format!("site.alerts[{i}].measure"), code: "operator".into(), message: message.to_owned() })
        .collect()
}

/// Between the check and the write another site took a form's id, or another apply of this site was faster.
fn outrun(error: SqlError) -> Error {
    match error {
        SqlError::Unique { .. } | SqlError::Constraint(_) => {
            Error::new(Code::Conflict, "Somebody else applied at the same moment; apply again.")
        }
        other => other.into(),
    }
}

/// A signing secret for each destination, should it need one.
fn fresh_secrets(parts: &Parts, random: &impl Random) -> BTreeMap<String, Secret> {
    parts.site.destinations.iter().map(|it| (it.id.clone(), Secret::generate(random))).collect()
}

/// Those that the store took: a webhook that had one keeps it.
fn used_secrets(results: &[Rows], fresh: &BTreeMap<String, Secret>) -> Result<BTreeMap<String, String>, Error> {
    let mut used = BTreeMap::new();
    for row in results.iter().flat_map(Rows::iter) {
        let (id, stored) = (row.text("id")?, row.optional_text("secret")?);
        let secret = fresh.get(id).map(Secret::reveal).filter(|secret| stored == Some(secret.as_str()));
        used.extend(secret.map(|secret| (id.to_owned(), secret)));
    }
    Ok(used)
}

/// `GET /v1/sites/{site}`: everything applied, as it can be applied again, and which keys there are by their fingerprints.
///
/// Errors: `NotFound` if nothing was applied yet, and what the store gives.
pub async fn show_site(sql: &impl Sql, site: &SiteId) -> Result<Response, Error> {
    let stored = Stored::read(sql, site, &[]).await?;
    let definition = stored.site.as_ref().ok_or_else(|| Error::not_found("No files were applied for this site yet."))?;
    let mut shown = definition.clone();
    shown["destinations"] = stored.destinations.values().map(destination).collect();
    // What a segment uses of others is reckoned anew when it is applied.
    let segment = |(id, it): (&String, &Json)| json!({ "id": id, "label": it["label"], "when": it["when"] });
    let segments: Vec<Json> = stored.segments.iter().map(segment).collect();
    let keys: Vec<Json> = stored
        .keys
        .iter()
        .map(|key| json!({ "kind": key.kind, "fingerprint": key.fingerprint, "created_at": rfc3339(key.created_at) }))
        .collect();
    json(StatusCode::OK, &json!({ "site": shown, "forms": stored.forms, "scoring": stored.scoring, "segments": segments, "keys": keys }))
}

/// A stored destination as files have it.
fn destination(stored: &Json) -> Json {
    let mut shown = stored.clone();
    let target = std::mem::take(&mut shown["target"]);
    if let Some(fields) = shown.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    match shown["kind"].as_str() {
        Some("email") => shown["to"] = target.as_str().unwrap_or_default().split(',').map(str::trim).collect(),
        _ => shown["url"] = target,
    }
    shown
}

/// What `POST /v1/sites/{site}/keys` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyWish {
    kind: sites::Kind,
}

/// `POST /v1/sites/{site}/keys`: a fresh key, shown this once.
///
/// Errors: `NotFound` if nothing was applied yet, `Invalid` for an unknown kind, and what the store gives.
pub async fn issue_key(sql: &impl Sql, random: &impl Random, site: &SiteId, request: &Request, limit: usize) -> Result<Response, Error> {
    let wish: KeyWish = body::json(request, limit)?;
    let known = sql.query(Statement::new("SELECT 1 AS one FROM sites WHERE id = ?1").bind(site)).await?;
    if known.is_empty() {
        return Err(Error::not_found("Apply the site's files first; then it can have keys."));
    }
    let key = sites::new_key(wish.kind, random);
    sql.query(sites::store_key(site, wish.kind, &key, request.received)).await?;
    let shown = json!({ "kind": wish.kind, "key": key, "fingerprint": fingerprint(&auth::hash(&key)) });
    json(StatusCode::CREATED, &shown)
}

/// What a key is known by without being shown: the beginning of its hash.
fn fingerprint(hash: &[u8]) -> String {
    hex(hash.get(..8).unwrap_or(hash))
}

/// The ids of the forms sent, whatever else is wrong with them.
fn form_ids(sent: &Json) -> Vec<String> {
    sent.get("forms").and_then(Json::as_object).map(|forms| forms.keys().cloned().collect()).unwrap_or_default()
}

/// What makes the store as the files say.
fn statements(
    parts: &Parts,
    changes: &[Change],
    secrets: &BTreeMap<String, Secret>,
    random: &impl Random,
    now: DateTime<Utc>,
) -> Vec<Statement> {
    let site = &parts.site.id;
    let mut statements = vec![put_definition(parts, random, now)];
    // Segments are put at the version that the sweep begins.
    if changes.iter().any(|change| change.split().0 == "segments") {
        statements.push(segment::begin_sweep(site));
    }
    statements.extend(alerts::apply(site, &parts.site.alerts));
    for change in changes {
        match change.split() {
            ("forms", id) => statements.push(match (change.op, parts.form(id)) {
                (Op::Add | Op::Change, Some(form)) => put_form(site, id, &form.json, &form.digest, now),
                _ => drop_form(site, id, now),
            }),
            ("destinations", id) => {
                let destination = parts.site.destinations.iter().find(|it| it.id == id);
                statements.push(match (secrets.get(id), destination) {
                    (Some(secret), Some(destination)) => put_destination(site, destination, secret, now),
                    _ => destinations::remove_managed(site, id),
                });
                statements.push(destinations::limit(site, id, destination.and_then(|it| it.segment.as_deref())));
            }
            ("segments", id) => match parts.segments.get(id) {
                Some(definition) => statements.push(segment::put(site, id, definition, now)),
                None => statements.extend(segment::remove(site, id)),
            },
            ("scoring", _) => statements.push(put_rules(site, &parts.scoring.json, &parts.scoring.digest, now)),
            _ => {}
        }
    }
    statements
}

fn put_definition(parts: &Parts, random: &impl Random, now: DateTime<Utc>) -> Statement {
    let mut secret = [0; 32];
    random.fill(&mut secret);
    Statement::new(
        "INSERT INTO sites (id, definition, digest, link_secret, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5) \
         ON CONFLICT (id) DO UPDATE SET definition = excluded.definition, digest = excluded.digest, updated_at = excluded.updated_at",
    )
    .bind(&parts.site.id)
    .bind(parts.definition.to_string())
    .bind(parts.digest.as_str())
    .bind(&secret[..])
    .bind(now)
}

/// The form's id is unique across the deployment; another site's form of this id is never touched: taking it writes NULL, which
/// undoes the batch.
fn put_form(site: &SiteId, id: &str, definition: &Json, digest: &str, now: DateTime<Utc>) -> Statement {
    Statement::new(
        "INSERT INTO forms (id, site_id, version, digest, definition, is_active, updated_at) VALUES (?1, ?2, 1, ?3, ?4, 1, ?5) \
         ON CONFLICT (id) DO UPDATE SET version = version + (digest <> excluded.digest), digest = excluded.digest, \
         definition = excluded.definition, is_active = 1, updated_at = excluded.updated_at, \
         site_id = CASE site_id WHEN excluded.site_id THEN site_id END",
    )
    .bind(id)
    .bind(site)
    .bind(digest)
    .bind(definition.to_string())
    .bind(now)
}

/// A form that is gone from the files takes no more submissions; those it has stay.
fn drop_form(site: &SiteId, id: &str, now: DateTime<Utc>) -> Statement {
    Statement::new("UPDATE forms SET is_active = 0, updated_at = ?3 WHERE site_id = ?1 AND id = ?2").bind(site).bind(id).bind(now)
}

fn put_destination(site: &SiteId, destination: &Destination, secret: &Secret, now: DateTime<Utc>) -> Statement {
    let Destination { id, kind, events, .. } = destination;
    destinations::Destination { id, kind: *kind, target: &destination.target(), events }.apply(site, secret, now)
}

/// Rules are never replaced: each change is one more version, so that an old score can be explained.
fn put_rules(site: &SiteId, rules: &Json, digest: &str, now: DateTime<Utc>) -> Statement {
    Statement::new(
        "INSERT INTO score_rules (site_id, version, digest, rules, created_at) \
         SELECT ?1, coalesce(max(version), 0) + 1, ?2, ?3, ?4 FROM score_rules WHERE site_id = ?1",
    )
    .bind(site)
    .bind(digest)
    .bind(rules.to_string())
    .bind(now)
}
