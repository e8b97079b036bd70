//! Signatures: webhooks as Standard Webhooks 1.0 has them, and our own links that expire.

use std::fmt;

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error as ThisError;

use crate::error::{Code, Error};
use crate::ports::Random;

/// How far a webhook's timestamp may be off. Source: Standard Webhooks 1.0 leaves it to the receiver; its libraries use 5 min.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

const PREFIX: &str = "whsec_";
/// Padding is often lost on the way through a settings page.
const LENIENT: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// A webhook's signing secret. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The text is no signing secret: it is empty or not base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
#[error("a signing secret is whsec_ and base64")]
pub struct BadSecret;

impl Secret {
    /// Reads `whsec_` and base64, with or without the prefix, with or without padding.
    ///
    /// Errors: `BadSecret`.
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let encoded = text.strip_prefix(PREFIX).unwrap_or(text);
        let bytes = LENIENT.decode(encoded).map_err(|_| BadSecret)?;
        if bytes.is_empty() { Err(BadSecret) } else { Ok(Self(bytes)) }
    }

    /// A fresh one of 256 bits. Source: Standard Webhooks 1.0 asks for 192 to 512.
    pub fn generate(random: &impl Random) -> Self {
        let mut bytes = vec![0; 32];
        random.fill(&mut bytes);
        Self(bytes)
    }

    /// The form a receiver's library takes, and [`Self::parse`] reads.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    fn signature(&self, id: &str, timestamp: DateTime<Utc>, body: &[u8]) -> String {
        let head = format!("{id}.{}.", timestamp.timestamp());
        format!("v1,{}", STANDARD.encode(mac(&self.0, &[head.as_bytes(), body])))
    }
}

/// The `webhook-signature` header: one signature for each secret, so that a receiver may know the old or the new one.
///
/// Source: Standard Webhooks 1.0, "Signature scheme".
#[must_use]
pub fn sign(secrets: &[Secret], id: &str, timestamp: DateTime<Utc>, body: &[u8]) -> String {
    let signatures: Vec<_> = secrets.iter().map(|secret| secret.signature(id, timestamp, body)).collect();
    signatures.join(" ")
}

/// Why a webhook is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
pub enum Rejected {
    /// The timestamp is no number, or further off than [`TOLERANCE`].
    #[error("the timestamp is too far off")]
    Timestamp,
    /// No signature fits any secret.
    #[error("no signature fits")]
    Signature,
}

/// Checks a webhook's three headers against its body, in constant time for each signature.
///
/// Errors: [`Rejected`].
pub fn verify(secrets: &[Secret], id: &str, timestamp: &str, signatures: &str, body: &[u8], now: DateTime<Utc>) -> Result<(), Rejected> {
    let sent = timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)).ok_or(Rejected::Timestamp)?;
    if (now - sent).abs() > TOLERANCE {
        return Err(Rejected::Timestamp);
    }
    let fits = |shown: &str| secrets.iter().any(|secret| bool::from(secret.signature(id, sent, body).as_bytes().ct_eq(shown.as_bytes())));
    if signatures.split(' ').any(fits) { Ok(()) } else { Err(Rejected::Signature) }
}

/// Signs a link to `subject` that opens until `expires`. `purpose` keeps a link for one thing from opening another.
#[must_use]
pub fn sign_link(secret: &[u8], purpose: &'static str, subject: &str, expires: DateTime<Utc>) -> String {
    URL_SAFE_NO_PAD.encode(link_mac(secret, purpose, subject, expires.timestamp()))
}

/// Checks a link; `expires` is the Unix second it carries.
///
/// Errors: `Forbidden` if it was not signed for this; `Expired` once its time has passed.
pub fn verify_link(
    secret: &[u8],
    purpose: &'static str,
    subject: &str,
    expires: i64,
    signature: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let shown = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    if !bool::from(link_mac(secret, purpose, subject, expires).ct_eq(&shown[..])) {
        return Err(Error::forbidden("This link was not made here, or was changed on its way."));
    }
    if now.timestamp() >= expires {
        return Err(Error::new(Code::Expired, "This link's time has passed; ask for a new one."));
    }
    Ok(())
}

/// A signed link in one word, for a query parameter: subject, expiry, signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is about. Believe it only after [`Self::verify`]; before, it may serve to find the secret.
    pub subject: String,
    expires: i64,
    signature: String,
}

impl Token {
    /// A token that opens `subject` until `expires`.
    #[must_use]
    pub fn issue(secret: &[u8], purpose: &'static str, subject: &str, expires: DateTime<Utc>) -> Self {
        let signature = sign_link(secret, purpose, subject, expires);
        Self { subject: subject.to_owned(), expires: expires.timestamp(), signature }
    }

    /// Reads one, without believing it yet.
    ///
    /// Errors: `Malformed` if it has another shape.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let read = || {
            let mut parts = text.split('.');
            let subject = String::from_utf8(URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()?;
            let (expires, signature) = (parts.next()?.parse().ok()?, parts.next()?.to_owned());
            parts.next().is_none().then_some(Self { subject, expires, signature })
        };
        read().ok_or_else(|| Error::malformed("This link is not complete; copy all of it."))
    }

    /// Whether it was signed for this purpose and is still good.
    ///
    /// Errors: as [`verify_link`].
    pub fn verify(&self, secret: &[u8], purpose: &'static str, now: DateTime<Utc>) -> Result<(), Error> {
        verify_link(secret, purpose, &self.subject, self.expires, &self.signature, now)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", URL_SAFE_NO_PAD.encode(&self.subject), self.expires, self.signature)
    }
}

/// The subject comes last: whatever it holds, it cannot pass for a purpose or an expiry.
fn link_mac(secret: &[u8], purpose: &'static str, subject: &str, expires: i64) -> [u8; 32] {
    mac(secret, &[format!("{purpose}\n{expires}\n").as_bytes(), subject.as_bytes()])
}

/// HMAC-SHA-256 of the parts as one text. Compare it in constant time.
///
/// Source: RFC 2104 §2, whose key is one block: hashed if it is longer, else filled with zeros.
#[must_use]
pub fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0; 64];
    let hashed;
    let key = if key.len() > block.len() {
        hashed = Sha256::digest(key);
        &hashed[..]
    } else {
        key
    };
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::Sevens;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// The vector that Standard Webhooks publishes with its libraries.
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const SENT: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn published() -> Secret {
        Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()
    }

    #[test]
    fn signs_the_published_vector() {
        assert_eq!(sign(&[published()], ID, at(SENT), BODY), SIGNATURE);
    }

    #[test]
    fn secrets_are_read_with_or_without_prefix_and_padding() {
        let padded = Secret(vec![1; 16]);
        for text in ["whsec_AQEBAQEBAQEBAQEBAQEBAQ==", "whsec_AQEBAQEBAQEBAQEBAQEBAQ", "AQEBAQEBAQEBAQEBAQEBAQ=="] {
            assert_eq!(Secret::parse(text), Ok(padded.clone()));
        }
        for text in ["", "whsec_", "whsec_====", "whsec_not base64"] {
            assert_eq!(Secret::parse(text), Err(BadSecret));
        }
        let fresh = Secret::generate(&Sevens);
        assert_eq!(Secret::parse(&fresh.reveal()), Ok(fresh.clone()));
        assert!(!format!("{fresh:?}").contains("Bw"), "the log never shows a secret");
    }

    #[track_caller]
    fn check(id: &str, timestamp: &str, signatures: &str, body: &[u8], expect: Result<(), Rejected>) {
        assert_eq!(verify(&[published()], id, timestamp, signatures, body, at(SENT + 10)), expect);
    }

    #[test]
    fn verifies_only_what_was_signed() {
        let sent = SENT.to_string();
        check(ID, &sent, SIGNATURE, BODY, Ok(()));
        check(ID, &sent, &format!("v1a,xx v1,AAAA {SIGNATURE}"), BODY, Ok(()));
        check("msg_other", &sent, SIGNATURE, BODY, Err(Rejected::Signature));
        check(ID, &sent, SIGNATURE, b"{}", Err(Rejected::Signature));
        check(ID, &(SENT + 1).to_string(), SIGNATURE, BODY, Err(Rejected::Signature));
        check(ID, &sent, SIGNATURE.trim_start_matches("v1,"), BODY, Err(Rejected::Signature));
        check(ID, &sent, "", BODY, Err(Rejected::Signature));
        check(ID, &(SENT - 291).to_string(), SIGNATURE, BODY, Err(Rejected::Timestamp));
        check(ID, &(SENT + 311).to_string(), SIGNATURE, BODY, Err(Rejected::Timestamp));
        check(ID, "soon", SIGNATURE, BODY, Err(Rejected::Timestamp));
        check(ID, &i64::MAX.to_string(), SIGNATURE, BODY, Err(Rejected::Timestamp));
    }

    #[test]
    fn a_receiver_may_know_either_secret_while_it_rotates() {
        let (old, new) = (published(), Secret::generate(&Sevens));
        let signatures = sign(&[new.clone(), old.clone()], ID, at(SENT), BODY);
        for known in [old, new] {
            assert_eq!(verify(&[known], ID, &SENT.to_string(), &signatures, BODY, at(SENT)), Ok(()));
        }
        assert_eq!(verify(&[], ID, &SENT.to_string(), &signatures, BODY, at(SENT)), Err(Rejected::Signature));
    }

    #[test]
    fn long_keys_are_hashed_as_rfc_4231_has_it() {
        // Test case 6: a key of 131 bytes.
        let tag = mac(&[0xaa; 131], &[b"Test Using Larger Than Block-Size Key - Hash Key First"]);
        assert_eq!(crate::ids::hex(&tag), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    #[test]
    fn links_open_their_subject_until_they_expire() {
        let signature = sign_link(b"secret", "asset", "guide.pdf", at(1_000));
        let open = |secret: &[u8], purpose, subject, expires, now| {
            verify_link(secret, purpose, subject, expires, &signature, at(now)).map_err(|e| e.code)
        };
        assert_eq!(open(b"secret", "asset", "guide.pdf", 1_000, 999), Ok(()));
        assert_eq!(open(b"secret", "asset", "guide.pdf", 1_000, 1_000), Err(Code::Expired));
        assert_eq!(open(b"other", "asset", "guide.pdf", 1_000, 999), Err(Code::Forbidden));
        assert_eq!(open(b"secret", "confirm", "guide.pdf", 1_000, 999), Err(Code::Forbidden));
        assert_eq!(open(b"secret", "asset", "secret.pdf", 1_000, 999), Err(Code::Forbidden));
        assert_eq!(open(b"secret", "asset", "guide.pdf", 2_000, 999), Err(Code::Forbidden));
        assert_eq!(verify_link(b"secret", "asset", "guide.pdf", 1_000, "", at(1)).map_err(|e| e.code), Err(Code::Forbidden));
    }

    proptest! {
        #[test]
        fn tokens_come_back_and_any_change_closes_them(subject: String, flip in 0usize..200) {
            let text = Token::issue(b"secret", "confirm", &subject, at(1_000)).to_string();
            let token = Token::parse(&text).unwrap();
            prop_assert_eq!(&token.subject, &subject);
            prop_assert!(token.verify(b"secret", "confirm", at(999)).is_ok());
            let mut changed = text.clone().into_bytes();
            let at_byte = flip % changed.len();
            changed[at_byte] = if changed[at_byte] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(changed).unwrap();
            prop_assert!(Token::parse(&changed).and_then(|token| token.verify(b"secret", "confirm", at(999))).is_err());
        }
    }
}
