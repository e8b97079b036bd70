//! Every judgement, in families; each looks at a page and says what it finds.

use crate::assessment::{Assessment, Message};
use crate::page::Page;

mod action;
mod answers;
pub(crate) mod ease;
mod email;
mod headings;
mod images;
mod inclusive;
mod keyphrase;
pub(crate) mod length;
mod lighthouse;
mod links;
mod phrases;
mod readability;
mod rhythm;
mod structured;
mod stuffing;
mod title;
mod tone;
mod trust;
pub(crate) mod wording;

/// Every judgement that applies.
#[must_use]
pub fn all(page: &Page) -> Vec<Assessment> {
    let families: [fn(&Page, &mut Vec<Assessment>); 17] = [
        keyphrase::assess,
        stuffing::assess,
        title::assess,
        length::assess,
        readability::assess,
        ease::assess,
        rhythm::assess,
        headings::assess,
        images::assess,
        links::assess,
        lighthouse::assess,
        structured::assess,
        action::assess,
        trust::assess,
        answers::assess,
        inclusive::assess,
        email::assess,
    ];
    let mut all = Vec::new();
    for family in families {
        family(page, &mut all);
    }
    all
}
