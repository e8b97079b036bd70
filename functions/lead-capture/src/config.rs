//! The operator's configuration, read once per request by typed name.

use orilla_core::guard::{self, Destination, Exemptions};
use orilla_core::ports::Variable;
use orilla_core::{Error, Platform, Request};

use crate::challenge::SITEVERIFY;
use crate::form::Form;

/// The origin of links in answers and mails. Answers take the request's own if it is not set; mails never do.
pub const PUBLIC_URL: Variable = Variable("PUBLIC_URL");
/// Where challenges are checked.
pub const TURNSTILE_URL: Variable = Variable("TURNSTILE_URL");
/// The secret that challenges are checked with.
pub const TURNSTILE_SECRET: Variable = Variable("TURNSTILE_SECRET");

/// What the operator configured.
#[derive(Debug)]
pub struct Config {
    public_url: Option<String>,
    /// Where challenges are checked.
    pub siteverify: Destination,
    /// The secret that challenges are checked with.
    pub turnstile_secret: Option<String>,
    /// Hosts that user-given URLs may name although they are private.
    pub exemptions: Exemptions,
}

impl Config {
    /// Reads it.
    ///
    /// Errors: `Unavailable` if a variable cannot be read or is no URL where one is needed.
    pub fn read<P: Platform>(platform: &P) -> Result<Self, Error> {
        let siteverify = platform.variable(TURNSTILE_URL)?;
        Ok(Self {
            public_url: platform.variable(PUBLIC_URL)?.map(|url| url.trim_end_matches('/').to_owned()).filter(|url| !url.is_empty()),
            siteverify: guard::trusted(siteverify.as_deref().unwrap_or(SITEVERIFY)).map_err(Error::unavailable)?,
            turnstile_secret: platform.variable(TURNSTILE_SECRET)?,
            exemptions: Exemptions::parse(&platform.variable(orilla_core::outbox::ALLOWED_PRIVATE_HOSTS)?.unwrap_or_default()),
        })
    }

    /// The origin that links in a form's mails start with, `None` for a form that mails none: what a request says of itself must not
    /// reach somebody else's mailbox.
    ///
    /// Errors: `Unavailable` if the form mails and the operator did not set it.
    pub fn mail_origin(&self, form: &Form) -> Result<Option<&str>, Error> {
        let missing = || Error::unavailable("PUBLIC_URL is not set, and a form with double opt-in mails links");
        form.double_opt_in.as_ref().map(|_| self.public_url.as_deref().ok_or_else(missing)).transpose()
    }

    /// The origin that links in an answer start with, without a slash at its end.
    #[must_use]
    pub fn origin(&self, request: &Request) -> String {
        self.public_url.clone().unwrap_or_else(|| request.own_origin())
    }
}
