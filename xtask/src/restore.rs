//! `cargo xtask restore FILE --to URL`: sends a backup in parts, after making sure that all of it is there. Sent twice, it changes nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::apply::client::Client;
use crate::args::Args;
use crate::backup::{Reading, check, operator_key};

/// The most bytes of a part, but for a line that is longer by itself. Chosen: a second or so of writing on the slowest host.
const PART_BYTES: usize = 512 * 1024;
/// The most lines of a part, its header among them. Chosen: half of what a deployment takes.
const PART_LINES: usize = 500;

/// `cargo xtask restore`.
pub fn command(mut args: Args) -> Result<ExitCode> {
    let url = args.value("--to")?.context("--to URL says where the site is restored, such as --to http://127.0.0.1:8787")?;
    let key = operator_key(&mut args)?;
    let words = args.positional()?;
    let [file] = words.as_slice() else { bail!("name one file that `cargo xtask backup` wrote") };
    let open = || File::open(file).with_context(|| format!("cannot read {file}"));
    let (header, end) = check(open()?).with_context(|| format!("{file} is no whole backup; nothing was sent"))?;
    let mut sender =
        Sender { client: Client::new(&url, &key), path: format!("/v1/sites/{}/restore", header.site), counts: BTreeMap::new(), assets: 0 };
    let mut from = BufReader::new(open()?);
    let mut reading = Reading::default();
    let first = reading.next(&mut from)?.unwrap_or_default().to_vec();
    let (mut part, mut lines) = (first.clone(), 1);
    while let Some(line) = reading.next(&mut from)?.map(<[u8]>::to_vec) {
        if reading.is_over() {
            break;
        }
        if lines > 1 && (lines >= PART_LINES || part.len() + line.len() > PART_BYTES) {
            sender.send(&part)?;
            (part, lines) = (first.clone(), 1);
        }
        part.extend_from_slice(&line);
        lines += 1;
    }
    sender.send(&part)?;
    sender.report(end.rows.values().sum())?;
    Ok(ExitCode::SUCCESS)
}

/// What was sent so far.
struct Sender {
    client: Client,
    path: String,
    /// Of each table, how many rows were sent, and how many of them changed something.
    counts: BTreeMap<String, (u64, u64)>,
    assets: u64,
}

impl Sender {
    fn send(&mut self, part: &[u8]) -> Result<()> {
        let told = self
            .client
            .post_bytes(&self.path, "application/x-ndjson", part)
            .map_err(anyhow::Error::from)
            .context("not all of it was restored; run it again")?;
        for (table, count) in told["rows"].as_object().into_iter().flatten() {
            let (sent, written) = self.counts.entry(table.clone()).or_default();
            *sent += count["sent"].as_u64().unwrap_or_default();
            *written += count["written"].as_u64().unwrap_or_default();
        }
        self.assets += told["assets"].as_u64().unwrap_or_default();
        Ok(())
    }

    fn report(&self, expected: u64) -> Result<()> {
        let mut out = std::io::stdout();
        for (table, (sent, written)) in &self.counts {
            let rest = sent - written;
            let kept = if rest == 0 { String::new() } else { format!(", {rest} were there already, or hang on what is not") };
            writeln!(out, "{table}: {written} written{kept}")?;
        }
        let sent: u64 = self.counts.values().map(|(sent, _)| sent).sum();
        anyhow::ensure!(sent == expected, "{expected} rows are in the file, the server took {sent}");
        writeln!(out, "{} files", self.assets)?;
        writeln!(
            out,
            "Destinations are off and deliveries that waited are held: enable those that shall hear of this copy, and replay what was not delivered, \
             as docs/backup.md says."
        )?;
        Ok(())
    }
}
