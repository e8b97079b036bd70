//! Articles from elsewhere: lines of JSON, a spreadsheet's CSV, a page of questions and answers. Every row is read or told why not.

pub mod html;

use std::collections::BTreeMap;

use orilla_core::Violation;
use serde_json::{Map, Value as Json};

use super::Article;
use super::article::Found;

/// The most rows of one import. Chosen: the largest knowledge base that an index is measured with.
pub const MAX_ROWS: usize = 10_000;

/// What came of a row or a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Where it stands in the file, from 1, as an editor counts lines; of a spreadsheet the row, its head being 1.
    pub line: usize,
    /// The article, or everything that is wrong with it.
    pub outcome: Result<Article, Vec<Violation>>,
}

/// Lines of JSON, one article each: `{"id","lang","question","answer","paraphrases"?}`. Empty lines are passed over.
#[must_use]
pub fn json_lines(text: &str) -> Vec<Row> {
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |line: &str| match serde_json::from_str::<Json>(line) {
        Ok(json) => Article::from_json(&json),
        Err(_) => Err(told("line", "json", "This line is not a JSON object.")),
    };
    bounded(lines.map(|(at, line)| Row { line: at + 1, outcome: read(line) }))
}

/// A spreadsheet: a head with the names of an article's fields, then a row for each. Several paraphrases stand in one cell, a line each, or
/// parted by `|`.
///
/// Errors: what is wrong with the head.
pub fn csv(text: &str) -> Result<Vec<Row>, Vec<Violation>> {
    let text = text.trim_start_matches('\u{feff}');
    let head = text.lines().next().unwrap_or_default();
    // Spreadsheets in Spanish part cells by a semicolon.
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|mark| head.bytes().filter(|it| it == mark).count()).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let Ok(names) = reader.headers().cloned() else { return Err(told("head", "csv", "The first line is not CSV.")) };
    let names: Vec<Option<&str>> = names.iter().map(field).collect();
    let missing: Vec<_> = ["question", "answer"].into_iter().filter(|name| !names.contains(&Some(name))).collect();
    if !missing.is_empty() {
        return Err(missing.into_iter().flat_map(|name| told(name, "required", "The head needs this column.")).collect());
    }
    let row = |(at, record): (usize, Result<csv::StringRecord, csv::Error>)| {
        let outcome = match record {
            Ok(record) => Article::from_json(&Json::Object(fields(&names, &record, at + 1))),
            Err(_) => Err(told("row", "csv", "This row is not CSV.")),
        };
        Row { line: at + 2, outcome }
    };
    Ok(bounded(reader.records().enumerate().map(row)))
}

/// The field that a column's name means.
fn field(name: &str) -> Option<&'static str> {
    match name.trim().to_lowercase().as_str() {
        "id" | "key" | "slug" => Some("id"),
        "locale" | "lang" | "language" | "idioma" => Some("locale"),
        "question" | "title" | "pregunta" => Some("question"),
        "answer" | "respuesta" => Some("answer"),
        "paraphrases" | "alternatives" | "variantes" => Some("paraphrases"),
        "tags" | "category" | "categoría" | "categoria" => Some("tags"),
        "url" | "link" | "links" | "enlace" => Some("links"),
        _ => None,
    }
}

fn fields(names: &[Option<&str>], record: &csv::StringRecord, number: usize) -> Map<String, Json> {
    let mut fields = Map::new();
    for (name, cell) in names.iter().zip(record).filter(|(_, cell)| !cell.trim().is_empty()) {
        let list = |cell: &str| cell.split(['\n', '|']).map(str::trim).filter(|it| !it.is_empty()).map(Json::from).collect::<Json>();
        let Some(name) = name else { continue };
        let value = if matches!(*name, "paraphrases" | "tags" | "links") { list(cell) } else { Json::from(cell) };
        fields.insert((*name).to_owned(), value);
    }
    fields.entry("id").or_insert_with(|| Json::from(format!("row-{number}")));
    fields
}

fn bounded(rows: impl Iterator<Item = Row>) -> Vec<Row> {
    let mut kept: Vec<Row> = rows.take(MAX_ROWS + 1).collect();
    // Stored, the later one would take the earlier one's place, and nobody would hear of it.
    let mut lines = BTreeMap::new();
    for row in &mut kept {
        let Ok(article) = &row.outcome else { continue };
        let earlier = *lines.entry((article.id.clone(), article.locale.as_str())).or_insert(row.line);
        if earlier != row.line {
            row.outcome = Err(told("id", "duplicate", &format!("Line {earlier} is this article in this language already.")));
        }
    }
    if let Some(beyond) = kept.get_mut(MAX_ROWS) {
        beyond.outcome = Err(told("file", "too_many", "An import has 10,000 articles at most; nothing beyond this line was read."));
    }
    kept
}

fn told(field: &str, code: &'static str, message: &str) -> Vec<Violation> {
    let mut found = Found::default();
    found.add(field, code, message);
    found.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lines with the id of their article, or the first field that is wrong.
    #[track_caller]
    fn check(rows: &[Row], expect: &[(usize, Result<&str, &str>)]) {
        let outcome = |row: &Row| match &row.outcome {
            Ok(article) => (row.line, Ok(article.id.clone())),
            Err(found) => (row.line, Err(found[0].field.clone())),
        };
        let found: Vec<_> = rows.iter().map(outcome).collect();
        let expect: Vec<_> = expect.iter().map(|(line, it)| (*line, it.map(str::to_owned).map_err(str::to_owned))).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn reads_lines_of_json() {
        let rows = json_lines(
            "\u{feff}{\"id\":\"a\",\"lang\":\"en\",\"question\":\"Q?\",\"answer\":\"A.\"}\n\n{\"id\":\"b\",\"lang\":\"es\",\"question\":\"¿?\",\"answer\":\"A.\"}\nno\n",
        );
        check(&rows, &[(1, Ok("a")), (3, Err("question")), (4, Err("line"))]);
    }

    #[test]
    fn reads_spreadsheets_of_both_languages() {
        let rows = csv("id,lang,question,answer,paraphrases,ignored\na,en,Q?,\"A, b.\",one|two,x\n,en,Q,,,\n").unwrap();
        check(&rows, &[(2, Ok("a")), (3, Err("answer"))]);
        assert_eq!(rows[0].outcome.as_ref().unwrap().paraphrases, ["one", "two"]);
        let rows = csv("Pregunta;Respuesta;Idioma;Variantes;Enlace\n¿Qué?;Esto, y eso.;es;\"uno\ndos\";/que\n").unwrap();
        let article = rows[0].outcome.as_ref().unwrap();
        assert_eq!(
            (article.id.as_str(), article.answer.as_str(), article.paraphrases.len(), article.url()),
            ("row-1", "Esto, y eso.", 2, Some("/que"))
        );
        let found = csv("frage,antwort\na,b\n").unwrap_err();
        assert_eq!(found.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), ["question", "answer"]);
    }

    #[test]
    fn an_article_that_stands_there_twice_is_told() {
        let line = |id: &str, lang: &str| format!("{{\"id\":\"{id}\",\"lang\":\"{lang}\",\"question\":\"Q?\",\"answer\":\"A.\"}}\n");
        let rows = json_lines(&[line("a", "en"), line("a", "es"), line("b", "en"), line("a", "en")].concat());
        check(&rows, &[(1, Ok("a")), (2, Ok("a")), (3, Ok("b")), (4, Err("id"))]);
        // A row without an id gets one of its number, which another row may have by name.
        let rows = csv("id,lang,question,answer\nrow-2,en,Q?,A.\n,en,R?,B.\n").unwrap();
        check(&rows, &[(2, Ok("row-2")), (3, Err("id"))]);
    }

    #[test]
    fn an_import_ends_somewhere() {
        let line = |at: usize| format!("{{\"id\":\"a{at}\",\"lang\":\"en\",\"question\":\"Q?\",\"answer\":\"A.\"}}\n");
        let rows = json_lines(&(0..MAX_ROWS + 5).map(line).collect::<String>());
        assert!(rows.len() == MAX_ROWS + 1 && rows[MAX_ROWS].outcome.as_ref().is_err_and(|it| it[0].code == "too_many"));
        assert!(rows[..MAX_ROWS].iter().all(|row| row.outcome.is_ok()));
    }

    proptest! {
        #[test]
        fn any_file_is_read_or_told(text in any::<String>(), cells in "(question|answer|id|,|;|\"|\n|a){0,60}") {
            let _ = (json_lines(&text), csv(&text), csv(&format!("question,answer\n{cells}")));
        }
    }
}
