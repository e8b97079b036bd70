//! [`Kv`] over Spin's key-value store, which knows no expiry: each value starts with its own.

use std::rc::Rc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use orilla_core::ports::{KvError, MIN_EXPIRY, check_key, check_value};
use orilla_core::{Clock, Kv};
use spin_sdk::key_value::{Error, Store};

use crate::WallClock;

/// Eight bytes before each value: the Unix millisecond it expires at, big-endian, or this for never.
const NEVER: u64 = u64::MAX;

/// A Spin key-value store.
#[derive(Clone)]
pub struct SpinKv(Rc<Store>);

impl SpinKv {
    pub(crate) fn new(store: Store) -> Self {
        Self(Rc::new(store))
    }
}

impl Kv for SpinKv {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        check_key(key)?;
        let Some(stored) = self.0.get(key).map_err(unavailable)? else { return Ok(None) };
        let mut stored = Bytes::from(stored);
        let expires_at = stored.try_get_u64().map_err(|_| KvError::Unavailable("a value without its expiry".to_owned()))?;
        Ok((now_millis() < expires_at).then_some(stored))
    }

    async fn put(&self, key: &str, value: &[u8], expiry: Option<Duration>) -> Result<(), KvError> {
        check_key(key)?;
        check_value(value)?;
        let lifetime = |expiry: Duration| u64::try_from(expiry.max(MIN_EXPIRY).as_millis()).unwrap_or(NEVER);
        let expires_at = expiry.map_or(NEVER, |expiry| now_millis().saturating_add(lifetime(expiry)));
        self.0.set(key, &[&expires_at.to_be_bytes(), value].concat()).map_err(unavailable)
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        check_key(key)?;
        self.0.delete(key).map_err(unavailable)
    }
}

fn now_millis() -> u64 {
    u64::try_from(WallClock.now().timestamp_millis()).unwrap_or_default()
}

#[allow(clippy::needless_pass_by_value)]
fn unavailable(error: Error) -> KvError {
    KvError::Unavailable(error.to_string())
}
