//! Feeds every target with what its corpus holds, as it is and slightly damaged: what fuzzing once found stays found.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop there")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use orilla_fuzz::TARGETS;

/// The most that all corpora may take. Source: the issue, which wants them small.
const MOST_BYTES: u64 = 200_000;
/// How often each file is damaged, of a parser and of a whole function. Chosen: all targets together take seconds.
const DAMAGES: (u32, u32) = (12, 4);

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn files(target: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(corpus().join(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// A small generator of our own, so that a failure repeats.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        // Source: Steele and Vigna 2022, multiplier of a 64-bit linear congruential generator.
        self.0 = self.0.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % most.max(1)
    }

    /// Cuts, repeats, swaps or overwrites somewhere.
    fn damaged(&mut self, input: &[u8]) -> Vec<u8> {
        const NASTY: [&[u8]; 14] = [
            b"\0",
            b"\"",
            b"\\",
            b"{",
            b"]",
            b"<",
            b">",
            b"\r\n",
            b"\xff",
            b"\\ud800",
            b"-1",
            b"1e400",
            b"\xef\xbb\xbf",
            "\u{130}".as_bytes(),
        ];
        let mut bytes = input.to_vec();
        let (from, to) = (self.below(bytes.len() + 1), self.below(bytes.len() + 1));
        let (from, to) = (from.min(to), from.max(to));
        match self.below(4) {
            0 => drop(bytes.drain(from..to)),
            1 => bytes.extend_from_within(from..to),
            2 => drop(bytes.splice(from..from, NASTY[self.below(NASTY.len())].iter().copied())),
            _ => drop(bytes.splice(from..to.min(from + 1), [self.below(256) as u8])),
        }
        bytes
    }
}

#[test]
fn what_was_found_stays_found() {
    let mut broken = Vec::new();
    for target in TARGETS {
        let mut fed = |bytes: &[u8], what: &str| {
            if std::panic::catch_unwind(|| (target.run)(bytes)).is_err() {
                broken.push(format!("{} {what}: {}", target.name, bytes.escape_ascii()));
            }
        };
        for file in files(target.name) {
            let input = fs::read(&file).unwrap();
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            fed(&input, &name);
            let mut dice = Dice(input.len() as u64);
            for _ in 0..if target.name.starts_with("door-") { DAMAGES.1 } else { DAMAGES.0 } {
                fed(&dice.damaged(&input), &format!("{name}, damaged"));
            }
        }
        for nothing in [&b""[..], b"\n", b"\0", b"{}", b"[]", b"\xff\xfe", &[b'['; 300], &[0x1f, 0x8b]] {
            fed(nothing, "nothing much");
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
}

#[test]
fn every_target_has_a_small_corpus_of_its_own() {
    let names: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(names.len(), TARGETS.len(), "two targets share a name");
    let folders: BTreeSet<_> = fs::read_dir(corpus()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(folders, names);
    let sizes: Vec<u64> = names.iter().map(|name| files(name).iter().map(|file| file.metadata().unwrap().len()).sum()).collect();
    assert!(sizes.iter().all(|size| *size > 0), "an empty corpus: {sizes:?}");
    let whole: u64 = sizes.iter().sum();
    assert!(whole <= MOST_BYTES, "{whole} bytes of corpora");
}
