//! A form's definition: what it asks, in which words, under which consents, and what happens with an answer.
//! Types only: `check` says what is wrong with one, `view` what a page may see of it, `submission` reads answers by it.

mod check;
mod field;
mod view;

use std::collections::BTreeMap;

use orilla_core::ids::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

pub(crate) use check::{ASSET_NAME, Found, IDENTIFIER, compile, is_asset_name, is_identifier, matches_host};
pub use field::{Bound, Choice, Field, Kind, date};
pub(crate) use view::FieldView;
pub use view::{DECOY, View, public_view};

use orilla_text::Locale;

use crate::messages::{self, Rule};
use crate::verdict::{Action, Reason, Thresholds};

/// Text in each of a form's locales.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(pub BTreeMap<Locale, String>);

impl Text {
    /// The text in a locale; in another one if that is missing, which a checked definition rules out.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        self.0.get(&locale).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }
}

/// One form as its file describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// What people who work with the form call it.
    pub title: Text,
    /// The languages it is offered in, the default first; the site's if the file names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locales: Vec<Locale>,
    /// Above the form.
    pub headline: Text,
    /// Below the headline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<Text>,
    /// On the button.
    pub submit: Text,
    /// What it asks, in order.
    pub fields: Vec<Field>,
    /// What it asks permission for, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<Consent>,
    /// The alternatives of its experiment; none, or at least two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// Whether rendered forms carry a field that only machines fill in.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub decoy: bool,
    /// What signs of spam lead to.
    #[serde(default, skip_serializing_if = "is_default")]
    pub spam: SpamPolicy,
    /// A challenge to solve before sending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<Challenge>,
    /// What a visitor gets in return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub magnet: Option<Magnet>,
    /// Who hears of a new lead, beyond the site's defaults.
    #[serde(default, skip_serializing_if = "is_default")]
    pub notifications: Notifications,
    /// Asks the mailbox's owner to confirm before a lead counts as confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub double_opt_in: Option<DoubleOptIn>,
    /// What the visitor reads afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thanks: Option<Text>,
    /// Where the visitor goes afterwards, if the page does not say `_next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<Text>,
    /// The hosts that `redirect` and `_next` may lead to: `example.com`, `*.example.com`, `localhost:*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_hosts: Vec<String>,
}

/// A permission a visitor can give. It is never ticked beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Its name on the wire, beside the fields' names.
    pub name: String,
    /// Exactly what the visitor reads; receipts hash it.
    pub text: Text,
    /// Whether the form can be sent without it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// The kinds of message it allows, such as `newsletter`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<String>,
    /// The policy it refers to, shown after the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// What the visitor reads if it is required and missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
}

impl Consent {
    /// SHA-256, in hex, of the exact text in a locale: what a receipt keeps.
    #[must_use]
    pub fn text_hash(&self, locale: Locale) -> String {
        hex(&Sha256::digest(self.text.get(locale)))
    }

    /// What the visitor reads if it is required and missing.
    #[must_use]
    pub fn refusal(&self, locale: Locale) -> String {
        self.message.as_ref().map_or_else(|| Rule::ConsentRequired.message(locale), |text| text.get(locale).to_owned())
    }
}

/// A link with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Where to, in each locale.
    pub url: Text,
    /// The words.
    pub text: Text,
}

/// One alternative of a form's experiment; what it leaves out is as in the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its name in counts and exports.
    pub id: String,
    /// Its share of visitors, relative to the others'.
    #[serde(default = "one")]
    pub weight: u32,
    /// Another headline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<Text>,
    /// Another introduction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<Text>,
    /// Another call to action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submit: Option<Text>,
    /// The fields it shows, in this order. Required ones cannot be left out, so an answer is judged alike in all variants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
}

/// What each sign of spam leads to, and from where on it is one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SpamPolicy {
    /// What differs from [`Reason::default_action`].
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub actions: BTreeMap<Reason, Action>,
    /// From where on evidence counts.
    #[serde(skip_serializing_if = "is_default")]
    pub thresholds: Thresholds,
}

impl SpamPolicy {
    /// What this reason leads to.
    #[must_use]
    pub fn action(&self, reason: Reason) -> Action {
        self.actions.get(&reason).copied().unwrap_or_else(|| reason.default_action())
    }
}

/// A challenge by a third party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// Whose.
    pub provider: Provider,
    /// The public key that the page shows; the secret one is the operator's.
    pub site_key: String,
}

/// Who sets a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Cloudflare Turnstile.
    Turnstile,
}

/// What a visitor gets in return, by a signed link that expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Magnet {
    /// The file's name below the site's `assets/`, in each locale.
    pub asset: Text,
    /// The words of the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// How long the link works.
    #[serde(default = "three_days")]
    pub expires_hours: u32,
}

/// Who hears of a new lead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notifications {
    /// The site's destinations this form speaks to; all of them if the file does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destinations: Option<Vec<String>>,
    /// The subject of its e-mails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Text>,
}

/// The confirmation mail of a form; the built-in words stand in for those left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoubleOptIn {
    /// The mail's subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Text>,
    /// What the mail says before the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<Text>,
    /// The words of the link and of the page's button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<Text>,
    /// How long the link works.
    #[serde(default = "seven_days")]
    pub expires_hours: u32,
}

impl Form {
    /// The locale for whoever names none.
    #[must_use]
    pub fn default_locale(&self) -> Locale {
        self.locales.first().copied().unwrap_or(Locale::Es)
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The variant of this id.
    #[must_use]
    pub fn variant(&self, id: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.id == id)
    }

    /// The field that names a lead's mailbox: the first required one of type e-mail.
    #[must_use]
    pub fn mailbox(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.kind == Kind::Email && field.required)
    }

    /// What the visitor reads after a submission.
    #[must_use]
    pub fn thanks(&self, locale: Locale) -> &str {
        self.thanks.as_ref().map_or(messages::words(locale).thanks, |text| text.get(locale))
    }

    /// Where a wish such as `_next` leads, relative to the page it came from; `None` if it may not lead there.
    ///
    /// Only `https`, and `http` on hosts that the form lists with a port of their own, which are somebody's own machine.
    #[must_use]
    pub fn next(&self, wish: &str, page: Option<&str>) -> Option<Url> {
        let page = page.and_then(|page| Url::parse(page).ok());
        let url = Url::options().base_url(page.as_ref()).parse(wish.trim()).ok()?;
        let has_no_credentials = url.username().is_empty() && url.password().is_none();
        let is_listed = has_no_credentials && self.redirect_hosts.iter().any(|pattern| matches_host(pattern, &url));
        is_listed.then_some(url)
    }

    /// Where the form itself sends visitors in this locale.
    #[must_use]
    pub fn own_redirect(&self, locale: Locale) -> Option<Url> {
        self.redirect.as_ref().and_then(|text| self.next(text.get(locale), None))
    }
}

const fn yes() -> bool {
    true
}
const fn one() -> u32 {
    1
}
const fn three_days() -> u32 {
    72
}
const fn seven_days() -> u32 {
    168
}
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_true(value: &bool) -> bool {
    *value
}
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) const fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests;
