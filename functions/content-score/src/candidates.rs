//! Another wording put where it would stand, judged again, and told if the text is better for it.

use std::collections::BTreeMap;

use orilla_prose::document::{Document, Format, Kind};
use serde::Serialize;

use crate::asked::Asked;
use crate::profile::Profile;
use crate::report::Report;
use crate::score;

/// What is worded anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// What lists of results show.
    Title,
    /// What stands below it there.
    MetaDescription,
    /// The end of the address.
    Slug,
    /// The text's first heading.
    Headline,
    /// What readers should click.
    CallToAction,
}

/// Who worded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// A rule.
    Rule,
    /// The operator's generator.
    Generator,
}

/// Another wording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Of what.
    pub place: Place,
    /// The words.
    pub text: String,
    /// Whose.
    pub author: Author,
}

/// A wording that makes the text better.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Improvement {
    /// Of what.
    pub place: Place,
    /// What stands there now.
    pub current: Option<String>,
    /// What would.
    pub text: String,
    /// Whose words they are.
    pub author: Author,
    /// The text's score now.
    pub before: u32,
    /// And then.
    pub after: u32,
    /// The judgements that change.
    pub changes: Vec<Change>,
}

/// A judgement that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which.
    pub id: &'static str,
    /// Its score now; none where it does not apply.
    pub before: Option<i32>,
    /// And then.
    pub after: Option<i32>,
}

/// What stands at a place.
#[must_use]
pub fn current(asked: &Asked, document: &Document, place: Place) -> Option<String> {
    let head = &document.head;
    match place {
        Place::Title => asked.title.clone().or_else(|| head.title.as_ref().map(|it| it.as_str().to_owned())),
        Place::MetaDescription => asked.meta_description.clone().or_else(|| head.meta("description").map(|it| it.content.clone())),
        Place::Slug => asked.slug.clone(),
        Place::Headline => headline(document).map(|block| block.text.as_str().to_owned()),
        Place::CallToAction => action(document, &asked.content).map(|(text, _)| text),
    }
}

fn headline(document: &Document) -> Option<&orilla_prose::document::Block> {
    document.blocks.iter().find(|block| block.kind == Kind::Heading(1))
}

/// The first thing that looks as if it wanted to be clicked: its words, and where they stand in the input.
fn action(document: &Document, content: &str) -> Option<(String, std::ops::Range<usize>)> {
    let link = document.links.iter().filter(|link| link.looks_like_button).find_map(|link| {
        let block = document.blocks.get(link.block?)?;
        let span = block.text.span(link.range.clone());
        (span.end > span.start).then(|| (span.start, link.text.clone(), span.range()))
    });
    let control = document.controls.iter().find_map(|control| {
        // Between its tags; an input has none.
        let whole = content.get(control.span.range())?;
        let (open, close) = (whole.find('>')? + 1, whole.rfind("</")?);
        let inner = whole.get(open..close).filter(|inner| !inner.trim().is_empty() && !inner.contains('<'))?;
        let start = control.span.start + open;
        Some((start, control.text.clone(), start..start + inner.len()))
    });
    [link, control].into_iter().flatten().min_by_key(|(start, ..)| *start).map(|(_, text, range)| (text, range))
}

/// The text with other words at a place; none where the place is not there.
#[must_use]
pub fn put(asked: &Asked, document: &Document, place: Place, text: &str) -> Option<Asked> {
    let mut then = asked.clone();
    match place {
        Place::Title => then.title = Some(text.to_owned()),
        Place::MetaDescription => then.meta_description = Some(text.to_owned()),
        Place::Slug => then.slug = Some(text.to_owned()),
        Place::Headline => replace(&mut then, headline(document)?.text.whole().range(), text)?,
        Place::CallToAction => replace(&mut then, action(document, &asked.content)?.1, text)?,
    }
    Some(then)
}

fn replace(asked: &mut Asked, range: std::ops::Range<usize>, text: &str) -> Option<()> {
    let (before, after) = (asked.content.get(..range.start)?, asked.content.get(range.end..)?);
    asked.content = format!("{before}{}{after}", written(text, asked.format));
    Some(())
}

/// As it is written in this format, so that it is read as it was meant.
fn written(text: &str, format: Format) -> String {
    match format {
        Format::Html => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        Format::Markdown => {
            text.chars().flat_map(|c| [matches!(c, '*' | '_' | '[' | ']' | '<' | '`' | '\\').then_some('\\'), Some(c)]).flatten().collect()
        }
        Format::Plain => text.to_owned(),
    }
}

/// Judges a text with a candidate in it. What makes nothing better is nothing: the whole score rises, or it stays and some judgement rises while
/// none falls.
#[must_use]
pub fn improvement(asked: &Asked, document: &Document, profile: &Profile, before: &Report, candidate: &Candidate) -> Option<Improvement> {
    let current = current(asked, document, candidate.place);
    if current.as_deref() == Some(candidate.text.as_str()) {
        return None;
    }
    let then = put(asked, document, candidate.place, &candidate.text)?;
    let after = score::score(&then, profile);
    let changes = changes(before, &after);
    let rises = |it: &Change| it.after > it.before;
    let is_better = after.score > before.score || after.score == before.score && !changes.is_empty() && changes.iter().all(rises);
    is_better.then(|| Improvement {
        place: candidate.place,
        current,
        text: candidate.text.clone(),
        author: candidate.author,
        before: before.score,
        after: after.score,
        changes,
    })
}

fn changes(before: &Report, after: &Report) -> Vec<Change> {
    let mut all: BTreeMap<&'static str, (Option<i32>, Option<i32>)> = BTreeMap::new();
    before.assessments.iter().for_each(|it| all.entry(it.id).or_default().0 = Some(it.score));
    after.assessments.iter().for_each(|it| all.entry(it.id).or_default().1 = Some(it.score));
    let changed = all.into_iter().filter(|(_, (before, after))| before != after);
    changed.map(|(id, (before, after))| Change { id, before, after }).collect()
}
