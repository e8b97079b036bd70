//! Tickets by our own wire and by Zendesk's.

use orilla_text::email;
use ticket_route::classify::text::Readable;
use ticket_route::intake::{self, Arrival, MAX_SUBJECT_CHARS, MAX_TEXT_BYTES};
use ticket_route::wire::{zendesk, zendesk_webhook};

use crate::sent::{LIMIT, post, read};

/// `POST /v1/tickets`.
pub fn ticket(input: &[u8]) {
    arrives(input, |request| intake::read(request, LIMIT));
}

/// Zendesk's `POST /api/v2/tickets`.
pub fn zendesk(input: &[u8]) {
    arrives(input, |request| zendesk::opens(request, LIMIT));
}

/// Zendesk's webhooks.
pub fn zendesk_webhook(input: &[u8]) {
    let Ok(Some(told)) = read(&post(input), |request| zendesk_webhook::read(request, LIMIT)) else { return };
    let ids = [Some(told.ticket.id.as_str()), told.comment.as_ref().map(|comment| comment.id.as_str())];
    for id in ids.into_iter().flatten() {
        assert!((1..=64).contains(&id.len()) && id.trim() == id, "{id:?} is no id");
    }
    if let Some(comment) = &told.comment {
        assert!(comment.is_public || comment.is_staff, "whoever asks writes nothing that they do not see");
    }
}

fn arrives(input: &[u8], wire: impl Fn(&orilla_core::Request) -> Result<Arrival, orilla_core::Error>) {
    let request = post(input);
    // An arrival has no equality of its own: what it is made of is compared.
    let Ok(parts) = read(&request, |request| wire(request).map(|it| format!("{it:?}"))) else { return };
    assert!(!parts.is_empty());
    let arrival = wire(&request).unwrap();
    assert!(arrival.text.len() <= MAX_TEXT_BYTES && arrival.subject.chars().count() <= MAX_SUBJECT_CHARS);
    assert!(!arrival.text.trim().is_empty() || !arrival.subject.trim().is_empty(), "a ticket says something");
    if let Some(address) = &arrival.requester.email {
        assert_eq!(email::parse(address).map(|it| it.address).as_ref(), Some(address));
    }
    assert!(arrival.tags.len() <= 20 && arrival.tags.iter().all(|tag| !tag.trim().is_empty()));
    let readable = Readable::new(&arrival.subject, &arrival.text);
    assert!(readable.whole().len() <= arrival.subject.len() + arrival.text.len() + 1);
}
