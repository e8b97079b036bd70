//! The wires of clients that people have already, each a small file that reads and writes tickets in its words.

pub mod zendesk;
