use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use orilla_knowledge::model::testing::Words;
use orilla_text::Locale;
use serde_json::json;

use super::*;
use crate::gate::Cut;
use crate::prompt::{Kind, Known};
use crate::script::{Reply, Script, chunk, endpoint, told};

const PRICE: &str = "You pay €19 per instructor and month, plus tax. There is no set-up fee and no commission on bookings.";
const CANCEL: &str = "Students cancel up to 24 hours before the class and get their money back.";
const GOOD: &str = "You pay €19 per instructor and month [1].";
const SHOWN: &str = "You pay €19 per instructor and month.";

fn start(replies: Vec<Reply>) -> (LocalBoxStream<'static, Piece>, Script) {
    let known = |text: &str| Known { title: "Marea".to_owned(), text: text.to_owned(), locale: Locale::En };
    let ask = Ask {
        kind: Kind::Answer,
        message: "price?".to_owned(),
        earlier: Vec::new(),
        locale: Locale::En,
        passages: vec![known(PRICE), known(CANCEL)],
    };
    let script = Script::new(replies);
    (generate(script.clone(), Words(1), script.config(), ask), script)
}

/// What a visitor reads, the outcome, and which servers were asked.
fn run(replies: Vec<Reply>) -> (String, Outcome, Vec<String>) {
    let (stream, script) = start(replies);
    let pieces: Vec<Piece> = stream.collect::<Vec<_>>().now_or_never().expect("nothing to wait for");
    let mut text = String::new();
    let mut end = None;
    for piece in pieces {
        assert!(end.is_none(), "the end is last");
        match piece {
            Piece::Text(part) => text.push_str(&part),
            Piece::End(outcome) => end = Some(outcome),
        }
    }
    (text, end.expect("always an end"), script.hosts())
}

#[test]
fn an_answer_names_its_sources_and_its_cost() {
    let (text, outcome, asked) =
        run(vec![told(&format!("Students cancel up to 24 hours before the class. [2] {GOOD} A red surfboard arrives by courier [1]."))]);
    assert_eq!(text, format!("Students cancel up to 24 hours before the class. {SHOWN}"));
    assert_eq!((outcome.sources.as_slice(), outcome.problem, outcome.sentences), (&[1, 0][..], None, 2));
    assert_eq!((outcome.usage, outcome.is_estimate), (Usage { prompt_tokens: 300, completion_tokens: 20 }, false));
    assert_eq!((outcome.cut.as_slice(), outcome.endpoint.as_deref(), asked), (&[Cut::Words][..], Some("first"), vec!["first".to_owned()]));
}

#[test]
fn the_request_is_what_servers_expect() {
    let (stream, script) = start(vec![told(GOOD)]);
    stream.collect::<Vec<_>>().now_or_never().unwrap();
    let asked = script.asked.borrow();
    let request = asked.first().unwrap();
    assert_eq!(
        (request.method.as_str(), request.deadline, request.headers["authorization"].as_bytes()),
        ("POST", Duration::from_secs(9), &b"Bearer secret"[..])
    );
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["model"], "first-model");
    assert!(!format!("{request:?}").contains("Bearer secret"), "the key is not to be shown");
}

#[test]
fn a_sentence_comes_before_the_rest_is_there() {
    let chunks = vec![chunk("You pay €19 per instructor"), chunk(" and month [1]. "), chunk("The")];
    let (mut stream, _) = start(vec![Ok((200, chunks, true))]);
    assert_eq!(stream.next().now_or_never(), Some(Some(Piece::Text(SHOWN.to_owned()))));
    assert_eq!(stream.next().now_or_never(), None, "the rest is waited for");
}

#[test]
fn the_second_is_asked_where_the_first_failed() {
    let broken = |chunks| Ok((200, chunks, false));
    let half = chunk("You pay €19 per");
    for (first, problem) in [
        (Err(FetchError::Connect("no".to_owned())), Problem::Connect),
        (Err(FetchError::Refused("no".to_owned())), Problem::Connect),
        (Err(FetchError::Deadline), Problem::Deadline),
        (Ok((429, vec![], false)), Problem::Busy),
        (Ok((500, vec![], false)), Problem::Status),
        (Ok((401, vec![], false)), Problem::Status),
        (broken(vec![Ok(Bytes::from("<html>502</html>"))]), Problem::Garbage),
        (broken(vec![]), Problem::Garbage),
        (broken(vec![Err(FetchError::TooLarge)]), Problem::Garbage),
        (broken(vec![Err(FetchError::Deadline)]), Problem::Deadline),
        (broken(vec![half.clone(), Err(FetchError::Deadline)]), Problem::Deadline),
        (broken(vec![half.clone(), Err(FetchError::Protocol("reset".to_owned()))]), Problem::Cut),
        (broken(vec![half.clone()]), Problem::Cut),
        (broken(vec![half, Ok(Bytes::from("data: {\"error\":{\"message\":\"m\"}}\n\n"))]), Problem::Failed),
    ] {
        let (text, outcome, asked) = run(vec![first, told(GOOD)]);
        assert_eq!((text.as_str(), outcome.problem, outcome.endpoint.as_deref()), (SHOWN, None, Some("second")), "{problem:?}");
        assert_eq!(
            (outcome.tries[0].problem, outcome.tries.len(), asked),
            (Some(problem), 2, vec!["first".to_owned(), "second".to_owned()])
        );
        assert_eq!(outcome.tries[0].retry_after.is_some(), matches!(problem, Problem::Busy | Problem::Status));
    }
}

#[test]
fn both_failed_and_the_end_says_so() {
    let (text, outcome, asked) = run(vec![Ok((429, vec![], false)), Err(FetchError::Deadline)]);
    assert_eq!((text.as_str(), outcome.problem, outcome.endpoint, asked.len()), ("", Some(Problem::Deadline), None, 2));
    assert!(outcome.usage.prompt_tokens > 0 && outcome.is_estimate, "who runs into the deadline has read the prompt");
}

#[test]
fn after_a_sentence_was_shown_nobody_else_is_asked() {
    for last in [Ok(Bytes::new()), Err(FetchError::Protocol("reset".to_owned())), Err(FetchError::Deadline)] {
        let chunks = vec![chunk(&format!("{GOOD} There is no set-up fee")), last.clone()];
        let (text, outcome, asked) = run(vec![Ok((200, chunks, false)), told("Never asked.")]);
        let expect = if last == Err(FetchError::Deadline) { Problem::Deadline } else { Problem::Cut };
        assert_eq!((text.as_str(), outcome.problem, asked.len()), (SHOWN, Some(expect), 1), "half a sentence is not shown");
        assert!(outcome.is_estimate && outcome.usage.completion_tokens > 5);
    }
}

#[test]
fn what_is_not_the_servers_fault_asks_nobody_else() {
    let finished = |text: &str, reason: &str| {
        let body = json!({"choices": [{"delta": {"content": text}, "finish_reason": reason}]});
        Ok((200, vec![Ok(Bytes::from(format!("data: {body}\n\ndata: [DONE]\n\n")))], false))
    };
    for (reply, text, problem) in [
        (told("A red surfboard arrives by courier."), "", Problem::Unsupported),
        (told("NOTHING"), "", Problem::Unsupported),
        (finished(&format!("{GOOD} There is no set-up"), "length"), SHOWN, Problem::TooLong),
        (finished("", "content_filter"), "", Problem::Filtered),
    ] {
        let (found, outcome, asked) = run(vec![reply, told(GOOD)]);
        assert_eq!((found.as_str(), outcome.problem, asked.len()), (text, Some(problem), 1));
        assert!(!problem.is_fault());
    }
}

#[test]
fn an_endless_answer_is_left() {
    let chunks = std::iter::repeat_n(chunk(&format!("{GOOD} ")), 100_000).collect();
    let (text, outcome, asked) = run(vec![Ok((200, chunks, false))]);
    assert_eq!((text.as_str(), outcome.problem, asked.len()), (SHOWN, Some(Problem::TooLong), 1), "and nothing is said twice");
}

#[test]
fn lines_stay_lines_and_thoughts_stay_away() {
    let (text, ..) =
        run(vec![told(&format!("<think>Students cancel up to 24 hours before the class.</think>{GOOD}\n\n- There is no set-up fee [1]"))]);
    assert_eq!(text, format!("{SHOWN}\n• There is no set-up fee"));
}

#[test]
fn without_endpoints_there_is_an_end_at_once() {
    let (mut stream, _) = start(Vec::new());
    drop(stream.next());
    let config = GeneratorConfig { endpoints: Vec::new(), timeout: Duration::from_secs(1) };
    let ask = Ask { kind: Kind::Answer, message: String::new(), earlier: Vec::new(), locale: Locale::Es, passages: Vec::new() };
    let pieces = generate(Script::default(), Words(1), config, ask).collect::<Vec<_>>().now_or_never().unwrap();
    assert_eq!(pieces, [Piece::End(Outcome { problem: Some(Problem::NoEndpoint), ..Outcome::default() })]);
}

#[test]
fn every_name_is_the_wire_word() {
    for problem in [Problem::NoEndpoint, Problem::Deadline, Problem::TooLong, Problem::Unsupported, Problem::Cut, Problem::Busy] {
        assert_eq!(serde_json::to_value(problem).unwrap(), problem.name());
    }
}

#[test]
fn what_is_written_down() {
    let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
    let now = chrono::DateTime::UNIX_EPOCH;
    let (_, outcome, _) = run(vec![Ok((500, vec![], false)), told(GOOD)]);
    let statements = outcome.record("site", day, now);
    let begins: Vec<_> = statements.iter().map(|it| it.sql.split(' ').next().unwrap_or_default()).collect();
    assert_eq!(begins, ["INSERT", "DELETE", "INSERT"]);
    assert!(Outcome::default().record("site", day, now).is_empty());
    let health = [("first".to_owned(), crate::breaker::Health { failures: 3, open_until: Some(now + Duration::from_secs(1)) })].into();
    let config = GeneratorConfig { endpoints: vec![endpoint("first"), endpoint("second")], timeout: Duration::from_secs(1) };
    assert_eq!(config.clone().awake(&health, now).endpoints.len(), 1);
    assert_eq!(config.awake(&health, now + Duration::from_secs(1)).endpoints.len(), 2);
}
