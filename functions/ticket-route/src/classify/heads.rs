//! The heads of categories and priorities: learnt, written down, and asked. The shipped ones were learnt from our own tickets by this code.

use std::sync::OnceLock;

use orilla_desk::Priority;
use orilla_learn::Error;
use orilla_learn::matrix::Matrix;
use orilla_learn::two_views::{Solved, TwoViews};

use super::lens::{Lens, Seen};
use super::text::Readable;

/// The categories that the shipped head tells apart, in its order.
pub const CATEGORIES: [&str; 6] = ["technical", "billing", "feature_request", "account", "sales", "other"];

const MAGIC: [u8; 4] = *b"ORTK";
/// Numbers of a vector. Source: `models/small/CARD.md` and `models/micro/CARD.md`, 384 and 192.
const DIMENSIONS: usize = 576;

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

    /// Learns from tickets that were looked at through this lens.
    ///
    /// Errors: as [`Solved::new`] and [`Solved::head`].
    pub fn learn_seen(examples: &[Example], lens: Lens, seen: &[Seen]) -> Result<Self, Error> {
        let near: Vec<&[f32]> = seen.iter().map(|it| &it.near[..]).collect();
        let solved = Solved::new(lens.landmarks(), Matrix::from_rows(&near)?, seen.iter().map(|it| &it.words))?;
        let categories: Vec<usize> = examples.iter().map(|it| it.category).collect();
        let priorities: Vec<usize> = examples.iter().map(|it| it.priority as usize).collect();
        Ok(Self {
            category: solved.head(&categories, CATEGORIES.len(), None)?,
            priority: solved.head(&priorities, Priority::ALL.len(), None)?,
            lens,
        })
    }

    /// Reads [`Self::to_bytes`].
    ///
    /// Errors: `Malformed` if it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let malformed = Error::Malformed("no heads of tickets");
        let mut rest = bytes.strip_prefix(&MAGIC).ok_or(malformed)?;
        let mut part = || {
            let (length, after) = rest.split_first_chunk().ok_or(malformed)?;
            let (part, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or(malformed)?;
            rest = after;
            Ok::<_, Error>(part)
        };
        let read =
            Self { lens: Lens::parse(part()?, DIMENSIONS)?, category: TwoViews::parse(part()?)?, priority: TwoViews::parse(part()?)? };
        let landmarks = read.lens.landmarks().len();
        let fits = |head: &TwoViews, classes: usize| head.classes() == classes && head.landmarks() == landmarks;
        let is_fit = rest.is_empty() && fits(&read.category, CATEGORIES.len()) && fits(&read.priority, Priority::ALL.len());
        if is_fit { Ok(read) } else { Err(malformed) }
    }

    /// The lens and both heads, each after its length.
    ///
    /// Errors: as [`TwoViews::to_bytes`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = MAGIC.to_vec();
        for part in [self.lens.to_bytes(), self.category.to_bytes()?, self.priority.to_bytes()?] {
            bytes.extend(u32::try_from(part.len()).map_err(|_| Error::Malformed("too long"))?.to_le_bytes());
            bytes.extend(part);
        }
        Ok(bytes)
    }
}
