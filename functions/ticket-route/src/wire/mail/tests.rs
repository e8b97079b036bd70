use proptest::prelude::*;

use super::*;

fn mail(headers: &[(&str, &str)]) -> Mail {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Mail { from: Sender::read("Eva <eva@mar.example>"), text: "Hola".into(), headers, ..Mail::default() }
}

#[test]
fn names_and_addresses_are_told_apart() {
    for (text, name, address) in [
        ("Eva <eva@mar.example>", "Eva", "eva@mar.example"),
        ("\"Mar, Eva\" <eva@mar.example>", "Mar, Eva", "eva@mar.example"),
        (" eva@mar.example ", "", "eva@mar.example"),
        ("<eva@mar.example>", "", "eva@mar.example"),
        ("a < b <eva@mar.example>", "a < b", "eva@mar.example"),
        ("", "", ""),
    ] {
        assert_eq!(Sender::read(text), Sender { name: name.into(), address: address.into() }, "{text}");
    }
}

#[test]
fn programs_lists_and_bounces_are_no_questions() {
    for (headers, expect) in [
        (&[("auto-submitted", "auto-replied")][..], Some(Ignored::Automatic)),
        (&[("Auto-Submitted", "No")], None),
        (&[("X-Autoreply", "yes")], Some(Ignored::Automatic)),
        (&[("X-Autorespond", "")], Some(Ignored::Automatic)),
        (&[("Precedence", "Bulk")], Some(Ignored::Bulk)),
        (&[("Precedence", "list")], Some(Ignored::Bulk)),
        (&[("Precedence", "first-class")], None),
        (&[("Return-Path", "<>")], Some(Ignored::Bounce)),
        (&[("Return-Path", "<eva@mar.example>")], None),
        (&[], None),
    ] {
        assert_eq!(mail(headers).ignored(Some("Marea <hola@marea.example>"), false), expect, "{headers:?}");
    }
    assert_eq!(mail(&[]).ignored(Some("Marea <EVA@mar.example>"), true), Some(Ignored::OwnAddress));
    assert_eq!(mail(&[("Precedence", "list")]).ignored(None, true), None, "people write to a group");
    assert_eq!(Mail { return_path: Some(String::new()), ..mail(&[]) }.ignored(None, false), Some(Ignored::Bounce));
    assert_eq!(Mail { from: Sender::read("MAILER-DAEMON@x.example"), ..mail(&[]) }.ignored(None, false), Some(Ignored::Bounce));
    assert_eq!(Mail { text: " ".into(), html: "<p></p>".into(), ..mail(&[]) }.ignored(None, false), Some(Ignored::Empty));
    assert_eq!(Mail { text: " ".into(), files: vec!["a.pdf".into()], ..mail(&[]) }.ignored(None, false), None);
}

#[test]
fn a_mail_names_what_it_answers() {
    let answers = mail(&[("In-Reply-To", "<b@x>"), ("references", "<a@x>\r\n <b@x>")]).answers();
    assert_eq!(answers, ["b@x", "b@x", "a@x"].map(|id| origins::key("mail", id)));
    assert_eq!(mail(&[("In-Reply-To", "bare@x other@x")]).answers().len(), 2);
    let named = Mail {
        subject: "Re: [#12] Cobro [#x] [#0] [#99999999999]".into(),
        to: vec!["Ayuda <help+ticket-7@x.example>".into(), "help+news@x.example".into(), "no address".into()],
        mailbox: "8".into(),
        ..mail(&[])
    };
    assert_eq!(named.numbers(), [7, 8, 12]);
}

#[test]
fn the_same_mail_is_known_by_its_own_id_and_else_by_its_services() {
    let of = |id: &str, headers: &[(&str, &str)]| Mail { id: id.into(), ..mail(headers) }.origin();
    assert_eq!(of("1", &[("Message-Id", "<a@x>")]), of("2", &[("message-id", " a@x ")]));
    assert_ne!(of("1", &[]), of("2", &[]));
    assert_ne!(of("a@x", &[]), of("1", &[("Message-ID", "a@x")]));
}

#[test]
fn what_is_kept_has_all_words_and_the_names_of_files() {
    let mut letter = mail(&[]);
    letter.files = vec!["foto 1.png".into(), "a\nb.pdf".into()];
    assert_eq!(letter.kept(Locale::Es), "Hola\n\n[Archivos, no guardados aquí: foto 1.png, a b.pdf]");
    letter.text = "é".repeat(MAX_TEXT_BYTES);
    let kept = letter.kept(Locale::En);
    assert!(kept.len() <= MAX_TEXT_BYTES && kept.ends_with("\n[… the mail goes on]\n\n[Files, not kept here: foto 1.png, a b.pdf]"));
}

proptest! {
    #[test]
    fn any_mail_makes_a_ticket_that_can_be_kept(subject: String, text: String, html: String, name: String, value: String, files: Vec<String>) {
        let mail = Mail {
            from: Sender::read(&value), subject, text, html, to: vec![name.clone()], mailbox: name,
            headers: ["Message-ID", "References", "Precedence"].map(|name| (name.to_owned(), value.clone())).into(), files, ..Mail::default()
        };
        let _ = (mail.ignored(Some(&value), true), mail.answers(), mail.numbers(), mail.origin());
        let arrival = mail.arrival(Locale::Es);
        prop_assert!(arrival.subject.chars().count() <= MAX_SUBJECT_CHARS && arrival.text.len() <= MAX_TEXT_BYTES);
    }
}
