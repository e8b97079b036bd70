//! What the site's articles do not answer: problems that come again and find none, the biggest first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::{Error, Platform, Request, Response, Sql};
use orilla_knowledge::found::{Source, look_up, source};
use orilla_knowledge::index::Index;
use orilla_knowledge::library::{self, Shelf};
use orilla_knowledge::model::{self, Embed};
use orilla_knowledge::retrieve::{Retrieved, compare};
use orilla_learn::search::Int8;
use serde_json::{Value as Json, json};

use crate::TicketRoute;
use crate::figures::thousandths;
use crate::problems::found::{Look, Problem, Seen};

/// Problems that are asked about, the largest; tickets of each that are asked, the most central. Chosen: as many comparisons as a request of two seconds
/// has with ten thousand articles.
const PROBLEMS: usize = 50;
const ASKED: usize = 10;
/// From which confidence on an article answers. Chosen: it is likelier than not that it does; the chat asks for more, since it answers by itself.
const ANSWERED: f32 = 0.5;

/// What the articles have for one problem.
#[derive(Debug, Default)]
struct Found {
    /// How many of its tickets were asked.
    asked: usize,
    /// How many of these no article answers.
    unanswered: usize,
    /// The entry that is most often the nearest.
    nearest: Option<Source>,
}

impl Found {
    /// How many of all its tickets no article answers, as far as those that were asked tell.
    fn missed(&self, problem: &Problem) -> usize {
        problem.members.len() * self.unanswered / self.asked.max(1)
    }
}

impl<P: Platform> TicketRoute<P> {
    /// `GET /v1/routing/gaps?weeks= &locale= `. Tickets are compared by the vectors that they had when they came: nothing is encoded.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub(crate) async fn gaps(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let look = Look::at(&self.sql, site, request).await?;
        let shelf = Shelf::read(&self.sql.query(library::find(site)).await?)?;
        let index = library::open(&self.sql, site, &shelf, model::shipped()?.checksum()).await?;
        let found = look.problems.iter().take(PROBLEMS).map(|problem| (problem, ask(&look, problem, index.as_deref())));
        let (asked, mut gaps): (Vec<_>, Vec<_>) = found.map(|(problem, found)| (found.asked, (problem, found))).unzip();
        gaps.retain(|(_, found)| found.unanswered * 2 > found.asked);
        gaps.sort_by_key(|(problem, found)| Reverse(found.missed(problem)));
        let nearest: Vec<&Source> = gaps.iter().filter_map(|(_, found)| found.nearest.as_ref()).collect();
        let articles = look_up(&self.sql, site, &nearest).await?;
        let shown = gaps.iter().map(|(problem, found)| {
            let article = found.nearest.as_ref().and_then(|source| articles.iter().find(|it| it.source == *source));
            let mut view = look.outline(problem);
            view["asked"] = found.asked.into();
            view["unanswered"] = found.unanswered.into();
            view["nearest"] = article.map_or(Json::Null, |it| {
                json!({ "article": it.source.id, "title": it.article.question, "locale": it.source.locale, "score": thousandths(it.source.score.into()) })
            });
            view
        });
        let mut told = look.view();
        told["asked"] = asked.iter().sum::<usize>().into();
        told["gaps"] = shown.collect();
        json(StatusCode::OK, &told)
    }
}

/// Asks the articles about a problem; where there are none, nothing is answered.
fn ask(look: &Look, problem: &Problem, index: Option<&Index>) -> Found {
    let mut found = Found::default();
    let mut nearest: BTreeMap<usize, (usize, Source)> = BTreeMap::new();
    for ticket in look.members(problem).take(ASKED) {
        found.asked += 1;
        let retrieved = index.and_then(|index| Some((index, compared(index, ticket)?)));
        if retrieved.as_ref().is_none_or(|(_, it)| it.confidence < ANSWERED) {
            found.unanswered += 1;
        }
        let Some((index, retrieved)) = retrieved else { continue };
        let Some(first) = retrieved.candidates.first() else { continue };
        let Some(source) = source(index, &retrieved, first, ticket.locale) else { continue };
        // Of the tickets that are nearest to an entry the most central one speaks for it.
        nearest.entry(first.entry).or_insert((0, source)).0 += 1;
    }
    let best = nearest.into_iter().max_by_key(|(entry, (count, _))| (*count, Reverse(*entry)));
    found.nearest = best.map(|(_, (_, source))| source);
    found
}

fn compared(index: &Index, ticket: &Seen) -> Option<Retrieved> {
    Some(compare(index, Int8::new(&ticket.vector).ok()?, &ticket.text()))
}
