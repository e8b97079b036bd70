//! The lines of a backup: a header, rows, files, and the end.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orilla_core::sites::SiteId;
use orilla_core::sql::{MAX_SAFE_INTEGER, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

/// The version of the format.
pub const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the format.
    pub orilla_backup: u32,
    /// Whose it is.
    pub site: SiteId,
    /// The last migration of the store that it was taken of.
    pub schema: u32,
    /// When it began.
    pub taken_at: String,
}

/// What the last line says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How many rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// How many files.
    pub assets: u64,
    /// SHA-256 of every byte before this line, in hex.
    pub sha256: String,
}

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// The first.
    Header(Header),
    /// A row.
    Row {
        /// Of which table.
        table: String,
        /// By column.
        row: BTreeMap<String, Value>,
    },
    /// A file.
    Asset {
        /// Its name.
        name: String,
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// The last.
    End(End),
}

impl Line {
    /// As it is written, without the end of the line.
    ///
    /// Errors: as `serde_json`, which for these types is a defect.
    pub fn to_json(&self) -> serde_json::Result<String> {
        match self {
            Self::Header(header) => serde_json::to_string(header),
            Self::Row { table, row } => {
                let row: Map<String, Json> = row.iter().map(|(column, value)| (column.clone(), written(value))).collect();
                serde_json::to_string(&json!({ "table": table, "row": row }))
            }
            Self::Asset { name, bytes } => serde_json::to_string(&json!({ "asset": name, "base64": STANDARD.encode(bytes) })),
            Self::End(end) => serde_json::to_string(&json!({ "end": end })),
        }
    }

    /// Reads one; what is wrong with it otherwise.
    ///
    /// Errors: a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let json: Json = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        if json.get("orilla_backup").is_some() {
            return serde_json::from_value(json).map(Self::Header).map_err(|error| format!("it is no header: {error}"));
        }
        if let Some(end) = json.get("end") {
            return serde_json::from_value(end.clone()).map(Self::End).map_err(|error| format!("it is no end: {error}"));
        }
        if let Some(name) = text("asset") {
            let bytes = text("base64").and_then(|bytes| STANDARD.decode(bytes).ok()).ok_or("the file is not base64")?;
            return Ok(Self::Asset { name, bytes });
        }
        let (Some(table), Some(row)) = (text("table"), json["row"].as_object()) else {
            return Err("it is neither header, row, file nor end".to_owned());
        };
        let read =
            |(column, value): (&String, &Json)| read(value).map(|it| (column.clone(), it)).ok_or_else(|| format!("`{column}` is no value"));
        Ok(Self::Row { table, row: row.iter().map(read).collect::<Result<_, _>>()? })
    }
}

fn written(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => json!(number),
        Value::Real(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Blob(bytes) => json!({ "base64": STANDARD.encode(bytes) }),
    }
}

fn read(value: &Json) -> Option<Value> {
    match value {
        Json::Null => Some(Value::Null),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Some(Value::Integer(whole)).filter(|_| whole.unsigned_abs() <= MAX_SAFE_INTEGER.unsigned_abs()),
            None => number.as_f64().map(Value::Real),
        },
        Json::String(text) => Some(Value::Text(text.clone())),
        Json::Object(object) if object.len() == 1 => STANDARD.decode(object.get("base64")?.as_str()?).ok().map(Value::Blob),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            (-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).prop_map(Value::Integer),
            any::<String>().prop_map(Value::Text),
            proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::Blob),
        ]
    }

    proptest! {
        #[test]
        fn a_row_comes_back_as_it_was(row in proptest::collection::btree_map("[a-z_]{1,12}", values(), 0..8)) {
            let line = Line::Row { table: "leads".into(), row };
            let text = line.to_json().unwrap();
            prop_assert!(!text.contains('\n'));
            prop_assert_eq!(Line::parse(&text), Ok(line));
        }

        #[test]
        fn nothing_panics_the_reader(text in ".{0,80}") {
            let _ = Line::parse(&text);
        }
    }

    #[test]
    fn what_is_no_line_says_why() {
        for (text, why) in [
            ("", "it is not JSON"),
            ("[]", "it is neither"),
            ("{\"orilla_backup\":1}", "it is no header"),
            ("{\"table\":\"leads\",\"row\":{\"id\":[1]}}", "`id` is no value"),
            ("{\"table\":\"leads\",\"row\":{\"id\":9007199254740993}}", "`id` is no value"),
            ("{\"asset\":\"a.pdf\",\"base64\":\"*\"}", "the file is not base64"),
        ] {
            assert!(Line::parse(text).unwrap_err().starts_with(why), "{text}");
        }
    }
}
