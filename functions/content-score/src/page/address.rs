//! Where links lead: within the own site, to another, or nowhere that a page stands.

use orilla_prose::document::Document;
use orilla_prose::{Span, Text};
use url::Url;

use super::is_blank;

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// To a page of the same host.
    Inside,
    /// To another host.
    Outside,
    /// To a place on the same page.
    Here,
    /// To no page: mail, telephone, a script, or no address at all.
    Elsewhere,
}

/// Where each link leads; without an address of its own, a document's `canonical` says where it stands, and without that every full address
/// is another site's.
pub(super) fn leads(document: &Document, own: Option<&Url>) -> Vec<Leads> {
    let canonical = document.head.links.iter().find(|link| link.rel == "canonical").and_then(|link| Url::parse(link.href.trim()).ok());
    let own = own.or(canonical.as_ref());
    document.links.iter().map(|link| link.href.as_deref().map_or(Leads::Elsewhere, |href| lead(href.trim(), own))).collect()
}

fn lead(href: &str, own: Option<&Url>) -> Leads {
    if href.starts_with('#') {
        return Leads::Here;
    }
    let host = |url: &Url| url.host_str().map(str::to_ascii_lowercase);
    match Url::parse(href) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            let is_own = own.is_some_and(|own| host(own) == host(&url));
            if is_own { Leads::Inside } else { Leads::Outside }
        }
        Ok(_) => Leads::Elsewhere,
        Err(_) if href.starts_with("//") => {
            let name = href.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or_default();
            let is_own = own.and_then(Url::host_str).is_some_and(|own| own.eq_ignore_ascii_case(name));
            if is_own { Leads::Inside } else { Leads::Outside }
        }
        Err(url::ParseError::RelativeUrlWithoutBase) => Leads::Inside,
        Err(_) => Leads::Elsewhere,
    }
}

/// A `meta`'s content with its place, where the place holds that very text.
pub(super) fn meta(document: &Document, input: &str, name: &str) -> Option<Text> {
    let meta = document.head.meta(name)?;
    let content = meta.content.trim();
    if is_blank(content) {
        return None;
    }
    let mut text = Text::default();
    let raw = input.get(meta.span.range()).unwrap_or_default();
    match raw.find(content) {
        Some(at) => text.push(content, Span::new(meta.span.start + at..meta.span.start + at + content.len())),
        None => text.push(content, meta.span),
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_where_a_link_leads() {
        let own = Url::parse("https://marea.example/page").ok();
        for (href, expected) in [
            ("https://otro.example", Leads::Outside),
            ("https://MAREA.example/x", Leads::Inside),
            ("https://www.marea.example/x", Leads::Outside),
            ("//otro.example/x", Leads::Outside),
            ("//marea.example/x", Leads::Inside),
            ("/x", Leads::Inside),
            ("x", Leads::Inside),
            ("?a=b", Leads::Inside),
            ("", Leads::Inside),
            ("#x", Leads::Here),
            ("mailto:a@b.example", Leads::Elsewhere),
            ("tel:+1", Leads::Elsewhere),
            ("javascript:void(0)", Leads::Elsewhere),
            ("http://[broken", Leads::Elsewhere),
        ] {
            assert_eq!(lead(href, own.as_ref()), expected, "{href}");
        }
        assert_eq!(lead("https://marea.example/x", None), Leads::Outside);
    }
}
