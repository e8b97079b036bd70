//! The committed OpenAPI document is what the route table and the descriptions here make of it: it cannot drift.
//! After a change, `UPDATE=1 cargo test -p lead-capture --test openapi` writes it anew.

mod describe;
mod schemas;

use std::collections::BTreeSet;
use std::path::Path;

use lead_capture::routes::ROUTES;
use orilla_core::openapi::{self, About};

#[test]
fn the_document_is_what_the_routes_say() {
    let about = About {
        function: "lead-capture",
        title: "Orilla: lead capture",
        description: "Forms in, scored and consented leads out. Retry any submission with the same `Idempotency-Key`: nothing happens twice.",
        version: env!("CARGO_PKG_VERSION"),
        schemas: schemas::all(),
    };
    let document = openapi::pretty(&openapi::document(&about, ROUTES, describe::operation));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == document, "openapi.json is not what the routes say; UPDATE=1 cargo test -p lead-capture --test openapi");
}

#[test]
fn every_operation_has_an_id_of_its_own() {
    let ids: BTreeSet<_> = ROUTES.iter().map(|route| describe::operation(route.name).id).collect();
    assert_eq!(ids.len(), ROUTES.len());
}
