use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{block_on, request};

const LIMIT: usize = 256 * 1024;

fn parsed(request: &Request, limit: usize) -> Result<Payload, Error> {
    block_on(parse(request, limit))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[track_caller]
fn check_fields(headers: &[(&'static str, &'static str)], body: impl Into<Bytes>, kind: Kind, expect: &[(&str, Value)]) {
    let payload = parsed(&request(headers, body), LIMIT).unwrap();
    let fields: Vec<_> = payload.fields.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    assert_eq!((payload.kind, fields.as_slice()), (kind, expect));
}

#[track_caller]
fn check_refused(headers: &[(&'static str, &'static str)], body: impl Into<Bytes>, expect: Code) {
    let request = request(headers, body);
    assert_eq!(parsed(&request, LIMIT).map_err(|e| e.code), Err(expect), "{:?}", request.body);
}

#[test]
fn json_is_json_under_any_content_type() {
    let expect = [("b", json!("x")), ("a", json!(1))];
    for content_type in ["application/json", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", ""] {
        check_fields(&[("content-type", content_type)], r#"{"b":"x","a":1}"#, Kind::Json, &expect);
    }
    check_fields(&[], "\u{feff} \r\n{\"b\":\"x\",\"a\":1}\n", Kind::Json, &expect);
    check_fields(&[], "{}", Kind::Json, &[]);
    check_fields(&[], r#"{"fields":{"a":[1,2]}}"#, Kind::Json, &[("fields", json!({ "a": [1, 2] }))]);
}

#[test]
fn forms_keep_their_order_and_collect_repeats() {
    let expect = [("b", json!(["1", "3", ""])), ("a b", json!("é&=")), ("c", json!(""))];
    check_fields(&[], "b=1&a+b=%C3%A9%26%3D&b=3&c=&&b", Kind::Form, &expect);
    check_fields(&[("content-type", "text/plain")], "a=100%&b=%zz", Kind::Form, &[("a", json!("100%")), ("b", json!("%zz"))]);
}

#[test]
fn multipart_is_recognised_by_its_boundary_line() {
    let body = "--xyz\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na@example.com\r\n\
                --xyz\r\nContent-Disposition: form-data; name=\"tag\"\r\n\r\none\r\n\
                --xyz\r\nContent-Disposition: form-data; name=\"cv\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n\
                --xyz\r\nContent-Disposition: form-data; name=\"tag\"\r\n\r\ndos\r\nlíneas\r\n--xyz--\r\n";
    let expect = [("email", json!("a@example.com")), ("tag", json!(["one", "dos\r\nlíneas"]))];
    check_fields(&[("content-type", "multipart/form-data; boundary=xyz")], body, Kind::Multipart, &expect);
    check_fields(&[("content-type", "text/plain")], body, Kind::Multipart, &expect);
    check_fields(&[("content-type", "multipart/form-data; boundary=other")], body, Kind::Multipart, &expect);
    check_fields(&[], "--xyz--\r\n", Kind::Multipart, &[]);
    let preamble = format!("read me first\r\n{body}");
    check_fields(&[("content-type", "multipart/form-data; boundary=xyz")], preamble, Kind::Multipart, &expect);
}

#[test]
fn a_part_is_called_what_its_disposition_says() {
    let check =
        |said: &str, name: &str, file: Option<&str>| assert_eq!(disposition(said), (name.to_owned(), file.map(str::to_owned)), "{said}");
    check("form-data; name=\"email\"", "email", None);
    check("form-data; name=\"cv\"; filename=\"mi cv, name=1; filename=2.pdf\"", "cv", Some("mi cv, name=1; filename=2.pdf"));
    check("form-data; filename=\"a; name=b\"; name=\"cv\"", "cv", Some("a; name=b"));
    check("form-data; name=\" filename=.\"", " filename=.", None);
    check("form-data; name=email ; filename=cv.pdf", "email", Some("cv.pdf"));
    check("form-data ;  Name = \"año\" ; FileName=\"\"", "año", Some(""));
    check("form-data; name=\"say \\\"hi\\\"\"; filename=\"C:\\new\\cv.pdf\"", "say \"hi\"", Some("C:\\new\\cv.pdf"));
    check("form-data; name=\"cv\"; filename*=UTF-8''cv.pdf", "cv", None);
    for nothing in ["", "form-data", "form-data; name=\"open", "=", ";;=;", "form-data; nickname=\"x\""] {
        check(nothing, "", None);
    }
}

#[test]
fn every_file_is_refused_by_name() {
    let body = "--x\r\nContent-Disposition: form-data; name=\"cv\"; filename=\"cv.pdf\"\r\n\r\n%PDF\r\n\
                --x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"\"\r\n\r\nbytes\r\n--x--\r\n";
    let error = parsed(&request(&[], body), LIMIT).unwrap_err();
    let told: Vec<_> = error.violations.iter().map(|v| (v.field.as_str(), v.code.as_ref())).collect();
    assert_eq!((error.code, told), (Code::Invalid, vec![("cv", NO_FILE_UPLOADS), ("photo", NO_FILE_UPLOADS)]));
}

#[test]
fn refuses_what_cannot_be_read() {
    let broken: [&[u8]; 17] = [
        b"",
        b" \n",
        b"\xef\xbb\xbf",
        b"{",
        b"{\"a\":}",
        b"{\"a\":1}x",
        b"{'a':1}",
        b"[1,2]",
        b"{\"a\":1,\"a\":2}",
        b"{\"\":1}",
        b"{\"a\":\"\\ud800\"}",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":1e999}",
        b"plain words",
        b"a=%ff",
        b"=1",
        b"\x1f\x8b\x00garbage",
    ];
    for body in broken {
        check_refused(&[], body, Code::Malformed);
    }
    check_refused(&[("content-type", "application/json")], "a=1", Code::Malformed);
    check_refused(&[("content-encoding", "br")], "a=1", Code::Malformed);
    check_refused(&[("content-encoding", "deflate")], "not deflate at all", Code::Malformed);
    check_refused(&[], "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nbreaks off", Code::Malformed);
    check_refused(&[], &b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--x--"[..], Code::Malformed);
    check_refused(&[], "--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--", Code::Malformed);
}

#[test]
fn refuses_nul_in_every_syntax_and_place() {
    for body in [
        r#"{"a":"\u0000"}"#,
        r#"{"a\u0000":1}"#,
        r#"{"a":[{"b":"\u0000"}]}"#,
        r#"{"a":{"b\u0000":1}}"#,
        "a=%00",
        "a%00=1",
        "a=\0",
        "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\0\r\n--x--",
    ] {
        check_refused(&[], body, Code::Malformed);
    }
    assert_eq!(json::<Value>(&request(&[], r#""\u0000""#), LIMIT).map_err(|e| e.code), Err(Code::Malformed));
}

#[test]
fn bounds_count_and_depth() {
    let form = |n: usize| (0..n).map(|i| format!("f{i}=x")).collect::<Vec<_>>().join("&");
    let object = |n: usize| format!("{{{}}}", (0..n).map(|i| format!("\"f{i}\":1")).collect::<Vec<_>>().join(","));
    let parts = |n: usize| "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n".repeat(n) + "--x--";
    assert_eq!(parsed(&request(&[], form(MAX_FIELDS)), LIMIT).unwrap().fields.len(), MAX_FIELDS);
    assert_eq!(parsed(&request(&[], object(MAX_FIELDS)), LIMIT).unwrap().fields.len(), MAX_FIELDS);
    for body in [form(MAX_FIELDS + 1), object(MAX_FIELDS + 1), parts(MAX_FIELDS + 1), format!("{{\"fields\":{}}}", object(MAX_FIELDS))] {
        check_refused(&[], body, Code::TooLarge);
    }
    let nested = |n: usize| format!("{{\"a\":{}1{}}}", "[".repeat(n), "]".repeat(n));
    assert!(parsed(&request(&[], nested(MAX_DEPTH - 1)), LIMIT).is_ok());
    check_refused(&[], nested(MAX_DEPTH), Code::Malformed);
    check_refused(&[], nested(100_000), Code::Malformed);
}

#[test]
fn limits_hold_before_and_after_decompression() {
    let body = format!("{{\"a\":\"{}\"}}", "x".repeat(1_000));
    let packed = gzip(body.as_bytes());
    let code = |body: Vec<u8>, limit| parsed(&request(&[], body), limit).map(|_| ()).map_err(|e| e.code);
    assert_eq!(code(body.clone().into(), body.len()), Ok(()));
    assert_eq!(code(body.clone().into(), body.len() - 1), Err(Code::TooLarge));
    assert_eq!(code(packed.clone(), body.len()), Ok(()));
    assert_eq!(code(packed.clone(), body.len() - 1), Err(Code::TooLarge));
    assert_eq!(code(packed.clone(), packed.len() - 1), Err(Code::TooLarge));
    let truncated = Request { is_truncated: true, ..request(&[], "") };
    assert_eq!(parsed(&truncated, LIMIT).map_err(|e| e.code), Err(Code::TooLarge));
}

#[test]
fn a_bomb_stops_at_the_limit() {
    // 64 MiB of zeros in some 64 KiB; as two gzip members, and once wrapped a second time.
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < LIMIT);
    check_refused(&[], bomb.clone(), Code::TooLarge);
    check_refused(&[("content-encoding", "gzip")], bomb.clone(), Code::TooLarge);
    let small = gzip(b"{\"a\":1,");
    check_refused(&[], [small, bomb.clone()].concat(), Code::TooLarge);
    check_refused(&[], gzip(&bomb), Code::Malformed);
}

#[test]
fn reads_compressed_bodies_however_they_are_declared() {
    let expect = [("a", json!("ñ"))];
    let body = "{\"a\":\"ñ\"}".as_bytes();
    let packed = gzip(body);
    check_fields(&[], packed.clone(), Kind::Json, &expect);
    check_fields(&[("content-encoding", "GZIP"), ("content-type", "application/x-www-form-urlencoded")], packed, Kind::Json, &expect);
    check_fields(&[("content-encoding", "gzip")], body, Kind::Json, &expect);
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(body).unwrap();
    check_fields(&[("content-encoding", "deflate")], zlib.finish().unwrap(), Kind::Json, &expect);
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
    raw.write_all(body).unwrap();
    check_fields(&[("content-encoding", "deflate")], raw.finish().unwrap(), Kind::Json, &expect);
    let two = [gzip(b"a=1&"), gzip(b"b=2")].concat();
    check_fields(&[], two, Kind::Form, &[("a", json!("1")), ("b", json!("2"))]);
}

#[test]
fn stored_bytes_are_only_decompressed_on_request() {
    let packed = gzip(b"a,b\n1,2\n");
    assert_eq!(bytes(&request(&[], packed.clone()), LIMIT).unwrap(), packed);
    assert_eq!(bytes(&request(&[("content-encoding", "gzip")], packed), LIMIT).unwrap(), "a,b\n1,2\n");
    assert_eq!(bytes(&request(&[], "12345"), 4).map_err(|e| e.code), Err(Code::TooLarge));
}

#[test]
fn typed_json_tells_wrong_types_apart_from_wrong_syntax() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Wanted {
        kind: String,
    }
    let read = |body: &'static str| json::<Wanted>(&request(&[], body), LIMIT).map_err(|e| e.code);
    assert_eq!(read(r#"{"kind":"read"}"#), Ok(Wanted { kind: "read".into() }));
    assert_eq!(read(r#"{"kind":1}"#), Err(Code::Invalid));
    assert_eq!(read("[]"), Err(Code::Invalid));
    assert_eq!(read(r#"{"kind":"#), Err(Code::Malformed));
    assert_eq!(read(""), Err(Code::Malformed));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_with_a_4xx(body: Vec<u8>, is_packed: bool) {
        let body = if is_packed { gzip(&body) } else { body };
        if let Err(error) = parsed(&request(&[], body), LIMIT) {
            prop_assert!(error.code.status().is_client_error());
        }
    }

    #[test]
    fn what_a_browser_encodes_comes_back(pairs in proptest::collection::vec(("[^\0]{1,8}", "[^\0]{0,20}"), 1..20)) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let fields = parsed(&request(&[], body), LIMIT).unwrap().fields;
        let mut back = Vec::new();
        for (name, value) in &fields {
            match value {
                Value::Array(items) => back.extend(items.iter().map(|item| (name.clone(), item.as_str().unwrap().to_owned()))),
                value => back.push((name.clone(), value.as_str().unwrap().to_owned())),
            }
        }
        let mut expect = pairs;
        back.sort();
        expect.sort();
        prop_assert_eq!(back, expect);
    }
}
