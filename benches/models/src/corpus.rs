//! Everything that is measured on, read once.

use anyhow::Result;

use crate::arguments::Arguments;
use crate::data::centres::{self, Centre};
use crate::data::labelled::{self, Labelled, Mtod};
use crate::data::pairs::{self, Answered, Parallel};

/// Rows of a test that a quick run looks at.
const QUICK: usize = 300;

/// The sets by the protocol they serve.
pub struct Corpus {
    /// BANKING77, CLINC150, HWU64.
    pub intents: Vec<Labelled>,
    pub banking77_oos: Labelled,
    pub mtod: Mtod,
    pub parallel: Vec<Parallel>,
    pub answered: Vec<Answered>,
    /// Our dev sets.
    pub centres: Vec<Centre>,
    /// Where the fusion of dense and lexical scores was chosen.
    pub training: Vec<Centre>,
}

impl Corpus {
    /// Reads all.
    pub fn read(arguments: &Arguments) -> Result<Self> {
        let (data, ours) = (&arguments.data, arguments.models.join("data/intents"));
        let shortened = |set: Labelled| if arguments.is_quick { set.shortened(QUICK) } else { set };
        let mut mtod = labelled::mtod(data)?;
        mtod.spanish = shortened(mtod.spanish);
        Ok(Self {
            intents: vec![shortened(labelled::banking77(data)?), shortened(labelled::clinc150(data)?), shortened(labelled::hwu64(data)?)],
            banking77_oos: shortened(labelled::banking77_oos(data)?),
            mtod,
            parallel: pairs::parallel(data)?,
            answered: pairs::answered(data)?,
            centres: centres::dev(&ours)?,
            training: centres::training(&ours)?,
        })
    }

    /// Every text, some of them more than once.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let labelled = self.intents.iter().chain([&self.banking77_oos, &self.mtod.spanish]).flat_map(Labelled::texts);
        let parallel = self.parallel.iter().flat_map(|set| &set.pairs).flat_map(|(english, spanish)| [english.as_str(), spanish]);
        let answered =
            self.answered.iter().flat_map(|it| [&it.english, &it.spanish]).flat_map(|(question, answer)| [question.as_str(), answer]);
        labelled
            .chain(self.mtod.english.iter().map(|row| row.0.as_str()))
            .chain(parallel)
            .chain(answered)
            .chain(self.centres.iter().chain(&self.training).flat_map(Centre::texts))
    }
}
