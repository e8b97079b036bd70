//! What people read: one note, written as a Slack message and as a mail. Every value is somebody's input and escaped.

use serde_json::{Value as Json, json};

/// The most characters of a Slack header block. Source: Slack Block Kit, header block.
const SLACK_HEADER_CHARS: usize = 150;
/// The most characters of a Slack section field. Source: Slack Block Kit, section block.
const SLACK_FIELD_CHARS: usize = 2_000;
/// The most fields of a Slack section. Source: Slack Block Kit, section block.
const SLACK_FIELDS: usize = 10;
/// The most sections we send. Source: Slack Block Kit takes 50 blocks a message; one is the header.
const SLACK_SECTIONS: usize = 49;

/// A headline and labelled facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note {
    /// The headline, and the subject of the mail.
    pub title: String,
    /// Label and value, in the order to be read.
    pub facts: Vec<(String, String)>,
}

impl Note {
    /// The body that an incoming webhook takes, in the shape that `@slack/webhook` sends.
    #[must_use]
    pub fn slack(&self) -> Json {
        let field = |(label, value): &(String, String)| {
            let text = format!("*{}*\n{}", escape_slack(label), escape_slack(value));
            json!({ "type": "mrkdwn", "text": cut(&text, SLACK_FIELD_CHARS) })
        };
        let fields: Vec<_> = self.facts.iter().map(field).collect();
        let header = json!({ "type": "header", "text": { "type": "plain_text", "text": cut(&self.headline(), SLACK_HEADER_CHARS) } });
        let sections = fields.chunks(SLACK_FIELDS).take(SLACK_SECTIONS).map(|fields| json!({ "type": "section", "fields": fields }));
        let blocks: Vec<_> = std::iter::once(header).chain(sections).collect();
        json!({ "text": escape_slack(&self.headline()), "blocks": blocks })
    }

    /// Subject, text and HTML of the mail.
    #[must_use]
    pub fn mail(&self) -> Json {
        let text: Vec<_> = self.facts.iter().map(|(label, value)| format!("{label}: {value}")).collect();
        let row = |(label, value): &(String, String)| {
            format!("<tr><th align=\"left\" valign=\"top\">{}</th><td>{}</td></tr>", escape_html(label), lines(&escape_html(value)))
        };
        let rows: String = self.facts.iter().map(row).collect();
        let html = format!("<h1>{}</h1><table cellpadding=\"4\">{rows}</table>", escape_html(&self.headline()));
        json!({ "subject": self.headline(), "text": text.join("\n"), "html": html })
    }

    fn headline(&self) -> String {
        one_line(&self.title)
    }
}

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part; whoever writes it escapes it.
    pub html: String,
    /// Where answers go; to the sender, if it says nothing.
    pub reply_to: Option<String>,
}

impl Mail {
    pub(super) fn content(&self) -> Json {
        let mut content = json!({ "subject": one_line(&self.subject), "text": self.text, "html": self.html });
        if let Some(address) = &self.reply_to {
            // Source: Resend API, "Send email", `reply_to`.
            content["reply_to"] = json!(address);
        }
        content
    }
}

/// Escapes text for Slack's mrkdwn. Source: Slack, "Formatting text for app surfaces": these three characters and no others.
#[must_use]
pub fn escape_slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Escapes text for HTML, in elements and in quoted attributes.
#[must_use]
pub fn escape_html(text: &str) -> String {
    escape_slack(text).replace('"', "&quot;").replace('\'', "&#39;")
}

/// A line break in a subject would start a new header in a careless mailer.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control()).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn lines(html: &str) -> String {
    html.replace('\n', "<br>")
}

/// The first so many characters; an entity is never cut in two.
fn cut(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(chars.saturating_sub(1)).collect();
    if let Some(at) = kept.rfind('&').filter(|at| !kept.get(*at..).is_some_and(|rest| rest.contains(';'))) {
        kept.truncate(at);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn note(title: &str, facts: &[(&str, &str)]) -> Note {
        Note { title: title.into(), facts: facts.iter().map(|(label, value)| ((*label).into(), (*value).into())).collect() }
    }

    #[test]
    fn slack_gets_text_and_blocks() {
        let slack = note("New lead <!channel>", &[("Name", "A & B"), ("Message", "<https://evil.net|click>")]).slack();
        let expect = json!({
            "text": "New lead &lt;!channel&gt;",
            "blocks": [
                { "type": "header", "text": { "type": "plain_text", "text": "New lead <!channel>" } },
                { "type": "section", "fields": [
                    { "type": "mrkdwn", "text": "*Name*\nA &amp; B" },
                    { "type": "mrkdwn", "text": "*Message*\n&lt;https://evil.net|click&gt;" },
                ] },
            ],
        });
        assert_eq!(slack, expect);
    }

    #[test]
    fn mails_are_escaped_and_have_one_line_subjects() {
        let mail = note("Hi\r\nBcc: x@evil.net", &[("Name", "<script>\n\"'&")]).mail();
        assert_eq!(mail["subject"], "Hi Bcc: x@evil.net");
        assert_eq!(mail["text"], "Name: <script>\n\"'&");
        assert!(mail["html"].as_str().unwrap().contains("<td>&lt;script&gt;<br>&quot;&#39;&amp;</td>"));
    }

    #[test]
    fn many_facts_fill_sections_to_slack_s_limit() {
        let slack = note("t", &[("label", "value"); 600]).slack();
        let blocks = slack["blocks"].as_array().unwrap();
        assert_eq!((blocks.len(), blocks[49]["fields"].as_array().unwrap().len()), (50, 10));
    }

    proptest! {
        #[test]
        fn slack_s_limits_hold_for_any_input(title: String, label in ".{0,40}", value in "[&<a]{0,900}") {
            let note = Note { title, facts: vec![(label, value)] };
            let slack = note.slack();
            let blocks = slack["blocks"].as_array().unwrap();
            prop_assert!(blocks[0]["text"]["text"].as_str().unwrap().chars().count() <= SLACK_HEADER_CHARS);
            for field in blocks.iter().filter_map(|block| block["fields"].as_array()).flatten() {
                let text = field["text"].as_str().unwrap();
                prop_assert!(text.chars().count() <= SLACK_FIELD_CHARS && !text.contains('<'));
                let tail = text.rfind('&').map_or("&lt;", |at| &text[at..]);
                prop_assert!(tail.contains(';'), "an entity is cut: {tail}");
            }
        }
    }
}
