//! The heads of categories and priorities: learnt, written down, and asked. The shipped ones were learnt from our own tickets by this code.

use std::sync::OnceLock;

use orilla_desk::Priority;
use orilla_learn::Error;
use orilla_learn::matrix::Matrix;
use orilla_learn::sparse::Sparse;
use orilla_learn::two_views::{Lesson, Trust, TwoViews};

use super::lens::{FEATURES, Lens, Seen};
use super::text::Readable;

/// The categories that the shipped head tells apart, in its order.
pub const CATEGORIES: [&str; 6] = ["technical", "billing", "feature_request", "account", "sales", "other"];

/// Chosen on our tickets: three times as much or a third tells no more of them apart.
pub const CATEGORY_TRUST: Trust = Trust { vectors: 5.0, words: 10.0, is_balanced: false };
/// Few tickets are critical, and those must not be missed.
pub const PRIORITY_TRUST: Trust = Trust { vectors: 5.0, words: 10.0, is_balanced: true };

const MAGIC: [u8; 4] = *b"ORTK";

/// A ticket and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Its words.
    pub ticket: Readable,
    /// The category's place, in [`CATEGORIES`].
    pub category: usize,
    /// Its priority.
    pub priority: Priority,
}

/// What is known without a site's own examples.
#[derive(Debug, Clone, PartialEq)]
pub struct Heads {
    /// How tickets are looked at.
    pub lens: Lens,
    /// Tells [`CATEGORIES`] apart.
    pub category: TwoViews,
    /// Tells priorities apart, the least first.
    pub priority: TwoViews,
}

/// The shipped heads, as they stand in the program.
static SHIPPED: &[u8] = include_bytes!("../../../../models/tickets/model.bin");

impl Heads {
    /// The shipped heads, read once. None only of a file that is damaged, which a test rules out.
    #[must_use]
    pub fn shipped() -> Option<&'static Self> {
        static READ: OnceLock<Option<Heads>> = OnceLock::new();
        READ.get_or_init(|| Self::parse(SHIPPED).ok()).as_ref()
    }

    /// Learns from tickets that were looked at.
    ///
    /// Errors: as [`TwoViews::learn`].
    pub fn learn_seen(examples: &[Example], lens: Lens, seen: &[Seen]) -> Result<Self, Error> {
        let views = Views::of(seen)?;
        let categories: Vec<usize> = examples.iter().map(|it| it.category).collect();
        let priorities: Vec<usize> = examples.iter().map(|it| it.priority as usize).collect();
        Ok(Self {
            category: TwoViews::learn(&views.lesson(&categories, CATEGORIES.len(), None), CATEGORY_TRUST)?,
            priority: TwoViews::learn(&views.lesson(&priorities, Priority::ALL.len(), None), PRIORITY_TRUST)?,
            lens,
        })
    }

    /// Reads [`Self::to_bytes`].
    ///
    /// Errors: `Malformed` if it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let malformed = Error::Malformed("no heads of tickets");
        let rest = bytes.strip_prefix(&MAGIC).ok_or(malformed)?;
        let (rarity, rest) = rest.split_at_checked(FEATURES).ok_or(malformed)?;
        let (length, rest) = rest.split_first_chunk().ok_or(malformed)?;
        let (category, priority) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or(malformed)?;
        let read = Self {
            lens: Lens::parse(rarity).ok_or(malformed)?,
            category: TwoViews::parse(category)?,
            priority: TwoViews::parse(priority)?,
        };
        let is_fit = read.category.classes() == CATEGORIES.len() && read.priority.classes() == Priority::ALL.len();
        if is_fit { Ok(read) } else { Err(malformed) }
    }

    /// Rarities, the length of the first head, both heads.
    ///
    /// Errors: as [`TwoViews::to_bytes`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let category = self.category.to_bytes()?;
        let length = u32::try_from(category.len()).map_err(|_| Error::Malformed("too long"))?;
        Ok([&MAGIC[..], self.lens.bytes(), &length.to_le_bytes(), &category, &self.priority.to_bytes()?].concat())
    }
}

/// Tickets as lessons want them.
#[derive(Debug)]
pub struct Views {
    vectors: Matrix,
    words: Vec<Sparse>,
}

impl Views {
    /// Of tickets that were looked at.
    ///
    /// Errors: as [`Matrix::from_rows`].
    pub fn of(seen: &[Seen]) -> Result<Self, Error> {
        let rows: Vec<&[f32]> = seen.iter().map(|it| &it.vector[..]).collect();
        Ok(Self { vectors: Matrix::from_rows(&rows)?, words: seen.iter().map(|it| it.words.clone()).collect() })
    }

    /// A lesson of them.
    #[must_use]
    pub fn lesson<'a>(&'a self, labels: &'a [usize], classes: usize, before: Option<&'a Matrix>) -> Lesson<'a> {
        Lesson { vectors: &self.vectors, words: &self.words, labels, classes, before }
    }
}
