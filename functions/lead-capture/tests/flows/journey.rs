//! Whose events a lead's are: what they did before they said who they are scores them, and is theirs from then on.

use orilla_core::sql::Statement;
use orilla_native::testing::Call;
use serde_json::{Value as Json, json};

use crate::support::{SITE, Shore, person};

/// Events as event tracking stores them: views of the prices by these visitors.
async fn seen(shore: &Shore, visitors: &[&str]) {
    for (n, visitor) in visitors.iter().enumerate() {
        let event = "INSERT INTO events (site_id, source, message_id, type, visitor_id, person_id, session_id, sequence, name, url, properties, \
                       context, occurred_at, received_at) \
                     VALUES (?1, 'web', ?2 || ?3, 'page', ?3, ?3, 's', 0, 'Precios', 'https://marea.example/precios', '{}', '{}', ?4, ?4)";
        shore.host.rows(Statement::new(event).bind(SITE).bind(n.to_string()).bind(*visitor).bind(shore.now())).await;
    }
}

/// A visitor who said that this mailbox is theirs, and who else is the same person.
async fn known(shore: &Shore, visitor: &str, email: &str, others: &[&str]) {
    let mailbox = "INSERT INTO mailboxes (site_id, visitor_id, email_key) VALUES (?1, ?2, ?3)";
    shore.host.rows(Statement::new(mailbox).bind(SITE).bind(visitor).bind(email)).await;
    for visitor in others.iter().chain([&visitor]) {
        let row = "INSERT INTO people (site_id, visitor_id, person_id, traits, first_at, last_at) VALUES (?1, ?2, 'user:ana', '{}', 0, 0)";
        shore.host.rows(Statement::new(row).bind(SITE).bind(*visitor)).await;
    }
}

/// The lead of each visitor's events.
async fn leads_of(shore: &Shore) -> Vec<String> {
    let query = "SELECT DISTINCT e.visitor_id || ' ' || coalesce(l.email, '-') AS it FROM events e LEFT JOIN leads l ON l.id = e.lead_id ORDER BY 1";
    shore.host.rows(Statement::new(query)).await.iter().map(|row| row.text("it").unwrap().to_owned()).collect()
}

async fn submit(shore: &Shore, email: &str, visitor: &str, more: &Json) -> Json {
    let mut fields = person(email);
    fields["_visitor"] = json!(visitor);
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    shore.submit(&fields).await;
    shore.leads().await.into_iter().find(|lead| lead["email"] == email).unwrap()
}

fn occurrences(lead: &Json, rule: &str) -> i64 {
    let of = lead["contributions"].as_array().unwrap().iter().find(|it| it["rule"] == rule);
    of.map_or(0, |it| it["side_points"].as_i64().unwrap())
}

#[tokio::test]
async fn a_submission_makes_the_persons_history_the_leads_once() {
    let shore = Shore::new().await;
    seen(&shore, &["tablet", "phone", "desk", "stranger"]).await;
    known(&shore, "phone", "ana@olas.example", &["desk"]).await;
    let cold = submit(&shore, "eva@olas.example", "nobody", &json!({})).await;
    let warm = submit(&shore, "ana@olas.example", "tablet", &json!({})).await;
    assert_eq!((occurrences(&cold, "pricing-viewed"), occurrences(&warm, "pricing-viewed")), (0, 30), "three views of ten points");
    let expect = ["desk ana@olas.example", "phone ana@olas.example", "stranger -", "tablet ana@olas.example"];
    assert_eq!(leads_of(&shore).await, expect);
    let journey = shore.read(&format!("/v1/leads/{}", warm["id"].as_str().unwrap())).await;
    assert_eq!(journey["events"].as_array().unwrap().len(), 3);
    let people = "SELECT group_concat(visitor_id || ' ' || person_id, ', ') AS it FROM (SELECT * FROM people WHERE lead_id IS NOT NULL ORDER BY visitor_id)";
    let once = shore.text(people).await;
    assert_eq!(once, "desk user:ana, nobody nobody, phone user:ana, tablet tablet, user:ana user:ana");
    // Again, and by another mailbox from the same visitor: what is a lead's stays theirs.
    submit(&shore, "ana@olas.example", "tablet", &json!({ "message": "Otra vez" })).await;
    let colleague = submit(&shore, "luz@olas.example", "tablet", &json!({})).await;
    assert_eq!((leads_of(&shore).await, shore.text(people).await), (expect.map(str::to_owned).to_vec(), once));
    assert!(occurrences(&colleague, "pricing-viewed") > 0, "one browser's history counts for whoever sends from it");
    assert_eq!(shore.post("/v1/leads/rescore").await.json()["changes"], json!([]), "history gives the same score as the moment did");
}

#[tokio::test]
async fn what_is_held_back_makes_nothing_its_own_until_it_is_released() {
    let shore = Shore::new().await;
    seen(&shore, &["tablet", "phone"]).await;
    known(&shore, "phone", "ana@olas.example", &[]).await;
    submit(&shore, "ana@olas.example", "tablet", &json!({ "_gotcha": "x" })).await;
    assert_eq!(leads_of(&shore).await, ["phone -", "tablet -"]);
    let held = shore.read("/v1/submissions").await["submissions"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(shore.post(&format!("/v1/submissions/{held}/release")).await.json()["is_released"], true);
    assert_eq!(leads_of(&shore).await, ["phone ana@olas.example", "tablet ana@olas.example"]);
}

#[tokio::test]
async fn whoever_is_erased_takes_the_history_of_every_device_along() {
    let shore = Shore::new().await;
    seen(&shore, &["tablet-of-ana", "phone-of-ana", "desk-of-ana", "stranger"]).await;
    known(&shore, "phone-of-ana", "ana@olas.example", &["desk-of-ana"]).await;
    for visitor in ["desk-of-ana", "stranger"] {
        let visit = "INSERT INTO sessions (site_id, session_id, visitor_id, started_at, last_at, skew, views, events, source, medium, campaign, country, \
                       language, device) VALUES (?1, 's' || ?2, ?2, 0, 0, 0, 1, 1, '', '', '', '', '', '')";
        shore.host.rows(Statement::new(visit).bind(SITE).bind(visitor)).await;
    }
    let lead = submit(&shore, "ana@olas.example", "tablet-of-ana", &json!({})).await;
    let erased = shore.send(Call::delete(format!("/v1/leads/{}", lead["id"].as_str().unwrap())).key(&shore.admin)).await;
    let rows = &erased.json()["rows"];
    assert_eq!(
        (&rows["events"], &rows["sessions"], &rows["people"], &rows["mailboxes"]),
        (&json!(3), &json!(1), &json!(4), &json!(1)),
        "{rows}"
    );
    assert_eq!(shore.tables_with("-of-ana").await, [""; 0]);
    assert_eq!(leads_of(&shore).await, ["stranger -"]);
}

/// A conversation as the chat stores it: begun by a visitor, perhaps with a mailbox, with so many messages; `ticket` asks for one.
async fn talked(shore: &Shore, id: &str, visitor: &str, mailbox: Option<&str>, messages: u32, ticket: Option<&str>) {
    let contact = mailbox.map_or_else(|| json!({}), |key| json!({ "email": key, "key": key }));
    let begin = "INSERT INTO conversations (site_id, id, state, locale, visitor_id, page, contact, ticket_id, created_at, updated_at) \
                 VALUES (?1, ?2, 'bot', 'es', ?3, 'https://marea.example/ayuda', ?4, ?5, ?6, ?6)";
    shore.host.rows(Statement::new(begin).bind(SITE).bind(id).bind(visitor).bind(contact.to_string()).bind(ticket).bind(shore.now())).await;
    for number in 1..=messages * 2 {
        let author = if number % 2 == 1 { "visitor" } else { "bot" };
        let add = "INSERT INTO messages (site_id, conversation_id, number, author, text, detail, created_at) VALUES (?1, ?2, ?3, ?4, 'x', '{}', ?5)";
        shore.host.rows(Statement::new(add).bind(SITE).bind(id).bind(number).bind(author).bind(shore.now())).await;
    }
    if let Some(ticket) = ticket {
        let ask = "INSERT INTO ticket_requests (site_id, id, source, subject_id, body, created_at) VALUES (?1, ?2, 'chat', ?3, '{}', ?4)";
        shore.host.rows(Statement::new(ask).bind(SITE).bind(ticket).bind(id).bind(shore.now())).await;
        let open = "INSERT INTO tickets (site_id, id, number, source, subject, requester, locale, status, priority, category, team, tags, verdict, fingerprint, \
                    events, created_at, updated_at) VALUES (?1, ?2, 1, 'chat', '¿Cuánto?', '{}', 'es', 'new', 'normal', 'sales', 't', '[]', '{}', 'f', 1, ?3, ?3)";
        shore.host.rows(Statement::new(open).bind(SITE).bind(ticket).bind(shore.now())).await;
    }
}

#[tokio::test]
async fn what_somebody_asks_in_the_chat_scores_them_and_stands_beside_them() {
    let shore = Shore::new().await;
    talked(&shore, "c1", "tablet", None, 2, Some("t1")).await;
    talked(&shore, "c2", "library", Some("ana@olas.example"), 1, None).await;
    talked(&shore, "c3", "tablet", Some("eva@olas.example"), 3, None).await;
    talked(&shore, "c4", "stranger", None, 3, None).await;
    let lead = submit(&shore, "ana@olas.example", "tablet", &json!({})).await;
    let of = |lead: &Json| (occurrences(lead, "asked-in-chat"), occurrences(lead, "asked-for-a-person"));
    assert_eq!(of(&lead), (9, 8), "two messages and one, of three points each, and one wish for a person");
    let shown = shore.read(&format!("/v1/leads/{}", lead["id"].as_str().unwrap())).await;
    let mut talks: Vec<_> =
        shown["conversations"].as_array().unwrap().iter().map(|it| (it["id"].as_str().unwrap(), it["messages"].as_i64())).collect();
    talks.sort();
    assert_eq!(talks, [("c1", Some(4)), ("c2", Some(2))]);
    let tickets: Vec<_> =
        shown["tickets"].as_array().unwrap().iter().map(|it| (it["id"].as_str().unwrap(), it["number"].as_i64())).collect();
    assert_eq!(tickets, [("t1", Some(1))]);
    let silent = submit(&shore, "luz@olas.example", "desk", &json!({})).await;
    assert_eq!(of(&silent), (0, 0));
    assert_eq!(shore.post("/v1/leads/rescore").await.json()["changes"], json!([]), "history gives the same score as the moment did");
    let eva = submit(&shore, "eva@olas.example", "phone", &json!({})).await;
    assert_eq!(of(&eva), (9, 0), "what she said under her address is hers, whichever browser it was");
    assert_eq!(shore.post("/v1/leads/rescore").await.json()["changes"], json!([]));
}

#[tokio::test]
async fn who_came_by_a_campaign_and_read_on_came_by_it_still() {
    let shore = Shore::new().await;
    for (id, at, source, medium, campaign) in
        [("s1", 1_i64, "boletin", "email", "primavera"), ("s2", 2, "feria", "", "otono"), ("s3", 3, "buscador.example", "", "")]
    {
        let visit = "INSERT INTO sessions (site_id, session_id, visitor_id, started_at, last_at, skew, views, events, source, medium, campaign, country, \
                       language, device) VALUES (?1, ?2, 'tablet', ?3, ?3, 0, 1, 1, ?4, ?5, ?6, '', '', '')";
        shore.host.rows(Statement::new(visit).bind(SITE).bind(id).bind(at).bind(source).bind(medium).bind(campaign)).await;
    }
    let lead = submit(&shore, "ana@olas.example", "tablet", &json!({ "_page": "https://marea.example/precios" })).await;
    assert_eq!(lead["first_touch"]["utm"], json!({ "source": "feria", "campaign": "otono" }), "the last that was one: {lead}");
    assert!(lead["tags"].as_array().unwrap().contains(&json!("source:feria")), "{}", lead["tags"]);
    let other = submit(&shore, "eva@olas.example", "tablet", &json!({ "_page": "https://marea.example/?utm_source=cartel" })).await;
    assert_eq!(other["first_touch"]["utm"], json!({ "source": "cartel" }), "what a submission says itself stands");
    let stranger = submit(&shore, "luz@olas.example", "desk", &json!({})).await;
    assert_eq!(stranger["first_touch"]["utm"], json!({}));
}
