//! The parts of a site as sent: read into types, checked each and against each other, every violation with its JSON path.

use std::collections::BTreeMap;

use orilla_core::Violation;
use orilla_core::ids::hex;
use orilla_core::sites::SiteId;
use orilla_text::Locale;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use serde_path_to_error::Segment;
use sha2::{Digest, Sha256};

use super::stored::Stored;
use crate::config::Config;
use crate::form::{Form, Found, IDENTIFIER, is_identifier};
use crate::segment::{self, Definition};
use crate::site::{Destination, Site};

/// The most forms of one site. Chosen: all of them go through one request.
const MAX_FORMS: usize = 200;
/// The most unknown names told of one part. Chosen: who has more sent another file altogether.
const MAX_UNKNOWN: usize = 20;

/// A site whose every part is right.
#[derive(Debug)]
pub struct Parts {
    /// The site, with its destinations.
    pub site: Site,
    /// The site as it is stored: without its destinations, which have a table of their own.
    pub definition: Json,
    /// The destinations, by id, as they are compared.
    pub destinations: BTreeMap<String, Json>,
    /// The forms, by id.
    pub forms: BTreeMap<String, Part>,
    /// The scoring rules.
    pub scoring: Part,
    /// The segments, by id.
    pub segments: BTreeMap<String, Json>,
    /// Of everything together.
    pub digest: String,
}

/// A part as it is stored.
#[derive(Debug)]
pub struct Part {
    /// As read and written again, so that spelling makes no difference.
    pub json: Json,
    /// SHA-256 of it, in hex.
    pub digest: String,
    /// Whether the files have it at all.
    pub is_given: bool,
}

impl Part {
    fn of<T: Serialize>(part: &T, is_given: bool) -> Self {
        let json = canonical(serde_json::to_value(part).unwrap_or_default());
        let digest = digest(&json);
        Self { json, digest, is_given }
    }
}

impl Parts {
    /// Reads a whole site.
    ///
    /// Errors: everything that is wrong.
    pub fn read(sent: &Json, id: &SiteId, config: &Config, stored: &Stored) -> Result<Self, Vec<Violation>> {
        let mut found = Found::default();
        let empty = Map::new();
        let top = sent.as_object().unwrap_or_else(|| {
            found.add("body", "type", "The body is an object of `site`, `forms`, `scoring` and `segments`.");
            &empty
        });
        for name in top.keys().filter(|name| !["site", "forms", "scoring", "segments"].contains(&name.as_str())) {
            found.add(name, "unknown", "A site is `site`, `forms`, `scoring` and `segments`.");
        }
        let site: Option<Site> = read_part("site", top.get("site").unwrap_or(&Json::Null), &mut found);
        if let Some(site) = &site {
            site.check("site", &config.exemptions, &mut found);
            if site.id != *id {
                found.add("site.id", "id", "The files are of another site than the one addressed.");
            }
        }
        let forms = read_forms(top.get("forms"), site.as_ref(), stored, &mut found);
        for (id, _) in forms.iter().filter(|(_, form)| config.mail_origin(form).is_err()) {
            found.add(format!("forms.{id}.double_opt_in"), "public_url", "Its mail needs the operator's PUBLIC_URL, which is not set.");
        }
        let segments = read_segments(top.get("segments"), &mut found);
        if let Some(site) = &site {
            check_listeners(site, &segments, stored, &mut found);
        }
        let scoring = read_scoring(top.get("scoring"), &segments, &mut found);
        match (site, scoring) {
            (Some(site), Some(scoring)) if found.0.is_empty() => Ok(Self::new(site, &forms, scoring, &segments)),
            _ => Err(found.0),
        }
    }

    fn new(mut site: Site, forms: &BTreeMap<String, Form>, scoring: Part, segments: &BTreeMap<String, Definition>) -> Self {
        let forms: BTreeMap<_, _> = forms.iter().map(|(id, form)| (id.clone(), Part::of(form, true))).collect();
        let named = std::mem::take(&mut site.destinations);
        let definition = Part::of(&site, true).json;
        site.destinations = named;
        let destinations: BTreeMap<_, _> = site.destinations.iter().map(|it| (it.id.clone(), compared(it))).collect();
        let digests: Vec<_> = forms.iter().map(|(id, form)| format!("{id}={}", form.digest)).collect();
        let segments: BTreeMap<_, _> = segments.iter().map(|(id, it)| (id.clone(), Part::of(it, true).json)).collect();
        let together = serde_json::json!([definition, destinations, digests, scoring.digest, segments]);
        Self { digest: digest(&together), site, definition, destinations, forms, scoring, segments }
    }

    /// The form of this id.
    pub fn form(&self, id: &str) -> Option<&Part> {
        self.forms.get(id)
    }
}

/// A destination as the store can give it back.
fn compared(destination: &Destination) -> Json {
    serde_json::json!({
        "id": destination.id,
        "kind": destination.kind,
        "target": destination.target(),
        "events": destination.events,
        "segment": destination.segment,
    })
}

fn read_forms(sent: Option<&Json>, site: Option<&Site>, stored: &Stored, found: &mut Found) -> BTreeMap<String, Form> {
    let mut forms = BTreeMap::new();
    let sent = match sent {
        None | Some(Json::Null) => return forms,
        Some(Json::Object(sent)) => sent,
        Some(_) => {
            found.add("forms", "type", "Forms are an object from id to definition.");
            return forms;
        }
    };
    found.at_most("forms", sent.len(), MAX_FORMS);
    for (id, json) in sent {
        let at = format!("forms.{id}");
        if !is_identifier(id) {
            found.add(&at, "name", IDENTIFIER);
        }
        if stored.foreign_forms.contains(id) {
            found.add(&at, "taken", "Another site of this deployment has a form of this id; choose another.");
        }
        let Some(mut form) = read_part::<Form>(&at, json, found) else { continue };
        if let Some(site) = site {
            inherit_locales(&mut form, site);
            check_against_site(&at, &form, site, stored, found);
        }
        // Without a readable site it is unknown which languages this form should speak; its other mistakes can wait.
        if !form.locales.is_empty() {
            form.check(&at, found);
        }
        forms.insert(id.clone(), form);
    }
    forms
}

/// A form that names no languages speaks those of its site, the site's default first.
fn inherit_locales(form: &mut Form, site: &Site) {
    if form.locales.is_empty() {
        let others = site.locales.iter().copied().filter(|locale| *locale != site.default_locale);
        form.locales = std::iter::once(site.default_locale).chain(others).collect();
    }
}

fn check_against_site(at: &str, form: &Form, site: &Site, stored: &Stored, found: &mut Found) {
    let is_spoken = |locale: &Locale| site.locales.contains(locale);
    for (i, locale) in form.locales.iter().enumerate().filter(|(_, locale)| !is_spoken(locale)) {
        found.add(
            format!("{at}.locales[{i}]"),
            "locale",
            format!("The site does not speak `{}`; see `locales` in its site.toml.", locale.as_str()),
        );
    }
    let is_known = |name: &String| site.destinations.iter().any(|it| it.id == *name) || stored.unmanaged_destinations.contains(name);
    for (i, name) in form.notifications.destinations.iter().flatten().enumerate().filter(|(_, name)| !is_known(name)) {
        found.add(format!("{at}.notifications.destinations[{i}]"), "unknown_destination", format!("The site has no destination `{name}`."));
    }
}

fn read_segments(sent: Option<&Json>, found: &mut Found) -> BTreeMap<String, Definition> {
    let Some(sent) = sent.filter(|sent| !sent.is_null()) else { return BTreeMap::new() };
    let Some(list) = sent.as_array() else {
        found.add("segments", "type", "Segments are a list.");
        return BTreeMap::new();
    };
    // Each by itself, so that a mistake in one does not hide those of the others.
    let read: Vec<Option<segment::Segment>> =
        list.iter().enumerate().map(|(i, json)| read_part(&format!("segments[{i}]"), json, found)).collect();
    let whole: Option<Vec<segment::Segment>> = read.into_iter().collect();
    whole.map(|segments| segment::checked(segments, "segments", found)).unwrap_or_default()
}

/// Destinations that are limited to a segment name one that there is, those that were made over the API as well.
fn check_listeners(site: &Site, segments: &BTreeMap<String, Definition>, stored: &Stored, found: &mut Found) {
    for (i, destination) in site.destinations.iter().enumerate() {
        if let Some(name) = destination.segment.as_ref().filter(|name| !segments.contains_key(*name)) {
            found.add(format!("site.destinations[{i}].segment"), "unknown", format!("There is no segment `{name}`."));
        }
    }
    for (destination, name) in stored.limited.iter().filter(|(_, name)| !segments.contains_key(*name)) {
        let message = format!("The destination `{destination}`, made over the API, hears only of leads in `{name}`; remove it first.");
        found.add("segments", "in_use", message);
    }
}

/// Scoring rules are read by their own types; a site without any scores nothing.
fn read_scoring(sent: Option<&Json>, segments: &BTreeMap<String, Definition>, found: &mut Found) -> Option<Part> {
    let is_given = sent.is_some_and(|sent| !sent.is_null());
    let empty = Json::Object(Map::new());
    if sent.is_some_and(|sent| sent.get("segments").is_some()) {
        found.add("scoring.segments", "unknown", "Segments stand in `segments.toml`; a rule names one by `when.segment`.");
    }
    let mut rules: crate::score::RuleSet = read_part("scoring", sent.filter(|_| is_given).unwrap_or(&empty), found)?;
    found.0.extend(rules.check("scoring"));
    segment::lend(&mut rules, segments, "scoring", found);
    Some(Part::of(&rules, is_given))
}

/// Reads a part into its type; what does not fit is told with the path at which reading stopped.
///
/// Names that nobody knows are told all at once: each is taken out, and what remains is read again.
fn read_part<T: DeserializeOwned>(at: &str, json: &Json, found: &mut Found) -> Option<T> {
    let mut rest = json.clone();
    let mut is_whole = true;
    for _ in 0..=MAX_UNKNOWN {
        match serde_path_to_error::deserialize(&rest) {
            Ok(part) => return is_whole.then_some(part),
            Err(error) => {
                is_whole = false;
                let message = error.inner().to_string();
                found.add(path_of(at, &error.path().to_string(), &message), "type", sentence(&message));
                if !take_out(&mut rest, error.path(), &message) {
                    return None;
                }
            }
        }
    }
    None
}

/// Removes the unknown name that reading stopped at; false if it stopped at anything else.
fn take_out(json: &mut Json, path: &serde_path_to_error::Path, message: &str) -> bool {
    let Some(name) = named(message, "unknown field `") else { return false };
    let mut place = json;
    for segment in path {
        let below = match segment {
            Segment::Seq { index } => place.get_mut(*index),
            // The reader may or may not have counted the unknown name itself as part of its path.
            Segment::Map { key } if key == name => break,
            Segment::Map { key } => place.get_mut(key),
            Segment::Enum { .. } | Segment::Unknown => None,
        };
        let Some(below) = below else { return false };
        place = below;
    }
    place.as_object_mut().is_some_and(|object| object.remove(name).is_some())
}

/// The path of a type error. A name that is unknown is not always part of the reader's path; what it says names it.
fn path_of(at: &str, path: &str, message: &str) -> String {
    let known = path.strip_suffix('?').unwrap_or(path).trim_end_matches('.');
    let unknown_key = if path.ends_with('?') { named(message, "unknown variant `") } else { None };
    let unknown = named(message, "unknown field `").or(unknown_key);
    let names = [at, known, unknown.filter(|name| known != *name && !known.ends_with(&format!(".{name}"))).unwrap_or_default()];
    names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(".")
}

/// The name in backticks after these words.
fn named<'m>(message: &'m str, words: &str) -> Option<&'m str> {
    message.strip_prefix(words)?.split('`').next()
}

fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

/// Names in order at every depth: what is stored and compared does not depend on the order of writing.
fn canonical(json: Json) -> Json {
    match json {
        Json::Object(entries) => {
            let sorted: BTreeMap<_, _> = entries.into_iter().map(|(name, value)| (name, canonical(value))).collect();
            Json::Object(sorted.into_iter().collect())
        }
        Json::Array(items) => items.into_iter().map(canonical).collect(),
        other => other,
    }
}

fn digest(json: &Json) -> String {
    hex(&Sha256::digest(json.to_string()))
}
