//! The wires of clients and services that people have already, each a small file that reads and writes tickets in its words.

pub mod mail;
pub mod mailgun;
pub mod postmark;
pub mod resend;
pub mod zendesk;
pub mod zendesk_webhook;
