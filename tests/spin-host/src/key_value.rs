//! `fermyon:spin/key-value@2.0.0` over the table that Spin uses. The adapter's promises (expiry, limits) are not kept here.

use rusqlite::{OptionalExtension, params};
use wasmtime::component::Resource;

use crate::bindings::fermyon::spin::key_value::{Error, Host, HostStore};
use crate::guest::Guest;

/// An open store; its label is all it needs.
pub struct Store(String);

type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl Host for Guest {}

impl HostStore for Guest {
    async fn open(&mut self, label: String) -> Answer<Resource<Store>> {
        if !self.component.spec.key_value_stores.contains(&label) {
            return Ok(Err(Error::AccessDenied));
        }
        Ok(Ok(self.table.push(Store(label))?))
    }

    async fn get(&mut self, store: Resource<Store>, key: String) -> Answer<Option<Vec<u8>>> {
        self.on(&store, move |connection, label| {
            connection
                .prepare_cached("SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .query_row(params![label, key], |row| row.get(0))
                .optional()
        })
        .await
    }

    async fn set(&mut self, store: Resource<Store>, key: String, value: Vec<u8>) -> Answer<()> {
        self.on(&store, move |connection, label| {
            connection
                .prepare_cached(
                    "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
                     ON CONFLICT (store, key) DO UPDATE SET value = ?3",
                )?
                .execute(params![label, key, value])
                .map(drop)
        })
        .await
    }

    async fn delete(&mut self, store: Resource<Store>, key: String) -> Answer<()> {
        self.on(&store, move |connection, label| {
            connection.prepare_cached("DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2")?.execute(params![label, key]).map(drop)
        })
        .await
    }

    async fn exists(&mut self, store: Resource<Store>, key: String) -> Answer<bool> {
        self.on(&store, move |connection, label| {
            connection.prepare_cached("SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2")?.exists(params![label, key])
        })
        .await
    }

    async fn get_keys(&mut self, store: Resource<Store>) -> Answer<Vec<String>> {
        self.on(&store, move |connection, label| {
            connection
                .prepare_cached("SELECT key FROM spin_key_value WHERE store = ?1")?
                .query_map(params![label], |row| row.get(0))?
                .collect()
        })
        .await
    }

    async fn drop(&mut self, store: Resource<Store>) -> wasmtime::Result<()> {
        self.table.delete(store)?;
        Ok(())
    }
}

impl Guest {
    async fn on<T: Send + 'static>(
        &mut self,
        store: &Resource<Store>,
        work: impl FnOnce(&rusqlite::Connection, &str) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<T> {
        let label = self.table.get(store)?.0.clone();
        Ok(self.state.key_value(move |connection| work(connection, &label)).await.map_err(Error::Other))
    }
}
