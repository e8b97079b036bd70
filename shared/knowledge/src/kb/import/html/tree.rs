//! A page as a tree, forgiving as pages are: what is left open ends with what is around it. Not the tree of the HTML standard; enough of it to
//! know what stands in what.

use html5gum::emitters::default::{DefaultEmitter, Token};
use html5gum::{HtmlString, Tokenizer};

/// How deep elements stand in one another; deeper ones stand beside one another. Chosen: no page is, and no walk runs out of stack.
const MAX_DEPTH: usize = 200;
/// Elements without an end. Source: HTML Living Standard §13.1.2.
const VOID: [&str; 13] = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// Elements whose words are not the page's.
const SILENT: [&str; 8] = ["style", "template", "noscript", "svg", "select", "nav", "footer", "iframe"];
/// What is kept of an element.
const ATTRIBUTES: [&str; 6] = ["href", "id", "itemprop", "itemtype", "type", "alt"];

/// Something in an element.
#[derive(Debug)]
pub enum Node {
    /// Words, with their spaces.
    Words(String),
    /// An element.
    Element(Element),
}

/// An element with what is in it.
#[derive(Debug, Default)]
pub struct Element {
    /// Its tag, in lower case.
    pub name: String,
    attributes: Vec<(&'static str, String)>,
    /// In order.
    pub children: Vec<Node>,
}

impl Element {
    /// An attribute's value; empty if there is none.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|it| it.0 == name).map_or("", |it| &it.1)
    }

    /// Whether one of the words of its `itemprop` is this.
    pub fn is_property(&self, name: &str) -> bool {
        self.attribute("itemprop").split_whitespace().any(|it| it == name)
    }

    /// Whether it is an item of this type of schema.org.
    pub fn is_item(&self, kind: &str) -> bool {
        self.attribute("itemtype")
            .split_whitespace()
            .any(|it| it.rsplit_once('/').is_some_and(|(base, last)| base.ends_with("schema.org") && last == kind))
    }

    /// The level of a heading.
    pub fn level(&self) -> Option<u8> {
        match self.name.as_bytes() {
            [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
            _ => None,
        }
    }

    /// Whether its words are no part of what is read.
    pub fn is_silent(&self) -> bool {
        self.name == "script" || SILENT.contains(&self.name.as_str())
    }

    /// The elements in it, in order.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Words(_) => None,
        })
    }

    /// This element and every one below it, in the order of the page.
    pub fn all(&self) -> Vec<&Self> {
        let mut all = Vec::new();
        let mut waiting = vec![self];
        while let Some(element) = waiting.pop() {
            all.push(element);
            let below: Vec<_> = element.elements().collect();
            waiting.extend(below.into_iter().rev());
        }
        all
    }
}

/// Reads a page or a part of one.
pub fn read(html: &str) -> Element {
    let mut emitter = DefaultEmitter::default();
    // Scripts and styles hold no tags.
    emitter.naively_switch_states(true);
    let mut open = vec![Element::default()];
    for token in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Ok(Token::StartTag(tag)) => {
                let name = text(&tag.name);
                implied_ends(&mut open, &name);
                let attributes = ATTRIBUTES.iter().filter_map(|wanted| {
                    let value = tag.attributes.iter().find(|(name, _)| name.as_slice() == wanted.as_bytes())?;
                    Some((*wanted, text(&value.1.value)))
                });
                let element = Element { attributes: attributes.collect(), name, children: Vec::new() };
                if tag.self_closing || VOID.contains(&element.name.as_str()) || open.len() >= MAX_DEPTH {
                    add(&mut open, Node::Element(element));
                } else {
                    open.push(element);
                }
            }
            Ok(Token::EndTag(tag)) => {
                let name = text(&tag.name);
                if let Some(at) = open.iter().rposition(|element| element.name == name).filter(|at| *at > 0) {
                    close(&mut open, at);
                }
            }
            Ok(Token::String(words)) => add(&mut open, Node::Words(text(&words.value))),
            Ok(Token::Comment(_) | Token::Doctype(_) | Token::Error(_)) | Err(_) => {}
        }
    }
    close(&mut open, 1);
    open.pop().unwrap_or_default()
}

fn text(bytes: &HtmlString) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn add(open: &mut [Element], node: Node) {
    if let Some(around) = open.last_mut() {
        around.children.push(node);
    }
}

/// Ends elements until so many are open.
fn close(open: &mut Vec<Element>, until: usize) {
    while open.len() > until.max(1) {
        if let Some(element) = open.pop() {
            add(open, Node::Element(element));
        }
    }
}

/// Ends what cannot hold an element of this name. Source: HTML Living Standard §13.1.2.4, the ends that authors leave out.
fn implied_ends(open: &mut Vec<Element>, name: &str) {
    let (ended, by): (&[&str], &[&str]) = match name {
        "li" => (&["li"], &["ul", "ol"]),
        "dt" | "dd" => (&["dt", "dd"], &["dl"]),
        "tr" => (&["tr"], &["table"]),
        "td" | "th" => (&["td", "th"], &["tr", "table"]),
        "p" | "div" | "ul" | "ol" | "dl" | "table" | "section" | "article" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "details"
        | "pre" => {
            if open.last().is_some_and(|element| element.name == "p") {
                close(open, open.len() - 1);
            }
            return;
        }
        _ => return,
    };
    let at = open.iter().rposition(|element| ended.contains(&element.name.as_str()) || by.contains(&element.name.as_str()));
    if let Some(at) = at.filter(|at| ended.contains(&open[*at].name.as_str())) {
        close(open, at);
    }
}
