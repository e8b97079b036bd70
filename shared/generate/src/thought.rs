//! Leaves out what some models write before they answer: their thoughts, between tags. Those are not for the visitor, whether supported or not.

use std::mem;

/// Between which tags thoughts stand. Source: the chat templates of Qwen 3, DeepSeek R1 and Magistral.
const TAGS: [(&str, &str); 3] = [("<think>", "</think>"), ("<thinking>", "</thinking>"), ("[THINK]", "[/THINK]")];

/// A text as it comes, its thoughts at the beginning left out.
#[derive(Debug, Default)]
pub struct Thought {
    state: State,
}

#[derive(Debug)]
enum State {
    /// What came so far may be a tag's beginning.
    Beginning(String),
    /// Up to this tag all is left out; what came last may be its beginning.
    Thinking(&'static str, String),
    /// All is given.
    Speaking,
}

impl Default for State {
    fn default() -> Self {
        Self::Beginning(String::new())
    }
}

impl Thought {
    /// Takes more, gives what of it is said.
    pub fn push(&mut self, piece: &str) -> String {
        let (state, said) = match mem::take(&mut self.state) {
            State::Beginning(held) => begin(held + piece),
            State::Thinking(close, held) => think(close, held + piece),
            State::Speaking => (State::Speaking, piece.to_owned()),
        };
        self.state = state;
        said
    }

    /// The text is over: what was held back, if it was no thought.
    #[must_use]
    pub fn end(self) -> String {
        match self.state {
            State::Beginning(held) => held,
            State::Thinking(..) | State::Speaking => String::new(),
        }
    }
}

fn begin(held: String) -> (State, String) {
    let begun = held.trim_start();
    if let Some((open, close)) = TAGS.iter().find(|(open, _)| begun.starts_with(open)) {
        return think(close, begun[open.len()..].to_owned());
    }
    if TAGS.iter().any(|(open, _)| open.starts_with(begun)) { (State::Beginning(held), String::new()) } else { (State::Speaking, held) }
}

fn think(close: &'static str, held: String) -> (State, String) {
    if let Some((_, said)) = held.split_once(close) {
        return (State::Speaking, said.trim_start().to_owned());
    }
    let kept = held.floor_char_boundary(held.len().saturating_sub(close.len()));
    (State::Thinking(close, held[kept..].to_owned()), String::new())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        for size in [1, 2, 5, 100] {
            let mut thought = Thought::default();
            let chars: Vec<char> = text.chars().collect();
            let said: String = chars.chunks(size).map(|piece| thought.push(&piece.iter().collect::<String>())).collect();
            assert_eq!((said + &thought.end()).trim_start(), expect, "in pieces of {size}");
        }
    }

    #[test]
    fn only_what_is_said_is_left() {
        check("<think>\nLa persona pregunta…\n</think>\n\nCuesta 19 €.", "Cuesta 19 €.");
        check("\n<think></think>Cuesta 19 €.", "Cuesta 19 €.");
        check("[THINK]no[/THINK]Sí.", "Sí.");
        check("Cuesta <think>19</think> €.", "Cuesta <think>19</think> €.");
        check("<think>never ended, ñ", "");
        check("<thin", "<thin");
        check("", "");
    }

    proptest! {
        #[test]
        fn what_has_no_tag_stays(pieces in prop::collection::vec("[^<\\[]{0,6}", 0..8)) {
            let mut thought = Thought::default();
            let said: String = pieces.iter().map(|piece| thought.push(piece)).collect();
            prop_assert_eq!(said + &thought.end(), pieces.concat());
        }
    }
}
