//! What a visitor reads of an article's Markdown: plain text, section by section, its links apart. Nothing of it is ever markup: HTML in an
//! article stays the characters that were written.

use std::mem;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::Link;

/// Links of one text that are kept. Chosen: nobody follows more.
const MAX_LINKS: usize = 20;

/// Plain text and what it links to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    /// Paragraphs are parted by an empty line; items begin with `• ` or their number, cells are parted by ` | `.
    pub text: String,
    /// Each address once, in order.
    pub links: Vec<Link>,
}

/// What stands below one heading, up to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// The headings that lead here, the outermost first; none before the first heading.
    pub headings: Vec<String>,
    /// Paragraphs, parted by an empty line; may be empty.
    pub text: String,
    /// Each address once, in order.
    pub links: Vec<Link>,
}

/// The whole text, its headings as paragraphs.
#[must_use]
pub fn plain(markdown: &str) -> Plain {
    let mut plain = Plain::default();
    for section in sections(markdown) {
        for part in section.headings.last().into_iter().chain([&section.text]).filter(|part| !part.is_empty()) {
            if !plain.text.is_empty() {
                plain.text.push_str("\n\n");
            }
            plain.text.push_str(part);
        }
        section.links.into_iter().for_each(|link| keep(&mut plain.links, link));
    }
    plain
}

/// The text by its headings.
#[must_use]
pub fn sections(markdown: &str) -> Vec<Section> {
    let mut reader = Reader::default();
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    Parser::new_ext(markdown, options).for_each(|event| reader.take(event));
    reader.close_section();
    reader.sections
}

fn keep(links: &mut Vec<Link>, link: Link) {
    if links.len() < MAX_LINKS && links.iter().all(|it| it.url != link.url) {
        links.push(link);
    }
}

#[derive(Debug, Default)]
struct Reader {
    sections: Vec<Section>,
    /// The headings above, with their levels.
    headings: Vec<(usize, String)>,
    /// Of the section that is being read.
    text: String,
    links: Vec<Link>,
    /// The heading's words while one is being read.
    heading: Option<String>,
    /// The addresses being read, each with the place where its words begin.
    open: Vec<(String, usize)>,
    /// The next number of each list around; none of a list without numbers.
    lists: Vec<Option<u64>>,
    /// Whether the next cell is the first of its row.
    is_first_cell: bool,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => self.place().push_str(&text),
            Event::SoftBreak => self.place().push(' '),
            Event::HardBreak => self.place().push('\n'),
            Event::Rule => self.part("\n\n"),
            // Of options that are not asked for.
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.close_section();
                self.heading = Some(String::new());
            }
            Tag::Paragraph | Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Table(_) | Tag::BlockQuote(_) if self.lists.is_empty() => {
                self.part("\n\n")
            }
            Tag::Paragraph | Tag::CodeBlock(_) if !self.text.ends_with("• ") && !self.text.ends_with(". ") => self.part("\n"),
            Tag::List(first) => {
                self.part(if self.lists.is_empty() { "\n\n" } else { "\n" });
                self.lists.push(first);
            }
            Tag::Item => {
                self.part("\n");
                let depth = self.lists.len().saturating_sub(1);
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "• ".to_owned(),
                };
                self.text.push_str(&"  ".repeat(depth));
                self.text.push_str(&mark);
            }
            Tag::TableHead | Tag::TableRow => {
                self.part("\n");
                self.is_first_cell = true;
            }
            Tag::TableCell if !mem::take(&mut self.is_first_cell) => self.text.push_str(" | "),
            Tag::Link { dest_url, .. } => {
                let at = self.place().len();
                self.open.push((dest_url.into_string(), at));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => {
                let words = self.heading.take().unwrap_or_default();
                let level = level as usize;
                self.headings.retain(|(above, _)| *above < level);
                self.headings.push((level, words.split_whitespace().collect::<Vec<_>>().join(" ")));
            }
            TagEnd::List(_) => _ = self.lists.pop(),
            TagEnd::Link => {
                if let Some((url, at)) = self.open.pop()
                    && let Some(link) = Link::new(self.place().get(at..).unwrap_or_default().to_owned().as_str(), &url)
                {
                    keep(&mut self.links, link);
                }
            }
            _ => {}
        }
    }

    /// Where words go.
    fn place(&mut self) -> &mut String {
        self.heading.as_mut().unwrap_or(&mut self.text)
    }

    /// Parts what follows from what stands there; where it is parted further already it stays so.
    fn part(&mut self, by: &str) {
        let whole = self.text.trim_end().len();
        let breaks = self.text[whole..].matches('\n').count().max(by.len());
        if whole > 0 {
            self.text.truncate(whole);
            self.text.push_str(&"\n\n"[..breaks.min(2)]);
        }
    }

    fn close_section(&mut self) {
        let text = mem::take(&mut self.text).trim().to_owned();
        let links = mem::take(&mut self.links);
        let headings: Vec<_> = self.headings.iter().map(|(_, words)| words.clone()).collect();
        if !text.is_empty() || !headings.is_empty() {
            self.sections.push(Section { headings, text, links });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(markdown: &str, expect: &str) {
        assert_eq!(plain(markdown).text, expect, "{markdown}");
    }

    #[test]
    fn marks_become_text() {
        check("Pay **once**, _then_ `run it`.\nStill the same paragraph.", "Pay once, then run it. Still the same paragraph.");
        check("One  \ntwo\n\nthree\n\n---\n\nfour", "One\ntwo\n\nthree\n\nfour");
        check("Do:\n\n- this\n- that\n  1. first\n  2. second\n\nDone.", "Do:\n\n• this\n• that\n  1. first\n  2. second\n\nDone.");
        check("3. three\n4. four", "3. three\n4. four");
        check("- one\n\n- two\n\n  more", "• one\n• two\nmore");
        check("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n1 | 2");
        check("> said\n\nend", "said\n\nend");
        check("```js\nlet a = '<b>';\n```", "let a = '<b>';");
        check("![a dog](dog.png) and [a page](/x)", "a dog and a page");
        check("caf&eacute; &lt;b&gt; \\*x\\*", "café <b> *x*");
        check("", "");
    }

    #[test]
    fn html_stays_the_characters_that_were_written() {
        check(
            "Put <script src=\"/orilla.js\"></script> in <b>every</b> page.",
            "Put <script src=\"/orilla.js\"></script> in <b>every</b> page.",
        );
        check("<script>\nalert(1)\n</script>", "<script>\nalert(1)\n</script>");
    }

    #[test]
    fn headings_part_sections_and_lead_to_them() {
        let found = sections("Intro.\n\n# A\n\nText of *A*.\n\n## B `x`\n\nText [of](https://b.example) B.\n\n# C\n");
        let shown: Vec<_> = found.iter().map(|it| (it.headings.join(" > "), it.text.as_str(), it.links.len())).collect();
        let expect = [("", "Intro.", 0), ("A", "Text of A.", 0), ("A > B x", "Text of B.", 1), ("C", "", 0)];
        assert_eq!(shown, expect.map(|(headings, text, links)| (headings.to_owned(), text, links)));
        assert_eq!(plain("# A\n\nb\n\n## C\n\nd").text, "A\n\nb\n\nC\n\nd");
    }

    #[test]
    fn links_are_kept_apart_and_unsafe_ones_are_words() {
        let found =
            plain("[Prices](/prices), [again](/prices), <https://a.example>, [x](javascript:alert(1)), [**bold**](mailto:a@b.example)");
        assert_eq!(found.text, "Prices, again, https://a.example, x, bold");
        let links: Vec<_> = found.links.iter().map(|it| (it.title.as_str(), it.url.as_str())).collect();
        assert_eq!(links, [("Prices", "/prices"), ("https://a.example", "https://a.example"), ("bold", "mailto:a@b.example")]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>(), marks in "[ \\-*_#>`|\\[\\]()<>!a0-9.\n]{0,80}") {
            let _ = plain(&text);
            let _ = plain(&marks);
        }
    }
}
