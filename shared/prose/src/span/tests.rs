//! What a text says of where it was read.

use proptest::prelude::*;

use super::*;

/// A text of pieces: some the input's own bytes, some standing for others; and the input.
fn pieces() -> impl Strategy<Value = (String, Text)> {
    prop::collection::vec(("[a-zñ€😀]{0,4}", "[a-zé]{0,3}", any::<bool>(), "[ <>b]{0,3}"), 0..12).prop_map(|pieces| {
        let (mut input, mut text) = (String::new(), Text::default());
        for (own, stands, is_verbatim, gap) in pieces {
            let start = input.len();
            input.push_str(&own);
            if is_verbatim {
                text.push_verbatim(&own, start);
            } else {
                text.push(&stands, Span::new(start..input.len()));
            }
            input.push_str(&gap);
        }
        (input, text)
    })
}

fn boundaries(text: &str) -> Vec<usize> {
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect()
}

proptest! {
    #[test]
    fn every_range_points_into_the_input_and_grows_with_its_text((input, text) in pieces()) {
        let places = boundaries(text.as_str());
        for (index, from) in places.iter().enumerate() {
            let mut last = 0;
            for to in &places[index..] {
                let span = text.span(*from..*to);
                prop_assert!(span.start <= span.end && span.end <= input.len());
                prop_assert!(input.is_char_boundary(span.start) && input.is_char_boundary(span.end));
                prop_assert!(span.end >= last, "a longer range ends no earlier");
                last = span.end;
            }
        }
        let whole = text.span(0..text.len());
        prop_assert!(text.is_empty() || whole == text.whole());
    }

    #[test]
    fn verbatim_stretches_are_the_inputs_own_bytes((input, text) in pieces()) {
        for (range, span) in text.verbatim_stretches() {
            prop_assert_eq!(&text.as_str()[range.clone()], &input[span.range()]);
            for at in boundaries(&text.as_str()[range.clone()]) {
                let part = text.span(range.start..range.start + at);
                prop_assert_eq!(&input[part.range()], &text.as_str()[range.start..range.start + at]);
            }
        }
    }

    #[test]
    fn what_is_cut_points_where_it_did((input, text) in pieces(), cut in 0_usize..40) {
        let places = boundaries(text.as_str());
        let length = places[cut % places.len()];
        let mut short = text.clone();
        short.truncate(length);
        prop_assert_eq!(short.as_str(), &text.as_str()[..length]);
        for from in places.iter().filter(|at| **at < length) {
            prop_assert_eq!(short.span(*from..length), text.span(*from..length));
        }
        prop_assert!(short.whole().end <= input.len());
        short.push_verbatim("zz", input.len());
        prop_assert_eq!(short.span(length..length + 2), Span::new(input.len()..input.len() + 2));
    }
}

#[test]
fn an_entity_as_long_as_what_it_means_is_pointed_at_as_a_whole() {
    let mut text = Text::verbatim("a", 0);
    text.push("\u{223e}\u{333}", Span::new(1..6));
    text.push_verbatim("b", 6);
    assert_eq!(text.span(1..4), Span::new(1..6), "half of what `&acE;` stands for");
    assert_eq!(text.span(6..7), Span::new(6..7));
    assert_eq!(text.span(7..7), Span::new(7..7));
}

#[test]
fn what_is_cut_within_an_entity_still_stands_for_it() {
    let mut text = Text::verbatim("ab", 0);
    text.push("\u{223e}\u{333}", Span::new(2..7));
    text.truncate(5);
    assert_eq!(text.span(2..5), Span::new(2..7));
    text.truncate(1);
    assert_eq!(text.whole(), Span::new(0..1));
    text.truncate(0);
    assert_eq!(text.whole(), Span::default());
}
