//! [`Kv`] over Workers KV.

use std::time::Duration;

use bytes::Bytes;
use orilla_core::Kv;
use orilla_core::ports::{KvError, MIN_EXPIRY, check_key, check_value};
use worker::KvStore;

use crate::sentence;

/// A Workers KV namespace.
#[derive(Clone)]
pub struct WorkersKv(KvStore);

impl WorkersKv {
    pub(crate) const fn new(store: KvStore) -> Self {
        Self(store)
    }
}

impl Kv for WorkersKv {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        check_key(key)?;
        let value = self.0.get(key).bytes().await.map_err(unavailable)?;
        Ok(value.map(Bytes::from))
    }

    async fn put(&self, key: &str, value: &[u8], expiry: Option<Duration>) -> Result<(), KvError> {
        check_key(key)?;
        check_value(value)?;
        let mut put = self.0.put_bytes(key, value).map_err(unavailable)?;
        // Beyond a century it is kept for good: the host takes no number of any size.
        if let Some(seconds) = expiry.and_then(|expiry| u32::try_from(expiry.max(MIN_EXPIRY).as_secs()).ok()) {
            put = put.expiration_ttl(seconds.into());
        }
        put.execute().await.map_err(unavailable)
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        check_key(key)?;
        self.0.delete(key).await.map_err(unavailable)
    }
}

#[allow(clippy::needless_pass_by_value)]
fn unavailable(error: worker::KvError) -> KvError {
    KvError::Unavailable(match error {
        worker::KvError::JavaScript(error) => sentence(&error),
        other => other.to_string(),
    })
}
