use proptest::prelude::*;

use super::*;
use orilla_text::csv_out::{self, Dialect};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn import(text: &str) -> Import {
    read(text.as_bytes(), &["name", "company"], now()).unwrap()
}

/// `line code column` of every reason.
fn told(import: &Import) -> Vec<String> {
    let errors = |bad: &BadRow| -> Vec<_> {
        bad.errors.iter().map(|e| format!("{} {:?} {}", bad.line, e.code, e.column.clone().unwrap_or_default())).collect()
    };
    import.bad.iter().flat_map(errors).collect()
}

#[test]
fn reads_a_spanish_spreadsheet() {
    let text = "Correo electr\u{f3}nico;Nombre;Empresa;Fecha de alta;Etiquetas;Idioma;utm_source;Nota interna\r\n\
                Ana@Acme.es;Ana L\u{f3}pez;\"Acme; S.L.\";31/01/2026 09:30;vip, madrid;es;google;llamar\r\n";
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let import = read(&bytes, &["name", "company"], now()).unwrap();
    assert_eq!((import.encoding, import.delimiter, import.bad.len()), (Encoding::Windows1252, ';', 0));
    let row = &import.rows[0];
    assert_eq!((row.line, row.email.key.as_str(), row.email.address.as_str()), (2, "ana@acme.es", "Ana@acme.es"));
    let fields: Vec<_> = row.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(fields, [("company", "Acme; S.L."), ("name", "Ana López"), ("nota_interna", "llamar")]);
    assert_eq!(row.created_at, Some("2026-01-31T09:30:00Z".parse().unwrap()));
    assert_eq!((row.tags.join("+"), row.locale.as_deref()), ("vip+madrid".to_owned(), Some("es")));
    assert_eq!(row.utm.get("source").map(String::as_str), Some("google"));
    assert_eq!(row.repeats, None);
}

#[test]
fn every_bad_row_is_told_with_its_line_and_every_reason() {
    let text = "email,name,created_at\n\
                ok@acme.es,\"two\nlines\",\n\
                \n\
                ,nobody,yesterday\r\n\
                not-an-address,x,2099-01-01\n\
                ok@acme.es,again,2026-01-01\n\
                a@acme.es,b,2026-01-01,surplus\n\
                short@acme.es\n\
                ,,\n\
                z@acme.es,\"open,2026-01-01\nlost@acme.es,?\n";
    let import = import(text);
    assert_eq!(
        told(&import),
        [
            "5 EmailMissing email",
            "5 TimeInvalid created_at",
            "6 EmailInvalid email",
            "6 TimeInFuture created_at",
            "8 CellCount ",
            "11 UnclosedQuote "
        ]
    );
    assert_eq!(import.bad[0].raw, ",nobody,yesterday");
    assert_eq!(import.bad[3].raw, "z@acme.es,\"open,2026-01-01\nlost@acme.es,?");
    let rows: Vec<_> = import.rows.iter().map(|row| (row.line, row.repeats)).collect();
    assert_eq!(rows, [(2, None), (7, Some(2)), (9, None)]);
    assert_eq!(import.rows[0].fields["name"], "two\nlines");
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["sep=;", "email;name", "", "bad;x", "\"quoted", "twice\";y", "a@b.co;z"].join(end);
        let text = if end == "\r" { text.replacen("sep=;\r", "", 1) } else { text };
        let first = if end == "\r" { 3 } else { 4 };
        let import = import(&text);
        assert_eq!(import.bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [first, first + 1], "{end:?}");
        assert_eq!(import.rows[0].line, first + 3, "{end:?}");
    }
}

#[test]
fn long_cells_are_bad_rows() {
    let text = format!("email,name\na@b.co,{}\nb@b.co,{}\n", "ñ".repeat(10_000), "ñ".repeat(10_001));
    let import = import(&text);
    assert_eq!((import.rows.len(), told(&import)), (1, vec!["3 TooLong name".to_owned()]));
}

#[test]
fn unreadable_files_are_told_as_a_whole() {
    let code = |bytes: &[u8]| read(bytes, &[], now()).unwrap_err().into_iter().map(|violation| violation.code).collect::<Vec<_>>();
    assert_eq!(code(b""), ["empty"]);
    assert_eq!(code("\u{feff}\r\n".as_bytes()), ["empty"]);
    assert_eq!(code(b"name\nx"), ["no_email_column"]);
    assert_eq!(code(b"email,mail\nx,y"), ["duplicate_column"]);
    let rows = |count: usize| format!("email\n{}", "a@b.co\n".repeat(count));
    assert_eq!(code(rows(MAX_ROWS + 1).as_bytes()), ["too_many_rows"]);
    assert_eq!(read(rows(MAX_ROWS).as_bytes(), &[], now()).unwrap().rows.len(), MAX_ROWS);
}

#[test]
fn the_report_is_json_a_person_can_read() {
    let json = serde_json::to_value(import("email,name\nno,\"x\"\nana@b.co,Ana")).unwrap();
    assert_eq!(
        json["bad"][0],
        serde_json::json!({"line": 2, "raw": "no,\"x\"", "errors": [
            {"column": "email", "code": "email_invalid", "message": "This is no e-mail address, such as ana@example.com."}
        ]})
    );
    assert_eq!(json["columns"][1], serde_json::json!({"name": "name", "becomes": {"field": "name"}}));
    assert_eq!((&json["rows"][0]["email"], &json["encoding"], &json["delimiter"]), (&"ana@b.co".into(), &"utf-8".into(), &",".into()));
}

/// Any text a person may have typed into a form; forms trim.
fn cell() -> impl Strategy<Value = String> {
    "[=+\\-@'\"a,;\t\r\n é]{0,10}|.{0,20}".prop_map(|text| text.trim().to_owned())
}

proptest! {
    #[test]
    fn an_export_comes_back_as_it_was(
        cells in prop::collection::vec((cell(), cell()), 0..8), dialect in prop::sample::select(vec![Dialect::Plain, Dialect::Excel]),
    ) {
        let mut file = csv_out::header(dialect, &["email", "name", "company"]).unwrap();
        let rows = cells.iter().enumerate().map(|(i, (name, company))| [format!("+v{i}@b.co"), name.clone(), company.clone()]);
        file.extend(csv_out::rows(dialect, rows).unwrap());
        let import = read(&file, &["name", "company"], now()).unwrap();
        prop_assert_eq!(&import.bad, &[]);
        prop_assert_eq!(import.rows.len(), cells.len());
        for (i, (row, (name, company))) in import.rows.iter().zip(&cells).enumerate() {
            prop_assert_eq!(&row.email.key, &format!("+v{i}@b.co"));
            prop_assert_eq!(row.fields.get("name").map_or("", String::as_str), name);
            prop_assert_eq!(row.fields.get("company").map_or("", String::as_str), company);
        }
    }

    #[test]
    fn no_file_is_lost_and_none_breaks_the_reader(body in "([a-c@.;,\"\r\n']|x@y\\.co){0,60}") {
        let text = format!("email;name\n{body}");
        let import = import(&text);
        // Whatever is no delimiter, quotation mark or line end stands in a row that was taken or in one that was told.
        let seen = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        let taken: usize = import.rows.iter().map(|row| seen(&row.email.address) + row.fields.values().map(|value| seen(value)).sum::<usize>()).sum();
        let told: usize = import.bad.iter().map(|bad| seen(&bad.raw)).sum();
        prop_assert_eq!(taken + told, seen(&body), "{:?}", import);
        for bad in &import.bad {
            let line = usize::try_from(bad.line).unwrap() - 1;
            let lines: Vec<&str> = text.split_inclusive(['\n', '\r']).collect();
            let joined = bad.raw.split(['\n', '\r']).next().unwrap();
            if !text.contains("\r\n") {
                prop_assert!(lines[line].starts_with(joined), "{} {:?}", bad.line, bad.raw);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes, &["name"], now());
        let mut file = b"email,name\n".to_vec();
        file.extend(&bytes);
        prop_assert!(read(&file, &["name"], now()).is_ok());
    }
}
