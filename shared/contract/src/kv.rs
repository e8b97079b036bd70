//! The contract of `Kv`, number by number.

use std::time::Duration;

use bytes::Bytes;
use orilla_core::ports::{KV, KvError, MAX_KEY_BYTES, MAX_VALUE_BYTES};
use orilla_core::{Kv, Platform};

use crate::{Case, Outcome, claim, same};

impl<P: Platform> Case<'_, P> {
    fn key(&self, name: &str) -> String {
        format!("contract-{}-{name}", self.nonce)
    }
}

/// 1.
pub async fn values_come_back_byte_for_byte<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let kv = case.platform.kv(KV)?;
    let values: [Vec<u8>; 5] = [Vec::new(), vec![0], (0..=255).collect(), vec![0xff; 1000], "ñandú €😀\r\n".into()];
    for (index, value) in values.iter().enumerate() {
        let key = case.key(&format!("bytes-{index}"));
        kv.put(&key, value, None).await?;
        same("value", &kv.get(&key).await?, &Some(Bytes::from(value.clone())))?;
        kv.delete(&key).await?;
    }
    Ok(())
}

/// 2. What has expired is left to each host's own tests: the shortest expiry is longer than a suite may wait.
pub async fn unknown_and_deleted_keys_give_none<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let kv = case.platform.kv(KV)?;
    let key = case.key("unknown");
    same("an unknown key", &kv.get(&key).await?, &None)?;
    kv.put(&key, b"here", None).await?;
    claim(kv.get(&key).await?.is_some(), "a value just put is missing")?;
    kv.delete(&key).await?;
    same("a deleted key", &kv.get(&key).await?, &None)
}

/// 3.
pub async fn keys_are_any_utf8_within_bounds<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let kv = case.platform.kv(KV)?;
    let longest = |filler: char| {
        let start = case.key("");
        let room = MAX_KEY_BYTES - start.len();
        let wide = room / filler.len_utf8();
        format!("{start}{}{}", "x".repeat(room % filler.len_utf8()), filler.to_string().repeat(wide))
    };
    let names = [" ", "A", "a", "/", "//a/../b", "?a=b#c%20%zz&+", "é", "e\u{301}", "😀", "\u{1}\n\u{7f}", "\0", "\"'\\;:", "..", "."];
    let keys: Vec<_> = names.map(|name| case.key(name)).into_iter().chain([longest('k'), longest('😀')]).collect();
    for key in &keys {
        kv.put(key, key.as_bytes(), None).await?;
    }
    for key in &keys {
        same(key, &kv.get(key).await?, &Some(Bytes::copy_from_slice(key.as_bytes())))?;
        kv.delete(key).await?;
    }
    for name in ["...", " .", "k", "/"] {
        // Odd, short and shared with other runs: put, seen and gone at once.
        kv.put(name, b"x", None).await?;
        claim(kv.get(name).await?.is_some(), format!("{name:?} was lost"))?;
        kv.delete(name).await?;
    }
    for key in ["", ".", "..", &"k".repeat(MAX_KEY_BYTES + 1), &"ñ".repeat(MAX_KEY_BYTES / 2 + 1)] {
        let outcomes = [kv.get(key).await.map(drop), kv.put(key, b"x", None).await, kv.delete(key).await];
        let is_refused = outcomes.iter().all(|outcome| matches!(outcome, Err(KvError::Key { bytes }) if *bytes == key.len()));
        claim(is_refused, format!("a key of {} bytes: {outcomes:?}", key.len()))?;
    }
    Ok(())
}

/// 4.
pub async fn values_have_a_longest_length<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let kv = case.platform.kv(KV)?;
    let key = case.key("long");
    let longest: Bytes = (0..MAX_VALUE_BYTES).map(|n| u8::try_from(n % 251).unwrap_or_default()).collect();
    kv.put(&key, &longest, None).await?;
    same("the longest value", &kv.get(&key).await?, &Some(longest.clone()))?;
    let refused = kv.put(&key, &vec![1; MAX_VALUE_BYTES + 1], None).await;
    claim(matches!(refused, Err(KvError::Value { .. })), "a value too long was taken")?;
    same("the value before it", &kv.get(&key).await?, &Some(longest))?;
    kv.delete(&key).await?;
    Ok(())
}

/// 5.
pub async fn put_replaces_and_short_expiry_is_lengthened<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let kv = case.platform.kv(KV)?;
    let key = case.key("replaced");
    for (value, expiry) in [
        ("first", None),
        ("second, longer", Some(Duration::ZERO)),
        ("third", Some(Duration::from_millis(1))),
        ("fourth", Some(Duration::from_secs(3600))),
        ("fifth", Some(Duration::MAX)),
        ("", None),
    ] {
        kv.put(&key, value.as_bytes(), expiry).await?;
        same(&format!("kept for {expiry:?}"), &kv.get(&key).await?, &Some(Bytes::from(value)))?;
    }
    kv.delete(&key).await?;
    Ok(())
}

/// 6.
pub async fn deleting_an_unknown_key_succeeds<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let kv = case.platform.kv(KV)?;
    let key = case.key("never-put");
    kv.delete(&key).await?;
    kv.delete(&key).await?;
    Ok(())
}
