//! A ticket's labels with their probabilities and reasons: rules before heads, the site's own heads on top of the shipped ones.

use orilla_desk::Priority;
use orilla_knowledge::locale::spoken;
use orilla_learn::sparse::Sparse;
use orilla_learn::two_views::TwoViews;
use orilla_learn::{Error, mix};
use orilla_text::Locale;
use serde::{Deserialize, Serialize};

use super::heads::{CATEGORIES, Heads};
use super::lens::{Seen, spelt};
use super::rules::{Asked, Held, Rule, held};
use super::signals::{Signal, signals};
use super::text::Readable;
use crate::figures::thousandths;

/// From which probability on confidence is high, and medium. Source: `BENCHMARKS.md`, ticket routing, which shows how often each is right.
const HIGH: f64 = 0.8;
const MEDIUM: f64 = 0.5;
/// What is added to the score of what is critical. Chosen on held-out training tickets: who misses a grave one pays more than who looks at a needless
/// one, and with its logarithm of two nine in ten are found where eight were, at little loss of the rest.
const GRAVE: f32 = std::f32::consts::LN_2;
/// Words that are shown for a label. Chosen: what a person reads at a glance.
const SHOWN: usize = 5;

/// Letters of the shortest word that is shown. Chosen: shorter ones are articles and the like, which tell a person nothing.
const SHORTEST: usize = 4;

/// How sure a label is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A guess.
    Low,
    /// More likely than not.
    Medium,
    /// To be relied on.
    High,
}

impl Confidence {
    /// Every band, the least first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The band of a probability.
    #[must_use]
    pub fn of(probability: f64) -> Self {
        match probability {
            p if p >= HIGH => Self::High,
            p if p >= MEDIUM => Self::Medium,
            _ => Self::Low,
        }
    }
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A rule of the site's own.
    Rule,
    /// Words of the ticket.
    Words,
    /// What it means as a whole.
    Meaning,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// What kind it is.
    pub by: Why,
    /// The rule's id, or the word.
    pub text: String,
    /// How much it adds to the label's score beyond what it adds to the others'.
    pub weight: f64,
}

/// One label of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// Which.
    pub label: String,
    /// How probable it is; 1 by a rule.
    pub probability: f64,
    /// The same, in a word.
    pub confidence: Confidence,
    /// The others, the most probable first.
    pub others: Vec<(String, f64)>,
    /// What speaks for it.
    pub reasons: Vec<Reason>,
}

/// What a ticket is taken for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Its category.
    pub category: Label,
    /// Its priority.
    pub priority: Label,
    /// Its language.
    pub locale: Locale,
    /// Words that tell how grave it is, and how its writer feels.
    pub signals: Vec<(Signal, String)>,
    /// The category is below what the site relies on: a person looks first.
    pub is_unsure: bool,
    /// The rules that held, by their ids.
    pub rules: Vec<String>,
    /// Where rules send it.
    pub team: Option<String>,
    /// What rules call it.
    pub tags: Vec<String>,
}

impl Verdict {
    /// The priority as such.
    #[must_use]
    pub fn priority(&self) -> Priority {
        Priority::parse(&self.priority.label).unwrap_or(Priority::Normal)
    }
}

/// A head that a site's corrections made, on top of the shipped one; labels that the shipped one does not know come last.
#[derive(Debug, Clone, PartialEq)]
pub struct Own {
    /// Its labels.
    pub labels: Vec<String>,
    /// Itself.
    pub head: TwoViews,
}

/// What decides for a site.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The shipped heads.
    pub shipped: &'a Heads,
    /// What the site's own tickets taught of categories.
    pub category: Option<&'a Own>,
    /// And of priorities.
    pub priority: Option<&'a Own>,
    /// The site's rules.
    pub rules: &'a [Rule],
    /// Below this a category is unsure.
    pub unsure_below: f64,
}

/// A ticket as it comes.
#[derive(Debug, Clone, Copy)]
pub struct Arrived<'a> {
    /// Its words.
    pub ticket: &'a Readable,
    /// The requester's address.
    pub from: Option<&'a str>,
    /// Where it came from.
    pub source: &'a str,
    /// The language of the page, for a ticket of a few words.
    pub page: Locale,
}

impl Judge<'_> {
    /// Decides.
    ///
    /// Errors: as [`TwoViews::told`].
    pub fn decide(&self, arrived: Arrived<'_>, seen: &Seen) -> Result<Verdict, Error> {
        let whole = arrived.ticket.whole();
        let locale = spoken(&whole, arrived.page).answered_in(arrived.page);
        let rules = held(self.rules, Asked { ticket: arrived.ticket, from: arrived.from, source: arrived.source, locale: locale.as_str() });
        let first = |said: fn(&Rule) -> Option<String>| rules.iter().find_map(|held| Some((held, said(held.rule)?)));
        let category = match first(|rule| rule.then.category.clone()) {
            Some((held, label)) => by_rule(held, label),
            None => self.learnt(&CATEGORIES, &self.shipped.category, self.category, seen, &whole, None)?,
        };
        let priority = match first(|rule| rule.then.priority.map(|it| it.name().to_owned())) {
            Some((held, label)) => by_rule(held, label),
            None => {
                let grave = Some((Priority::Critical as usize, GRAVE));
                self.learnt(&Priority::ALL.map(Priority::name), &self.shipped.priority, self.priority, seen, &whole, grave)?
            }
        };
        let mut tags: Vec<String> = rules.iter().flat_map(|held| held.rule.then.tags.clone()).collect();
        tags.sort_unstable();
        tags.dedup();
        Ok(Verdict {
            is_unsure: category.probability < self.unsure_below,
            team: rules.iter().find_map(|held| held.rule.then.team.clone()),
            rules: rules.iter().map(|held| held.rule.id.clone()).collect(),
            signals: signals(&whole).into_iter().map(|(signal, words)| (signal, words.to_owned())).collect(),
            category,
            priority,
            locale,
            tags,
        })
    }

    /// `raised`: a class and what is added to its score.
    fn learnt(
        &self,
        labels: &[&str],
        shipped: &TwoViews,
        own: Option<&Own>,
        seen: &Seen,
        whole: &str,
        raised: Option<(usize, f32)>,
    ) -> Result<Label, Error> {
        let told = shipped.told(&seen.near, &seen.words)?;
        let (labels, scores) = match own {
            Some(own) => {
                let before = widened(told, own.labels.len());
                (own.labels.clone(), own.head.logits(&own.head.told(&seen.near_few(), &seen.words)?, Some(&before))?)
            }
            None => (labels.iter().map(|label| (*label).to_owned()).collect(), shipped.logits(&told, None)?),
        };
        let raise = |class: usize| raised.filter(|(of, _)| *of == class).map_or(0.0, |(_, by)| f64::from(by));
        let probabilities = mix::probabilities(scores.into_iter().enumerate().map(|(at, score)| score + raise(at)).collect());
        let mut ranked: Vec<_> = labels.into_iter().zip(probabilities).enumerate().map(|(at, (label, p))| (at, label, p)).collect();
        ranked.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
        let mut ranked = ranked.into_iter();
        let (at, label, probability) = ranked.next().ok_or(Error::TooFew)?;
        let heads = [Some(shipped), own.map(|it| &it.head)];
        Ok(Label {
            confidence: Confidence::of(probability),
            others: ranked.map(|(_, label, probability)| (label, thousandths(probability))).collect(),
            reasons: reasons(heads.into_iter().flatten(), at, &seen.words, whole),
            label,
            probability: thousandths(probability),
        })
    }
}

/// What is told, with as many more as there are labels that the shipped head does not know: it tells nothing of them.
#[must_use]
pub fn widened(mut told: Vec<f32>, labels: usize) -> Vec<f32> {
    told.resize(labels, 0.0);
    told
}

fn by_rule(held: &Held<'_>, label: String) -> Label {
    let text = held.word.map_or_else(|| held.rule.id.clone(), |word| format!("{}: {word}", held.rule.id));
    Label {
        label,
        probability: 1.0,
        confidence: Confidence::High,
        others: Vec::new(),
        reasons: vec![Reason { by: Why::Rule, text, weight: 0.0 }],
    }
}

/// The words that speak most for a label; where none does, the meaning.
fn reasons<'h>(heads: impl Iterator<Item = &'h TwoViews> + Clone, class: usize, words: &Sparse, whole: &str) -> Vec<Reason> {
    // Pieces of words weigh, too, but read like nothing.
    let texts = spelt(whole);
    let mut found: Vec<Reason> = Vec::new();
    for &(feature, value) in words.entries() {
        let weight: f32 = heads.clone().filter(|head| class < head.classes()).map(|head| head.weight(feature, class)).sum();
        let Some(text) = texts.get(&feature).filter(|text| text.chars().count() >= SHORTEST) else { continue };
        if weight > 0.0 {
            found.push(Reason { by: Why::Words, text: text.clone(), weight: thousandths(f64::from(weight * value)) });
        }
    }
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| b.text.len().cmp(&a.text.len())));
    // Of a word and its pairs the strongest stands for all.
    let mut shown: Vec<Reason> = Vec::new();
    for reason in found {
        let is_new = shown.iter().all(|it| !it.text.contains(&reason.text) && !reason.text.contains(&it.text));
        if is_new && shown.len() < SHOWN && reason.weight > 0.0 {
            shown.push(reason);
        }
    }
    if shown.is_empty() {
        shown.push(Reason { by: Why::Meaning, text: String::new(), weight: 0.0 });
    }
    shown
}
