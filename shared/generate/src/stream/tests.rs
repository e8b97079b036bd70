use proptest::prelude::*;

use super::*;

/// The answer, read in one and byte by byte: both must be the same.
#[track_caller]
fn read(body: impl AsRef<[u8]>) -> (String, End) {
    let in_pieces = |size: usize| {
        let mut reader = Reader::new();
        let text: String = body.as_ref().chunks(size).map(|bytes| reader.push(bytes)).collect();
        let (rest, end) = reader.end();
        (text + &rest, end)
    };
    let whole = in_pieces(usize::MAX);
    for size in [1, 2, 3, 7] {
        assert_eq!(in_pieces(size), whole, "in pieces of {size} bytes");
    }
    whole
}

const WHOLE: End = End { finish: Some(Finish::Stop), usage: None, is_complete: true, is_error: false, is_answer: true };
const USAGE: Usage = Usage { prompt_tokens: 9, completion_tokens: 2 };

fn piece(text: &str) -> String {
    format!(r#"{{"object":"chat.completion.chunk","choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}]}}"#)
}

const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

/// Two pieces, then what ends the stream.
#[track_caller]
fn check(tail: &str, expect: End) {
    let body = format!("data: {}\n\ndata: {}\n\n{tail}", piece("Hola "), piece("señal."));
    assert_eq!(read(body), ("Hola señal.".to_owned(), expect), "{tail}");
}

#[test]
fn an_answer_by_the_book() {
    let role = r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#;
    let usage = r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}"#;
    let body = format!("data: {role}\n\ndata: {}\n\ndata: {STOP}\n\ndata: {usage}\n\ndata: [DONE]\n\n", piece("Hola."));
    assert_eq!(read(body), ("Hola.".to_owned(), End { usage: Some(USAGE), ..WHOLE }));
}

#[test]
fn every_end_that_servers_have() {
    let unsaid = End { finish: None, ..WHOLE };
    let cut = End { is_complete: false, ..unsaid };
    check(&format!("data: {STOP}\n\ndata: [DONE]\n\n"), WHOLE);
    check(&format!("data: {STOP}\n\n"), WHOLE);
    check(&format!("data: {STOP}"), WHOLE);
    check("data: [DONE]\n\n", unsaid);
    for done in [
        "data:[DONE]",
        "data: [DONE] \n\n",
        "data: \"[DONE]\"",
        "data: [done]\n\n",
        "[DONE]\n",
        "data: [DONE]\ndata: {}\n\n",
        "data: [DONE]x",
    ] {
        check(done, unsaid);
    }
    check("", cut);
    check(": ping\n\n", cut);
    check("data: {\"choices\":[{\"delta\":{\"content\":\"¿Y", cut);
    check(r#"data: {"choices":[{"delta":{},"finish_reason":""}]}"#, cut);
    check("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n", End { finish: Some(Finish::Length), ..WHOLE });
    check("data: {\"choices\":[{\"finish_reason\":\"content_filter\"}]}\n\n", End { finish: Some(Finish::Filter), ..WHOLE });
    check(
        "data: {\"choices\":[{\"delta\":{\"content\":null},\"finish_reason\":\"tool_calls\"}]}\n\n",
        End { finish: Some(Finish::Other), ..WHOLE },
    );
    check("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9.0,\"completion_tokens\":2}}\n\n", End { usage: Some(USAGE), ..cut });
    check("data: {\"choices\":[{\"message\":{\"content\":\"Hola señal.\"},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n", WHOLE);
}

#[test]
fn a_finish_reason_in_the_last_content() {
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"Ya.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    assert_eq!(read(body), ("Ya.".to_owned(), WHOLE));
}

#[test]
fn an_error_ends_it() {
    let error = End { finish: None, is_complete: false, is_error: true, ..WHOLE };
    check("data: {\"error\":{\"message\":\"out of memory\",\"code\":500}}\n\ndata: [DONE]\n\n", error);
    check("event: error\ndata: {\"error\":\"overloaded\"}\n\n", error);
    check("{\"error\":{\"message\":\"no data before it\"}}\n", error);
    check("data: {\"object\":\"error\",\"message\":\"m\",\"code\":40303}\n\n", error);
    assert_eq!(read("{\n \"error\": {\"message\": \"m\"}\n}"), (String::new(), End { is_answer: false, ..error }));
}

#[test]
fn lines_and_fields_of_every_kind() {
    let (one, two) = (piece("Hola "), piece("señal."));
    let done = End { finish: None, ..WHOLE };
    for body in [
        format!("data: {one}\r\n\r\ndata: {two}\r\n\r\ndata: [DONE]\r\n\r\n"),
        format!("data: {one}\r\rdata: {two}\r\rdata: [DONE]\r\r"),
        format!("\u{feff}data: {one}\n\n: keep-alive\n\ndata: {two}\n\ndata: [DONE]\n\n"),
        format!(": OPENROUTER PROCESSING\n\nid: 1\nevent: message\nretry: 9\ndata:{one}\n\ndata:{two}\n\ndata:[DONE]\n\n"),
        format!("data: {one}\ndata: {two}\ndata: [DONE]\n"),
        format!("data: {}\n\ndata: {two}\n\ndata: [DONE]\n\n", one.replace(",\"choices\"", "\ndata: ,\"choices\"")),
        format!("data: {one}\n\ndata: garbage\n\ndata: 7\n\ndata:\n\ndata: {two}\n\ndata: [DONE]\n\n"),
        format!("{one}\n{two}\n[DONE]"),
    ] {
        assert_eq!(read(&body), ("Hola señal.".to_owned(), done), "{body}");
    }
}

#[test]
fn a_whole_completion_instead_of_a_stream() {
    let json = serde_json::json!({
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hola señal."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2},
    });
    let expect = ("Hola señal.".to_owned(), End { usage: Some(USAGE), ..WHOLE });
    assert_eq!(read(json.to_string()), expect);
    assert_eq!(read(serde_json::to_string_pretty(&json).unwrap()), expect);
    assert_eq!(read(format!("data: {json}\n\n")), expect);
    let parts =
        r#"{"choices":[{"message":{"content":[{"type":"text","text":"Hola "},{"type":"text","text":"señal."}]},"finish_reason":"stop"}]}"#;
    assert_eq!(read(parts), ("Hola señal.".to_owned(), WHOLE));
    assert_eq!(read(r#"{"choices":[{"text":"Hola señal.","finish_reason":"stop"}]}"#), ("Hola señal.".to_owned(), WHOLE));
}

#[test]
fn what_is_no_answer_has_no_text() {
    for body in [
        "",
        "<html><body>502</body></html>",
        "data: <html>\n\n",
        "null",
        "[1,2]",
        "{}",
        "{\"choices\":7}",
        "data: \u{0}\n\n",
        "data: [DONE]",
    ] {
        let (text, end) = read(body);
        assert!(text.is_empty() && !end.is_answer && !end.is_complete, "{body}: {end:?}");
    }
}

#[test]
fn only_the_first_choice_is_read() {
    let body = "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"Otra\"}},{\"index\":0,\"delta\":{\"content\":\"Una\"}}]}\n\n";
    assert_eq!(read(body).0, "Una");
}

proptest! {
    #[test]
    fn any_bytes_have_an_end(body in prop::collection::vec(any::<u8>(), 0..400)) {
        read(body);
    }

    #[test]
    fn any_lines_have_an_end(lines in prop::collection::vec(prop::sample::select(vec![
        "data: {\"choices\":[{\"delta\":{\"content\":\"é\"}}]}", "data:", "data: [DONE]", "", "{", "}", "\"a\": [", "data: {", "data: \"x\":1}", ": c", "\u{feff}",
        "{\"error\":1}", "{\"choices\":[{}]}", "data: {\"choices\":[{\"delta\":[],\"finish_reason\":7,\"index\":-1}],\"usage\":{\"prompt_tokens\":-3}}",
    ]), 0..12), end in prop::sample::select(vec!["\n", "\r\n", "\r"])) {
        read(lines.join(end));
    }

    #[test]
    fn text_comes_through_however_it_is_cut(texts in prop::collection::vec("\\PC{0,12}", 1..8), at in prop::collection::vec(1usize..40, 1..30)) {
        let json = |text: &String| serde_json::json!({"choices": [{"delta": {"content": text}}]});
        let body: String = texts.iter().map(|text| format!("data: {}\n\n", json(text))).collect();
        let mut reader = Reader::new();
        let (mut rest, mut found) = (body.as_bytes(), String::new());
        for size in at {
            let (piece, after) = rest.split_at(size.min(rest.len()));
            found.push_str(&reader.push(piece));
            rest = after;
        }
        found.push_str(&reader.push(rest));
        prop_assert_eq!(found, texts.concat());
    }
}
