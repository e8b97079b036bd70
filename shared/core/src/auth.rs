//! Keys: how a caller shows one, how it is checked, what it opens.
//!
//! *Write* keys are public and stand in pages; *read* and *admin* keys are secret and stored as SHA-256 of 256 random bits.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::{Code, Error};
use crate::function::OPERATOR_KEY;
use crate::http::Request;
use crate::ports::Platform;

/// The key a request shows: bearer token, basic user name (Segment's way) or the password of a user `…/token` (Zendesk's), `X-Write-Key`,
/// `?write_key=`, or `?writeKey=` (RudderStack's).
#[must_use]
pub fn shown_key(request: &Request) -> Option<String> {
    if let Some(authorization) = request.header(header::AUTHORIZATION) {
        let (scheme, credentials) = authorization.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(credentials.trim().to_owned());
        }
        if scheme.eq_ignore_ascii_case("basic") {
            let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
            let (user, password) = decoded.split_once(':').unwrap_or((&decoded, ""));
            return Some(if user.ends_with("/token") { password } else { user }.to_owned());
        }
        return None;
    }
    request.header("x-write-key").map(str::to_owned).or_else(|| request.query("write_key")).or_else(|| request.query("writeKey"))
}

/// The stored form of a key.
#[must_use]
pub fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// Lets the operator through.
///
/// Errors: `Unauthenticated` without the operator's key, or where the host has none configured.
pub fn require_operator<P: Platform>(platform: &P, request: &Request) -> Result<(), Error> {
    let refused = || Error::new(Code::Unauthenticated, "This takes the operator's key as a bearer token.");
    let expected = platform.variable(OPERATOR_KEY)?.ok_or_else(refused)?;
    let shown = shown_key(request).ok_or_else(refused)?;
    // Hashing first makes both sides equally long, so the comparison tells nothing about the length either.
    if bool::from(hash(&expected).ct_eq(&hash(&shown))) { Ok(()) } else { Err(refused()) }
}
