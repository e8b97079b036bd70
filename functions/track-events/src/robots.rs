//! Which browsers are robots and which referrers send nobody, by published lists.

use std::sync::LazyLock;

use regex_lite::{Regex, RegexBuilder};
use url::Url;

/// Source: isbot 5.2.3 on npm; the file is its list, unchanged.
const PATTERNS: &str = include_str!("../data/robots.txt");
/// Domains whose visits are invented.
const SPAM_REFERRERS: &str = include_str!("../data/spam-referrers.txt");
/// What a look-around of the list stands for, since our engine has none: what is taken out of a browser's name before `pattern` looks.
const EXCEPTIONS: [(&str, &str, &[&str]); 6] = [
    (r"(?:^|[^g])news(?!sapphire)", r"(?:^|[^g])news", &["newssapphire"]),
    (
        r"(?<! channel/|google/)google(?!(?:wv|app|/google| pixel))",
        "google",
        &[" channel/google", "google/google", "googlewv", "googleapp", "google pixel"],
    ),
    (r"(?<! cu)bots?(?:\b|_)", r"bots?(?:\b|_)", &[" cubot", " cubots"]),
    (r"(?<!cam)scan", "scan", &["camscan"]),
    (r"(?<!lib)http", "http", &["libhttp"]),
    (r"java(?!;)", "java", &["java;"]),
];

/// The list, sorted by how it is matched: most of it is plain text.
struct Robots {
    contained: Vec<&'static str>,
    leading: Vec<&'static str>,
    patterns: Regex,
}

static ROBOTS: LazyLock<Robots> = LazyLock::new(|| {
    let is_plain = |text: &str| !text.contains(['\\', '(', '[', '|', '$', '?', '*', '+', '^', '.']);
    let lines = PATTERNS.lines().filter(|line| !line.starts_with("# ") && !EXCEPTIONS.iter().any(|(pattern, ..)| pattern == line));
    let (mut contained, mut leading, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        match line.strip_prefix('^') {
            Some(rest) if is_plain(rest) => leading.push(rest),
            None if is_plain(line) => contained.push(line),
            // A hyphen after a class is a hyphen; JavaScript lets it stand bare, our engine does not.
            _ => patterns.push(format!("(?:{})", line.replace(r"\d-", r"\d\-"))),
        }
    }
    Robots { contained, leading, patterns: compile(&patterns.join("|")) }
});

static EXCEPTED: LazyLock<Vec<(Regex, &'static [&'static str])>> =
    LazyLock::new(|| EXCEPTIONS.iter().map(|(_, pattern, spared)| (compile(pattern), *spared)).collect());

#[allow(clippy::expect_used, reason = "the patterns are part of the program, and a test compiles them all")]
fn compile(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).case_insensitive(true).build().expect("a pattern of the list")
}

/// Whether a browser calls itself a robot. No name at all is one: browsers have had names since 1993.
#[must_use]
pub fn is_robot(user_agent: &str) -> bool {
    let name = user_agent.trim().to_lowercase();
    if name.is_empty() {
        return true;
    }
    ROBOTS.contained.iter().any(|part| name.contains(part))
        || ROBOTS.leading.iter().any(|start| name.starts_with(start))
        || ROBOTS.patterns.is_match(&name)
        || EXCEPTED
            .iter()
            .any(|(pattern, spared)| pattern.is_match(&spared.iter().fold(name.clone(), |name, part| name.replace(part, " "))))
}

/// Whether a referrer is known for visits that nobody made.
#[must_use]
pub fn is_spam_referrer(referrer: &str) -> bool {
    let Some(host) = Url::parse(referrer).ok().and_then(|url| url.host_str().map(str::to_owned)) else { return false };
    let domains = SPAM_REFERRERS.lines().filter(|line| !line.starts_with('#'));
    domains.into_iter().any(|domain| host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(user_agent: &str, expect: bool) {
        assert_eq!(is_robot(user_agent), expect, "{user_agent}");
    }

    #[test]
    fn robots_are_told_from_people() {
        check("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", true);
        check(
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
            true,
        );
        check(
            "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)",
            true,
        );
        check("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot", true);
        check("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36", true);
        check("curl/8.5.0", true);
        check("python-requests/2.31.0", true);
        check("", true);
        check("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36", false);
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            false,
        );
        check("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", false);
        check(
            "Mozilla/5.0 (Linux; Android 14; CUBOT KINGKONG) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
            false,
        );
        check(
            "Mozilla/5.0 (Linux; Android 14; Google Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
            false,
        );
    }

    #[test]
    fn every_pattern_has_its_place() {
        let lines = PATTERNS.lines().filter(|line| !line.starts_with("# "));
        for (pattern, ..) in EXCEPTIONS {
            assert!(lines.clone().any(|line| line == pattern), "{pattern} is no longer in the list");
        }
        assert!(ROBOTS.contained.len() + ROBOTS.leading.len() > 100);
        assert_eq!(EXCEPTED.len(), EXCEPTIONS.len());
    }

    #[test]
    fn invented_referrers_are_known_by_their_domain() {
        assert!(is_spam_referrer("https://semalt.com/crawler.php?u=x"));
        assert!(is_spam_referrer("http://www.semalt.com"));
        assert!(!is_spam_referrer("https://notsemalt.com/"));
        assert!(!is_spam_referrer("https://marea.example/?from=semalt.com"));
        assert!(!is_spam_referrer("android-app://com.google.android"));
    }
}
