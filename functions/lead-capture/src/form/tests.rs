//! Definitions: the demo's is right, and everything wrong with another is told at once.

use orilla_text::Locale;
use serde_json::{Value as Json, json};
use url::Url;

use super::check::{Found, is_identifier, matches_host};
use super::{Form, public_view};

/// The smallest form: one mailbox.
fn smallest() -> Json {
    json!({
        "title": { "es": "T" }, "locales": ["es"], "headline": { "es": "H" }, "submit": { "es": "S" },
        "fields": [{ "name": "email", "type": "email", "required": true, "label": { "es": "Correo" } }],
    })
}

fn form(definition: &Json) -> Form {
    serde_json::from_value(definition.clone()).unwrap_or_else(|error| panic!("{error}: {definition}"))
}

fn demo() -> Form {
    let mut form: Form = toml::from_str(include_str!("../../../../sites/demo/forms/demo.toml")).unwrap();
    form.locales = vec![Locale::Es, Locale::En];
    form
}

fn violations(definition: &Json) -> Vec<(String, String)> {
    let mut found = Found::default();
    form(definition).check("f", &mut found);
    found.0.into_iter().map(|it| (it.field, it.code.into_owned())).collect()
}

/// The smallest form with a second field like this.
#[track_caller]
fn check_field(field: Json, expect: &[(&str, &str)]) {
    let mut definition = smallest();
    definition["fields"].as_array_mut().unwrap().push(field);
    check(&definition, expect);
}

/// The smallest form with this merged in.
#[track_caller]
fn check_with(name: &str, value: Json, expect: &[(&str, &str)]) {
    let mut definition = smallest();
    definition[name] = value;
    check(&definition, expect);
}

#[track_caller]
fn check(definition: &Json, expect: &[(&str, &str)]) {
    let expect: Vec<_> = expect.iter().map(|(path, code)| ((*path).to_owned(), (*code).to_owned())).collect();
    assert_eq!(violations(definition), expect, "{definition}");
}

#[test]
fn the_smallest_form_and_the_demo_are_right() {
    check(&smallest(), &[]);
    let mut found = Found::default();
    demo().check("demo", &mut found);
    assert_eq!(found.0, []);
}

#[test]
fn a_definition_survives_the_store() {
    for form in [demo(), form(&smallest())] {
        let stored = serde_json::to_string(&form).unwrap();
        assert_eq!(serde_json::from_str::<Form>(&stored).unwrap(), form, "{stored}");
    }
}

#[test]
fn a_typo_is_told_by_name() {
    let mut definition = smallest();
    definition["fields"][0]["requird"] = json!(true);
    let error = serde_json::from_value::<Form>(definition).unwrap_err().to_string();
    assert!(error.contains("requird"), "{error}");
}

#[test]
fn names_are_unique_and_free() {
    let label = json!({ "es": "L" });
    check_field(json!({ "name": "email", "type": "text", "label": label }), &[("f.fields[1].name", "duplicate")]);
    check_field(json!({ "name": "_next", "type": "text", "label": label }), &[("f.fields[1].name", "reserved")]);
    check_field(json!({ "name": "form-name", "type": "text", "label": label }), &[("f.fields[1].name", "reserved")]);
    check_field(json!({ "name": "first name", "type": "text", "label": label }), &[("f.fields[1].name", "name")]);
    check_field(json!({ "name": "", "type": "text", "label": label }), &[("f.fields[1].name", "name")]);
    check_with("consents", json!([{ "name": "email", "text": label }]), &[("f.consents[0].name", "duplicate")]);
}

#[test]
fn every_text_speaks_every_language_of_the_form() {
    let mut definition = smallest();
    definition["locales"] = json!(["es", "en"]);
    let expect = [("f.title", "locale"), ("f.headline", "locale"), ("f.submit", "locale"), ("f.fields[0].label", "locale")];
    check(&definition, &expect);
    check_with("intro", json!({ "es": "  " }), &[("f.intro.es", "required")]);
    check_with("intro", json!({ "es": "x".repeat(2_001) }), &[("f.intro.es", "too_long")]);
    check_with("locales", json!(["es", "es"]), &[("f.locales[1]", "duplicate")]);
    check_with("locales", json!([]), &[("f.locales", "required")]);
}

#[test]
fn a_lead_is_known_by_its_mailbox() {
    let mut definition = smallest();
    definition["fields"][0]["required"] = json!(false);
    check(&definition, &[("f.fields", "mailbox")]);
    definition["fields"] = json!([]);
    check(&definition, &[("f.fields", "mailbox")]);
}

#[test]
fn limits_fit_their_field() {
    let label = json!({ "es": "L" });
    let field = |more: Json| {
        let mut field = json!({ "name": "x", "label": label });
        field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        field
    };
    check_field(field(json!({ "type": "text", "min_length": 5, "max_length": 4 })), &[("f.fields[1].min_length", "range")]);
    check_field(field(json!({ "type": "text", "min_length": 501 })), &[("f.fields[1].min_length", "range")]);
    check_field(field(json!({ "type": "text", "max_length": 0 })), &[("f.fields[1].max_length", "range")]);
    check_field(field(json!({ "type": "number", "max_length": 3 })), &[("f.fields[1].max_length", "not_applicable")]);
    check_field(field(json!({ "type": "number", "min": 3, "max": 2 })), &[("f.fields[1].min", "range")]);
    check_field(field(json!({ "type": "number", "min": "2026-01-31" })), &[("f.fields[1].min", "type_number")]);
    check_field(field(json!({ "type": "number", "step": 0 })), &[("f.fields[1].step", "range")]);
    check_field(field(json!({ "type": "date", "min": "2026-02-01", "max": "2026-01-31" })), &[("f.fields[1].min", "range")]);
    check_field(field(json!({ "type": "date", "max": 5 })), &[("f.fields[1].max", "type_date")]);
    check_field(field(json!({ "type": "text", "min": 5 })), &[("f.fields[1].min", "not_applicable")]);
    check_field(field(json!({ "type": "text", "step": 5 })), &[("f.fields[1].step", "not_applicable")]);
    check_field(field(json!({ "type": "text", "rows": 5 })), &[("f.fields[1].rows", "not_applicable")]);
    check_field(field(json!({ "type": "date", "min": "2026-01-31", "max": "2026-01-31" })), &[]);
}

#[test]
fn patterns_compile_everywhere() {
    let with = |kind: &str, pattern: &str| json!({ "name": "x", "type": kind, "label": { "es": "L" }, "pattern": pattern });
    check_field(with("text", "[A-Z]{3}|[0-9]+"), &[]);
    check_field(with("text", "(unclosed"), &[("f.fields[1].pattern", "pattern")]);
    check_field(with("text", "(?=ahead)"), &[("f.fields[1].pattern", "pattern")]);
    check_field(with("text", &"x".repeat(501)), &[("f.fields[1].pattern", "too_long")]);
    check_field(with("number", "[0-9]"), &[("f.fields[1].pattern", "not_applicable")]);
}

#[test]
fn choices_have_options_and_only_they() {
    let label = json!({ "es": "L" });
    let option = |value: &str| json!({ "value": value, "label": label });
    let with = |kind: &str, options: Vec<Json>| json!({ "name": "x", "type": kind, "label": label, "options": options });
    check_field(with("select", vec![option("a"), option("b")]), &[]);
    check_field(with("checkbox", vec![]), &[]);
    check_field(with("checkbox", vec![option("a")]), &[]);
    check_field(with("select", vec![]), &[("f.fields[1].options", "options")]);
    check_field(with("radio", vec![]), &[("f.fields[1].options", "options")]);
    check_field(with("text", vec![option("a")]), &[("f.fields[1].options", "not_applicable")]);
    check_field(with("select", vec![option("a"), option("a")]), &[("f.fields[1].options[1].value", "duplicate")]);
    check_field(with("select", vec![option(" a")]), &[("f.fields[1].options[0].value", "options")]);
    let preset = json!({ "name": "x", "type": "select", "label": label, "options": [option("a")], "value": "b" });
    check_field(preset, &[("f.fields[1].value", "options")]);
    let ticked = json!({ "name": "x", "type": "checkbox", "label": label, "value": "true" });
    check_field(ticked, &[("f.fields[1].value", "not_applicable")]);
    let several = json!({ "name": "x", "type": "radio", "label": label, "options": [option("a")], "multiple": true });
    check_field(several, &[("f.fields[1].multiple", "not_applicable")]);
}

#[test]
fn an_experiment_compares_whole_forms() {
    let two = |more: Json| json!([{ "id": "a" }, more]);
    check_with("variants", two(json!({ "id": "b", "weight": 3, "fields": ["email"] })), &[]);
    check_with("variants", json!([{ "id": "a" }]), &[("f.variants[0]", "variants")]);
    check_with("variants", two(json!({ "id": "a" })), &[("f.variants[1].id", "duplicate")]);
    check_with("variants", two(json!({ "id": "B!" })), &[("f.variants[1].id", "name")]);
    check_with("variants", two(json!({ "id": "b", "weight": 0 })), &[("f.variants[1].weight", "weight")]);
    check_with("variants", two(json!({ "id": "b", "weight": 1_001 })), &[("f.variants[1].weight", "weight")]);
    check_with("variants", two(json!({ "id": "b", "fields": ["email", "nope"] })), &[("f.variants[1].fields[1]", "unknown_field")]);
    check_with("variants", two(json!({ "id": "b", "fields": ["email", "email"] })), &[("f.variants[1].fields[1]", "duplicate")]);
    check_with("variants", two(json!({ "id": "b", "fields": [] })), &[("f.variants[1].fields", "unknown_field")]);
}

#[test]
fn what_follows_is_checked_too() {
    check_with("redirect_hosts", json!(["a.com", "*.a.com", "localhost:*", "a.com:8443", "[::1]:80"]), &[]);
    for bad in ["", "https://a.com", "a.com/x", "*.com", "a b", "a.com:x", "*"] {
        check_with("redirect_hosts", json!([bad]), &[("f.redirect_hosts[0]", "host")]);
    }
    check_with("redirect", json!({ "es": "https://a.com/x" }), &[("f.redirect.es", "host")]);
    check_with("magnet", json!({ "asset": { "es": "../x.pdf" } }), &[("f.magnet.asset.es", "asset")]);
    check_with("magnet", json!({ "asset": { "es": "x.pdf" }, "expires_hours": 0 }), &[("f.magnet.expires_hours", "range")]);
    check_with("double_opt_in", json!({ "expires_hours": 9_999 }), &[("f.double_opt_in.expires_hours", "range")]);
    check_with("challenge", json!({ "provider": "turnstile", "site_key": "" }), &[("f.challenge.site_key", "required")]);
    let consent = json!([{ "name": "c", "text": { "es": "T" }, "subscriptions": ["News!"], "link": { "url": { "es": "javascript:x" }, "text": { "es": "L" } } }]);
    check_with("consents", consent, &[("f.consents[0].subscriptions[0]", "name"), ("f.consents[0].link.url.es", "type_url")]);
    let mut definition = smallest();
    definition["fields"][0]["messages"] = json!({ "requird": { "es": "x" } });
    check(&definition, &[("f.fields[0].messages.requird", "unknown_rule")]);
}

#[track_caller]
fn check_next(hosts: &[&str], wish: &str, page: Option<&str>, expect: Option<&str>) {
    let mut form = form(&smallest());
    form.redirect_hosts = hosts.iter().map(|&host| host.to_owned()).collect();
    assert_eq!(form.next(wish, page).as_ref().map(Url::as_str), expect, "{wish} from {page:?} with {hosts:?}");
}

#[test]
fn nobody_is_sent_where_the_form_does_not_allow() {
    let hosts = ["marea.example", "*.marea.example", "localhost:*"];
    check_next(&hosts, "https://marea.example/gracias", None, Some("https://marea.example/gracias"));
    check_next(&hosts, "https://www.marea.example/?a=1#b", None, Some("https://www.marea.example/?a=1#b"));
    check_next(&hosts, "HTTPS://MAREA.EXAMPLE/x", None, Some("https://marea.example/x"));
    check_next(&hosts, "http://localhost:8787/demo", None, Some("http://localhost:8787/demo"));
    check_next(&hosts, "/gracias", Some("https://marea.example/demo"), Some("https://marea.example/gracias"));
    for wish in [
        "https://evil.example/",
        "//evil.example/",
        "https://marea.example.evil.net/",
        "https://evilmarea.example/",
        "http://marea.example/",
        "https://marea.example:8443/",
        "https://marea.example@evil.net/",
        "https://user@marea.example/",
        "https:\\\\evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/gracias",
        "",
        "\r\nLocation: https://evil.example",
        "https://localhost.evil.net:80/",
        "ftp://marea.example/",
        "https://.marea.example/",
    ] {
        check_next(&hosts, wish, None, None);
    }
    check_next(&hosts, "//evil.example/x", Some("https://marea.example/"), None);
    check_next(&hosts, "/x", Some("https://evil.example/"), None);
    check_next(&[], "https://marea.example/", None, None);
}

#[test]
fn a_port_of_its_own_allows_http() {
    let url = |text: &str| Url::parse(text).unwrap();
    assert!(matches_host("a.com:8080", &url("http://a.com:8080/")));
    assert!(!matches_host("a.com:8080", &url("http://a.com:8081/")));
    assert!(matches_host("a.com:443", &url("https://a.com/")));
    assert!(matches_host("españa.es", &url("https://xn--espaa-rta.es/")));
    assert!(!matches_host("a.com", &url("http://a.com/")));
}

#[test]
fn an_identifier_is_plain() {
    for (text, expect) in
        [("demo", true), ("demo-2_b", true), ("2", true), ("", false), ("-a", false), ("A", false), ("a b", false), ("ñ", false)]
    {
        assert_eq!(is_identifier(text), expect, "{text}");
    }
    assert!(is_identifier(&"a".repeat(64)) && !is_identifier(&"a".repeat(65)));
}

fn view(locale: Locale, variant: Option<&str>) -> Json {
    let form = demo();
    serde_json::to_value(public_view("demo", 3, &form, locale, variant.and_then(|id| form.variant(id)))).unwrap()
}

#[test]
fn a_page_sees_its_own_language_and_variant() {
    let spanish = view(Locale::Es, Some("a"));
    assert_eq!(spanish["id"], "demo");
    assert_eq!(spanish["version"], 3);
    assert_eq!((&spanish["locale"], &spanish["locales"], &spanish["variant"]), (&json!("es"), &json!(["es", "en"]), &json!("a")));
    assert_eq!(spanish["headline"], "Llena tus clases sin vivir pegado al teléfono");
    assert_eq!(
        spanish["fields"][0],
        json!({
            "name": "email", "type": "email", "label": "Correo", "required": true, "autocomplete": "email",
            "placeholder": "ana@escuela.mx", "maxlength": 254,
            "messages": {
                "required": "Escribe tu correo para que podamos responderte.",
                "type_email": "Este correo parece incompleto. Ejemplo: ana@escuela.mx.",
                "too_long": "Usa como máximo 254 caracteres.",
            },
        })
    );
    assert_eq!(spanish["decoy"], "_gotcha");
    assert_eq!(spanish["texts"]["download"], "Descargar la guía (PDF)");
    let english = view(Locale::En, Some("b"));
    assert_eq!(english["headline"], "Bookings, payments and tides in one place");
    assert_eq!(english["submit"], "Book a demo");
    assert_eq!(english["fields"][0]["name"], "name");
    assert_eq!(english["fields"][1]["label"], "Email");
    assert_eq!(english["consents"][0]["messages"]["consent_required"], "We need your permission to be able to answer you.");
    assert_eq!(view(Locale::En, None).get("variant"), None);
}

#[test]
fn a_page_never_sees_what_is_not_its_business() {
    let mut form = demo();
    form.challenge = Some(super::Challenge { provider: super::Provider::Turnstile, site_key: "1x".into() });
    form.notifications.destinations = Some(vec!["secret-crm".into()]);
    let view = serde_json::to_value(public_view("demo", 1, &form, Locale::Es, None)).unwrap();
    let mut names: Vec<_> = view.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let expect = ["challenge", "consents", "decoy", "fields", "headline", "id", "intro", "locale", "locales", "submit", "texts", "version"];
    assert_eq!(names, expect);
    let text = view.to_string();
    for secret in ["spam", "webdriver", "secret-crm", "weight", "redirect", ".pdf", "subscriptions"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn a_receipt_is_of_the_exact_text() {
    let form = demo();
    let consent = &form.consents[0];
    assert_ne!(consent.text_hash(Locale::Es), consent.text_hash(Locale::En));
    let mut exact = consent.clone();
    exact.text.0.insert(Locale::Es, "abc".into());
    // Source: FIPS 180-2, appendix B.1.
    assert_eq!(exact.text_hash(Locale::Es), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
