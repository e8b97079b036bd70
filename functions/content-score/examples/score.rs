//! Scores what comes in: one JSON object a line on standard input, with the fields of `POST /v1/content/score` (`html` and `meta` and `lang` are
//! understood for `content`, `meta_description` and `locale`), one report a line on standard output. `--brief` prints scores alone.

use std::io::{BufRead, Write};

use content_score::asked::{Asked, Kind};
use content_score::profile::Profile;
use content_score::score;
use orilla_prose::document::Format;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let is_short = std::env::args().any(|argument| argument == "--brief");
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let sent: Value = serde_json::from_str(&line)?;
        let profile = match sent.get("profile") {
            Some(Value::String(name)) => Profile::named(name).ok_or_else(|| format!("there is no profile {name}"))?,
            Some(own) => Profile::own(own)?,
            None => Profile::brief(),
        };
        let report = score::score(&asked(&sent), &profile);
        let mut answer = if is_short {
            json!({ "score": report.score, "seo": report.seo, "readability": report.readability, "structure": report.structure, "persuasion": report.persuasion })
        } else {
            serde_json::to_value(&report)?
        };
        for name in ["id", "group", "rank"] {
            if let (Some(value), Value::Object(fields)) = (sent.get(name), &mut answer) {
                let _ = fields.insert(name.to_owned(), value.clone());
            }
        }
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn asked(sent: &Value) -> Asked {
    let text = |names: &[&str]| names.iter().find_map(|name| sent.get(name).and_then(Value::as_str)).map(str::to_owned);
    let format = match text(&["format"]).as_deref() {
        Some("markdown") => Format::Markdown,
        Some("text" | "plain") => Format::Plain,
        _ => Format::Html,
    };
    let kind = sent.get("kind").and_then(|kind| serde_json::from_value(kind.clone()).ok()).unwrap_or(Kind::Blog);
    let synonyms =
        sent.get("synonyms").and_then(Value::as_array).map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    Asked {
        content: text(&["content", "html"]).unwrap_or_default(),
        format,
        keyphrase: text(&["keyphrase"]),
        synonyms: synonyms.unwrap_or_default(),
        title: text(&["title"]),
        meta_description: text(&["meta_description", "meta"]),
        slug: text(&["slug"]),
        url: text(&["url"]).and_then(|url| url.parse().ok()),
        locale: text(&["locale", "lang"]).and_then(|tag| orilla_text::Locale::of_tag(&tag)),
        kind,
        persona: text(&["persona"]),
        preview: text(&["preview"]),
        hears_meaning: sent["meaning"].as_bool().unwrap_or(true),
    }
}
