//! Leads: merged, scored with reasons, listed, exported, imported.

use http::StatusCode;
use orilla_core::sql::Statement;
use orilla_native::testing::Call;
use serde_json::{Value as Json, json};

use crate::support::{SITE, Shore, ana, demo, person};

#[tokio::test]
async fn one_mailbox_is_one_lead_with_first_and_last_touch() {
    let shore = Shore::new().await;
    let mut first = ana();
    first["_page"] = json!("https://marea.example/?utm_source=boletin&utm_campaign=marzo");
    shore.submit(&first).await;
    shore.host.manual_clock().advance(std::time::Duration::from_secs(60));
    let second = json!({
        "email": "ANA@olas.example", "consent": true, "message": "¿Y los precios?", "_elapsed_ms": 9000, "utm_source": "feria",
    });
    shore.submit(&second).await;
    let lead = shore.leads().await.remove(0);
    assert_eq!((shore.count("leads").await, &lead["submissions"]), (1, &json!(2)));
    assert_eq!((&lead["first_touch"]["utm"]["source"], &lead["last_touch"]["utm"]["source"]), (&json!("boletin"), &json!("feria")));
    assert_eq!((&lead["fields"]["company"], &lead["fields"]["message"]), (&json!("Olas del Sur"), &json!("¿Y los precios?")));
    let events = shore.host.rows(Statement::new("SELECT event FROM outbox ORDER BY created_at, id")).await;
    let events: Vec<_> = events.iter().map(|row| row.text("event").unwrap().to_owned()).collect();
    assert_eq!(events, ["lead.created", "lead.updated"]);
}

#[tokio::test]
async fn contributions_add_up_to_the_score() {
    let shore = Shore::new().await;
    shore.submit(&ana()).await;
    let lead = shore.leads().await.remove(0);
    let points = |name: &str| lead["contributions"].as_array().unwrap().iter().map(|it| it[name].as_i64().unwrap()).sum::<i64>();
    assert_eq!(points("points"), lead["score"].as_i64().unwrap());
    assert_eq!(points("side_points"), lead["fit"].as_i64().unwrap() + lead["engagement"].as_i64().unwrap());
    assert!(lead["score"].as_i64().unwrap() > 0);
}

#[tokio::test]
async fn what_a_visitor_did_before_counts_at_the_moment_of_submit() {
    let shore = Shore::new().await;
    let score = async |email: &str, visitor: &str| {
        let mut fields = person(email);
        fields["_visitor"] = json!(visitor);
        shore.submit(&fields).await;
        shore.leads().await.into_iter().find(|lead| lead["email"] == email).unwrap()
    };
    for n in 0..3 {
        let event = "INSERT INTO events (site_id, source, message_id, type, visitor_id, person_id, session_id, sequence, name, url, properties, \
                       context, occurred_at, received_at) \
                     VALUES (?1, 'web', ?2, 'page', 'v-1', 'v-1', 's', 0, 'Precios', 'https://marea.example/precios', '{}', '{}', ?3, ?3)";
        shore.host.rows(Statement::new(event).bind(SITE).bind(format!("m-{n}")).bind(shore.now())).await;
    }
    let cold = score("cold@olas.example", "v-0").await;
    let warm = score("warm@olas.example", "v-1").await;
    assert_eq!(cold["fit"], warm["fit"]);
    assert!(warm["engagement"].as_i64() > cold["engagement"].as_i64(), "{warm} {cold}");
    let journey = shore.read(&format!("/v1/leads/{}", warm["id"].as_str().unwrap())).await;
    assert_eq!(journey["events"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_score_never_reaches_the_browser() {
    let shore = Shore::new().await;
    let answers = [shore.submit(&ana()).await.text(), shore.send(Call::get("/v1/forms/demo")).await.text()];
    for answer in answers {
        for word in ["score", "band", "contributions", "spam", "quarantine", "destinations", "crm"] {
            assert!(!answer.contains(word), "{word} in {answer}");
        }
    }
}

#[tokio::test]
async fn history_is_scored_again_when_the_rules_change() {
    let shore = Shore::new().await;
    shore.submit(&ana()).await;
    shore.submit(&person("eva@gmail.com")).await;
    let before = shore.leads().await;
    assert_eq!(shore.post("/v1/leads/rescore").await.json()["changes"], json!([]), "the same rules give the same score");
    let mut site = demo();
    site["scoring"]["weights"] = json!({ "fit": 100, "engagement": 0 });
    shore.apply(SITE, &site).await;
    let dry = shore.post("/v1/leads/rescore?dry_run=1").await.json();
    assert_eq!((dry["changes"].as_array().unwrap().len(), &dry["rules_version"]), (2, &json!(2)));
    assert_eq!(shore.leads().await[0]["score"], before[0]["score"]);
    let done = shore.post("/v1/leads/rescore").await.json();
    assert_eq!(done["changes"], dry["changes"]);
    for lead in shore.leads().await {
        assert_eq!((&lead["score"], &lead["rules_version"]), (&lead["fit"], &json!(2)));
    }
    let stored = "SELECT group_concat(score_detail || tags || score || band) AS it FROM leads";
    let once = shore.text(stored).await;
    assert_eq!(shore.post("/v1/leads/rescore").await.json()["changes"], json!([]));
    assert_eq!(shore.text(stored).await, once);
}

#[tokio::test]
async fn lists_are_filtered_and_walked_by_cursor() {
    let shore = Shore::new().await;
    for n in 0..5 {
        shore.submit(&person(&format!("p{n}@olas.example"))).await;
        shore.host.manual_clock().advance(std::time::Duration::from_secs(1));
    }
    let mut seen = Vec::new();
    let mut uri = "/v1/leads?limit=2".to_owned();
    loop {
        let page = shore.read(&uri).await;
        seen.extend(page["leads"].as_array().unwrap().iter().map(|lead| lead["email"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next"].as_str() else { break };
        uri = format!("/v1/leads?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["p4@olas.example", "p3@olas.example", "p2@olas.example", "p1@olas.example", "p0@olas.example"]);
    let some = async |query: &str| shore.read(&format!("/v1/leads?{query}")).await["leads"].as_array().unwrap().len();
    assert_eq!(some("q=P3").await, 1);
    assert_eq!(some("form=demo").await, 5);
    assert_eq!(some("form=other").await, 0);
    assert_eq!(some("verdict=quarantine").await, 0);
    assert_eq!(some("since=2026-03-02T09:00:02Z").await, 3);
    assert_eq!(some("until=2026-03-02T09:00:02Z").await, 2);
    let band = shore.leads().await[0]["band"].as_str().unwrap().to_owned();
    assert_eq!(some(&format!("band={band}")).await, 5);
    for wrong in ["limit=0", "limit=x", "cursor=zz", "verdict=maybe", "band=Z9", "since=yesterday"] {
        let reply = shore.send(Call::get(format!("/v1/leads?{wrong}")).key(&shore.read)).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn forms_are_listed_with_their_counts() {
    let shore = Shore::new().await;
    shore.submit(&ana()).await;
    let mut spam = person("eva@olas.example");
    spam["_gotcha"] = json!("x");
    shore.submit(&spam).await;
    let form = shore.read("/v1/forms").await["forms"][0].clone();
    assert_eq!((&form["id"], &form["accepted"], &form["quarantined"], &form["leads"]), (&json!("demo"), &json!(1), &json!(1), &json!(2)));
}

#[tokio::test]
async fn an_export_runs_no_formula_and_comes_back_by_import() {
    let shore = Shore::new().await;
    let mut evil = ana();
    evil["company"] = json!("=HYPERLINK(\"https://evil.example\")");
    shore.submit(&evil).await;
    let csv = shore.send(Call::get("/v1/leads.csv").key(&shore.read)).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.text().contains("'=HYPERLINK"), "{}", csv.text());
    let other = Shore::new().await;
    let import =
        |uri: &'static str| other.send(Call::post(uri).key(&other.admin).header("content-type", "text/csv").body(csv.body.clone()));
    let dry = import("/v1/leads/import?dry_run=1").await.json();
    assert_eq!((&dry["imported"], &dry["bad"], other.count("leads").await), (&json!(1), &json!([]), 0), "{dry}");
    assert_eq!(import("/v1/leads/import").await.json()["imported"], 1);
    let again = import("/v1/leads/import").await.json();
    assert_eq!((&again["imported"], &again["known"], other.count("leads").await), (&json!(0), &json!(1), 1));
    assert_eq!(other.leads().await[0]["fields"]["company"], "=HYPERLINK(\"https://evil.example\")");
}

#[tokio::test]
async fn an_import_reports_every_bad_row_by_line_and_loses_none() {
    let shore = Shore::new().await;
    let file = "email;company\r\nana@olas.example;\"Olas\r\ndel Sur\"\r\nnobody;X\r\n;Y\r\neva@olas.example;Z\r\n";
    let reply = shore.send(Call::post("/v1/leads/import").key(&shore.admin).body(file)).await.json();
    let lines: Vec<_> = reply["bad"].as_array().unwrap().iter().map(|bad| (bad["line"].clone(), bad["raw"].clone())).collect();
    assert_eq!(lines, [(json!(4), json!("nobody;X")), (json!(5), json!(";Y"))]);
    assert_eq!((&reply["rows"], &reply["imported"]), (&json!(4), &json!(2)));
    let reply = shore.send(Call::post("/v1/leads/import").key(&shore.admin).body("name\nAna\n")).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_export_of_many_pages_misses_nobody() {
    let shore = Shore::new().await;
    let rows: String = (0..450).map(|n| format!("p{n}@olas.example\n")).collect();
    let reply = shore.send(Call::post("/v1/leads/import").key(&shore.admin).body(format!("email\n{rows}"))).await.json();
    assert_eq!(reply["imported"], 450, "{reply}");
    let csv = shore.send(Call::get("/v1/leads.csv").key(&shore.read)).await.text();
    let mailboxes: std::collections::BTreeSet<_> = csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!((csv.lines().count(), mailboxes.len()), (451, 450));
}

#[tokio::test]
async fn a_variant_is_stable_counted_once_and_converted() {
    let shore = Shore::new().await;
    let show = async |visitor: &str| {
        shore.send(Call::get(format!("/v1/forms/demo?visitor={visitor}"))).await.json()["variant"].as_str().unwrap().to_owned()
    };
    let variant = show("v-7").await;
    assert_eq!(show("v-7").await, variant);
    let expose = async |visitor: &str, variant: &str| {
        let call = Call::post("/v1/forms/demo/exposures").json(&json!({ "visitor": visitor, "variant": variant }));
        assert_eq!(shore.send(call).await.status, StatusCode::NO_CONTENT);
    };
    expose("v-7", &variant).await;
    expose("v-7", &variant).await;
    expose("v-7", if variant == "a" { "b" } else { "a" }).await;
    let other = (8..100).map(|n| format!("v-{n}")).find(|_| true).unwrap();
    expose(&other, &show(&other).await).await;
    assert_eq!(shore.count("exposures").await, 2);
    let mut fields = ana();
    fields["_visitor"] = json!("v-7");
    fields["_variant"] = json!(variant);
    shore.submit(&fields).await;
    let report = shore.read("/v1/experiments/demo").await;
    assert_eq!((&report["exposed"], &report["converted"]), (&json!(2), &json!(1)));
    let mine = report["variants"].as_array().unwrap().iter().find(|it| it["id"] == json!(variant)).unwrap().clone();
    assert_eq!(mine["converted"], 1);
    assert_eq!(report["sample_ratio"]["is_mismatch"], false);
    let preview = shore.send(Call::get("/v1/forms/demo?variant=b&locale=en")).await.json();
    assert_eq!((&preview["variant"], &preview["locale"]), (&json!("b"), &json!("en")));
    let missing = shore.send(Call::get("/v1/experiments/none").key(&shore.read)).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn sales_reads_why() {
    let shore = Shore::with(|site| {
        site["site"]["destinations"] = json!([{ "id": "chat", "kind": "slack", "url": "https://hooks.slack.example/x" }]);
    })
    .await;
    let mut fields = ana();
    fields["company"] = json!("<!channel> & co");
    shore.submit(&fields).await;
    shore.host.settle().await;
    let sent = shore.host.take_fetches().remove(0);
    let body: Json = serde_json::from_slice(&sent.body).unwrap();
    assert!(body["text"].is_string() && body["blocks"].is_array(), "{body}");
    let text = body.to_string();
    assert!(text.contains("&lt;!channel&gt; &amp; co") && text.contains("Por qué") && text.contains("+"), "{text}");
}

#[tokio::test]
async fn leads_are_found_by_what_they_said_and_not_by_the_names_of_fields() {
    let shore = Shore::new().await;
    let mut fields = ana();
    fields["company"] = json!("Ñandú «Álvarez» \"del Sur\"");
    shore.submit(&fields).await;
    let found = async |text: &str| {
        let query: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        shore.read(&format!("/v1/leads?q={query}")).await["leads"].as_array().unwrap().len()
    };
    for text in ["Álvarez", "álvarez", "alvarez", "ÑANDÚ", "\"del sur\"", "ANA@olas"] {
        assert_eq!(found(text).await, 1, "{text}");
    }
    for text in ["company", "\":", "nandus"] {
        assert_eq!(found(text).await, 0, "{text}");
    }
}

#[tokio::test]
async fn exposures_beyond_the_limit_are_refused_and_not_counted() {
    let shore = Shore::new().await;
    for n in 0..65 {
        let reply = shore.send(Call::post("/v1/forms/demo/exposures").json(&json!({ "visitor": format!("v-{n}") }))).await;
        let expected = if n < 60 { StatusCode::NO_CONTENT } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(reply.status, expected, "{n}");
    }
    assert_eq!(shore.count("exposures").await, 60);
}

#[tokio::test]
async fn an_imported_lead_is_scored_again_by_what_the_file_said() {
    let shore = Shore::new().await;
    let file = "email,role,tags\nana@olas.example,Directora,feria\neva@olas.example,Directora,feria\n";
    shore.send(Call::post("/v1/leads/import").key(&shore.admin).body(file)).await;
    shore.submit(&json!({ "email": "eva@olas.example", "consent": true, "_elapsed_ms": 9000 })).await;
    assert_eq!(shore.post("/v1/leads/rescore").await.json()["changes"], json!([]), "the same rules give the same score");
    let mut site = demo();
    site["scoring"]["weights"] = json!({ "fit": 100, "engagement": 0 });
    shore.apply(SITE, &site).await;
    assert_eq!(shore.post("/v1/leads/rescore").await.json()["changes"].as_array().unwrap().len(), 2);
    for lead in shore.leads().await {
        assert_eq!((&lead["score"], &lead["rules_version"]), (&lead["fit"], &json!(2)));
        assert!(lead["fit"].as_i64().unwrap() > 0, "{lead}");
    }
    let imported = shore.leads().await.into_iter().find(|lead| lead["submissions"] == 0).unwrap();
    assert!(imported["tags"].as_array().unwrap().contains(&json!("feria")), "{imported}");
}

#[tokio::test]
async fn a_conversion_counts_although_midnight_came_between() {
    let shore = Shore::new().await;
    shore.host.manual_clock().set("2026-03-02T23:59:30Z".parse().unwrap());
    let browser = |call: Call| call.header("user-agent", "Firefox");
    shore.send(browser(Call::post("/v1/forms/demo/exposures").json(&json!({})))).await;
    shore.host.manual_clock().advance(std::time::Duration::from_secs(60));
    shore.send(browser(Call::post("/v1/forms/demo/submissions").json(&ana()))).await;
    let report = shore.read("/v1/experiments/demo").await;
    assert_eq!((&report["exposed"], &report["converted"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn rows_of_one_mailbox_become_one_lead_with_all_they_say() {
    let shore = Shore::new().await;
    let file = "email,company,role,tags\nana@olas.example,Olas,Socia,feria\nANA@olas.example,,Directora,boletin\n";
    let reply = shore.send(Call::post("/v1/leads/import").key(&shore.admin).body(file)).await.json();
    assert_eq!((&reply["imported"], &reply["repeated"]), (&json!(1), &json!([3])), "{reply}");
    let lead = shore.leads().await.remove(0);
    assert_eq!((&lead["fields"]["company"], &lead["fields"]["role"]), (&json!("Olas"), &json!("Directora")));
    let tags = lead["tags"].as_array().unwrap();
    assert!(tags.contains(&json!("feria")) && tags.contains(&json!("boletin")), "{lead}");
}
