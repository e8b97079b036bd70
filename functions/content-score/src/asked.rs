//! What is to be judged: a text, what it is for, and what is said about it elsewhere.

use orilla_prose::document::Format;
use orilla_text::Locale;

/// A text and what its writer says of it; valid once it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// As sent.
    pub content: String,
    /// What it is written in.
    pub format: Format,
    /// What it wants to be found by.
    pub keyphrase: Option<String>,
    /// Other words for it.
    pub synonyms: Vec<String>,
    /// The title that results show (an e-mail's subject); none is read from the document's head.
    pub title: Option<String>,
    /// None is read from the document's head.
    pub meta_description: Option<String>,
    /// The last part of its address.
    pub slug: Option<String>,
    /// Where it stands: tells own links from others'.
    pub url: Option<url::Url>,
    /// None is told from the text, block by block.
    pub locale: Option<Locale>,
    /// What it is.
    pub kind: Kind,
    /// Whom it is for, in the site's words.
    pub persona: Option<String>,
    /// What an e-mail's list shows after its subject.
    pub preview: Option<String>,
    /// Whether it is also judged by what it means, which takes longer than all the rest.
    pub hears_meaning: bool,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A landing page.
    Landing,
    /// A post or article.
    #[default]
    Blog,
    /// An e-mail.
    Email,
    /// A white paper.
    Whitepaper,
    /// A case study.
    CaseStudy,
}
