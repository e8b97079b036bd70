//! The kernels of a help desk: opening hours, the clocks of a service level agreement, escalation, and who gets which ticket.
//! Pure: no host, no I/O, no clock; time comes in and deadlines go out.
#![warn(missing_docs)]

pub mod assign;
pub mod calendar;
pub mod escalation;
pub mod ical;
pub mod priority;
pub mod sla;
pub mod status;

pub use priority::Priority;
pub use status::Status;
