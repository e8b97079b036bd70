//! What the reference implementations computed, as `fixtures/heads.py` wrote it down.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The part of the fixture under this JSON pointer.
#[track_caller]
pub(crate) fn fixture<T: DeserializeOwned>(pointer: &str) -> T {
    let all: Value = serde_json::from_str(include_str!("../fixtures/heads.json")).unwrap();
    let part = all.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in the fixture"));
    serde_json::from_value(part.clone()).unwrap()
}

/// Two tables of numbers agree.
#[track_caller]
pub(crate) fn assert_near<R: AsRef<[f32]>, S: AsRef<[f32]>>(found: &[R], expect: &[S], within: f32) {
    assert_eq!(found.len(), expect.len());
    for (row, (found, expect)) in found.iter().zip(expect).enumerate() {
        let (found, expect) = (found.as_ref(), expect.as_ref());
        assert_eq!(found.len(), expect.len(), "row {row}");
        let is_near = found.iter().zip(expect).all(|(a, b)| (a - b).abs() <= within);
        assert!(is_near, "row {row}: {found:?}, expected {expect:?}");
    }
}
