//! Two sites with the same kinds of rows in one store, every row put there over the functions' own routes.

use std::cell::Cell;
use std::collections::BTreeMap;

use content_score::ContentScore;
use faq_chat::FaqChat;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use lead_capture::LeadCapture;
use lead_capture::config::PUBLIC_URL;
use orilla_core::function::OPERATOR_KEY;
use orilla_core::ports::KV;
use orilla_core::router::{Access, Route};
use orilla_core::sql::{Rows, Statement, Value};
use orilla_core::{Kv, Platform};
use orilla_native::testing::{Answer, Call, Reply, TestHost};
use serde_json::{Value as Json, json};
use ticket_route::TicketRoute;
use track_events::TrackEvents;

pub const OPERATOR: &str = "operator";

/// A row of a function's table of routes.
#[derive(Debug, Clone)]
pub struct Row {
    pub function: &'static str,
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
}

impl Row {
    /// `METHOD /path`, as the tables of examples name it.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Every route of every function.
pub fn rows() -> Vec<Row> {
    fn of<N>(function: &'static str, routes: &'static [Route<N>]) -> impl Iterator<Item = Row> {
        routes.iter().map(move |route| Row { function, method: route.method.clone(), path: route.path, access: route.access })
    }
    of("lead-capture", lead_capture::routes::ROUTES)
        .chain(of("track-events", track_events::routes::ROUTES))
        .chain(of("faq-chat", faq_chat::routes::ROUTES))
        .chain(of("ticket-route", ticket_route::routes::ROUTES))
        .chain(of("content-score", content_score::routes::ROUTES))
        .collect()
}

/// A site, and what its things are called.
#[derive(Debug, Clone, Default)]
pub struct Site {
    pub id: String,
    /// The beginning of every name that the site gives.
    pub prefix: String,
    /// A word that stands in everything that is the site's alone to read, and in no id.
    pub word: String,
    pub origin: String,
    pub write: String,
    pub read: String,
    pub admin: String,
    pub link_secret: Vec<u8>,
    pub visitor: String,
    pub mailbox: String,
    pub lead: String,
    pub held: String,
    pub delivery: String,
    pub conversation: String,
    pub answer: u64,
    pub ticket: String,
    pub other_ticket: String,
    pub solved: String,
    pub inbound: String,
    pub inbound_secret: String,
}

impl Site {
    /// A name of the site's own for something.
    pub fn named(&self, what: &str) -> String {
        format!("{}-{what}", self.prefix)
    }

    /// Somebody who has nothing but the names.
    pub fn nobody(&self) -> Self {
        let none = String::new;
        Self { write: none(), read: none(), admin: none(), link_secret: vec![0], inbound_secret: none(), ..self.clone() }
    }

    /// What tells its things apart from everybody else's.
    fn ids(&self) -> impl Iterator<Item = &String> {
        [
            &self.lead,
            &self.held,
            &self.delivery,
            &self.conversation,
            &self.ticket,
            &self.other_ticket,
            &self.solved,
            &self.inbound,
            &self.visitor,
        ]
        .into_iter()
        .chain([&self.mailbox, &self.prefix, &self.id])
    }

    /// What of the site's stands in a text that did not say it first.
    pub fn traces(&self, said: &str, heard: &Reply) -> Vec<String> {
        let mut text = heard.text();
        for (name, value) in &heard.headers {
            text += &format!("\n{name}: {}", String::from_utf8_lossy(value.as_bytes()));
        }
        let ids = self.ids().filter(|id| text.contains(id.as_str()) && !said.contains(id.as_str())).cloned();
        ids.chain(text.contains(&self.word).then(|| self.word.clone())).collect()
    }
}

/// Everything in the store, table by table, each row as text.
pub type Picture = BTreeMap<String, Vec<String>>;

/// The host with both sites.
pub struct World {
    pub host: TestHost,
    pub one: Site,
    pub other: Site,
    stored: Vec<(String, Rows)>,
    written: Cell<i64>,
}

impl World {
    /// With nothing in it.
    pub async fn bare() -> Self {
        let host = TestHost::new().await;
        host.set_variable(OPERATOR_KEY, OPERATOR);
        host.set_variable(PUBLIC_URL, "https://forms.marea.example");
        host.manual_clock().set("2026-11-27T10:00:00Z".parse().unwrap());
        host.answer_fetches(|asked| {
            let mut headers = HeaderMap::new();
            headers.insert("content-type", HeaderValue::from_static("text/html; charset=utf-8"));
            let is_page = asked.method == Method::GET;
            Ok(Answer { status: StatusCode::OK, headers, body: if is_page { "<h1>Clases</h1><p>Texto.</p>" } else { "" }.into() })
        });
        Self { host, one: Site::default(), other: Site::default(), stored: Vec::new(), written: Cell::default() }
    }

    /// With both sites.
    pub async fn new() -> Self {
        let mut world = Self::bare().await;
        world.one = world.settle("5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90", "alfa7", "farolazul").await;
        world.other = world.settle("0190a8c0-0000-7000-8000-000000000002", "beta9", "rocaverde").await;
        // Applying files again sorts whoever is due into segments, so that no later request does.
        for site in [&world.one, &world.other] {
            world.ok("lead-capture", Call::put(format!("/v1/sites/{}", site.id)).key(OPERATOR).json(&definition(site))).await;
        }
        world.stored = world.tables().await;
        world.is_written().await;
        world
    }

    /// Has a function answer, and do what it deferred.
    pub async fn send(&self, function: &str, call: Call) -> Reply {
        self.host.rows(Statement::new("DELETE FROM limits")).await;
        let host = &self.host;
        let reply = match function {
            "lead-capture" => host.send::<LeadCapture<TestHost>>(call).await,
            "track-events" => host.send::<TrackEvents<TestHost>>(call).await,
            "faq-chat" => host.send::<FaqChat<TestHost>>(call).await,
            "ticket-route" => host.send::<TicketRoute<TestHost>>(call).await,
            "content-score" => host.send::<ContentScore<TestHost>>(call).await,
            other => panic!("nobody mounted {other}"),
        };
        host.settle().await;
        reply
    }

    async fn ok(&self, function: &str, call: Call) -> Json {
        let asked = format!("{call:?}");
        let reply = self.send(function, call).await;
        assert!(reply.status.is_success(), "{}: {} of {asked}", reply.status, reply.text());
        reply.json()
    }

    async fn text(&self, query: &'static str, site: &str) -> String {
        self.host.rows(Statement::new(query).bind(site)).await.first().unwrap().text("it").unwrap().to_owned()
    }

    /// Makes a site with something in every table that people fill.
    async fn settle(&self, id: &str, prefix: &str, word: &str) -> Site {
        let mut site = Site {
            id: id.into(),
            prefix: prefix.into(),
            word: word.into(),
            origin: format!("https://{prefix}.example"),
            visitor: format!("{prefix}-visitor"),
            mailbox: format!("eva@{prefix}-mail.example"),
            inbound_secret: format!("{prefix}-postmark"),
            ..Site::default()
        };
        self.ok("lead-capture", Call::put(format!("/v1/sites/{id}")).key(OPERATOR).json(&definition(&site))).await;
        for kind in ["write", "read", "admin"] {
            let issued = Call::post(format!("/v1/sites/{id}/keys")).key(OPERATOR).json(&json!({ "kind": kind }));
            let key = self.ok("lead-capture", issued).await["key"].as_str().unwrap().to_owned();
            match kind {
                "write" => site.write = key,
                "read" => site.read = key,
                _ => site.admin = key,
            }
        }
        let secret = self.host.rows(Statement::new("SELECT link_secret FROM sites WHERE id = ?1").bind(id)).await;
        site.link_secret = secret.first().unwrap().blob("link_secret").unwrap().to_vec();
        self.fill_forms(&mut site).await;
        self.fill_events(&site).await;
        self.fill_chat(&mut site).await;
        self.fill_desk(&mut site).await;
        self.fill_content(&site).await;
        site
    }

    async fn fill_forms(&self, site: &mut Site) {
        let path = format!("/v1/sites/{}/assets/{}", site.id, site.named("guia.pdf"));
        self.ok("lead-capture", Call::put(path).key(OPERATOR).body(format!("%PDF {}", site.word))).await;
        let form = format!("/v1/forms/{}", site.named("form"));
        let exposed = json!({ "visitor": site.visitor });
        self.send("lead-capture", Call::post(format!("{form}/exposures")).json(&exposed)).await;
        let person = |email: &str| json!({ "email": email, "consent": true, "company": site.word, "_visitor": site.visitor, "_elapsed_ms": 9000, "_locale": "es" });
        let submit = |fields: &Json| Call::post(format!("{form}/submissions")).header("idempotency-key", "k1").json(fields);
        self.ok("lead-capture", submit(&person(&site.mailbox))).await;
        let mut robot = person(&format!("bot@{}-mail.example", site.prefix));
        robot["_gotcha"] = json!("x");
        self.ok("lead-capture", Call::post(format!("{form}/submissions")).json(&robot)).await;
        site.lead = self.text("SELECT id AS it FROM leads WHERE site_id = ?1 AND email LIKE 'eva@%'", &site.id).await;
        site.held = self.text("SELECT id AS it FROM submissions WHERE site_id = ?1 AND verdict = 'quarantine'", &site.id).await;
        site.delivery = self.text("SELECT id AS it FROM outbox WHERE site_id = ?1 ORDER BY id LIMIT 1", &site.id).await;
    }

    async fn fill_events(&self, site: &Site) {
        let batch = json!({ "batch": [
            { "type": "page", "messageId": "m1", "anonymousId": site.visitor, "properties": { "url": format!("{}/{}", site.origin, site.word), "title": site.word } },
            { "type": "track", "messageId": "m2", "anonymousId": site.visitor, "event": "Plan", "properties": { "plan": site.word } },
            { "type": "identify", "messageId": "m3", "anonymousId": site.visitor, "userId": site.named("user"), "traits": { "email": site.mailbox, "name": site.word } },
            { "type": "track", "messageId": "", "event": "" },
        ]});
        let browser = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";
        self.ok("track-events", Call::post("/v1/batch").key(&site.write).header("user-agent", browser).json(&batch)).await;
    }

    async fn fill_chat(&self, site: &mut Site) {
        let article = json!({ "locale": "es", "question": "¿Cuánto cuesta una clase de surf?", "answer": format!("Una clase cuesta 45 euros en {}.", site.word) });
        self.ok("faq-chat", Call::put(format!("/v1/kb/articles/{}", site.named("price"))).key(&site.admin).json(&article)).await;
        let say = |body: Json| Call::post("/v1/chat").header("x-write-key", &site.write).json(&body);
        let told = self.ok("faq-chat", say(json!({ "message": format!("¿cuánto cuesta la clase {}?", site.word) }))).await;
        site.conversation = told["conversation_id"].as_str().unwrap().to_owned();
        site.answer = told["number"].as_u64().unwrap();
        let lacking =
            json!({ "message": format!("¿vendéis entradas de {} para el teatro?", site.word), "conversation_id": site.conversation });
        self.ok("faq-chat", say(lacking)).await;
        let contact = json!({ "email": site.mailbox, "name": site.word });
        let person = json!({ "message": "quiero hablar con una persona", "conversation_id": site.conversation, "contact": contact });
        self.ok("faq-chat", say(person)).await;
    }

    async fn fill_desk(&self, site: &mut Site) {
        self.ok("ticket-route", Call::put(format!("/v1/routing/sites/{}", site.id)).key(OPERATOR).json(&desk(site))).await;
        let source = Call::put(format!("/v1/routing/sources/{}", site.named("mail"))).key(&site.admin);
        let source = self.ok("ticket-route", source.json(&json!({ "kind": "postmark", "secret": site.inbound_secret }))).await;
        site.inbound = source["id"].as_str().unwrap().to_owned();
        for what in ["no carga", "se cobró dos veces", "va lenta"] {
            let sent = json!({ "subject": site.word, "text": format!("La web de {} {what}", site.word), "requester": { "email": site.mailbox, "name": site.word } });
            let told = self.ok("ticket-route", Call::post("/v1/tickets").key(&site.admin).json(&sent)).await;
            let id = told["ticket_id"].as_str().unwrap().to_owned();
            let place = [&mut site.ticket, &mut site.other_ticket, &mut site.solved].into_iter().find(|place| place.is_empty());
            *place.unwrap() = id;
        }
        let solve = Call::new(Method::PATCH, format!("/v1/tickets/{}", site.solved)).key(&site.admin);
        self.ok("ticket-route", solve.json(&json!({ "status": "solved", "agent": site.named("ana") }))).await;
        let online = Call::new(Method::PATCH, format!("/v1/agents/{}", site.named("ana"))).key(&site.admin);
        self.ok("ticket-route", online.json(&json!({ "presence": "online" }))).await;
        let change = json!({ "category": "billing", "agent": site.named("ana") });
        self.ok("ticket-route", Call::new(Method::PATCH, format!("/v1/tickets/{}", site.ticket)).key(&site.admin).json(&change)).await;
        let answer = json!({ "score": 9, "comment": site.word, "visitor": site.visitor, "email": site.mailbox });
        self.ok("ticket-route", Call::post("/v1/surveys/nps").key(&site.admin).json(&answer)).await;
        let satisfied = json!({ "score": 5, "comment": site.word, "visitor": site.visitor, "email": site.mailbox });
        self.ok("ticket-route", Call::post("/v1/surveys/csat").key(&site.admin).json(&satisfied)).await;
        let asked = json!({ "visitor": site.named("passer-by") });
        self.ok("ticket-route", Call::post("/v1/surveys/nps/invitations").header("x-write-key", &site.write).json(&asked)).await;
        let feed = Call::put(format!("/v1/routing/calendars/{}/holidays", site.named("office"))).key(&site.admin);
        self.ok("ticket-route", feed.header("content-type", "text/calendar").body(FEED)).await;
        self.host.tick::<TicketRoute<TestHost>>().await.unwrap();
    }

    async fn fill_content(&self, site: &Site) {
        let settings = json!({ "public_editor": true, "keeps": { "texts": true } });
        self.ok("content-score", Call::put(format!("/v1/content/sites/{}", site.id)).key(OPERATOR).json(&settings)).await;
        let text = json!({ "content": format!("<h1>{0}</h1><p>Clases de {0}.</p>", site.word), "document": site.named("home") });
        self.ok("content-score", Call::post("/v1/content/score").key(&site.admin).json(&text)).await;
        let page = Call::put(format!("/v1/content/pages/{}", site.named("page"))).key(&site.admin);
        self.ok("content-score", page.json(&json!({ "url": format!("{}/{}", site.origin, site.word) }))).await;
    }

    async fn tables(&self) -> Vec<(String, Rows)> {
        let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let mut tables = Vec::new();
        for row in self.host.rows(Statement::new(names)).await.iter() {
            let name = row.text("name").unwrap().to_owned();
            let rows = self.host.rows(Statement::new(format!("SELECT * FROM {name}"))).await;
            tables.push((name, rows));
        }
        tables
    }

    /// Whether any row was written since this was asked last: looking at every table takes longer.
    pub async fn is_written(&self) -> bool {
        let now = self.host.rows(Statement::new("SELECT total_changes() AS n")).await.first().unwrap().integer("n").unwrap();
        self.written.replace(now) != now
    }

    /// The log lines since this was asked last that hold what a site's visitors said, or who they are.
    pub fn personal_in_log(&self) -> Vec<String> {
        let sites = [&self.one, &self.other];
        let words = sites.map(|site| [&site.word, &site.mailbox, &site.visitor]).into_iter().flatten();
        let mut lines = self.host.take_log();
        lines.retain(|line| words.clone().any(|word| line.contains(word.as_str())));
        lines
    }

    /// Puts the store back as it was when both sites were made.
    pub async fn restore(&self) {
        for (name, rows) in &self.stored {
            self.host.rows(Statement::new(format!("DELETE FROM {name}"))).await;
            for values in &rows.values {
                let places: Vec<_> = (1..=values.len()).map(|place| format!("?{place}")).collect();
                let insert = format!("INSERT INTO {name} ({}) VALUES ({})", rows.columns.join(", "), places.join(", "));
                self.host.rows(Statement { parameters: values.clone(), ..Statement::new(insert) }).await;
            }
        }
    }

    /// What stands in the store of this site, or of all. What is no site's, such as counts of requests, changes by being asked.
    pub async fn picture(&self, of: Option<&Site>) -> Picture {
        let mut picture = Picture::new();
        for (name, rows) in self.tables().await {
            let owner = rows.columns.iter().position(|column| if name == "sites" { column == "id" } else { column == "site_id" });
            let Some(owner) = owner else { continue };
            let is_shown = |values: &&Vec<Value>| of.is_none_or(|site| values[owner] == Value::Text(site.id.clone()));
            picture.insert(name, rows.values.iter().filter(is_shown).map(|values| format!("{values:?}")).collect());
        }
        let kv = self.host.kv(KV).unwrap();
        for site in of.map_or_else(|| vec![&self.one, &self.other], |site| vec![site]) {
            let key = format!("asset/{}/{}", site.id, site.named("guia.pdf"));
            picture.insert(key.clone(), vec![format!("{:?}", kv.get(&key).await.unwrap())]);
        }
        picture
    }
}

/// What differs between two pictures.
pub fn changes(before: &Picture, after: &Picture) -> Vec<String> {
    let mut found = Vec::new();
    for (table, rows) in after {
        let known = &before[table];
        found.extend(rows.iter().filter(|row| !known.contains(row)).map(|row| format!("{table} + {row}")));
        found.extend(known.iter().filter(|row| !rows.contains(row)).map(|row| format!("{table} - {row}")));
    }
    found
}

pub const FEED: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Fiesta\r\nDTSTART;VALUE=DATE:20261130\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// A site's files.
pub fn definition(site: &Site) -> Json {
    let both = |text: &str| json!({ "es": text, "en": text });
    let asset = both(&site.named("guia.pdf"));
    json!({
        "site": {
            "id": site.id, "name": site.word, "domain": format!("{}.example", site.prefix), "default_locale": "es", "locales": ["es", "en"],
            "origins": [site.origin],
            "destinations": [
                { "id": site.named("crm"), "kind": "webhook", "url": format!("https://crm.example/{}", site.word), "events": ["*"] },
                { "id": site.named("few"), "kind": "webhook", "url": format!("https://few.example/{}", site.word), "events": ["*"], "segment": site.named("here") },
            ],
            "alerts": [{ "id": site.named("late"), "measure": "outbox_age", "above": 300 }],
        },
        "forms": { site.named("form"): {
            "title": both(&site.word), "headline": both(&site.word), "submit": both("Enviar"), "decoy": true, "thanks": both("Gracias"),
            "fields": [
                { "name": "email", "type": "email", "label": both("Correo"), "required": true },
                { "name": "company", "type": "text", "label": both("Empresa") },
            ],
            "consents": [{ "name": "consent", "required": true, "text": both("Acepto"), "message": both("Hace falta") }],
            "variants": [{ "id": "a" }, { "id": "b", "headline": both("Otra") }],
            "magnet": { "asset": asset, "label": both("Guía"), "expires_hours": 72 },
        } },
        "segments": [{ "id": site.named("here"), "label": both(&site.word), "when": { "first_seen": { "within_days": 30 } } }],
        "scoring": toml::from_str::<Json>(include_str!("../../../sites/demo/scoring.toml")).unwrap(),
    })
}

/// A site's desk.
pub fn desk(site: &Site) -> Json {
    let (office, support, ana) = (site.named("office"), site.named("support"), site.named("ana"));
    json!({
        "calendars": { &office: { "time_zone": "Europe/Madrid", "hours": [{ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "18:00" }] } },
        "teams": [{ "id": support, "calendar": office, "lead": ana }],
        "agents": [{ "id": ana, "name": site.word, "team": support, "skills": ["technical"], "languages": ["es", "en"], "capacity": 9 }],
        "macros": [{ "id": site.named("refund"), "name": site.word, "text": { "es": format!("Devuelto por {}", site.word) } }],
    })
}
