//! What each system tells of a ticket: the baselines, and the function.

use anyhow::{Context, Result};
use orilla_desk::Priority;
use orilla_text::Locale;
use ticket_route::classify::decide::{Arrived, Confidence, Judge, Label};
use ticket_route::classify::heads::{CATEGORIES, Example, Heads};
use ticket_route::classify::lens::Seen;

use super::keywords;
use super::rows::Ticket;
use super::seen::Kept;
use crate::figures::best;
use crate::tfidf::TfIdf;

/// The labels of one ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// A place in [`CATEGORIES`].
    pub category: usize,
    /// A place in [`Priority::ALL`].
    pub priority: usize,
}

/// As [`Told`], with how probable each label is and the word for that, and the ticket's language.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sure {
    pub told: Told,
    pub category: (f64, Confidence),
    pub priority: (f64, Confidence),
    pub locale: Locale,
}

/// What most of these are.
pub fn majority(train: &[&Ticket]) -> Told {
    Told {
        category: most(CATEGORIES.len(), train.iter().map(|it| it.example.category)),
        priority: most(Priority::ALL.len(), train.iter().map(|it| it.example.priority as usize)),
    }
}

/// The label that most have, the first of several.
fn most(classes: usize, labels: impl Iterator<Item = usize>) -> usize {
    let mut counts = vec![0.0; classes];
    labels.for_each(|label| counts[label] += 1.0);
    best(&counts)
}

/// What words tell by lists.
pub fn by_keywords(ticket: &Ticket) -> Told {
    let text = ticket.example.ticket.whole();
    Told { category: keywords::category(&text), priority: keywords::priority(&text) as usize }
}

/// The lexical classifiers, learnt from the same rows.
pub struct Linear {
    category: TfIdf,
    priority: TfIdf,
}

impl Linear {
    /// Learns.
    pub fn learn(train: &[&Ticket]) -> Self {
        let texts: Vec<String> = train.iter().map(|it| it.example.ticket.whole()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let labels = |of: fn(&Example) -> usize| train.iter().map(|it| of(&it.example)).collect::<Vec<_>>();
        Self { category: TfIdf::new(&texts, &labels(|it| it.category)), priority: TfIdf::new(&texts, &labels(|it| it.priority as usize)) }
    }

    /// What it tells.
    pub fn tell(&self, ticket: &Ticket) -> Told {
        let text = ticket.example.ticket.whole();
        Told { category: best(&self.category.scores(&text)), priority: best(&self.priority.scores(&text)) }
    }
}

/// Learns the function's heads, with vectors that are there.
pub fn learn(kept: &Kept, train: &[&Ticket]) -> Result<Heads> {
    let lens = kept.lens(train)?;
    let seen = kept.see(&lens, train)?;
    let examples: Vec<Example> = train.iter().map(|it| it.example.clone()).collect();
    Ok(Heads::learn_seen(&examples, lens, &seen)?)
}

/// What the function tells of tickets, with these heads and without a rule.
pub fn tell(heads: &Heads, kept: &Kept, tickets: &[&Ticket]) -> Result<Vec<Sure>> {
    let seen = kept.see(&heads.lens, tickets)?;
    tickets.iter().zip(&seen).map(|(ticket, seen)| tell_of(heads, ticket, seen)).collect()
}

/// What it tells of one, whose page is in the other language: it must find the ticket's own by its words.
pub fn tell_of(heads: &Heads, ticket: &Ticket, seen: &Seen) -> Result<Sure> {
    let judge = Judge { shipped: heads, category: None, priority: None, rules: &[], unsure_below: 0.0 };
    let arrived = Arrived { ticket: &ticket.example.ticket, from: None, source: "api", page: ticket.locale.other() };
    let verdict = judge.decide(arrived, seen)?;
    let category = CATEGORIES.iter().position(|name| *name == verdict.category.label).context("a category that is none")?;
    let sure = |label: &Label| (label.probability, label.confidence);
    Ok(Sure {
        told: Told { category, priority: verdict.priority() as usize },
        category: sure(&verdict.category),
        priority: sure(&verdict.priority),
        locale: verdict.locale,
    })
}
