//! Writes the OpenAPI 3.1 document of a function from the same route table that dispatches its requests.
//!
//! For tests and tools: a function commits the document and a test compares, so no edge host carries this code.

use std::collections::BTreeSet;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::error::Code;
use crate::router::{Access, Route};

pub mod schema;

/// What the document as a whole is about.
#[derive(Debug, Clone)]
pub struct About<'a> {
    /// The function's name, also the last segment of its tick route.
    pub function: &'a str,
    /// A title for people.
    pub title: &'a str,
    /// A paragraph for people.
    pub description: &'a str,
    /// The version of the interface.
    pub version: &'a str,
    /// Named schemas that operations point to with [`reference()`].
    pub schemas: Vec<(&'a str, Value)>,
}

/// What the route table does not say about an operation.
#[derive(Debug, Clone, Default)]
pub struct Operation {
    /// Its id for generated clients, in lower camel case.
    pub id: &'static str,
    /// One line.
    pub summary: &'static str,
    /// More, if one line does not say it.
    pub description: &'static str,
    /// Query and header parameters, and path parameters that are more than a text.
    pub parameters: Vec<Parameter>,
    /// The bodies it takes; one of them.
    pub request: Vec<Media>,
    /// The answers that are no failures.
    pub answers: Vec<Answer>,
    /// The failures that access, path and body do not imply already.
    pub failures: Vec<Code>,
    /// Forms a failure takes besides `application/problem+json`, for routes that speak another product's wire.
    pub failure_forms: Vec<Media>,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In the path.
    Path,
}

/// One parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Where it stands.
    pub place: Place,
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// Whether there is no answer without it; always so in a path.
    pub is_required: bool,
    /// Its schema.
    pub schema: Value,
}

/// A body of one content type.
#[derive(Debug, Clone)]
pub struct Media {
    /// The content type.
    pub content_type: &'static str,
    /// Its schema.
    pub schema: Value,
}

/// One answer that is no failure.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// When it is given.
    pub description: &'static str,
    /// Its bodies; none for an empty one.
    pub content: Vec<Media>,
    /// Its headers that are worth reading.
    pub headers: Vec<Header>,
}

/// One header of an answer.
#[derive(Debug, Clone)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// What it tells, and when it is absent.
    pub description: &'static str,
    /// Its schema.
    pub schema: Value,
}

/// A schema that points to one of [`About::schemas`].
#[must_use]
pub fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// A JSON body.
#[must_use]
pub fn json_body(schema: Value) -> Vec<Media> {
    vec![Media { content_type: "application/json", schema }]
}

/// A query parameter that may be left out.
#[must_use]
pub fn query(name: &'static str, description: &'static str, schema: Value) -> Parameter {
    Parameter { place: Place::Query, name, description, is_required: false, schema }
}

/// `200` with a body.
#[must_use]
pub fn ok(description: &'static str, content: Vec<Media>) -> Answer {
    Answer { description, content, ..Answer::default() }
}

/// `201` with a body.
#[must_use]
pub fn created(description: &'static str, content: Vec<Media>) -> Answer {
    Answer { status: StatusCode::CREATED, ..ok(description, content) }
}

/// `204`.
#[must_use]
pub fn none(description: &'static str) -> Answer {
    Answer { status: StatusCode::NO_CONTENT, description, ..Answer::default() }
}

/// The document. An operation that stands at several paths has its own id at the first, and one with the path in it at the others:
/// `send` at `/v1/b` is `sendAtV1B`.
pub fn document<N: Copy>(about: &About<'_>, routes: &[Route<N>], describe: impl Fn(N) -> Operation) -> Value {
    let mut paths = Map::new();
    let mut ids = BTreeSet::new();
    for route in routes {
        let operation = describe(route.name);
        let id = if ids.insert(operation.id) { operation.id.to_owned() } else { id_at(operation.id, route.path) };
        add(&mut paths, route, &operation, &id, security(route.access));
    }
    for (route, operation) in common(about) {
        // The frame looks at no site, so at no site's keys either.
        let security = if route.access == Access::Operator { json!([{ "operatorKey": [] }]) } else { json!([]) };
        add(&mut paths, &route, &operation, operation.id, security);
    }
    let mut schemas: Map<_, _> = about.schemas.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    schemas.insert("Problem".into(), problem_schema());
    let failures: Map<_, _> = Code::ALL.into_iter().map(|code| (code.name().to_owned(), failure(code, &[]))).collect();
    json!({
        "openapi": "3.1.0",
        "info": { "title": about.title, "description": about.description, "version": about.version, "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" } },
        "paths": paths,
        "components": { "schemas": schemas, "responses": failures, "securitySchemes": security_schemes() },
    })
}

/// The text to commit: indented, with a last line break.
#[must_use]
pub fn pretty(document: &Value) -> String {
    format!("{document:#}\n")
}

/// What the frame answers for every function; its paths are no parameters, the tick route's name is fixed.
fn common(about: &About<'_>) -> Vec<(Route<()>, Operation)> {
    let row = |method, path, access| Route { method, path, name: (), access, body_limit: 0 };
    let healthy = json!({
        "type": "object", "required": ["status", "function"],
        "properties": { "status": { "const": "ok" }, "function": { "const": about.function } },
    });
    let count = json!({ "type": "integer", "minimum": 0 });
    let tick = json!({
        "type": "object", "required": ["delivered", "postponed", "failed", "expired"],
        "properties": { "delivered": count, "postponed": count, "failed": count, "expired": count },
    });
    let answer = |description, schema| vec![ok(description, json_body(schema))];
    vec![
        (
            row(Method::GET, "/healthz", Access::Public),
            Operation {
                id: "checkHealth",
                summary: "Whether storage answers.",
                answers: answer("It does.", healthy),
                ..Operation::default()
            },
        ),
        (
            row(Method::GET, "/openapi.json", Access::Public),
            Operation {
                id: "describe",
                summary: "This document.",
                answers: answer("The document.", json!({ "type": "object", "required": ["openapi"] })),
                ..Operation::default()
            },
        ),
        (
            row(Method::GET, "/metrics", Access::Operator),
            Operation {
                id: "readMetrics",
                summary: "Counters and gauges for Prometheus.",
                description: "Of every function that shares the store; at `/v1/functions/{function}/metrics` of one function alone.",
                answers: vec![ok(
                    "Prometheus' text format 0.0.4.",
                    vec![Media { content_type: "text/plain", schema: json!({ "type": "string" }) }],
                )],
                ..Operation::default()
            },
        ),
        (
            row(Method::POST, "/v1/tick/{function}", Access::Operator),
            Operation {
                id: "tick",
                summary: "Does the deferred work that is due: deliveries and expiry.",
                description: "For hosts whose clock cannot call the function itself.",
                parameters: vec![Parameter {
                    place: Place::Path,
                    name: "function",
                    description: "The function's name.",
                    is_required: true,
                    schema: json!({ "const": about.function }),
                }],
                answers: answer("What was done.", tick),
                ..Operation::default()
            },
        ),
    ]
}

/// An operation's id at a further path, made of the words of the path.
fn id_at(id: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let capital = |word: &str| word.chars().enumerate().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c }).collect::<String>();
    format!("{id}At{}", words.map(capital).collect::<String>())
}

fn add<N>(paths: &mut Map<String, Value>, route: &Route<N>, operation: &Operation, id: &str, security: Value) {
    let path = paths.entry(route.path).or_insert_with(|| json!({}));
    if let Some(path) = path.as_object_mut() {
        path.insert(route.method.as_str().to_ascii_lowercase(), describe_route(route, operation, id, security));
    }
}

fn describe_route<N>(route: &Route<N>, operation: &Operation, id: &str, security: Value) -> Value {
    let mut described = json!({
        "operationId": id,
        "summary": operation.summary,
        "security": security,
        "responses": responses(route, operation),
    });
    if !operation.description.is_empty() {
        described["description"] = json!(operation.description);
    }
    let parameters = parameters(route.path, operation);
    if !parameters.is_empty() {
        described["parameters"] = json!(parameters);
    }
    if !operation.request.is_empty() {
        described["requestBody"] = json!({ "required": true, "content": content(&operation.request) });
    }
    described
}

/// The names in a path template.
fn path_names(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn parameters(path: &'static str, operation: &Operation) -> Vec<Value> {
    let is_described = |name: &str| operation.parameters.iter().any(|p| p.place == Place::Path && p.name == name);
    let plain = path_names(path)
        .filter(|name| !is_described(name))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } }));
    let described = operation.parameters.iter().map(|parameter| {
        let place = match parameter.place {
            Place::Query => "query",
            Place::Header => "header",
            Place::Path => "path",
        };
        json!({
            "name": parameter.name,
            "in": place,
            "description": parameter.description,
            "required": parameter.is_required || parameter.place == Place::Path,
            "schema": parameter.schema,
        })
    });
    plain.chain(described).collect()
}

fn content(media: &[Media]) -> Value {
    media.iter().map(|media| (media.content_type.to_owned(), json!({ "schema": media.schema }))).collect::<Map<_, _>>().into()
}

fn responses<N>(route: &Route<N>, operation: &Operation) -> Value {
    let mut responses = Map::new();
    for answer in &operation.answers {
        let mut response = json!({ "description": answer.description });
        if !answer.content.is_empty() {
            response["content"] = content(&answer.content);
        }
        for Header { name, description, schema } in &answer.headers {
            response["headers"][*name] = json!({ "description": description, "schema": schema });
        }
        responses.insert(answer.status.as_str().to_owned(), response);
    }
    for code in failures(route, operation) {
        let response = match operation.failure_forms.as_slice() {
            [] => json!({ "$ref": format!("#/components/responses/{}", code.name()) }),
            forms => failure(code, forms),
        };
        responses.insert(code.status().as_str().to_owned(), response);
    }
    responses.into()
}

/// The answer for a failure: a problem document, and the forms it takes beside it.
fn failure(code: Code, forms: &[Media]) -> Value {
    let mut content = content(forms);
    content["application/problem+json"] = json!({ "schema": reference("Problem") });
    let mut response = json!({ "description": code.title(), "content": content });
    if matches!(code, Code::TooManyRequests | Code::Unavailable) {
        let schema = json!({ "type": "integer", "minimum": 1 });
        response["headers"] = json!({ "Retry-After": { "description": "Seconds to wait.", "schema": schema } });
    }
    response
}

/// What can go wrong: what the route's key, path and body imply, and what the operation adds.
fn failures<N>(route: &Route<N>, operation: &Operation) -> Vec<Code> {
    let mut names: BTreeSet<_> = operation.failures.iter().map(|code| code.name()).collect();
    names.extend([Code::Internal.name(), Code::Unavailable.name()]);
    if route.access != Access::Public {
        names.extend([Code::Unauthenticated.name(), Code::Forbidden.name()]);
    }
    if path_names(route.path).next().is_some() {
        names.insert(Code::NotFound.name());
    }
    if route.body_limit > 0 {
        names.extend([Code::Malformed.name(), Code::TooLarge.name()]);
    }
    Code::ALL.into_iter().filter(|code| names.contains(code.name())).collect()
}

fn security(access: Access) -> Value {
    match access {
        Access::Public => json!([{}, { "writeKey": [] }]),
        Access::Read => json!([{ "readKey": [] }, { "adminKey": [] }]),
        Access::Admin => json!([{ "adminKey": [] }]),
        Access::Operator => json!([{ "operatorKey": [] }, { "adminKey": [] }]),
    }
}

fn security_schemes() -> Value {
    let bearer = |description: &str| json!({ "type": "http", "scheme": "bearer", "description": description });
    json!({
        "writeKey": bearer("A site's public key: stands in pages, and opens what a visitor may do."),
        "readKey": bearer("A site's secret read key."),
        "adminKey": bearer("A site's secret admin key; it reads as well."),
        "operatorKey": bearer("The operator's own key, from the host's secrets."),
    })
}

fn problem_schema() -> Value {
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
    json!({
        "type": "object",
        "description": "RFC 9457 problem details.",
        "required": ["type", "title", "status", "code", "detail", "request_id"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "code": { "enum": codes },
            "detail": { "type": "string" },
            "request_id": { "type": "string", "format": "uuid" },
            "errors": { "type": "array", "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": { "field": { "type": "string" }, "code": { "type": "string" }, "message": { "type": "string" } },
            } },
        },
    })
}

#[cfg(test)]
mod tests;
