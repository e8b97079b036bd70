//! Macros: what agents do to many tickets alike, in one step. Here what one is, and its text for a ticket. A text is taken apart once, before any
//! value is put in, so that a value which looks like a variable stays a value.

use std::collections::BTreeMap;
use std::fmt;

use orilla_desk::{Priority, Status};
use orilla_text::Locale;
use serde::{Deserialize, Serialize};

/// The most characters of a value. Chosen: a name or a subject; anybody may write one into a form, and an agent's macro sends it on.
const VALUE_CHARS: usize = 200;

/// One macro of a desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Macro {
    /// What programs call it.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it does.
    #[serde(default)]
    pub then: Then,
    /// What it writes, by language; nothing if there is none.
    #[serde(default)]
    pub text: BTreeMap<Locale, String>,
}

/// What a macro does beside writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Then {
    /// Where the work stands then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// How much it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Tags beside those that it has.
    pub tags_add: Vec<String>,
    /// Who has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Whether the customer reads the text.
    pub is_public: bool,
}

impl Default for Then {
    fn default() -> Self {
        Self { status: None, priority: None, category: None, team: None, tags_add: Vec::new(), assignee: None, is_public: true }
    }
}

impl Then {
    /// Whether it changes nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.status.is_none()
            && self.priority.is_none()
            && self.category.is_none()
            && self.team.is_none()
            && self.tags_add.is_empty()
            && self.assignee.is_none()
    }
}

/// What a text may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variable {
    RequesterName,
    TicketNumber,
    TicketSubject,
    AgentName,
    SiteName,
}

impl Variable {
    const ALL: [Self; 5] = [Self::RequesterName, Self::TicketNumber, Self::TicketSubject, Self::AgentName, Self::SiteName];

    const fn name(self) -> &'static str {
        match self {
            Self::RequesterName => "requester.name",
            Self::TicketNumber => "ticket.number",
            Self::TicketSubject => "ticket.subject",
            Self::AgentName => "agent.name",
            Self::SiteName => "site.name",
        }
    }
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// `{{` without `}}`.
    Unclosed,
    /// A variable that is none.
    Unknown(String),
    /// What follows `|` is no text in quotation marks.
    Fallback,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclosed => f.write_str("A `{{` has no `}}`."),
            Self::Unknown(name) => {
                let known: Vec<_> = Variable::ALL.iter().map(|it| it.name()).collect();
                write!(f, "There is no variable `{name}`; there are {}.", known.join(", "))
            }
            Self::Fallback => f.write_str("What stands in for a missing value is written `{{requester.name|\"there\"}}`."),
        }
    }
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    Value { variable: Variable, fallback: Option<&'t str> },
}

/// What stands for the variables of one ticket.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// Who asked, if they said.
    pub requester: Option<&'a str>,
    /// The ticket's number.
    pub number: i64,
    /// Its subject.
    pub subject: &'a str,
    /// Who answers, if somebody does.
    pub agent: Option<&'a str>,
    /// What the site is called.
    pub site: &'a str,
}

impl Values<'_> {
    /// On one line: a name of several would write paragraphs of its own.
    fn of(&self, variable: Variable) -> Option<String> {
        let value = match variable {
            Variable::RequesterName => self.requester.map(str::to_owned),
            Variable::TicketNumber => Some(self.number.to_string()),
            Variable::TicketSubject => Some(self.subject.to_owned()),
            Variable::AgentName => self.agent.map(str::to_owned),
            Variable::SiteName => Some(self.site.to_owned()),
        };
        let words = |value: String| {
            value.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
        };
        value.map(words).map(|line| line.chars().take(VALUE_CHARS).collect::<String>()).filter(|line| !line.is_empty())
    }
}

/// A text for one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rendered {
    /// What it says.
    pub text: String,
    /// In which language.
    pub locale: Locale,
    /// Whether that is not the ticket's, for there is no text in its own.
    pub is_other_language: bool,
    /// Variables without a value or anything that stands in for it.
    pub missing: Vec<&'static str>,
}

impl Macro {
    /// The text for a ticket in this language; `None` if the macro writes nothing, or has a text that [`check`] refuses.
    #[must_use]
    pub fn rendered(&self, locale: Locale, values: &Values<'_>) -> Option<Rendered> {
        let (spoken, text) = [locale, locale.other()].into_iter().find_map(|it| Some((it, self.text.get(&it)?)))?;
        let mut rendered = Rendered { text: String::new(), locale: spoken, is_other_language: spoken != locale, missing: Vec::new() };
        for piece in pieces(text).ok()? {
            match piece {
                Piece::Text(text) => rendered.text.push_str(text),
                Piece::Value { variable, fallback } => match (values.of(variable), fallback) {
                    (Some(value), _) => rendered.text.push_str(&value),
                    (None, Some(fallback)) => rendered.text.push_str(fallback),
                    (None, None) => rendered.missing.push(variable.name()),
                },
            }
        }
        Some(rendered)
    }
}

/// Whether a text can be rendered.
///
/// Errors: the first thing that is wrong with it.
pub fn check(text: &str) -> Result<(), Fault> {
    pieces(text).map(|_| ())
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Fault> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        pieces.push(Piece::Text(before));
        let (value, left) = value(after)?;
        pieces.push(value);
        rest = left;
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

/// What stands after `{{`, and what follows its end.
fn value(text: &str) -> Result<(Piece<'_>, &str), Fault> {
    let end = text.find(['|', '}', '{', '\n']).ok_or(Fault::Unclosed)?;
    let (name, rest) = text.split_at(end);
    let name = name.trim();
    let (fallback, rest) = match rest.strip_prefix('|') {
        Some(rest) => {
            let (fallback, rest) = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"')).ok_or(Fault::Fallback)?;
            (Some(fallback), rest.trim_start())
        }
        None => (None, rest),
    };
    let rest = rest.strip_prefix("}}").ok_or(if fallback.is_some() { Fault::Fallback } else { Fault::Unclosed })?;
    let variable = Variable::ALL.into_iter().find(|it| it.name() == name).ok_or_else(|| Fault::Unknown(name.to_owned()))?;
    Ok((Piece::Value { variable, fallback }, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VALUES: Values<'_> = Values { requester: Some("Eva"), number: 12, subject: "La web no carga", agent: Some("Ana"), site: "Marea" };

    fn written(texts: &[(Locale, &str)]) -> Macro {
        let text = texts.iter().map(|(locale, text)| (*locale, (*text).to_owned())).collect();
        Macro { id: "m".into(), name: "M".into(), then: Then::default(), text }
    }

    fn es(text: &str, values: &Values<'_>) -> Rendered {
        written(&[(Locale::Es, text)]).rendered(Locale::Es, values).unwrap()
    }

    #[test]
    fn every_variable_has_its_value() {
        let text = "Hola {{requester.name}}: {{ticket.number}} «{{ ticket.subject }}» {{agent.name}}, {{site.name}} {sin} }}";
        assert_eq!(es(text, &VALUES).text, "Hola Eva: 12 «La web no carga» Ana, Marea {sin} }}");
        assert_eq!(es("", &VALUES).text, "");
    }

    #[test]
    fn what_is_missing_has_a_stand_in_or_is_told() {
        let nobody = Values { requester: None, agent: Some(" "), ..VALUES };
        let rendered = es("Hola {{requester.name|\"amiga, amigo\"}}{{ requester.name | \"\" }}. {{agent.name}}", &nobody);
        assert_eq!((rendered.text.as_str(), rendered.missing.as_slice()), ("Hola amiga, amigo. ", &["agent.name"][..]));
        assert_eq!(es("{{requester.name|\"}}\"}}", &nobody).text, "}}", "a stand-in is a text");
        assert_eq!(es("{{requester.name|\"there\"}}", &VALUES).text, "Eva");
    }

    #[test]
    fn a_value_stays_a_value() {
        let sly = Values { requester: Some("{{agent.name}}"), subject: "{{site.name|\"x\"}}\r\n\u{0}Saldo: 0", ..VALUES };
        assert_eq!(es("{{requester.name}} {{ticket.subject}}", &sly).text, "{{agent.name}} {{site.name|\"x\"}} Saldo: 0");
    }

    #[test]
    fn the_other_language_stands_in_and_says_so() {
        let both = written(&[(Locale::Es, "Hola"), (Locale::En, "Hello")]);
        let told = |it: &Macro, locale| it.rendered(locale, &VALUES).map(|it| (it.text, it.locale, it.is_other_language));
        assert_eq!(told(&both, Locale::En), Some(("Hello".into(), Locale::En, false)));
        let spanish = written(&[(Locale::Es, "Hola")]);
        assert_eq!(told(&spanish, Locale::En), Some(("Hola".into(), Locale::Es, true)));
        assert_eq!(told(&written(&[]), Locale::En), None);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for (text, fault) in [
            ("{{requester.name", Fault::Unclosed),
            ("{{requester.name}", Fault::Unclosed),
            ("{{requester.name\n}}", Fault::Unclosed),
            ("{{ {{site.name}} }}", Fault::Unclosed),
            ("{{}}", Fault::Unknown(String::new())),
            ("{{ticket.secret}}", Fault::Unknown("ticket.secret".into())),
            ("{{Requester.Name}}", Fault::Unknown("Requester.Name".into())),
            ("{{requester.name|there}}", Fault::Fallback),
            ("{{requester.name|\"there}}", Fault::Fallback),
            ("{{requester.name|\"there\" x}}", Fault::Fallback),
        ] {
            assert_eq!(check(text), Err(fault), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_value_is_ever_read_again(before in "[^{]{0,20}", name in "[{}|\"a-z.]{1,40}", after in "[^{]{0,20}") {
            let text = format!("{before}{{{{requester.name}}}}{after}");
            let values = Values { requester: Some(&name), ..VALUES };
            prop_assert_eq!(es(&text, &values).text, format!("{before}{name}{after}"));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let read = written(&[(Locale::Es, &text)]).rendered(Locale::Es, &VALUES);
            prop_assert_eq!(read.is_some(), check(&text).is_ok());
        }
    }
}
