//! One turn of a conversation: what the visitor wrote, with what they wrote before.

use orilla_knowledge::index::Index;
use orilla_knowledge::model::Embed;
use orilla_text::Locale;

use crate::decide::{Action, Decision, Reason, choose, decide};

/// Words up to which a message may only make sense with the one before it: "¿y en invierno?", or a burst of short ones. Chosen.
const FOLLOW_UP_WORDS: usize = 9;

/// What a visitor says.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// The message; several of one burst with a line break between them.
    pub text: &'a str,
    /// What they asked before, in this conversation.
    pub before: Option<&'a str>,
    /// The entry that they chose of those offered.
    pub choice: Option<&'a str>,
    /// The language of the page.
    pub page: Locale,
}

/// Decides on a turn.
///
/// Errors: as [`Embed::embed`].
pub fn take(index: &Index, model: &impl Embed, turn: Turn<'_>) -> Result<Decision, orilla_infer::Error> {
    if let Some(decision) = turn.choice.and_then(|id| choose(index, id, turn.text, turn.page)) {
        return Ok(decision);
    }
    let alone = decide(index, model, turn.text, turn.page)?;
    let Some(before) = turn.before.filter(|_| needs_more(&alone, turn.text)) else { return Ok(alone) };
    let mut together = decide(index, model, &format!("{before}\n{}", turn.text), turn.page)?;
    if together.action != Action::Answer || together.confidence <= alone.confidence {
        return Ok(alone);
    }
    // What the question before says by itself was told already: then this message has added nothing, and may be about something else altogether.
    let known = decide(index, model, before, turn.page)?;
    if known.action == Action::Answer && known.sources.first().map(|it| &it.id) == together.sources.first().map(|it| &it.id) {
        return Ok(alone);
    }
    // The language of what is said now, not of what was said before.
    (together.spoken, together.locale) = (alone.spoken, alone.locale);
    together.reasons.push(Reason::FollowedUp);
    Ok(together)
}

fn needs_more(alone: &Decision, text: &str) -> bool {
    alone.action == Action::Clarify && text.split_whitespace().count() <= FOLLOW_UP_WORDS && !alone.reasons.contains(&Reason::NoWords)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use orilla_knowledge::index::build;
    use orilla_knowledge::kb::Article;
    use orilla_knowledge::model::testing::Words;

    fn index() -> Index {
        let rows = [
            ("price", "How much does the tent cost?", "The tent costs one hundred euros."),
            ("jacket", "How much does the jacket cost?", "The jacket costs eighty euros."),
            ("wash", "How is a tent washed?", "With cold water and no soap at all."),
            ("shop", "Where is your shop?", "Our shop stands beside the harbour, open daily."),
        ];
        let article = |(id, question, answer): (&str, &str, &str)| {
            Article::from_json(&json!({"id": id, "locale": "en", "question": question, "answer": answer})).unwrap()
        };
        build(&rows.map(article), &Words(1), None, 1).unwrap()
    }

    fn said(text: &str, before: Option<&str>, choice: Option<&str>) -> Decision {
        take(&index(), &Words(1), Turn { text, before, choice, page: Locale::En }).unwrap()
    }

    #[test]
    fn a_follow_up_is_understood_with_what_was_asked_before() {
        let (before, now) = ("is it washed with soap", "tent, water");
        assert_ne!(said(now, None, None).action, Action::Answer);
        let decision = said(now, Some(before), None);
        assert_eq!(decision.sources.first().map(|it| it.id.as_str()), Some("wash"), "{decision:?}");
        assert!(decision.reasons.contains(&Reason::FollowedUp), "{decision:?}");
    }

    #[test]
    fn what_was_answered_is_not_said_again_to_another_question() {
        let before = "how much does the tent cost, one hundred euros";
        assert_eq!(said(before, None, None).action, Action::Answer);
        let decision = said("who won the world cup in 1982?", Some(before), None);
        assert_ne!(decision.action, Action::Answer, "{decision:?}");
    }

    #[test]
    fn a_question_that_stands_alone_is_not_mixed_with_the_last_one() {
        let decision = said("where is your shop beside the harbour open daily", Some("how is a tent washed"), None);
        assert_eq!(decision.sources.first().map(|it| it.id.as_str()), Some("shop"), "{decision:?}");
        assert!(!decision.reasons.contains(&Reason::FollowedUp));
    }

    #[test]
    fn a_choice_is_answered_and_an_unknown_one_is_read_as_text() {
        let decision = said("How is a tent washed?", None, Some("wash"));
        assert_eq!((decision.action, decision.confidence), (Action::Answer, 1.0));
        assert_eq!(decision.reasons, [Reason::Chosen]);
        assert!(!said("zzz", None, Some("gone")).reasons.contains(&Reason::Chosen));
    }
}
