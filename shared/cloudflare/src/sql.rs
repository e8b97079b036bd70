//! [`Sql`] over D1, through its JavaScript objects: the `worker` crate's typed results lose blobs and column order.

use std::rc::Rc;

use orilla_core::Sql;
use orilla_core::sql::{MAX_SAFE_INTEGER, Rows, SqlError, Statement, Value};
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{D1Database, D1PreparedStatement};

use crate::sentence;

/// A D1 database.
#[derive(Clone)]
pub struct D1(Rc<D1Database>);

impl D1 {
    pub(crate) fn new(database: D1Database) -> Self {
        Self(Rc::new(database))
    }

    fn prepare(&self, statement: &Statement) -> Result<D1PreparedStatement, SqlError> {
        statement.check()?;
        let parameters = statement.parameters.iter().map(to_js).collect::<Result<Vec<_>, _>>()?;
        self.0.prepare(statement.sql.as_ref()).bind(&parameters).map_err(|error| SqlError::from_message(&error.to_string()))
    }
}

impl Sql for D1 {
    async fn query(&self, statement: Statement) -> Result<Rows, SqlError> {
        let promise = self.prepare(&statement)?.inner().all().map_err(from_js_error)?;
        to_rows(&JsFuture::from(promise).await.map_err(from_js_error)?)
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, SqlError> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let prepared = Array::new();
        for statement in &statements {
            prepared.push(self.prepare(statement)?.inner());
        }
        let database: &JsValue = (*self.0).as_ref();
        let batch: Function = property(database, "batch")?.dyn_into().map_err(from_js_error)?;
        let promise: Promise = batch.call1(database, &prepared).and_then(JsCast::dyn_into).map_err(from_js_error)?;
        let results: Array = JsFuture::from(promise).await.and_then(JsCast::dyn_into).map_err(from_js_error)?;
        results.iter().map(|result| to_rows(&result)).collect()
    }
}

fn to_js(value: &Value) -> Result<JsValue, SqlError> {
    Ok(match value {
        Value::Null => JsValue::NULL,
        // Exact: `Statement::check` refused everything beyond 2^53.
        #[allow(clippy::cast_precision_loss)]
        Value::Integer(n) => JsValue::from_f64(*n as f64),
        // D1 sends parameters as JSON, which would turn these into NULL.
        Value::Real(x) if !x.is_finite() => return Err(SqlError::Rejected("a double that is not finite".to_owned())),
        Value::Real(x) => JsValue::from_f64(*x),
        Value::Text(text) => JsValue::from_str(text),
        Value::Blob(bytes) => Uint8Array::from(bytes.as_slice()).into(),
    })
}

/// Reads one `D1Result`, whose `results` are objects with the columns in order; without rows there are no columns.
fn to_rows(result: &JsValue) -> Result<Rows, SqlError> {
    let results = property(result, "results")?;
    let Some(objects) = results.dyn_ref::<Array>() else { return Ok(Rows::default()) };
    let mut rows = Rows::default();
    for object in objects.iter() {
        let object: Object = object.dyn_into().map_err(from_js_error)?;
        if rows.columns.is_empty() {
            rows.columns = Object::keys(&object).iter().filter_map(|name| name.as_string()).collect();
        }
        rows.values.push(Object::values(&object).iter().map(|value| from_js(&value)).collect::<Result<_, _>>()?);
    }
    Ok(rows)
}

fn from_js(value: &JsValue) -> Result<Value, SqlError> {
    if value.is_null() || value.is_undefined() {
        Ok(Value::Null)
    } else if let Some(number) = value.as_f64() {
        from_number(number)
    } else if let Some(text) = value.as_string() {
        Ok(Value::Text(text))
    } else {
        // A blob comes as an array of numbers, or as an `ArrayBuffer`: the constructor takes both.
        Ok(Value::Blob(Uint8Array::new(value).to_vec()))
    }
}

/// Reads a number, which D1 gives as a double whether SQLite held an integer or a double.
///
/// Whole numbers from 2^53 to 2^63 may stand for an integer that was rounded on the way, so they are refused.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn from_number(number: f64) -> Result<Value, SqlError> {
    if number.fract() != 0.0 || number.abs() > i64::MAX as f64 {
        Ok(Value::Real(number))
    } else if number.abs() <= MAX_SAFE_INTEGER as f64 {
        Ok(Value::Integer(number as i64))
    } else {
        Err(SqlError::IntegerOutOfRange)
    }
}

fn property(object: &JsValue, name: &str) -> Result<JsValue, SqlError> {
    Reflect::get(object, &JsValue::from_str(name)).map_err(from_js_error)
}

#[allow(clippy::needless_pass_by_value)]
fn from_js_error(error: JsValue) -> SqlError {
    SqlError::from_message(&sentence(&error))
}
