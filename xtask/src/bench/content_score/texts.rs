//! Texts of several lengths to measure with, put together from the best versions of our own groups: the same ones in every run.

use anyhow::{Result, ensure};
use orilla_text::Locale;
use serde::Serialize;

use super::groups::Version;

/// Words of a text. Source: the issue.
pub const WORDS: [usize; 3] = [300, 1_000, 5_000];
/// Where a text may be cut.
const ENDS: [&str; 8] = ["</p>", "</h1>", "</h2>", "</h3>", "</ul>", "</ol>", "</table>", "</blockquote>"];

/// A text with what is sent beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    pub id: String,
    pub language: &'static str,
    pub content: String,
    pub keyphrase: String,
    pub title: String,
    pub meta_description: String,
}

/// A text of each length in both languages.
///
/// Errors: there are too few words.
pub fn make(versions: &[Version]) -> Result<Vec<Text>> {
    let both = [Locale::Es, Locale::En].into_iter().flat_map(|language| WORDS.map(|words| (language, words)));
    both.map(|(language, words)| text(versions, language, words)).collect()
}

/// Page after page until there are so many words; the last block is whole, and there is one main heading.
fn text(versions: &[Version], language: Locale, words: usize) -> Result<Text> {
    let mut pages = versions.iter().filter(|it| it.rank == 1 && it.language == language).peekable();
    let told = |of: fn(&Version) -> &Option<String>, first: Option<&&Version>| first.and_then(|it| of(it).clone()).unwrap_or_default();
    let first = pages.peek();
    let [keyphrase, title, meta_description] =
        [told(|it| &it.keyphrase, first), told(|it| &it.title, first), told(|it| &it.meta_description, first)];
    let (mut content, mut so_far) = (String::new(), 0);
    for (number, page) in pages.enumerate() {
        for block in blocks(&page.html) {
            if so_far >= words {
                break;
            }
            so_far += count(block);
            content += &if number == 0 { block.to_owned() } else { block.replace("<h1", "<h2").replace("</h1>", "</h2>") };
        }
        content.push('\n');
    }
    ensure!(so_far >= words, "our groups have {so_far} words in `{}`, and {words} are wanted", language.as_str());
    Ok(Text { id: format!("{}-{words}", language.as_str()), language: language.as_str(), content, keyphrase, title, meta_description })
}

/// The pieces up to each end of a block; put together they are the whole.
fn blocks(html: &str) -> impl Iterator<Item = &str> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let end = ENDS.iter().filter_map(|end| rest.find(end).map(|at| at + end.len())).min().unwrap_or(rest.len());
        let (block, after) = rest.split_at(end);
        rest = after;
        (!block.is_empty()).then_some(block)
    })
}

/// Words outside of tags.
fn count(html: &str) -> usize {
    html.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text).split_whitespace().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::content_score::groups;

    #[test]
    fn texts_have_the_words_that_were_asked_for_and_one_main_heading() {
        let versions = groups::read(&crate::paths::root().join("benches/content/groups.jsonl")).unwrap();
        let texts = make(&versions).unwrap();
        assert_eq!(texts, make(&versions).unwrap());
        let ids: Vec<&str> = texts.iter().map(|text| text.id.as_str()).collect();
        assert_eq!(ids, ["es-300", "es-1000", "es-5000", "en-300", "en-1000", "en-5000"]);
        for (text, words) in texts.iter().zip(WORDS.iter().cycle()) {
            assert!((*words..words + 120).contains(&count(&text.content)), "{}: {}", text.id, count(&text.content));
            assert!(text.content.matches("<h1").count() <= 1 && !text.keyphrase.is_empty(), "{}", text.id);
        }
        assert!(text(&versions, Locale::Es, 1_000_000).is_err());
    }

    #[test]
    fn blocks_are_the_whole_text() {
        let html = "<h1>A b</h1>\n<ul><li>c</li></ul> d <p class=\"x y\">e</p>f";
        assert_eq!(blocks(html).collect::<Vec<_>>(), ["<h1>A b</h1>", "\n<ul><li>c</li></ul>", " d <p class=\"x y\">e</p>", "f"]);
        assert_eq!(count(html), 6);
    }
}
