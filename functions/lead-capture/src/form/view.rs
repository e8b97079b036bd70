//! What a page may see of a form, in one locale and one variant. Scoring, destinations and the spam policy never stand here.

use std::collections::BTreeMap;

use orilla_text::Locale;
use serde::Serialize;

use super::{Bound, Field, Form, Kind, Provider, Variant};
use crate::challenge;
use crate::messages::{self, Rule, Words};

/// The decoy's name on the wire.
pub const DECOY: &str = "_gotcha";

/// The answer of `GET /v1/forms/{form}`. Absent parts are left out, never null.
#[derive(Debug, Serialize)]
pub struct View<'f> {
    pub(crate) id: &'f str,
    pub(crate) version: i64,
    pub(crate) locale: Locale,
    pub(crate) locales: &'f [Locale],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) variant: Option<&'f str>,
    pub(crate) headline: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) intro: Option<&'f str>,
    pub(crate) submit: &'f str,
    pub(crate) fields: Vec<FieldView<'f>>,
    pub(crate) consents: Vec<ConsentView<'f>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decoy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) challenge: Option<ChallengeView<'f>>,
    pub(crate) texts: Texts<'f>,
}

/// A field, spelt as HTML spells its attributes.
#[derive(Debug, Serialize)]
pub(crate) struct FieldView<'f> {
    pub(crate) name: &'f str,
    pub(crate) r#type: Kind,
    pub(crate) label: &'f str,
    pub(crate) required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) placeholder: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) autocomplete: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) minlength: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) maxlength: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min: Option<&'f Bound>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max: Option<&'f Bound>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pattern: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<u32>,
    #[serde(skip_serializing_if = "super::is_false")]
    pub(crate) multiple: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) options: Vec<ChoiceView<'f>>,
    pub(crate) messages: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ChoiceView<'f> {
    pub(crate) value: &'f str,
    pub(crate) label: &'f str,
}

#[derive(Debug, Serialize)]
pub(crate) struct ConsentView<'f> {
    pub(crate) name: &'f str,
    pub(crate) text: &'f str,
    pub(crate) required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<LinkView<'f>>,
    pub(crate) messages: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct LinkView<'f> {
    pub(crate) url: &'f str,
    pub(crate) text: &'f str,
}

#[derive(Debug, Serialize)]
pub(crate) struct ChallengeView<'f> {
    pub(crate) provider: Provider,
    pub(crate) site_key: &'f str,
    /// The script that turns `<div class="cf-turnstile" data-sitekey=…>` into the challenge.
    pub(crate) script: &'static str,
    /// What to say to a visitor who sends without solving it.
    pub(crate) unsolved: &'static str,
    /// What to say where it does not load or breaks.
    pub(crate) unavailable: &'static str,
}

/// The built-in words, and the form's own where it has some.
#[derive(Debug, Serialize)]
pub(crate) struct Texts<'f> {
    pub(crate) optional: &'f str,
    pub(crate) choose: &'f str,
    pub(crate) sending: &'f str,
    pub(crate) summary: &'f str,
    pub(crate) failed: &'f str,
    pub(crate) unavailable: &'f str,
    pub(crate) offline: &'f str,
    pub(crate) rate_limited: &'f str,
    pub(crate) wait: &'f str,
    pub(crate) retry: &'f str,
    pub(crate) decoy: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) download: Option<&'f str>,
    pub(crate) thanks: &'f str,
}

/// What a page needs to show this form.
#[must_use]
pub fn public_view<'f>(id: &'f str, version: i64, form: &'f Form, locale: Locale, variant: Option<&'f Variant>) -> View<'f> {
    let words = messages::words(locale);
    View {
        id,
        version,
        locale,
        locales: &form.locales,
        variant: variant.map(|variant| variant.id.as_str()),
        headline: variant.and_then(|variant| variant.headline.as_ref()).unwrap_or(&form.headline).get(locale),
        intro: variant.and_then(|variant| variant.intro.as_ref()).or(form.intro.as_ref()).map(|text| text.get(locale)),
        submit: variant.and_then(|variant| variant.submit.as_ref()).unwrap_or(&form.submit).get(locale),
        fields: shown(form, variant).map(|field| field_view(field, locale)).collect(),
        consents: form.consents.iter().map(|consent| consent_view(consent, locale)).collect(),
        decoy: form.decoy.then_some(DECOY),
        challenge: form.challenge.as_ref().map(|it| ChallengeView {
            provider: it.provider,
            site_key: &it.site_key,
            script: challenge::WIDGET,
            unsolved: words.challenge_unsolved,
            unavailable: words.challenge_unavailable,
        }),
        texts: texts(form, words, locale),
    }
}

/// The fields a variant shows, in its order.
fn shown<'f>(form: &'f Form, variant: Option<&'f Variant>) -> Box<dyn Iterator<Item = &'f Field> + 'f> {
    match variant.and_then(|variant| variant.fields.as_ref()) {
        Some(names) => Box::new(names.iter().filter_map(|name| form.field(name))),
        None => Box::new(form.fields.iter()),
    }
}

fn field_view(field: &Field, locale: Locale) -> FieldView<'_> {
    let is_free_text = field.kind.is_free_text();
    FieldView {
        name: &field.name,
        r#type: field.kind,
        label: field.label.get(locale),
        required: field.required,
        help: field.help.as_ref().map(|text| text.get(locale)),
        placeholder: field.placeholder.as_ref().map(|text| text.get(locale)),
        autocomplete: field.autocomplete.as_deref(),
        minlength: field.min_length,
        maxlength: is_free_text.then(|| field.max_chars()),
        min: field.min.as_ref(),
        max: field.max.as_ref(),
        step: field.step,
        pattern: field.pattern.as_deref(),
        value: field.value.as_deref(),
        rows: field.rows,
        multiple: field.multiple,
        options: field.options.iter().map(|it| ChoiceView { value: &it.value, label: it.label.get(locale) }).collect(),
        messages: field.rules().iter().map(|rule| (rule.code(), field.message(rule, locale))).collect(),
    }
}

fn consent_view(consent: &super::Consent, locale: Locale) -> ConsentView<'_> {
    let needed = consent.required.then(|| (Rule::ConsentRequired.code(), consent.refusal(locale)));
    ConsentView {
        name: &consent.name,
        text: consent.text.get(locale),
        required: consent.required,
        link: consent.link.as_ref().map(|link| LinkView { url: link.url.get(locale), text: link.text.get(locale) }),
        messages: needed.into_iter().collect(),
    }
}

fn texts<'f>(form: &'f Form, words: &'static Words, locale: Locale) -> Texts<'f> {
    let download = |magnet: &'f super::Magnet| magnet.label.as_ref().map_or(words.download, |label| label.get(locale));
    Texts {
        optional: words.optional,
        choose: words.choose,
        sending: words.sending,
        summary: words.summary,
        failed: words.failed,
        unavailable: words.unavailable,
        offline: words.offline,
        rate_limited: words.rate_limited,
        wait: words.wait,
        retry: words.retry,
        decoy: words.decoy,
        download: form.magnet.as_ref().map(download),
        thanks: form.thanks(locale),
    }
}
