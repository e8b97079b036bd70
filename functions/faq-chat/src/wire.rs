//! The wires of clients that people have already, each a small file that reads a request into a question and writes the answer in its words.

pub mod mcp;
pub mod openai;
