//! What the unit tests of this crate share: a request, fixed randomness, a scripted SQL store. The native host has the real one.

use std::cell::Cell;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::http::Request;
use crate::ids::RequestId;
use crate::ports::{Random, Sql};
use crate::sql::{Rows, SqlError, Statement, Value};

/// Randomness that is always seven.
#[derive(Clone)]
pub struct Sevens;

impl Random for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// A POST that arrived at the epoch.
pub fn request(headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Request {
    let received = chrono::DateTime::UNIX_EPOCH;
    let headers: HeaderMap =
        headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())).collect();
    Request {
        id: RequestId::new(received, &Sevens),
        method: Method::POST,
        uri: Uri::from_static("/f/demo"),
        headers,
        body: body.into(),
        is_truncated: false,
        client: None,
        country: None,
        received,
        is_origin_allowed: Cell::new(false),
    }
}

/// Runs a future that waits for nothing.
pub fn block_on<F: Future>(future: F) -> F::Output {
    future.now_or_never().expect("nothing to wait for")
}

type Answer = Rc<dyn Fn(&Statement) -> Option<Vec<(&'static str, Value)>>>;

/// A SQL store that answers each statement with one row or none.
#[derive(Clone)]
pub struct FakeSql(Answer);

impl FakeSql {
    /// One that asks `answer` for the row.
    pub fn answering(answer: impl Fn(&Statement) -> Option<Vec<(&'static str, Value)>> + 'static) -> Self {
        Self(Rc::new(answer))
    }
}

impl Sql for FakeSql {
    async fn query(&self, statement: Statement) -> Result<Rows, SqlError> {
        statement.check()?;
        let Some(row) = (self.0)(&statement) else { return Ok(Rows::default()) };
        let (columns, values): (Vec<_>, Vec<_>) = row.into_iter().map(|(name, value)| (name.to_owned(), value)).unzip();
        Ok(Rows { columns: columns.into(), values: vec![values] })
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, SqlError> {
        let mut all = Vec::new();
        for statement in statements {
            all.push(self.query(statement).await?);
        }
        Ok(all)
    }
}
