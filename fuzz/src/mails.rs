//! Mails as services bring them, and what in them is new.

use futures_util::FutureExt;
use orilla_core::body;
use orilla_core::outbox::MAIL_API_KEY;
use orilla_native::testing::{Answer, TestHost};
use orilla_text::Locale;
use ticket_route::classify::text::{Readable, of_html};
use ticket_route::intake::{MAX_SUBJECT_CHARS, MAX_TEXT_BYTES};
use ticket_route::wire::mail::{Mail, Sender, subject};
use ticket_route::wire::{mailgun, postmark, resend};

use crate::sent::{LIMIT, block_on, now, post, read, with};
use crate::text;

/// Postmark's webhook.
pub fn postmark(input: &[u8]) {
    if let Ok(mail) = read(&post(input), |request| postmark::read(request, LIMIT)) {
        check(&mail);
    }
}

/// Mailgun's forms.
pub fn mailgun(input: &[u8]) {
    let taken = |request: &orilla_core::Request| {
        let (sent, files) = block_on(body::parse_with_files(request, LIMIT))?;
        assert!(mailgun::verify("key", &sent, now()).is_err(), "nobody signed this");
        mailgun::read(&sent, files)
    };
    if let Ok(mail) = read(&post(input), taken) {
        check(&mail);
    }
}

/// Resend's events, and its API's answer with the words that an event does not have.
pub fn resend(input: &[u8]) {
    thread_local! {
        static HOST: TestHost = {
            // Its store has threads of its own; what is read afterwards waits for none of them.
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let host = runtime.block_on(TestHost::new());
            host.set_variable(MAIL_API_KEY, "re_key");
            host
        };
    }
    HOST.with(|host| {
        let answer = input.to_vec();
        host.answer_fetches(move |_| Ok(Answer { body: answer.clone().into(), ..http::StatusCode::OK.into() }));
        let told = br#"{"type":"email.received","data":{"email_id":"e-1","from":"Ana <ana@a.example>","subject":"s"}}"#;
        for sent in [input, told] {
            let mail = resend::read(host, &post(sent), LIMIT).now_or_never().expect("an answer at once");
            if let Ok(Some(mail)) = mail {
                check(&mail);
            }
        }
        let _ = host.take_fetches();
    });
    let signed = with(&[("svix-id", "m"), ("svix-timestamp", "1795860000"), ("svix-signature", &text(input))], input);
    assert!(resend::verify("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &signed, input, now()).is_err(), "nobody signed this");
}

/// Quotations and signatures: what is new is of the mail, and nothing is taken away twice.
pub fn quotation(input: &[u8]) {
    let body = text(input);
    let (first, rest) = body.split_once('\n').unwrap_or(("", &body));
    let own = Readable::new(first, rest);
    let lines: Vec<_> = rest.lines().map(str::trim).collect();
    for line in own.body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert!(lines.iter().any(|it| it.contains(line)), "{line:?} was not written");
    }
    assert!(own.whole().len() <= body.len() + 1 && !own.subject.contains('\n'));
    assert_eq!(own.body.is_empty(), rest[..rest.floor_char_boundary(8_000)].trim().is_empty(), "who says something is heard");
    let shown = of_html(&body);
    assert!(shown.len() <= body.len() * 3 && shown.trim() == shown);
    assert!(!shown.contains("\n\n\n"), "one empty line parts blocks");
    let sender = Sender::read(first);
    assert!(sender.key().is_none_or(|key| key.contains('@')));
    assert!(subject(&body).chars().count() <= MAX_SUBJECT_CHARS);
}

fn check(mail: &Mail) {
    assert!(!mail.from.address.is_empty());
    for locale in [Locale::Es, Locale::En] {
        let arrival = mail.arrival(locale);
        assert!(arrival.text.len() <= MAX_TEXT_BYTES, "a ticket takes less");
        assert!(arrival.subject.chars().count() <= MAX_SUBJECT_CHARS && !arrival.subject.chars().any(char::is_control));
        let told = arrival.told.unwrap_or_default();
        assert!(Readable::new(&arrival.subject, &told).whole().len() <= arrival.subject.len() + told.len() + 1);
    }
    assert!(mail.numbers().iter().all(|number| *number > 0) && mail.numbers().len() <= 20 && mail.answers().len() <= 20);
    assert_eq!(mail.origin(), mail.clone().origin());
    let _ = (mail.ignored(None, false), mail.ignored(Some("Help <help@a.example>"), true));
}
