//! The committed OpenAPI document is what the route table and the descriptions here make of it: it cannot drift.
//! After a change, `UPDATE=1 cargo test -p content-score --test openapi` writes it anew.

mod describe;
mod schemas;

use std::collections::{HashMap, HashSet};
use std::path::Path;

use content_score::routes::ROUTES;
use orilla_core::openapi::{self, About};
use serde_json::Value;

fn document() -> Value {
    let about = About {
        function: "content-score",
        title: "Orilla: content scoring",
        description: "What a Spanish-and-English editor would say of a page, post or e-mail, each point with its reason and its place; what could be \
                      written instead; what became of a document, version by version; and pages that are read again and again.",
        version: env!("CARGO_PKG_VERSION"),
        schemas: schemas::all(),
    };
    openapi::document(&about, ROUTES, describe::operation)
}

#[test]
fn the_document_is_what_the_routes_say() {
    let document = openapi::pretty(&document());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == document, "openapi.json is not what the routes say; UPDATE=1 cargo test -p content-score --test openapi");
}

#[test]
fn every_operation_has_an_id_of_its_own() {
    let names: HashMap<_, _> = ROUTES.iter().map(|route| (describe::operation(route.name).id, route.name)).collect();
    assert_eq!(names.len(), ROUTES.iter().map(|route| route.name).collect::<HashSet<_>>().len(), "{names:?}");
}

#[test]
fn every_schema_is_there_and_is_used() {
    let document = document();
    let text = document.to_string();
    let prefix = "\"#/components/schemas/";
    let named: HashSet<_> = text.split(prefix).skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let there: HashSet<_> = document["components"]["schemas"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(named, there);
}
