//! `cargo xtask backup --from URL --site UUID > FILE`: streams a site's backup to standard output, and fails if it was cut on the way.
//! `restore.rs` sends it back. What stands in the lines is lead capture's to know.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use lead_capture::backup::line::{End, Header, Line};
use orilla_core::ids::hex;
use sha2::{Digest, Sha256};

use crate::apply::client::Client;
use crate::args::Args;

/// How the last line begins, and no other.
const END: &[u8] = b"{\"end\":";

/// `cargo xtask backup`.
pub fn command(mut args: Args) -> Result<ExitCode> {
    let url = args.value("--from")?.context("--from URL says where the site is, such as --from https://forms.example.com")?;
    let site = args.value("--site")?.context("--site UUID says which; its id stands in its site.toml")?;
    let client = Client::new(&url, &operator_key(&mut args)?);
    args.finish()?;
    let query = site.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let mut stream = BufReader::new(client.stream(&format!("/v1/backup?site={query}"))?);
    let mut out = std::io::stdout().lock();
    let mut reading = Reading::default();
    while let Some(line) = reading.next(&mut stream).with_context(|| format!("{url} broke off; what came so far is no backup"))? {
        out.write_all(line)?;
    }
    out.flush()?;
    let (header, end) = reading.whole().context("what came is no whole backup; do not keep it")?;
    eprintln!("{}: {} rows, {} files, taken at {}", header.site, end.rows.values().sum::<u64>(), end.assets, header.taken_at);
    Ok(ExitCode::SUCCESS)
}

/// The operator's key, as the commands take it.
pub fn operator_key(args: &mut Args) -> Result<String> {
    let given = args.value("--operator-key")?.or_else(|| std::env::var("OPERATOR_KEY").ok());
    given.context("the operator's key is needed: set OPERATOR_KEY, or give --operator-key")
}

/// A backup as it is read, line by line, so that one of any length fits a small memory.
#[derive(Debug, Default)]
pub struct Reading {
    line: Vec<u8>,
    digest: Sha256,
    lines: u64,
    /// The first line.
    pub header: Option<Header>,
    end: Option<End>,
}

impl Reading {
    /// The next line with its end; none after the last.
    ///
    /// Errors: what reading gives, and a first line that is no header.
    pub fn next(&mut self, from: &mut impl BufRead) -> Result<Option<&[u8]>> {
        self.line.clear();
        from.read_until(b'\n', &mut self.line)?;
        if self.line.is_empty() {
            return Ok(None);
        }
        ensure!(self.end.is_none(), "there is more after its last line");
        let is_end = self.line.starts_with(END);
        if is_end || self.header.is_none() {
            match Line::parse(std::str::from_utf8(&self.line)?).map_err(anyhow::Error::msg)? {
                Line::Header(header) => self.header = Some(header),
                Line::End(end) if self.header.is_some() => self.end = Some(end),
                _ => bail!("its first line is not that of a backup"),
            }
        }
        if !is_end {
            self.digest.update(&self.line);
            self.lines += 1;
        }
        Ok(Some(&self.line))
    }

    /// Whether the line just read is the last.
    pub fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// The first line and the last, if everything between them is there.
    ///
    /// Errors: what is missing.
    pub fn whole(self) -> Result<(Header, End)> {
        let (Some(header), Some(end)) = (self.header, self.end) else {
            bail!("it ends after {} lines, without its last: it was cut", self.lines);
        };
        let counted = end.rows.values().sum::<u64>() + end.assets + 1;
        ensure!(counted == self.lines, "its last line counts {counted} lines, there are {}", self.lines);
        ensure!(hex(&self.digest.finalize()) == end.sha256, "its digest is another than its last line says: it was changed");
        Ok((header, end))
    }
}

/// Reads a backup to its end.
///
/// Errors: what is missing or changed.
pub fn check(from: impl Read) -> Result<(Header, End)> {
    let (mut reading, mut from) = (Reading::default(), BufReader::new(from));
    while reading.next(&mut from)?.is_some() {}
    reading.whole()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90";

    fn backup() -> String {
        let body = format!(
            "{{\"orilla_backup\":1,\"site\":\"{SITE}\",\"schema\":8,\"taken_at\":\"x\"}}\n{{\"table\":\"leads\",\"row\":{{\"id\":\"1\"}}}}\n"
        );
        let digest = hex(&Sha256::digest(body.as_bytes()));
        format!("{body}{{\"end\":{{\"rows\":{{\"leads\":1}},\"assets\":0,\"sha256\":\"{digest}\"}}}}\n")
    }

    #[test]
    fn a_whole_backup_is_known() {
        let (header, end) = check(backup().as_bytes()).unwrap();
        assert_eq!((header.site.as_str(), end.rows["leads"]), (SITE, 1));
    }

    #[test]
    fn a_backup_that_was_cut_or_changed_anywhere_is_refused() {
        let whole = backup();
        for length in 0..whole.len() - 1 {
            assert!(check(&whole.as_bytes()[..length]).is_err(), "cut after {length} bytes");
        }
        assert!(check(whole.replace("\"id\":\"1\"", "\"id\":\"2\"").as_bytes()).is_err());
        assert!(check(format!("{whole}{{}}\n").as_bytes()).is_err());
        assert!(check("{\"table\":\"leads\",\"row\":{}}\n".as_bytes()).is_err());
    }
}
