//! Reading a site's folder: paths, lines, variables, promises.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

use content_score::ContentScore;
use faq_chat::FaqChat;
use lead_capture::LeadCapture;
use orilla_native::serve::{Mount, Options, serve};
use orilla_native::{MIGRATIONS, Native};
use serde_json::json;
use ticket_route::TicketRoute;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::client::Client;
use super::{Patience, apply, files, keys, report, send, source};

fn environment(set: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    let set: BTreeMap<String, String> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    move |name: &str| set.get(name).cloned()
}

const FORM: &str = r#"title = { es = "A" }

[[fields]]
name = "email"
type = "email"

[[fields]]
name = "day"
min = 2026-01-31
max_length = 0x10
step = 0.5
options = [
  { value = "x" },
  { value = "y" },
]
"#;

#[test]
fn becomes_json_with_the_line_of_every_path() {
    let source = source::read(FORM, "forms.demo", &environment(&[]));
    assert_eq!(source.problems, []);
    assert_eq!(
        source.json,
        json!({
            "title": { "es": "A" },
            "fields": [
                { "name": "email", "type": "email" },
                { "name": "day", "min": "2026-01-31", "max_length": 16, "step": 0.5, "options": [{ "value": "x" }, { "value": "y" }] },
            ],
        })
    );
    for (path, line) in [
        ("forms.demo", 1),
        ("forms.demo.title.es", 1),
        ("forms.demo.fields[0]", 3),
        ("forms.demo.fields[0].type", 5),
        ("forms.demo.fields[1]", 7),
        ("forms.demo.fields[1].options[1].value", 14),
    ] {
        assert_eq!(source.lines.get(path), Some(&line), "{path}");
    }
}

#[test]
fn every_syntax_error_is_told_with_its_line() {
    let source = source::read("a = 1\nb = \nc = 2\nd = [1,\n", "site", &environment(&[]));
    let lines: Vec<_> = source.problems.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 4], "{:?}", source.problems);
    let source = source::read("a = inf\nb = 99999999999999999999\n", "site", &environment(&[]));
    assert_eq!(source.problems.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn variables_are_filled_in_or_missed() {
    let set = environment(&[("HOST", "example.com"), ("EMPTY", "")]);
    let source = source::read("a = \"https://${ENV:HOST}/${ENV:HOST}\"\nb = \"$HOST ${HOST}\"", "site", &set);
    assert_eq!(source.json, json!({ "a": "https://example.com/example.com", "b": "$HOST ${HOST}" }));
    let source = source::read("x = 1\na = \"${ENV:NOPE}\"\nb = \"${ENV:EMPTY}\"\nc = \"${ENV:OPEN\"", "site", &set);
    assert_eq!(source.problems.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4]);
    assert!(source.problems[0].1.contains("NOPE"));
}

#[test]
fn an_optional_destination_is_left_out_and_the_rest_counts_on() {
    let text = "[[to]]\nurl = \"${ENV:NOPE?}\"\n\n[[to]]\nurl = \"${ENV:HOST?}\"\nbad = 1\n";
    let source = source::read(text, "site", &environment(&[("HOST", "https://example.com")]));
    assert_eq!(source.json, json!({ "to": [{ "url": "https://example.com", "bad": 1 }] }));
    assert_eq!(source.lines.get("site.to[0].bad"), Some(&6));
    assert_eq!(source.notes, ["line 1: left out, since NOPE is not set"]);
}

/// A folder that is gone when the test is.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let path = std::env::temp_dir().join(format!("orilla-apply-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        for (file, text) in files {
            let file = path.join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_folder_becomes_one_body_and_its_assets() {
    let folder = Folder::new(
        "body",
        &[
            ("site.toml", "id = \"x\""),
            ("forms/demo.toml", "[magnet]\nasset = { es = \"guia.pdf\" }"),
            ("forms/notes.txt", ""),
            ("assets/guia.pdf", "%PDF"),
            ("assets/.hidden", ""),
        ],
    );
    let files = files::read(&folder.0, &environment(&[])).unwrap();
    assert_eq!(files.body["site"]["id"], "x");
    assert_eq!(files.body["forms"]["demo"]["magnet"]["asset"]["es"], "guia.pdf");
    assert_eq!(files.assets.iter().map(|asset| asset.name.as_str()).collect::<Vec<_>>(), ["guia.pdf"]);
    assert_eq!(files.notes.len(), 1, "{:?}", files.notes);
}

#[test]
fn a_promise_without_a_file_is_told_where_it_is_made() {
    let folder = Folder::new("promise", &[("site.toml", "id = \"x\""), ("forms/demo.toml", "\n[magnet]\nasset = { es = \"guia.pdf\" }")]);
    let problems = files::read(&folder.0, &environment(&[])).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].file.as_path(), problems[0].line), (folder.0.join("forms/demo.toml").as_path(), Some(3)));
}

#[test]
fn a_segment_is_told_of_by_its_line_in_its_own_file() {
    let segments = "# Who\n\n[[segments]]\nid = \"a\"\nwhen.not = { segment = \"b\" }\n";
    let folder = Folder::new("segments", &[("site.toml", "id = \"x\""), ("segments.toml", segments)]);
    let read = files::read(&folder.0, &environment(&[])).unwrap();
    assert_eq!(read.body["segments"], json!([{ "id": "a", "when": { "not": { "segment": "b" } } }]));
    let problem = read.problem("segments[0].when.not", "There is no segment `b`.");
    assert_eq!((problem.file.as_path(), problem.line), (folder.0.join("segments.toml").as_path(), Some(5)));
    assert_eq!(read.problem("segments[0].label", "missing").line, Some(3), "what is missing is told where its segment begins");
    let folder = Folder::new("segment", &[("site.toml", "id = \"x\""), ("segments.toml", "[segment]\nid = \"a\"\n")]);
    let problems = files::read(&folder.0, &environment(&[])).unwrap_err();
    assert_eq!((problems.len(), problems[0].line), (1, Some(1)));
}

#[test]
fn a_folder_without_a_site_is_no_site() {
    let problems = files::read(Path::new("/nowhere/at/all"), &environment(&[])).unwrap_err();
    assert!(problems[0].to_string().starts_with("/nowhere/at/all/site.toml: cannot be read"));
}

#[test]
fn what_the_server_says_is_told_by_file_and_line() {
    let folder = Folder::new("server", &[("site.toml", "id = \"x\"\n\n[deep]\nname = \"y\""), ("forms/demo.toml", FORM)]);
    let files = files::read(&folder.0, &environment(&[])).unwrap();
    let demo = folder.0.join("forms/demo.toml").display().to_string();
    let site = folder.0.join("site.toml").display().to_string();
    for (path, expect) in [
        ("forms.demo.fields[1].min", format!("{demo}:9: min: wrong")),
        ("forms.demo.fields[1].label.es", format!("{demo}:7: label.es: wrong")),
        ("forms.demo.headline", format!("{demo}:1: headline: wrong")),
        ("site.deep.name", format!("{site}:4: name: wrong")),
        ("site.locales[0]", format!("{site}:1: locales[0]: wrong")),
        ("elsewhere", format!("{}: elsewhere: wrong", folder.0.display())),
    ] {
        assert_eq!(files.problem(path, "wrong").to_string(), expect);
    }
    let text = format!("{:#}", report(&[files.problem("site.deep", "b"), files.problem("forms.demo", "a")]));
    assert!(text.starts_with("2 problems in the site's files; nothing was changed\n"), "{text}");
    assert!(text.find("demo.toml").unwrap() < text.find("site.toml").unwrap());
}

/// A server with empty stores, on a thread of its own.
struct Server {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start() -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, address) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let native = Native::in_memory([("OPERATOR_KEY".to_owned(), "operator".to_owned())].into()).unwrap();
                native.migrate(MIGRATIONS).await.unwrap();
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                ready.send(listener.local_addr().unwrap()).unwrap();
                let mounts = vec![
                    Mount::new::<LeadCapture<Native>>(&["/v1", "/f"]),
                    Mount::new::<FaqChat<Native>>(&["/v1/kb"]),
                    Mount::new::<TicketRoute<Native>>(&["/v1/routing"]),
                    Mount::new::<ContentScore<Native>>(&["/v1/content"]),
                ];
                serve(listener, native, mounts, Options::default(), async { drop(stopped.await) }).await.unwrap();
            });
        });
        Self { url: format!("http://{}", address.recv().unwrap()), stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || std::thread::panicking());
    }
}

const SITE: &str = r#"
id = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90"
name = "Ola"
default_locale = "es"
locales = ["es"]
"#;

const WHOLE_FORM: &str = r#"
title = { es = "A" }
headline = { es = "B" }
submit = { es = "C" }

[magnet]
asset = { es = "guia.txt" }

[[fields]]
name = "email"
type = "email"
required = true
label = { es = "Correo" }
"#;

#[test]
fn a_folder_is_applied_once_and_then_unchanged() {
    let server = Server::start();
    let folder = Folder::new("whole", &[("site.toml", SITE), ("forms/demo.toml", WHOLE_FORM), ("assets/guia.txt", "Hola")]);
    let said = |operator_key: &str, is_dry_run: bool| {
        let mut out = Vec::new();
        let files = files::read(&folder.0, &environment(&[])).unwrap();
        send(&files, &Client::new(&server.url, operator_key), is_dry_run, &mut out).map(|()| String::from_utf8(out).unwrap())
    };
    let plan = said("operator", true).unwrap();
    assert!(plan.starts_with("+ site\n+ forms/demo\n") && plan.ends_with("dry run: nothing was changed\n"), "{plan}");
    assert_eq!(said("operator", false).unwrap(), "+ site\n+ forms/demo\n↑ assets/guia.txt (4 bytes)\napplied 3 changes\n");
    assert_eq!(said("operator", false).unwrap(), "unchanged\n");
    std::fs::write(folder.0.join("forms/demo.toml"), WHOLE_FORM.replace("\"C\"", "\"D\"")).unwrap();
    assert_eq!(said("operator", false).unwrap(), "~ forms/demo: submit.es\napplied 1 change\n");
    assert!(said("guess", false).unwrap_err().to_string().contains("does not take this operator's key"));

    std::fs::write(folder.0.join("forms/demo.toml"), format!("{WHOLE_FORM}requird = true\nmin = 3\n")).unwrap();
    let told = said("operator", false).unwrap_err().to_string();
    let line = format!("{}:14: requird: Unknown field `requird`", folder.0.join("forms/demo.toml").display());
    assert!(told.starts_with("1 problem ") && told.contains(&line), "{told}");
}

#[test]
fn keys_are_kept_while_the_server_knows_them() {
    let folder = Folder::new("keys", &[("site.toml", SITE), ("forms/demo.toml", WHOLE_FORM), ("assets/guia.txt", "Hola")]);
    let file = folder.0.join("data/apply.json");
    let first = Server::start();
    let made = apply(&folder.0, &first.url, "operator", &file, true).unwrap();
    assert!(made.write_key.starts_with("orl_write_") && made.admin_key.starts_with("orl_admin_"));
    assert_eq!(apply(&folder.0, &first.url, "operator", &file, true).unwrap(), made);
    let as_admin = Client::new(&first.url, &made.admin_key);
    assert_eq!(keys::ensure(&as_admin, &made.site, &file).unwrap(), made);
    drop(first);
    let second = Server::start();
    let fresh = apply(&folder.0, &second.url, "operator", &file, true).unwrap();
    assert_ne!(fresh.read_key, made.read_key);
    assert_eq!(apply(&folder.0, &second.url, "operator", &file, true).unwrap(), fresh);
}

#[test]
fn articles_are_applied_with_the_site_and_a_mistake_names_its_file() {
    let server = Server::start();
    let article = |answer: &str| format!("---\nid: duchas\nlocale: es\nquestion: ¿Hay duchas?\n---\n\n{answer}\n");
    let folder = Folder::new("articles", &[("site.toml", SITE), ("kb/duchas.es.md", &article("Sí."))]);
    let said = || {
        let mut out = Vec::new();
        let files = files::read(&folder.0, &environment(&[])).unwrap();
        send(&files, &Client::new(&server.url, "operator"), false, &mut out).map(|()| String::from_utf8(out).unwrap())
    };
    assert_eq!(said().unwrap(), "+ site\n~ kb: 1 articles written, 0 removed\napplied 2 changes\n");
    assert_eq!(said().unwrap(), "unchanged\n");
    let file = folder.0.join("kb/duchas.es.md");
    std::fs::write(&file, article("…")).unwrap();
    let told = said().unwrap_err().to_string();
    assert!(told.contains(&format!("{}:1: answer", file.display())), "{told}");
}

#[test]
fn the_desk_is_applied_with_the_site_and_a_mistake_names_its_line() {
    let server = Server::start();
    let folder = Folder::new("desk", &[("site.toml", SITE), ("desk.toml", "[[teams]]\nid = \"support\"\n")]);
    let said = || {
        let mut out = Vec::new();
        let files = files::read(&folder.0, &environment(&[])).unwrap();
        send(&files, &Client::new(&server.url, "operator"), false, &mut out).map(|()| String::from_utf8(out).unwrap())
    };
    assert_eq!(said().unwrap(), "+ site\n~ desk\napplied 2 changes\n");
    assert_eq!(said().unwrap(), "unchanged\n");
    let file = folder.0.join("desk.toml");
    std::fs::write(&file, "[[teams]]\nid = \"support\"\ncalendar = \"moon\"\n").unwrap();
    let told = said().unwrap_err().to_string();
    assert!(told.contains(&format!("{}:3: calendar", file.display())), "{told}");
}

#[test]
fn what_is_said_of_content_is_applied_with_the_site_and_a_mistake_names_its_line() {
    let server = Server::start();
    let folder = Folder::new("content", &[("site.toml", SITE), ("content.toml", "profile = \"yoast\"\n")]);
    let said = || {
        let mut out = Vec::new();
        let files = files::read(&folder.0, &environment(&[])).unwrap();
        send(&files, &Client::new(&server.url, "operator"), false, &mut out).map(|()| String::from_utf8(out).unwrap())
    };
    assert_eq!(said().unwrap(), "+ site\n~ content\napplied 2 changes\n");
    assert_eq!(said().unwrap(), "unchanged\n");
    let file = folder.0.join("content.toml");
    std::fs::write(&file, "profile = \"yoast\"\n\n[keeps]\nversions = 0\n").unwrap();
    let told = said().unwrap_err().to_string();
    assert!(told.contains(&format!("{}:4: versions", file.display())), "{told}");
}

/// On a busy machine the server's clock and this command build the same part of an index.
#[test]
fn an_index_may_stand_still_for_some_calls_and_no_longer() {
    let mut patience = Patience::default();
    for pending in [119, 75, 75, 75, 80, 40, 40] {
        assert!(patience.is_left(pending), "{pending}");
    }
    let calls = (0..50).take_while(|_| patience.is_left(40)).count();
    assert_eq!(calls, 8, "one stall is behind it");
}
