use super::*;

fn routes() -> Vec<Route<&'static str>> {
    let row = |method, path, name, access, body_limit| Route { method, path, name, access, body_limit };
    vec![
        row(Method::GET, "/v1/things", "list", Access::Read, 0),
        row(Method::PUT, "/v1/things/{thing}", "store", Access::Admin, 1_024),
        row(Method::GET, "/v1/things/{thing}", "show", Access::Public, 0),
    ]
}

fn describe(name: &'static str) -> Operation {
    let ok = ok("Done.", json_body(reference("Thing")));
    let limit = query("limit", "How many.", json!({ "type": "integer" }));
    match name {
        "list" => Operation { id: "list", summary: "Lists.", parameters: vec![limit], answers: vec![ok], ..Operation::default() },
        "store" => Operation {
            id: "store",
            summary: "Stores.",
            request: json_body(reference("Thing")),
            answers: vec![ok],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        _ => Operation { id: "show", summary: "Shows.", answers: vec![ok], failures: vec![Code::TooManyRequests], ..Operation::default() },
    }
}

fn sample() -> Value {
    let about = About {
        function: "things",
        title: "Things",
        description: "Keeps things.",
        version: "1",
        schemas: vec![("Thing", json!({ "type": "object" }))],
    };
    document(&about, &routes(), describe)
}

#[track_caller]
fn check_statuses(pointer: &str, expect: &[&str]) {
    let document = sample();
    let responses = document.pointer(pointer).unwrap()["responses"].as_object().unwrap();
    assert_eq!(responses.keys().collect::<Vec<_>>(), expect);
}

#[test]
fn statuses_follow_from_access_path_and_body() {
    check_statuses("/paths/~1v1~1things/get", &["200", "401", "403", "500", "503"]);
    check_statuses("/paths/~1v1~1things~1{thing}/put", &["200", "400", "401", "403", "404", "413", "422", "500", "503"]);
    check_statuses("/paths/~1v1~1things~1{thing}/get", &["200", "404", "429", "500", "503"]);
    check_statuses("/paths/~1healthz/get", &["200", "500", "503"]);
    check_statuses("/paths/~1v1~1tick~1{function}/post", &["200", "401", "403", "404", "500", "503"]);
}

#[test]
fn each_access_names_its_keys() {
    let document = sample();
    assert_eq!(document["paths"]["/v1/things"]["get"]["security"], json!([{ "readKey": [] }, { "adminKey": [] }]));
    assert_eq!(document["paths"]["/v1/things/{thing}"]["put"]["security"], json!([{ "adminKey": [] }]));
    assert_eq!(document["paths"]["/healthz"]["get"]["security"], json!([]));
    assert_eq!(document["paths"]["/v1/things/{thing}"]["get"]["security"], json!([{}, { "writeKey": [] }]));
    assert_eq!(document["paths"]["/v1/tick/{function}"]["post"]["security"], json!([{ "operatorKey": [] }]));
}

#[test]
fn every_path_parameter_is_declared_and_every_reference_resolves() {
    let document = sample();
    let put = &document["paths"]["/v1/things/{thing}"]["put"];
    assert_eq!(put["parameters"][0]["name"], "thing");
    assert_eq!(document["paths"]["/v1/tick/{function}"]["post"]["parameters"].as_array().unwrap().len(), 1);
    assert_eq!(document["paths"]["/v1/things"]["get"]["parameters"][0]["required"], false);
    let text = pretty(&document);
    let references: Vec<_> = text.split("\"#/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(references.len() > 5);
    for reference in references {
        assert!(document.pointer(&format!("/{reference}")).is_some(), "{reference}");
    }
}

#[test]
fn an_operation_at_several_paths_has_several_ids() {
    let row = |path| Route { method: Method::GET, path, name: "list", access: Access::Public, body_limit: 0 };
    let about = About { function: "things", title: "", description: "", version: "1", schemas: Vec::new() };
    let document = document(&about, &[row("/v1/things"), row("/v1/t"), row("/v1/old-things/{thing}/")], describe);
    let ids = ["/v1/things", "/v1/t", "/v1/old-things/{thing}/"].map(|path| document["paths"][path]["get"]["operationId"].clone());
    assert_eq!(ids, ["list", "listAtV1T", "listAtV1OldThingsThing"]);
}

#[test]
fn headers_of_an_answer_are_told() {
    let header = Header { name: "X-Next", description: "Where to go on.", schema: json!({ "type": "string" }) };
    let listed =
        || Operation { id: "list", answers: vec![Answer { headers: vec![header.clone()], ..none("Done.") }], ..Operation::default() };
    let about = About { function: "things", title: "", description: "", version: "1", schemas: Vec::new() };
    let document = document(&about, &routes()[..1], |_| listed());
    let told = &document["paths"]["/v1/things"]["get"]["responses"]["204"]["headers"]["X-Next"];
    assert_eq!(*told, json!({ "description": "Where to go on.", "schema": { "type": "string" } }));
}

#[test]
fn failures_say_when_to_retry() {
    let document = sample();
    let response = |status: &str| {
        let reference = document["paths"]["/v1/things/{thing}"]["get"]["responses"][status]["$ref"].as_str().unwrap();
        document.pointer(reference.trim_start_matches('#')).unwrap()
    };
    assert!(response("429")["headers"]["Retry-After"].is_object());
    assert!(response("503")["headers"]["Retry-After"].is_object());
    assert!(response("404").get("headers").is_none());
}
