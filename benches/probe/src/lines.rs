//! The probe natively: a question on each line of standard input, an answer on each line of standard output.

use std::io::{BufRead, Write, stdin, stdout};
use std::process::ExitCode;

use crate::models::Models;

/// Answers until there are no more questions.
#[must_use]
pub fn lines(models: &Models) -> ExitCode {
    for line in stdin().lock().lines().map_while(Result::ok) {
        let answer = match crate::answer(models, line.as_bytes()) {
            Ok(answer) => answer,
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        };
        let mut out = stdout().lock();
        if out.write_all(&answer).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
