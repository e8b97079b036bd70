//! A small command-line reader: flags in any order, `--name value` or `--name=value`, and everything after `--` left alone.
//! Every command takes its flags and then calls `finish`, which refuses what nobody asked for.

use anyhow::{Context, Result, bail};

/// What is left of the command line.
#[derive(Debug)]
pub struct Args {
    words: Vec<String>,
    verbatim: Vec<String>,
}

impl Args {
    /// Reads words; those after a lone `--` are kept apart.
    pub fn new(words: impl Iterator<Item = String>) -> Self {
        let mut words: Vec<String> = words.collect();
        let verbatim = match words.iter().position(|word| word == "--") {
            Some(at) => words.split_off(at).split_off(1),
            None => Vec::new(),
        };
        Self { words, verbatim }
    }

    /// Takes the first word.
    pub fn command(&mut self) -> Option<String> {
        if self.words.is_empty() { None } else { Some(self.words.remove(0)) }
    }

    /// Takes a switch; true if it was there.
    pub fn switch(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    /// Takes every value given for `name`, in order.
    pub fn values(&mut self, name: &str) -> Result<Vec<String>> {
        let mut values = Vec::new();
        let mut rest = Vec::new();
        let mut words = std::mem::take(&mut self.words).into_iter();
        while let Some(word) = words.next() {
            if word == name {
                values.push(words.next().with_context(|| format!("{name} needs a value"))?);
            } else if let Some(value) = word.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
                values.push(value.to_owned());
            } else {
                rest.push(word);
            }
        }
        self.words = rest;
        Ok(values)
    }

    /// Takes the value of `name`, which may be given once.
    pub fn value(&mut self, name: &str) -> Result<Option<String>> {
        let mut values = self.values(name)?;
        if values.len() > 1 {
            bail!("{name} is given {} times; once is enough", values.len());
        }
        Ok(values.pop())
    }

    /// Takes what followed `--`.
    pub fn verbatim(&mut self) -> Vec<String> {
        std::mem::take(&mut self.verbatim)
    }

    /// Takes the words that are not flags.
    pub fn positional(&mut self) -> Result<Vec<String>> {
        let words = std::mem::take(&mut self.words);
        match words.iter().find(|word| word.starts_with('-')) {
            Some(flag) => {
                bail!("{flag} is not a flag of this command; `cargo xtask help` lists them")
            }
            None => Ok(words),
        }
    }

    /// Refuses anything that is left.
    pub fn finish(mut self) -> Result<()> {
        match self.positional()?.into_iter().chain(self.verbatim).next() {
            Some(word) => {
                bail!("`{word}` is not expected here; `cargo xtask help` shows each command")
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn reads_flags_in_any_order_and_refuses_the_rest() {
        let mut args = args("dev --set A=1 --open --port=0 --set=B=2 -- --port 9");
        assert_eq!(args.command().as_deref(), Some("dev"));
        assert_eq!(args.value("--port").unwrap().as_deref(), Some("0"));
        assert!(args.switch("--open"));
        assert!(!args.switch("--open"));
        assert_eq!(args.values("--set").unwrap(), ["A=1", "B=2"]);
        assert_eq!(args.verbatim(), ["--port", "9"]);
        args.finish().unwrap();
    }

    #[test]
    fn says_what_is_wrong() {
        assert!(args("--port").value("--port").unwrap_err().to_string().contains("needs a value"));
        assert!(args("--port 1 --port 2").value("--port").is_err());
        assert!(args("--prot 1").finish().unwrap_err().to_string().contains("--prot"));
        assert!(args("stray").finish().is_err());
    }
}
