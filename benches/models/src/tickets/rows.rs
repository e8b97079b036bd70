//! Labelled tickets in files, a line of JSON each.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use orilla_desk::Priority;
use orilla_text::Locale;
use serde::Deserialize;
use ticket_route::classify::heads::{CATEGORIES, Example};
use ticket_route::classify::text::Readable;

use crate::data;

/// A ticket, what it is, and its language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// As the heads learn it.
    pub example: Example,
    pub locale: Locale,
}

/// Fields that are not named here are passed over.
#[derive(Deserialize)]
struct Row {
    subject: String,
    body: String,
    lang: String,
    category: String,
    priority: String,
}

/// Reads a file.
///
/// Errors: with its line's number, if one is no ticket, or its label or language is none of ours; if there is no ticket at all.
pub fn read(file: &Path) -> Result<Vec<Ticket>> {
    let text = data::text(file)?;
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let tickets: Vec<Ticket> =
        lines.map(|(line, number)| ticket(line).with_context(|| format!("{}:{number}", file.display()))).collect::<Result<_>>()?;
    ensure!(!tickets.is_empty(), "{} has no tickets", file.display());
    Ok(tickets)
}

fn ticket(line: &str) -> Result<Ticket> {
    let row: Row = serde_json::from_str(line)?;
    let Some(category) = CATEGORIES.iter().position(|name| *name == row.category) else {
        bail!("category is `{}`; it may be {}", row.category, CATEGORIES.join(", "));
    };
    let priorities = || Priority::ALL.map(Priority::name).join(", ");
    let priority = Priority::parse(&row.priority).ok_or_else(|| anyhow!("priority is `{}`; it may be {}", row.priority, priorities()))?;
    let locale = Locale::of_tag(&row.lang).ok_or_else(|| anyhow!("lang is `{}`; it may be es, en", row.lang))?;
    Ok(Ticket { example: Example { ticket: Readable::new(&row.subject, &row.body), category, priority }, locale })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"subject":"Re: doble cobro","body":"Me cobrasteis dos veces","lang":"es-MX","category":"billing","priority":"high","topic":"x"}"#;

    #[test]
    fn reads_a_ticket_as_the_function_does() {
        let found = ticket(GOOD).unwrap();
        let example = Example { ticket: Readable::new("doble cobro", "Me cobrasteis dos veces"), category: 1, priority: Priority::High };
        assert_eq!(found, Ticket { example, locale: Locale::Es });
    }

    #[test]
    fn names_the_line_that_is_none() {
        let file = std::env::temp_dir().join(format!("tickets-{}.jsonl", std::process::id()));
        for (from, to, told) in [
            ("billing", "refunds", "category is `refunds`"),
            ("high", "urgent", "priority is `urgent`"),
            ("es-MX", "pt", "lang is `pt`"),
            ("\"lang\"", "\"language\"", "missing field `lang`"),
            ("}", "", "EOF"),
        ] {
            std::fs::write(&file, format!("{GOOD}\n\n{}\n", GOOD.replace(from, to))).unwrap();
            let error = format!("{:#}", read(&file).unwrap_err());
            assert!(error.contains(".jsonl:3: ") && error.contains(told), "{error}");
        }
        std::fs::write(&file, "\n").unwrap();
        assert!(read(&file).unwrap_err().to_string().contains("no tickets"));
        std::fs::remove_file(&file).unwrap();
    }
}
