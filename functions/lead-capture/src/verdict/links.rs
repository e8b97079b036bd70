//! Tells text that advertises from text that asks: how much of it is links.
//!
//! Reads plain text as typed; it does not decode HTML or follow anything.

/// Whether a text is more links than writing.
///
/// Three signs, each enough: link markup, which a person does not type into a form; `max_links` links or more; half of the
/// visible characters or more inside links. An answer that is one bare link is an answer, such as a company's website.
pub fn is_dense(text: &str, max_links: u32) -> bool {
    let text = text.to_lowercase();
    if MARKUP.iter().any(|mark| text.contains(mark)) {
        return true;
    }
    let (mut words, mut links, mut visible_chars, mut link_chars) = (0_u32, 0_u32, 0, 0);
    for word in text.split_whitespace() {
        words += 1;
        visible_chars += word.chars().count();
        let (count, chars) = links_in(word);
        links += count;
        link_chars += chars;
    }
    links >= max_links.max(1) || (links > 0 && words > 1 && link_chars * 2 >= visible_chars)
}

/// How a link is written where somebody expects a page to render it. Source: HTML, BBCode.
const MARKUP: [&str; 5] = ["<a ", "href=", "[url=", "[url]", "[link="];
const SCHEMES: [&str; 2] = ["http://", "https://"];

/// How many links a word carries, and how many of its characters are theirs.
fn links_in(word: &str) -> (u32, usize) {
    let starts: usize = SCHEMES.iter().map(|scheme| word.matches(scheme).count()).sum();
    if starts > 0 {
        let first = SCHEMES.iter().filter_map(|scheme| word.find(scheme)).min().unwrap_or_default();
        return (u32::try_from(starts).unwrap_or(u32::MAX), word[first..].chars().count());
    }
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
    if is_bare_link(bare) { (1, bare.chars().count()) } else { (0, 0) }
}

/// `www.` and a host, or a host with a path, such as `bit.ly/x`; a host alone may be a name, such as `Node.js`.
fn is_bare_link(word: &str) -> bool {
    let (host, has_path) = word.split_once('/').map_or((word, false), |(host, _)| (host, true));
    let Some((name, zone)) = host.rsplit_once('.') else { return false };
    let is_zone = (2..=24).contains(&zone.len()) && zone.bytes().all(|b| b.is_ascii_lowercase());
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'));
    is_zone && is_name && (has_path || host.starts_with("www."))
}
