//! [`Sql`] over D1, through its JavaScript objects: the `worker` crate's typed results lose blobs and column order.

use std::rc::Rc;

use orilla_core::Sql;
use orilla_core::sql::{MAX_SAFE_INTEGER, Rows, SqlError, Statement, Value};
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{D1Database, D1PreparedStatement, ObjectNamespace, Stub};

use crate::sentence;

/// What `lane/group.js` says of a queue that takes no more.
const LANE_IS_FULL: &str = "LANE_FULL";

/// A D1 database, and the objects in front of it if there are any.
#[derive(Clone)]
pub struct D1 {
    database: Rc<D1Database>,
    lanes: Option<ObjectNamespace>,
    /// The stub of the object that batches go through.
    lane: Option<JsValue>,
}

impl D1 {
    pub(crate) fn new(database: D1Database, lanes: Option<ObjectNamespace>) -> Self {
        Self { database: Rc::new(database), lanes, lane: None }
    }

    fn prepare(&self, statement: &Statement) -> Result<D1PreparedStatement, SqlError> {
        let parameters = parameters(statement)?;
        self.database.prepare(statement.sql.as_ref()).bind(&parameters).map_err(|error| SqlError::from_message(&error.to_string()))
    }

    /// What D1's own `batch` gives.
    fn commit(&self, statements: &[Statement]) -> Result<JsValue, SqlError> {
        let prepared = Array::new();
        for statement in statements {
            prepared.push(self.prepare(statement)?.inner());
        }
        call((*self.database).as_ref(), "batch", &prepared)
    }
}

/// What [`D1::commit`] gives, by way of an object that commits several callers' batches together.
fn commit_through(lane: &JsValue, statements: &[Statement]) -> Result<JsValue, SqlError> {
    let batch = Array::new();
    for statement in statements {
        let parameters: Array = parameters(statement)?.into_iter().collect();
        batch.push(&Array::of2(&JsValue::from_str(&statement.sql), &parameters));
    }
    call(lane, "commit", &batch)
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
        let promise = match &self.lane {
            Some(lane) => commit_through(lane, &statements),
            None => self.commit(&statements),
        }?;
        // What an object's method gives is no promise by its kind, only by its conduct.
        let results: Array = JsFuture::from(Promise::resolve(&promise)).await.and_then(JsCast::dyn_into).map_err(from_js_error)?;
        results.iter().map(|result| to_rows(&result)).collect()
    }

    fn lane(&self, name: &str) -> Self {
        let stub = self.lanes.as_ref().and_then(|lanes| lanes.get_by_name(name).ok());
        Self { lane: stub.map(Stub::into_rpc), ..self.clone() }
    }
}

/// Calls a method that takes one argument, of an object whose methods may live elsewhere.
fn call(object: &JsValue, method: &str, argument: &JsValue) -> Result<JsValue, SqlError> {
    // Unchecked, and applied rather than called: to a stub, `call` is one more name to ask its object for.
    let function: Function = property(object, method)?.unchecked_into();
    Reflect::apply(&function, object, &Array::of1(argument)).map_err(from_js_error)
}

/// A statement's parameters, checked.
fn parameters(statement: &Statement) -> Result<Vec<JsValue>, SqlError> {
    statement.check()?;
    statement.parameters.iter().map(to_js).collect()
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
    let sentence = sentence(&error);
    if sentence.contains(LANE_IS_FULL) { SqlError::Busy } else { SqlError::from_message(&sentence) }
}
