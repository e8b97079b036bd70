//! Measures what ships: the ONNX files through `shared/infer`, the heads of `shared/learn`, by the published protocols and on our own dev
//! sets. It is started by `cargo xtask bench models`, and alone reads the encoders' test splits.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a command-line tool talks to its terminal")]

mod arguments;
mod corpus;
mod data;
mod faq;
mod figures;
mod parallel;
mod protocols;
mod published;
mod random;
mod report;
mod system;
mod tfidf;
mod tickets;
mod vectors;

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::corpus::Corpus;
use crate::data::centres::{self, Centre};
use crate::protocols::few_shot;
use crate::report::{About, Results};
use crate::system::{Model, System};

/// The encoders that ship, smaller first.
const SHIPPED: [&str; 2] = ["micro", "small"];

fn main() -> ExitCode {
    match Arguments::read(std::env::args().skip(1)).and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    if arguments.is_faq {
        let text = faq::run(arguments)?;
        println!("{text}");
        std::fs::create_dir_all(&arguments.out)?;
        return std::fs::write(arguments.out.join("faq-chat.md"), text).context("cannot write the tables");
    }
    if arguments.is_ticket_route {
        let report = tickets::run(arguments)?;
        println!("{}", report.section);
        std::fs::create_dir_all(&arguments.out)?;
        std::fs::write(arguments.out.join("tickets.md"), report.card).context("cannot write the card's figures")?;
        return std::fs::write(arguments.out.join("ticket-route.md"), report.section).context("cannot write the tables");
    }
    if !arguments.centres.is_empty() {
        return given(arguments);
    }
    let corpus = Corpus::read(arguments)?;
    ensure!(report::is_in_order(&corpus.intents), "the sets are not in the tables' order");
    let (systems, absent) = open(arguments, || corpus.texts())?;
    let draws = if arguments.is_quick { 1 } else { few_shot::DRAWS };
    let results = Results {
        fusion: protocols::fusion::run(&systems, &corpus.training)?,
        centres: corpus.centres.iter().map(|it| Ok((it.name.clone(), protocols::centre::run(&systems, it)?))).collect::<Result<_>>()?,
        translations: protocols::parallel::translations(&systems, &corpus.parallel)?,
        parallel: corpus.parallel.iter().map(|set| set.name).collect(),
        answers: protocols::parallel::answers(&systems, &corpus.answered)?,
        answered: corpus.answered.len(),
        scope: protocols::scope::run(&systems, &[&corpus.intents[1], &corpus.banking77_oos])?,
        mtod: protocols::mtod::run(&systems, &corpus.mtod)?,
        few_shot: few_shot::run(&systems, &corpus.intents, draws)?,
        full: protocols::full::run(&systems, &corpus.intents)?,
        about: systems.iter().map(About::of).collect(),
        absent,
    };
    let section = results.benchmarks();
    println!("{section}");
    std::fs::create_dir_all(&arguments.out).with_context(|| format!("cannot create {}", arguments.out.display()))?;
    let write = |name: &str, text: &str| {
        let file = arguments.out.join(format!("{name}.md"));
        std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    };
    write("benchmarks", &section)?;
    SHIPPED.iter().try_for_each(|name| write(name, &results.card(name)))
}

/// Help centres in files: their tables alone, to the terminal.
fn given(arguments: &Arguments) -> Result<()> {
    let read = arguments.centres.iter().map(|(entries, queries)| centres::given(entries, queries));
    let centres: Vec<Centre> = read.collect::<Result<_>>()?;
    let (systems, absent) = open(arguments, || centres.iter().flat_map(Centre::texts))?;
    for centre in &centres {
        println!("### {}\n\n{}", centre.name, report::centre(&protocols::centre::run(&systems, centre)?, &absent));
    }
    Ok(())
}

/// The encoders that are there with the vectors of these texts, and the names of those that are not.
fn open<'a, T: Iterator<Item = &'a str>>(arguments: &Arguments, texts: impl Fn() -> T) -> Result<(Vec<System>, Vec<String>)> {
    let shipped = SHIPPED.map(|name| Model { name: name.to_owned(), folder: arguments.models.join(name) });
    let teacher = Model { name: "teacher".to_owned(), folder: arguments.teacher.clone() };
    let models = [teacher].into_iter().chain(shipped).chain(arguments.also.iter().cloned());
    let (there, absent): (Vec<_>, Vec<_>) = models.partition(Model::is_there);
    let systems = there.iter().map(|model| model.open(&arguments.cache, texts())).collect::<Result<_>>()?;
    Ok((systems, absent.into_iter().map(|model| model.name).collect()))
}
