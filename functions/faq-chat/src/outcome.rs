//! What becomes of a turn: who has the floor then, what is told, and every row that it leaves. Pure: facts and a decision in, rows out.

use chrono::{DateTime, Utc};
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::{Random, Request, visitors};
use orilla_text::Locale;
use serde_json::{Value as Json, json};

use crate::answer::{Answer, Choice, Told, shown, spelt};
use crate::conversation::{Author, Conversation, Message};
use crate::decide::{Action, Decision, Reason};
use crate::desk::Desk;
use crate::floor::{Act, State, Step, step};
use crate::gaps::{self, Why};
use crate::handoff::{self, Handoff};
use crate::hours::answers_at;
use crate::said::{Contact, Said, Want};
use crate::words;
use crate::write::Spoken;

/// What the visitor does by what they say.
#[must_use]
pub fn act(said: &Said, decision: Option<&Decision>, desk: &Desk, unanswered: u32) -> Act {
    let gives_up = |decision: &Decision| {
        decision.action == Action::Clarify && desk.policy.hands_over_after.is_some_and(|after| unanswered + 1 >= after)
    };
    match decision {
        _ if said.want == Some(Want::Person) => Act::Ask,
        Some(decision) if decision.action == Action::Handoff || gives_up(decision) => Act::Ask,
        Some(decision) if decision.action == Action::Smalltalk => Act::Passing,
        Some(_) => Act::Write,
        // Somebody who writes to people, or only leaves an address.
        None => Act::Passing,
    }
}

/// A conversation before the turn.
#[derive(Debug)]
pub struct Begun {
    /// As it is stored, or a fresh one.
    pub conversation: Conversation,
    /// The latest that was said.
    pub messages: Vec<Message>,
    /// Whether it is a fresh one.
    pub is_new: bool,
    /// The language of the page.
    pub page: Locale,
}

impl Begun {
    /// The conversation that is known, or a new one of this id.
    #[must_use]
    pub fn of(desk: &Desk, said: &Said, request: &Request, known: Option<Conversation>, messages: Vec<Message>, new_id: &str) -> Self {
        let accepted = request.header(http::header::ACCEPT_LANGUAGE);
        let page = Locale::negotiate(said.locale.as_deref(), accepted, &desk.locales);
        let browser = request.header(http::header::USER_AGENT).unwrap_or_default();
        let fresh = || Conversation {
            id: new_id.to_owned(),
            state: State::Bot,
            locale: page,
            visitor: visitors::visitor_hash(&desk.salt, &desk.site, request.client, browser),
            page: said.page.clone(),
            agent: None,
            contact: Contact::default(),
            ticket: None,
            handoffs: 0,
            unanswered: 0,
            created: request.received,
            updated: request.received,
        };
        Self { is_new: known.is_none(), conversation: known.unwrap_or_else(fresh), messages, page }
    }
}

/// A turn as it is about to be stored.
#[derive(Debug)]
pub struct Outcome {
    /// What the visitor is told.
    pub answer: Answer,
    /// What it was decided on.
    decision: Option<Decision>,
    /// As it is after the turn.
    conversation: Conversation,
    is_new: bool,
    /// What was said before, and in this turn.
    messages: Vec<Message>,
    /// How many of them are of before.
    known: usize,
    step: Step,
    /// What was found, now or for the last question.
    candidates: Vec<Choice>,
}

impl Outcome {
    /// Puts everything together. `weighed`: the decision, and that in words, where the bot may speak; `ticket`: the id of one, should it be
    /// opened.
    #[must_use]
    pub fn of(desk: &Desk, said: &Said, begun: Begun, weighed: Option<(Decision, Told)>, ticket: String, now: DateTime<Utc>) -> Self {
        let (decision, told) = weighed.unzip();
        let Begun { mut conversation, mut messages, is_new, page } = begun;
        let act = act(said, decision.as_ref(), desk, conversation.unanswered);
        let step = step(conversation.state, act);
        let locale = decision.as_ref().map_or(page, |it| it.locale);
        conversation.contact = conversation.contact.with(&said.contact);
        (conversation.state, conversation.locale, conversation.updated) = (step.state, locale, now);
        conversation.unanswered = match decision.as_ref().map(|it| it.action) {
            Some(Action::Answer) => 0,
            Some(Action::Clarify) => conversation.unanswered + 1,
            _ => conversation.unanswered,
        };
        if step.opens_ticket {
            conversation.handoffs += 1;
            conversation.ticket = Some(ticket);
        }
        let candidates = told.as_ref().map(Told::all).filter(|all| !all.is_empty()).unwrap_or_else(|| offered_last(&messages));
        let waits_for = answers_at(&desk.policy, now).filter(|_| step.state == State::Waiting);
        let reply = reply(said, step, told, locale, waits_for, desk);
        let known = messages.len();
        let mut number = messages.last().map_or(0, |it| it.number);
        if !said.text.is_empty() {
            number += 1;
            let detail = if act == Act::Ask { json!({ "is_wish": true }) } else { json!({}) };
            messages.push(Message { number, author: Author::Visitor, text: said.text.clone(), detail, is_helpful: None, created: now });
        }
        let (author, told) = reply.map_or((None, Told::default()), |(author, told)| (Some(author), told));
        number += u32::from(author.is_some());
        let action = action(decision.as_ref(), step);
        let answer = Answer {
            conversation_id: conversation.id.clone(),
            number,
            state: step.state,
            action,
            answer: told.text,
            locale,
            confidence: decision.as_ref().map_or(0.0, |it| shown(it.confidence)),
            sources: told.sources,
            suggestions: told.suggestions,
            reasons: reasons(decision.as_ref(), act, said),
            is_generated: false,
            offers_person: action == Action::Clarify,
            ticket_id: conversation.ticket.clone().filter(|_| step.state.is_with_people()),
            answers_at: spelt(waits_for),
        };
        match author {
            Some(author) => messages.push(answer.message(author, now)),
            // Nobody answers now: a replay finds the visitor's own message.
            None => messages.iter_mut().skip(known).for_each(|own| own.detail = answer.detail()),
        }
        Self { answer, decision, conversation, is_new, messages, known, step, candidates }
    }

    /// Whether the bot has answered.
    #[must_use]
    pub fn is_bots(&self) -> bool {
        self.messages.last().is_some_and(|it| it.author == Author::Bot)
    }

    /// The rows, for one batch.
    #[must_use]
    pub fn statements(&self, desk: &Desk, said: &Said, now: DateTime<Utc>, random: &impl Random) -> Vec<Statement> {
        let site = &desk.site;
        let conversation = &self.conversation;
        let mut statements = Vec::new();
        if let Some(ticket) = conversation.ticket.as_ref().filter(|_| self.step.opens_ticket) {
            let handed = Handoff { desk, conversation, transcript: &self.messages, candidates: &self.candidates };
            statements.extend(handed.statements(ticket, now, random));
        } else if self.step.state.is_with_people() && !said.text.is_empty() {
            statements.push(handoff::news(handoff::MESSAGE, site, conversation, &said.text, now, random));
        }
        statements.push(if self.is_new { conversation.begin(site) } else { conversation.change(site) });
        statements.extend(self.messages.iter().skip(self.known).map(|message| message.add(site, &conversation.id)));
        let is_unsure = self.decision.as_ref().is_some_and(|it| it.action == Action::Clarify && !it.reasons.contains(&Reason::NoWords));
        if is_unsure && desk.policy.keeps_questions {
            statements.push(gaps::note(site, &self.answer, &said.text, Why::Unsure, now));
        }
        statements
    }
}

/// Who answers, and what.
fn reply(
    said: &Said,
    step: Step,
    told: Option<Told>,
    locale: Locale,
    waits_for: Option<DateTime<Utc>>,
    desk: &Desk,
) -> Option<(Author, Told)> {
    let plain = |text| Told { text, ..Told::default() };
    match (step.notice, told) {
        (Some(notice), _) => Some((Author::Notice, plain(words::notice(notice, locale, waits_for, &desk.policy.time_zone)))),
        (None, Some(told)) if step.is_bots_turn => Some((Author::Bot, told)),
        (None, _) if said.text.is_empty() => {
            said.contact.email.as_ref().map(|email| (Author::Notice, plain(words::address_kept(email, locale))))
        }
        (None, _) => None,
    }
}

/// As the wire tells it: where people have the floor, the turn is theirs.
fn action(decision: Option<&Decision>, step: Step) -> Action {
    match decision {
        _ if step.state.is_with_people() => Action::Handoff,
        Some(decision) => decision.action,
        None => Action::Smalltalk,
    }
}

fn reasons(decision: Option<&Decision>, act: Act, said: &Said) -> Vec<Reason> {
    let mut reasons = decision.map(|it| it.reasons.clone()).unwrap_or_default();
    let asked = if said.want.is_some() { Reason::AskedForPerson } else { Reason::GaveUp };
    if act == Act::Ask && !reasons.contains(&Reason::AskedForPerson) {
        reasons.push(asked);
    }
    reasons
}

/// What the bot found for the question before.
fn offered_last(messages: &[Message]) -> Vec<Choice> {
    let last = messages.iter().rev().find(|it| it.author == Author::Bot);
    let answer = last.and_then(|it| serde_json::from_value::<Answer>(it.detail.clone()).ok());
    answer.map(|it| Told { text: String::new(), sources: it.sources, suggestions: it.suggestions }.all()).unwrap_or_default()
}

impl Answer {
    /// The same answer in words that a model wrote of what was found: a clarification has become an answer by them.
    #[must_use]
    pub fn written(&self, spoken: Spoken) -> Self {
        let suggestions = self.suggestions.iter().filter(|it| !spoken.cites(it)).cloned().collect();
        Self {
            action: Action::Answer,
            answer: spoken.text,
            sources: spoken.sources,
            suggestions,
            is_generated: true,
            offers_person: false,
            ..self.clone()
        }
    }

    /// Puts it in place of what stood under its number; a question that is answered now is none that the knowledge lacks.
    #[must_use]
    pub fn replace(&self, site: &SiteId) -> Vec<Statement> {
        let id = self.conversation_id.as_str();
        let words = "UPDATE messages SET text = ?4, detail = ?5 WHERE site_id = ?1 AND conversation_id = ?2 AND number = ?3";
        vec![
            Statement::new(words).bind(site).bind(id).bind(self.number).bind(self.answer.as_str()).bind(self.detail().to_string()),
            Statement::new("UPDATE conversations SET unanswered = 0 WHERE site_id = ?1 AND id = ?2").bind(site).bind(id),
            gaps::forget(site, id, self.number, Why::Unsure),
        ]
    }

    /// Everything but the words, which a message has by itself.
    fn detail(&self) -> Json {
        json!(Self { answer: String::new(), ..self.clone() })
    }

    fn message(&self, author: Author, now: DateTime<Utc>) -> Message {
        Message { number: self.number, author, text: self.answer.clone(), detail: self.detail(), is_helpful: None, created: now }
    }
}
