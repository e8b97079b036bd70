//! What of a message its writer wrote: without the mails that it answers, without signatures, and without HTML. The record keeps all of it.

use html5gum::{Token, Tokenizer};

/// How much of a ticket is looked at, in bytes. Chosen: an encoder hears the first hundred words, and a matter is told by a page.
const MOST: usize = 8_000;

/// A ticket to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readable {
    /// One line.
    pub subject: String,
    /// As its writer wrote it.
    pub body: String,
}

impl Readable {
    /// Of a subject and a body of plain text.
    #[must_use]
    pub fn new(subject: &str, body: &str) -> Self {
        let body = &body[..body.floor_char_boundary(MOST)];
        Self { subject: own_subject(subject), body: own_words(body) }
    }

    /// Both, as one text.
    #[must_use]
    pub fn whole(&self) -> String {
        format!("{}\n{}", self.subject, self.body).trim().to_owned()
    }
}

/// Without `Re:` and its kin.
fn own_subject(subject: &str) -> String {
    let mut rest = subject.trim();
    while let Some((mark, after)) = rest.split_once(':') {
        // Source: RFC 5322 §3.6.5, and what Spanish mailers write instead.
        if !["re", "fw", "fwd", "rv", "rm", "res", "enc", "sv", "aw"].contains(&mark.trim().to_lowercase().as_str()) {
            break;
        }
        rest = after.trim();
    }
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lines up to a quotation or a signature, without quoted ones. A message that is nothing else is taken as it is.
fn own_words(body: &str) -> String {
    let lines: Vec<&str> = body.lines().collect();
    let mut kept = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let line = line.trim_end();
        if line == "--" || line == "-- " || begins_quotation(&lines[at..]) || is_device(line) {
            break;
        }
        if !line.trim_start().starts_with('>') {
            kept.push(line);
        }
    }
    let own = kept.join("\n").trim().to_owned();
    if own.is_empty() { body.trim().to_owned() } else { own }
}

/// Whether the older mail begins here, in the words of the usual mailers.
fn begins_quotation(lines: &[&str]) -> bool {
    let line = lines.first().map(|line| line.trim().to_lowercase()).unwrap_or_default();
    let next = lines.get(1).map(|line| line.trim().to_lowercase()).unwrap_or_default();
    let wrote = |text: &str| ["wrote:", "escribió:", "escribio:", "ha escrito:"].iter().any(|word| text.ends_with(word));
    let introduces = (line.starts_with("on ") || line.starts_with("el ")) && (wrote(&line) || wrote(&next));
    let is_rule = line.starts_with("-----") && ["original", "forwarded", "reenviado", "mensaje"].iter().any(|word| line.contains(word));
    let heads = |first: &str, others: [&str; 3]| {
        line.starts_with(first)
            && lines.iter().skip(1).take(4).any(|it| others.iter().any(|other| it.trim().to_lowercase().starts_with(other)))
    };
    introduces || is_rule || heads("from:", ["sent:", "date:", "to:"]) || heads("de:", ["enviado:", "fecha:", "para:"])
}

/// What telephones put below a mail.
fn is_device(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    line.len() < 60
        && ["sent from my ", "enviado desde mi ", "get outlook for ", "obtener outlook para "].iter().any(|start| line.starts_with(start))
}

/// The text of an HTML mail: quotations, styles and scripts left out, a line for each block.
#[must_use]
pub fn of_html(html: &str) -> String {
    const HIDDEN: [&[u8]; 5] = [b"style", b"script", b"head", b"title", b"blockquote"];
    const BLOCKS: [&[u8]; 9] = [b"p", b"div", b"br", b"li", b"tr", b"h1", b"h2", b"h3", b"table"];
    let mut text = String::new();
    let mut hidden: Vec<Vec<u8>> = Vec::new();
    for Ok(token) in Tokenizer::new(html) {
        match token {
            Token::StartTag(tag) => {
                let name: &[u8] = &tag.name;
                if HIDDEN.contains(&name) && !tag.self_closing {
                    hidden.push(name.to_vec());
                }
                if BLOCKS.contains(&name) {
                    text.push('\n');
                }
            }
            Token::EndTag(tag) => {
                let name: &[u8] = &tag.name;
                if let Some(at) = hidden.iter().rposition(|open| open == name) {
                    hidden.truncate(at);
                }
                if BLOCKS.contains(&name) {
                    text.push('\n');
                }
            }
            Token::String(words) if hidden.is_empty() => text.push_str(&String::from_utf8_lossy(&words)),
            _ => {}
        }
    }
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut shown: Vec<String> = Vec::new();
    for line in lines {
        if !(line.is_empty() && shown.last().is_none_or(String::is_empty)) {
            shown.push(line);
        }
    }
    shown.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(body: &str, expect: &str) {
        assert_eq!(Readable::new("", body).body, expect);
    }

    #[test]
    fn what_others_wrote_and_signatures_do_not_count() {
        check("No funciona.\n\nEl lun, 3 nov 2026 a las 10:02, Ana <ana@a.example> escribió:\n> ¿Qué pasa?\n> Ana", "No funciona.");
        check("Still broken\n\nOn Mon, 3 Nov 2026 at 10:02, Support\n<help@a.example> wrote:\n> try again", "Still broken");
        check("hola\n> quoted\nadiós", "hola\nadiós");
        check("The invoice is wrong\n-- \nBob\nCFO, Refunds Ltd", "The invoice is wrong");
        check("Mira esto\n\nDe: Ventas\nEnviado: lunes\nPara: Bob\n\nFactura vencida", "Mira esto");
        check("FYI\n-----Original Message-----\nFrom: x", "FYI");
        check("no va\n\nEnviado desde mi iPhone", "no va");
        check("On Monday the shop was down.\nFrom: nine to five.", "On Monday the shop was down.\nFrom: nine to five.");
        check("> everything is quoted", "> everything is quoted");
        check("   \n ", "");
    }

    #[test]
    fn a_subject_is_without_its_marks() {
        for (subject, expect) in [("Re: RV: Fwd:  hola  qué tal", "hola qué tal"), ("Pedido: 12", "Pedido: 12"), ("RE:", ""), ("", "")] {
            assert_eq!(own_subject(subject), expect);
        }
    }

    #[test]
    fn html_is_read_as_text() {
        let html = "<html><head><title>t</title><style>p{}</style></head><body><p>No puedo <b>entrar</b> &amp; es urgente</p><div>Ana</div>\
                    <blockquote>older <p>mail</p></blockquote><script>x()</script></body>";
        assert_eq!(of_html(html), "No puedo entrar & es urgente\n\nAna");
        assert_eq!(of_html("just text < 3"), "just text < 3");
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(subject in any::<String>(), body in any::<String>()) {
            let _ = Readable::new(&subject, &body).whole();
            let _ = of_html(&body);
        }
    }
}
