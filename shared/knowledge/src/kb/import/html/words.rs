//! What is written in an element: as one line, or as Markdown that reads the same.

use super::tree::{Element, Node};

/// Elements that begin a paragraph and end one.
const BLOCKS: [&str; 24] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figure",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "main",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "header",
];

/// All words as one line.
pub fn line(element: &Element) -> String {
    let mut words = String::new();
    collect(element, &mut words);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn collect(element: &Element, words: &mut String) {
    for node in &element.children {
        match node {
            Node::Words(text) => words.push_str(text),
            Node::Element(below) if below.is_silent() => {}
            Node::Element(below) => {
                let is_apart = BLOCKS.contains(&below.name.as_str()) || matches!(below.name.as_str(), "br" | "li" | "td" | "th");
                words.push_str(if is_apart { " " } else { "" });
                collect(below, words);
                words.push_str(if is_apart { " " } else { "" });
            }
        }
    }
}

/// Paragraphs, lists and links as Markdown; every other mark is left out, and what would be a mark is written as a character.
pub fn markdown<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> String {
    let mut writer = Writer::default();
    nodes.into_iter().for_each(|node| writer.node(node));
    writer.out.trim().to_owned()
}

#[derive(Debug, Default)]
struct Writer {
    out: String,
    /// The next number of each list around; none of a list without numbers.
    lists: Vec<Option<u32>>,
}

impl Writer {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Words(text) => self.words(text),
            Node::Element(element) if element.is_silent() => {}
            Node::Element(element) => self.element(element),
        }
    }

    fn element(&mut self, element: &Element) {
        match element.name.as_str() {
            "br" => self.out.push_str("  \n"),
            "ul" | "ol" => {
                self.part(if self.lists.is_empty() { "\n\n" } else { "\n" });
                self.lists.push((element.name == "ol").then_some(1));
                element.children.iter().for_each(|node| self.node(node));
                self.lists.pop();
                if self.lists.is_empty() {
                    self.part("\n\n");
                }
            }
            "li" => {
                self.part("\n");
                self.out.push_str(&"   ".repeat(self.lists.len().saturating_sub(1)));
                match self.lists.last_mut() {
                    Some(Some(number)) => {
                        self.out.push_str(&format!("{number}. "));
                        *number += 1;
                    }
                    _ => self.out.push_str("- "),
                }
                element.children.iter().for_each(|node| self.node(node));
            }
            "tr" => {
                self.part("\n\n");
                for (at, cell) in element.elements().enumerate() {
                    self.words(if at == 0 { "" } else { " · " });
                    self.words(&line(cell));
                }
            }
            "a" => self.link(element),
            "img" => self.words(element.attribute("alt")),
            name if BLOCKS.contains(&name) && self.lists.is_empty() => {
                self.part("\n\n");
                element.children.iter().for_each(|node| self.node(node));
                self.part("\n\n");
            }
            _ => element.children.iter().for_each(|node| self.node(node)),
        }
    }

    fn link(&mut self, element: &Element) {
        let (title, url) = (line(element), element.attribute("href").trim());
        let is_address = crate::kb::Link::new(&title, url).is_some() && !url.contains(['<', '>']);
        if title.is_empty() || !is_address {
            return element.children.iter().for_each(|node| self.node(node));
        }
        self.out.push('[');
        self.words(&title);
        self.out.push_str(&format!("](<{url}>)"));
    }

    /// Single spaces, and no character that Markdown would read as more than itself.
    fn words(&mut self, text: &str) {
        for character in text.chars() {
            if character.is_whitespace() {
                if !self.out.is_empty() && !self.out.ends_with(char::is_whitespace) {
                    self.out.push(' ');
                }
                continue;
            }
            let begins = self.out.is_empty() || self.out.ends_with('\n');
            let is_mark = character.is_ascii_punctuation()
                && (begins || !matches!(character, ',' | '.' | ':' | ';' | '?' | '\'' | '"' | '/' | '%' | '@'));
            let ends_number = matches!(character, '.' | ')') && self.line_is_a_number();
            if is_mark || ends_number {
                self.out.push('\\');
            }
            self.out.push(character);
        }
    }

    /// Whether the line so far could be the number of a list's item.
    fn line_is_a_number(&self) -> bool {
        let line = self.out.rsplit('\n').next().unwrap_or_default();
        !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Parts what follows from what stands there; where it is parted further already it stays so.
    fn part(&mut self, by: &str) {
        let whole = self.out.trim_end().len();
        let breaks = self.out[whole..].matches('\n').count().max(by.len());
        self.out.truncate(whole);
        if whole > 0 {
            self.out.push_str(&"\n\n"[..breaks.min(2)]);
        }
    }
}
