//! What Google asks of each type. Each rule names the page that says so, under `developers.google.com/search/docs/appearance/structured-data/`.

use super::Problem;
use super::node::Content;

/// What is asked of a type.
pub(super) struct Rule {
    pub(super) kinds: &'static [&'static str],
    /// Alternatives are written with a bar between.
    pub(super) required: &'static [&'static str],
    pub(super) recommended: &'static [&'static str],
    pub(super) expected: &'static [(&'static str, Expected)],
}

/// What a value should be.
#[derive(Clone, Copy)]
pub(super) enum Expected {
    /// By ISO 8601.
    Date,
    /// An address, or an item that has one.
    Url,
    /// A number with a point.
    Number,
    /// An item of one of these types.
    Item(&'static [&'static str]),
    /// Text, or an item of one of these types.
    TextOr(&'static [&'static str]),
}

const ORGANIZATIONS: &[&str] = &[
    "Organization",
    "Corporation",
    "NGO",
    "EducationalOrganization",
    "OnlineBusiness",
    "OnlineStore",
    "NewsMediaOrganization",
    "LocalBusiness",
];

const RULES: &[Rule] = &[
    // article: nothing is required.
    Rule {
        kinds: &["Article", "BlogPosting", "NewsArticle"],
        required: &[],
        recommended: &["headline", "image", "datePublished", "dateModified", "author", "author.name", "author.url|author.sameAs"],
        expected: &[
            ("datePublished", Expected::Date),
            ("dateModified", Expected::Date),
            ("image", Expected::Url),
            ("author", Expected::Item(&["Person", "Organization"])),
        ],
    },
    // faqpage
    Rule { kinds: &["FAQPage"], required: &["mainEntity"], recommended: &[], expected: &[("mainEntity", Expected::Item(&["Question"]))] },
    // faqpage, qapage
    Rule {
        kinds: &["Question"],
        required: &["name", "acceptedAnswer|suggestedAnswer"],
        recommended: &[],
        expected: &[("acceptedAnswer", Expected::Item(&["Answer"])), ("suggestedAnswer", Expected::Item(&["Answer"]))],
    },
    // faqpage
    Rule { kinds: &["Answer"], required: &["text"], recommended: &[], expected: &[] },
    // product-snippet: a name, and something that can be shown; merchant-listing: what it looks like and whose it is.
    Rule {
        kinds: &["Product"],
        required: &["name", "offers|review|aggregateRating"],
        recommended: &["offers", "review", "aggregateRating", "image", "description", "brand"],
        expected: &[
            ("image", Expected::Url),
            ("offers", Expected::Item(&["Offer", "AggregateOffer"])),
            ("review", Expected::Item(&["Review"])),
            ("aggregateRating", Expected::Item(&["AggregateRating"])),
            ("brand", Expected::TextOr(&["Brand", "Organization"])),
        ],
    },
    // product-snippet
    Rule {
        kinds: &["Offer"],
        required: &["price|priceSpecification.price"],
        recommended: &["availability", "priceCurrency|priceSpecification.priceCurrency", "priceValidUntil"],
        expected: &[("price", Expected::Number), ("priceValidUntil", Expected::Date)],
    },
    // product-snippet
    Rule {
        kinds: &["AggregateOffer"],
        required: &["lowPrice", "priceCurrency"],
        recommended: &["highPrice", "offerCount"],
        expected: &[("lowPrice", Expected::Number), ("highPrice", Expected::Number)],
    },
    // review-snippet
    Rule { kinds: &["AggregateRating"], required: &["ratingValue", "ratingCount|reviewCount"], recommended: &[], expected: &[] },
    // review-snippet
    Rule {
        kinds: &["Review"],
        required: &["author", "reviewRating"],
        recommended: &["datePublished"],
        expected: &[
            ("author", Expected::TextOr(&["Person", "Organization"])),
            ("reviewRating", Expected::Item(&["Rating"])),
            ("datePublished", Expected::Date),
        ],
    },
    // review-snippet
    Rule { kinds: &["Rating"], required: &["ratingValue"], recommended: &[], expected: &[] },
    // organization: nothing is required, and of some twenty properties these say who it is. Chosen.
    Rule {
        kinds: ORGANIZATIONS,
        required: &[],
        recommended: &["name", "url", "logo", "sameAs"],
        expected: &[("url", Expected::Url), ("logo", Expected::Url), ("sameAs", Expected::Url)],
    },
    // breadcrumb; its items are held to more in `breadcrumbs`.
    Rule {
        kinds: &["BreadcrumbList"],
        required: &["itemListElement"],
        recommended: &[],
        expected: &[("itemListElement", Expected::Item(&["ListItem"]))],
    },
    // how-to: no longer shown in results, still read; what it recommended is not asked for any more.
    Rule {
        kinds: &["HowTo"],
        required: &["name", "step"],
        recommended: &[],
        expected: &[("step", Expected::TextOr(&["HowToStep", "HowToSection", "ItemList", "CreativeWork"]))],
    },
    // how-to
    Rule {
        kinds: &["HowToStep"],
        required: &["text|itemListElement|name"],
        recommended: &[],
        expected: &[("image", Expected::Url), ("url", Expected::Url)],
    },
    // how-to
    Rule { kinds: &["HowToSection"], required: &["name", "itemListElement"], recommended: &[], expected: &[] },
];

/// What is asked of a type.
pub(super) fn of(kind: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.kinds.contains(&kind))
}

/// Whether it is one of these types but for small and large letters.
pub(super) fn is_misspelt(kind: &str) -> bool {
    RULES.iter().flat_map(|rule| rule.kinds).any(|name| *name != kind && name.eq_ignore_ascii_case(kind))
}

impl Expected {
    /// What is wrong with a value, if anything is; an empty one is missing, not wrong.
    pub(super) fn problem(self, content: &Content) -> Option<Problem> {
        match (self, content) {
            (_, Content::Text(text)) if text.trim().is_empty() => None,
            (Self::Date, Content::Text(text)) => (!is_date(text.trim())).then_some(Problem::BadDate),
            (Self::Url, Content::Text(text)) => (!is_url(text.trim())).then_some(Problem::BadUrl),
            (Self::Number, Content::Text(text)) => (!is_number(text.trim())).then_some(Problem::BadNumber),
            (Self::Date | Self::Number, Content::Node(_)) | (Self::Item(_), Content::Text(_)) => Some(Problem::WrongType),
            (Self::Url, Content::Node(_)) | (Self::TextOr(_), Content::Text(_)) => None,
            (Self::Item(kinds) | Self::TextOr(kinds), Content::Node(node)) => {
                // A type without a rule may well be one of the wanted ones, more exactly said.
                let is_other = node.kinds.iter().all(|kind| of(kind).is_some() && !is_kind(kind, kinds));
                (!node.kinds.is_empty() && is_other).then_some(Problem::WrongType)
            }
        }
    }
}

fn is_kind(kind: &str, wanted: &[&str]) -> bool {
    wanted.contains(&kind) || (wanted.contains(&"Organization") && ORGANIZATIONS.contains(&kind))
}

/// `2024-01-05`, with or without a time, with or without its zone.
///
/// Source: ISO 8601's extended format.
fn is_date(text: &str) -> bool {
    let (date, time) = text.split_once(['T', ' ']).map_or((text, None), |(date, time)| (date, Some(time)));
    let parts: Vec<_> = date.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let is_day = year.len() == 4 && number(year, 0..=9999) && number(month, 1..=12) && number(day, 1..=31);
    is_day && time.is_none_or(is_time)
}

fn is_time(text: &str) -> bool {
    let (clock, zone) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => (&text[..at], &text[at..]),
        None => (text, ""),
    };
    let mut parts = clock.split(':');
    let is_clock = parts.next().is_some_and(|hours| number(hours, 0..=24)) && parts.next().is_some_and(|minutes| number(minutes, 0..=59));
    let seconds = parts.next().map(|seconds| seconds.split(['.', ',']).next().unwrap_or_default());
    let is_zone = match zone.get(..1) {
        None | Some("Z" | "z") => zone.len() <= 1,
        Some(_) => {
            let digits: String = zone[1..].chars().filter(|character| *character != ':').collect();
            matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit())
        }
    };
    is_clock && seconds.is_none_or(|seconds| number(seconds, 0..=60)) && parts.next().is_none() && is_zone
}

fn number(text: &str, range: std::ops::RangeInclusive<u32>) -> bool {
    text.len() >= 2 && text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse().is_ok_and(|value| range.contains(&value))
}

/// An address of the web, absolute or relative to the page.
fn is_url(text: &str) -> bool {
    if text.contains(char::is_whitespace) || text.starts_with("www.") {
        return false;
    }
    match text.split_once(':') {
        Some((scheme, rest)) if !scheme.contains(['/', '?', '#']) => {
            let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
            let host = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
            (is_web && !host.is_empty()) || scheme.eq_ignore_ascii_case("data")
        }
        _ => true,
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-' || byte == b'+') && text.parse::<f64>().is_ok()
}
