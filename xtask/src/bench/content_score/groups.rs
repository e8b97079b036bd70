//! Versions of texts whose order an editor knows, read from lines of JSON, and judged in this process by the code that the function runs.

use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use content_score::asked::{Asked, Kind};
use content_score::profile::Profile;
use content_score::score;
use orilla_prose::document::Format;
use orilla_text::Locale;
use serde::Deserialize;
use serde_json::Value as Json;

use super::agreement::Judged;

/// One version of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub group: String,
    /// 1 is the best.
    pub rank: u32,
    pub language: Locale,
    pub keyphrase: Option<String>,
    pub title: Option<String>,
    pub meta_description: Option<String>,
    pub html: String,
    pub kind: Kind,
}

/// A line as it is written.
#[derive(Debug, Deserialize)]
struct Line {
    group: Json,
    rank: Json,
    #[serde(alias = "locale", alias = "language")]
    lang: String,
    keyphrase: Option<String>,
    title: Option<String>,
    #[serde(alias = "meta_description")]
    meta: Option<String>,
    #[serde(alias = "content")]
    html: String,
    #[serde(default)]
    kind: Kind,
}

/// Reads a file of versions.
///
/// Errors: the first line that is none, by its number; a file without any.
pub fn read(file: &Path) -> Result<Vec<Version>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let versions = parse(&text).with_context(|| format!("cannot use {}", file.display()))?;
    ensure!(!versions.is_empty(), "{} holds no text", file.display());
    Ok(versions)
}

fn parse(text: &str) -> Result<Vec<Version>> {
    // A mark of the byte order belongs to the file, not to its first line.
    let lines = text.trim_start_matches('\u{feff}').lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    lines.map(|(line, number)| version(line).with_context(|| format!("line {number}"))).collect()
}

fn version(line: &str) -> Result<Version> {
    let line: Line = serde_json::from_str(line)?;
    let group = match &line.group {
        Json::String(name) if !name.trim().is_empty() => name.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        other => return Err(anyhow!("`group` is {other}; it names a group")),
    };
    let language = Locale::of_tag(&line.lang).ok_or_else(|| anyhow!("`lang` is `{}`; it may be es or en", line.lang))?;
    Ok(Version {
        group,
        rank: rank(&line.rank)?,
        language,
        keyphrase: line.keyphrase,
        title: line.title,
        meta_description: line.meta,
        html: line.html,
        kind: line.kind,
    })
}

fn rank(told: &Json) -> Result<u32> {
    let rank = match told {
        Json::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        Json::String(name) => match name.trim() {
            "good" => Some(1),
            "ok" => Some(2),
            "bad" => Some(3),
            digits => digits.parse().ok(),
        },
        _ => None,
    };
    rank.with_context(|| format!("`rank` is {told}; it may be a whole number, 1 for the best, or good, ok or bad"))
}

/// What each version scores.
pub fn judged(versions: &[Version]) -> Vec<Judged> {
    let profile = Profile::brief();
    let one = |version: &Version| Judged {
        group: version.group.clone(),
        rank: version.rank,
        language: version.language.as_str(),
        score: score::score(&version.asked(), &profile).score,
    };
    versions.iter().map(one).collect()
}

impl Version {
    fn asked(&self) -> Asked {
        // The function takes an empty field for none.
        let line = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        Asked {
            content: self.html.clone(),
            format: Format::Html,
            keyphrase: line(&self.keyphrase),
            synonyms: Vec::new(),
            title: line(&self.title),
            meta_description: line(&self.meta_description),
            slug: None,
            url: None,
            locale: Some(self.language),
            kind: self.kind,
            persona: None,
            preview: None,
            hears_meaning: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"group":"a","rank":1,"lang":"es","keyphrase":"k","title":"t","meta":"m","html":"<p>Hola</p>"}"#;

    #[test]
    fn reads_versions_in_every_spelling() {
        let other = r#"{"group":7,"rank":"bad","lang":"en-GB","html":"<p>Hi</p>","kind":"email","note":"ours"}"#;
        let versions = parse(&format!("\u{feff}{GOOD}\n\n{other}\r\n")).unwrap();
        assert_eq!((versions[0].rank, versions[0].language, versions[0].kind), (1, Locale::Es, Kind::Blog));
        assert_eq!(
            (versions[1].group.as_str(), versions[1].rank, versions[1].language, versions[1].kind),
            ("7", 3, Locale::En, Kind::Email)
        );
        assert_eq!(versions[1].title, None);
        let ranks = ["good", "ok", "bad", "2"].map(|name| rank(&Json::from(name)).unwrap());
        assert_eq!(ranks, [1, 2, 3, 2]);
    }

    #[test]
    fn names_the_line_that_is_wrong() {
        let wrong = [
            "no JSON",
            r#"{"group":"a","rank":1,"lang":"es"}"#,
            &GOOD.replace("\"es\"", "\"fr\""),
            &GOOD.replace("\"rank\":1", "\"rank\":\"fine\""),
            &GOOD.replace("\"rank\":1", "\"rank\":1.5"),
            &GOOD.replace("\"a\"", "\" \""),
            &GOOD.replace("\"html\":\"<p>Hola</p>\"", "\"html\":7"),
        ];
        for line in wrong {
            let said = format!("{:#}", parse(&format!("{GOOD}\n\n{line}\n")).unwrap_err());
            assert!(said.starts_with("line 3: "), "{said}");
        }
        assert!(parse("\n").unwrap().is_empty());
    }

    #[test]
    fn a_text_that_says_something_scores_above_one_that_does_not() {
        let versions = read(&crate::paths::root().join("benches/content/groups.jsonl")).unwrap();
        let first: Vec<Version> = versions.iter().filter(|it| it.group == versions[0].group).cloned().collect();
        let scores: Vec<u32> = judged(&first).iter().map(|it| it.score).collect();
        assert!(scores[0] > scores[2], "{scores:?}");
    }
}
