//! The two doors a submission comes through, and how each words the same answer: native JSON, and Formspree's wire with its
//! redirects and pages.

use http::{HeaderValue, StatusCode, header};
use orilla_core::body;
use orilla_core::http::{empty, json};
use orilla_core::{Code, Error, Platform, Request, Response, problem};
use orilla_text::Locale;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::LeadCapture;
use crate::form::{is_asset_name, public_view};
use crate::messages::formspree_code;
use crate::page::{self, Typed};
use crate::store::OpenForm;

/// What a visitor is told about a submission that was kept. A retry reads it back from the store, word by word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The submission.
    pub id: String,
    /// The visitor's language.
    pub locale: Locale,
    /// The thanks.
    pub message: String,
    /// Where to go next, if anywhere in particular.
    pub next: Option<String>,
    /// The signed link to what was promised.
    pub download: Option<String>,
}

impl<P: Platform> LeadCapture<P> {
    /// `POST /v1/forms/{form}/submissions`.
    ///
    /// Errors: as [`LeadCapture::take`].
    pub(crate) async fn submit_native(&self, request: &Request, form: &str, limit: usize) -> Result<Response, Error> {
        let open = self.admit(request, form).await?;
        let payload = body::parse(request, limit).await?;
        let answer = self.take(&open, &payload, request).await?;
        json(
            StatusCode::CREATED,
            &json!({
                "ok": true,
                "id": answer.id,
                "message": answer.message,
                "next": answer.next,
                "download": answer.download,
            }),
        )
    }

    /// `POST /f/{form}`: what failed is told in Formspree's words to a script, and as a page to a visitor.
    ///
    /// Errors: only where no answer in either wording can be made.
    pub(crate) async fn submit_formspree(&self, request: &Request, form: &str, limit: usize) -> Result<Response, Error> {
        let mut typed = Vec::new();
        let mut open = None;
        let outcome = async {
            let form = open.insert(self.admit(request, form).await?);
            let payload = body::parse(request, limit).await?;
            typed.clone_from(&payload.fields);
            self.take(form, &payload, request).await
        }
        .await;
        match outcome {
            Ok(answer) => self.thank_formspree(request, form, &answer),
            Err(error) if request.wants_html() => Ok(failure_page(request, open.as_ref(), &typed, &error)),
            Err(error) => formspree_failure(request, &error),
        }
    }

    fn thank_formspree(&self, request: &Request, form: &str, answer: &Answer) -> Result<Response, Error> {
        let thanks = format!("/f/{form}/thanks?locale={}", answer.locale.as_str());
        if request.wants_html() {
            let location = answer.next.clone().unwrap_or_else(|| match download_token(answer) {
                Some(query) => format!("{thanks}&{query}"),
                None => thanks,
            });
            let mut response = empty(StatusCode::SEE_OTHER);
            let location = HeaderValue::try_from(location).map_err(Error::internal)?;
            response.headers_mut().insert(header::LOCATION, location);
            return Ok(response);
        }
        let next = answer.next.clone().unwrap_or_else(|| format!("{}{thanks}", self.config.origin(request)));
        json(StatusCode::OK, &json!({ "ok": true, "next": next, "submission": answer.id }))
    }

    /// `GET /f/{form}`: the form as a page that needs no script.
    ///
    /// Errors: `NotFound` if there is no such form, and what the store gives.
    pub(crate) async fn host_form(&self, request: &Request, form: &str) -> Result<Response, Error> {
        let open = self.admit(request, form).await?;
        let locale = self.locale_of(request, &open);
        let variant = self.variant_of(request, &open).await?;
        let view = public_view(&open.id, open.version, &open.form, locale, variant);
        Ok(page::form(StatusCode::OK, &view, &Typed::default()))
    }

    /// `GET /f/{form}/thanks`.
    ///
    /// Errors: `NotFound` if there is no such form, and what the store gives.
    pub(crate) async fn thank(&self, request: &Request, form: &str) -> Result<Response, Error> {
        let open = self.admit(request, form).await?;
        let locale = self.locale_of(request, &open);
        let words = public_view(&open.id, open.version, &open.form, locale, None).texts;
        let download = request
            .query("asset")
            .filter(|asset| is_asset_name(asset))
            .zip(request.query("token"))
            .map(|(asset, token)| asset_path(&asset, &open.id, &token));
        let download = download.as_deref().zip(words.download);
        Ok(page::thanks(locale, words.thanks, download))
    }

    /// The language a visitor without a submission reads: `?locale=`, else their browser's, else the form's.
    pub(crate) fn locale_of(&self, request: &Request, open: &OpenForm) -> Locale {
        Locale::negotiate(request.query("locale").as_deref(), request.header(header::ACCEPT_LANGUAGE), &open.form.locales)
    }
}

/// The path of a signed download.
#[must_use]
pub fn asset_path(asset: &str, form: &str, token: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("form", form).append_pair("token", token).finish();
    format!("/v1/assets/{asset}?{query}")
}

/// The asset and the token of an answer's download, as the query of the thank-you page.
fn download_token(answer: &Answer) -> Option<String> {
    let url = url::Url::parse(answer.download.as_deref()?).ok()?;
    let asset = url.path_segments()?.next_back()?.to_owned();
    let token = url.query_pairs().find(|(name, _)| name == "token")?.1.into_owned();
    Some(url::form_urlencoded::Serializer::new(String::new()).append_pair("asset", &asset).append_pair("token", &token).finish())
}

/// What went wrong, as a page: the form again with everything that was typed, or one sentence where there is no form.
fn failure_page(request: &Request, open: Option<&OpenForm>, fields: &[(String, serde_json::Value)], error: &Error) -> Response {
    let asked = fields.iter().find(|(name, _)| name == "_locale").and_then(|(_, value)| value.as_str());
    let offered = open.map_or(&Locale::ALL[..], |open| &open.form.locales);
    let locale = Locale::negotiate(asked, request.header(header::ACCEPT_LANGUAGE), offered);
    let status = error.code.status();
    let mut response = match open {
        Some(open) if error.code != Code::Forbidden => {
            let shown = fields.iter().find(|(name, _)| name == "_variant").and_then(|(_, value)| open.form.variant(value.as_str()?));
            let view = public_view(&open.id, open.version, &open.form, locale, shown);
            let failure = error.violations.is_empty().then(|| page::failure(locale, error));
            page::form(status, &view, &Typed { fields, violations: &error.violations, failure })
        }
        _ => page::notice(status, locale, page::failure(locale, error)),
    };
    problem::dress(&mut response, error);
    response
}

/// What went wrong, in the words of Formspree's clients.
///
/// Source: `@formspree/core` 4.0.0, `ServerErrorResponse` and its two enums of codes.
fn formspree_failure(request: &Request, error: &Error) -> Result<Response, Error> {
    let errors: Vec<_> = if error.violations.is_empty() {
        let code = match error.code {
            Code::NotFound => "FORM_NOT_FOUND",
            Code::Forbidden => "BLOCKED",
            Code::Malformed if request.body.is_empty() => "EMPTY",
            _ => "UNSPECIFIED",
        };
        vec![json!({ "code": code, "message": error.detail })]
    } else {
        let word = |it: &orilla_core::Violation| json!({ "code": formspree_code(&it.code), "field": it.field, "message": it.message });
        error.violations.iter().map(word).collect()
    };
    let mut response = json(error.code.status(), &json!({ "errors": errors }))?;
    problem::dress(&mut response, error);
    Ok(response)
}
