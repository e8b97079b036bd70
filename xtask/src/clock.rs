//! What time it is.

use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};

/// Now, by this machine's clock.
pub fn now() -> DateTime<Utc> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    DateTime::UNIX_EPOCH + TimeDelta::from_std(since).unwrap_or_default()
}
