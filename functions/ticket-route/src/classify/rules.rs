//! What a site decides by itself: the first rule whose conditions all hold says what a ticket is, before anything that was learnt.

use orilla_desk::Priority;
use orilla_learn::words::fold;
use serde::{Deserialize, Serialize};

use super::text::Readable;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name; tickets remember it.
    pub id: String,
    /// When it holds: all of this.
    pub when: When,
    /// What it says.
    pub then: Then,
}

/// Conditions; those that are empty do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// One of these words or phrases stands in the subject or the text; case and accents do not matter, whole words do.
    pub words: Vec<String>,
    /// The requester's address ends in one of these, such as `@bank.example`.
    pub from: Vec<String>,
    /// Where the ticket came from: `api`, `chat`, `mail`, `zendesk`.
    pub source: Vec<String>,
    /// Its language.
    pub locale: Vec<String>,
}

impl When {
    /// Whether it says nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty() && self.from.is_empty() && self.source.is_empty() && self.locale.is_empty()
    }
}

/// What a rule says; what it leaves out is decided as ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Then {
    /// The category.
    pub category: Option<String>,
    /// The priority.
    pub priority: Option<Priority>,
    /// The team.
    pub team: Option<String>,
    /// Tags that are added.
    pub tags: Vec<String>,
}

/// What rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The ticket.
    pub ticket: &'a Readable,
    /// The requester's address.
    pub from: Option<&'a str>,
    /// Where it came from.
    pub source: &'a str,
    /// Its language.
    pub locale: &'a str,
}

/// A rule that holds, and the word that it was about, if it was about one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// The word, as the site wrote it.
    pub word: Option<&'r str>,
}

/// The rules that hold, in order.
#[must_use]
pub fn held<'r>(rules: &'r [Rule], asked: Asked<'_>) -> Vec<Held<'r>> {
    let text = spaced(&asked.ticket.whole());
    let from = asked.from.map(str::to_lowercase).unwrap_or_default();
    let holds = |rule: &'r Rule| {
        let when = &rule.when;
        let word = when.words.iter().find(|word| text.contains(&spaced(word))).map(String::as_str);
        let is_among = |list: &[String], value: &str| list.is_empty() || list.iter().any(|it| it == value);
        let is_from = when.from.is_empty() || when.from.iter().any(|end| !from.is_empty() && from.ends_with(&end.to_lowercase()));
        let is_held = !when.is_empty()
            && (when.words.is_empty() || word.is_some())
            && is_from
            && is_among(&when.source, asked.source)
            && is_among(&when.locale, asked.locale);
        is_held.then_some(Held { rule, word })
    };
    rules.iter().filter_map(holds).collect()
}

/// Folded words with a space around each.
fn spaced(text: &str) -> String {
    let folded = fold(text);
    let words: Vec<_> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, when: When) -> Rule {
        Rule { id: id.into(), when, then: Then::default() }
    }

    #[test]
    fn whole_words_hold_whatever_their_case_and_accents() {
        let words = |words: &[&str]| When { words: words.iter().map(|it| (*it).to_owned()).collect(), ..When::default() };
        let rules = [
            rule("accent", words(&["facturación"])),
            rule("phrase", words(&["no puedo entrar"])),
            rule("part", words(&["actura"])),
            rule("from", When { from: vec!["@Bank.example".into()], ..words(&["entrar"]) }),
            rule("chat", When { source: vec!["chat".into()], ..When::default() }),
            rule("never", When::default()),
        ];
        let ticket = Readable::new("FACTURACION", "hola, no  puedo entrar.");
        let asked = Asked { ticket: &ticket, from: Some("ana@bank.example"), source: "api", locale: "es" };
        let found: Vec<_> = held(&rules, asked).into_iter().map(|it| (it.rule.id.as_str(), it.word)).collect();
        assert_eq!(found, [("accent", Some("facturación")), ("phrase", Some("no puedo entrar")), ("from", Some("entrar"))]);
        let strangers = held(&rules, Asked { from: None, source: "chat", ..asked });
        assert_eq!(strangers.iter().map(|it| it.rule.id.as_str()).collect::<Vec<_>>(), ["accent", "phrase", "chat"]);
    }
}
