//! What the document tells machines: JSON-LD and microdata, held to what results ask of them.

use super::{Assessment, Page};

pub(super) fn assess(_page: &Page, _into: &mut Vec<Assessment>) {}
