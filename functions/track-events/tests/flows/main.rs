//! Whole requests through the function on the native host: what is stored, what is told, what adds up.

mod collecting;
mod faults;
mod judging;
mod support;
mod time;
