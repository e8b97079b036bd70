//! The key-value and SQLite probes: each takes a list of steps, runs them on one handle and answers with one result per step.

use serde_json::{Value, json};
use spin_sdk::key_value::Store;

/// Steps: `["open", label]`, `["set", key, bytes]`, `["get", key]`, `["delete", key]`, `["exists", key]`, `["keys"]`.
pub fn key_value(steps: &Value) -> Value {
    let mut store = None;
    let mut results = Vec::new();
    for step in steps.as_array().expect("a list") {
        let text = |at: usize| step[at].as_str().expect("a text");
        let held = || store.as_ref().expect("an open store");
        let result = match text(0) {
            "open" => Store::open(text(1)).map(|opened| {
                store = Some(opened);
                json!(true)
            }),
            "set" => held().set(text(1), &bytes(&step[2])).map(|()| json!(true)),
            "get" => held().get(text(1)).map(|value| json!(value)),
            "delete" => held().delete(text(1)).map(|()| json!(true)),
            "exists" => held().exists(text(1)).map(|value| json!(value)),
            "keys" => held().get_keys().map(|value| json!(value)),
            other => panic!("no step {other:?}"),
        };
        results.push(result.unwrap_or_else(|error| json!({ "error": format!("{error:?}") })));
    }
    json!(results)
}

fn bytes(value: &Value) -> Vec<u8> {
    value.as_array().expect("bytes").iter().map(|byte| byte.as_u64().expect("a byte") as u8).collect()
}

/// Steps: `{"open": label}`, `{"sql": text, "params": […]}`, `{"panic": true}`, `{"sleep": ms}`.
macro_rules! probe {
    ($name:ident, $extra:expr) => {
        pub fn $name(steps: &Value) -> Value {
            use spin_sdk::$name::{Connection, Value as Sql};
            let to_sql = |value: &Value| match value {
                Value::Null => Sql::Null,
                Value::String(text) => Sql::Text(text.clone()),
                Value::Number(number) => match number.as_i64() {
                    Some(integer) => Sql::Integer(integer),
                    None => Sql::Real(number.as_f64().expect("a number")),
                },
                Value::Array(_) => Sql::Blob(bytes(value)),
                other => panic!("no value {other}"),
            };
            let from_sql = |value: &Sql| match value {
                Sql::Null => json!(null),
                Sql::Text(text) => json!(text),
                Sql::Integer(integer) => json!(integer),
                Sql::Real(real) => json!(real),
                Sql::Blob(blob) => json!(blob),
            };
            let mut connection: Option<Connection> = None;
            let mut results = Vec::new();
            for step in steps.as_array().expect("a list") {
                if step["panic"] == json!(true) {
                    panic!("as asked");
                }
                if let Some(pause) = step["sleep"].as_u64() {
                    std::thread::sleep(std::time::Duration::from_millis(pause));
                    continue;
                }
                let result = if let Some(label) = step["open"].as_str() {
                    Connection::open(label).map(|opened| {
                        connection = Some(opened);
                        json!(true)
                    })
                } else {
                    let connection = connection.as_ref().expect("an open connection");
                    let params: Vec<_> = step["params"].as_array().into_iter().flatten().map(to_sql).collect();
                    connection.execute(step["sql"].as_str().expect("a statement"), &params).map(|found| {
                        let rows: Vec<Vec<_>> =
                            found.rows.iter().map(|row| row.values.iter().map(from_sql).collect()).collect();
                        let extra: fn(&Connection) -> Value = $extra;
                        json!({ "columns": found.columns, "rows": rows, "extra": extra(connection) })
                    })
                };
                results.push(result.unwrap_or_else(|error| json!({ "error": format!("{error:?}") })));
            }
            json!(results)
        }
    };
}

probe!(sqlite, |_| json!(null));
probe!(sqlite3, |connection| json!([connection.last_insert_rowid(), connection.changes()]));
