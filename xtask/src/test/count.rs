//! Counts tests from what the runners print: cargo's `test result:` lines and Node's `# pass 3` lines.

use std::ops::AddAssign;

/// How many tests did what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: u32,
    /// Tests that failed.
    pub failed: u32,
    /// Tests that were not run.
    pub skipped: u32,
}

impl Counts {
    /// A step that is one check by itself.
    pub fn one(is_passed: bool) -> Self {
        Self { passed: u32::from(is_passed), failed: u32::from(!is_passed), skipped: 0 }
    }

    /// Adds what one line of output tells, if it tells anything.
    ///
    /// Source: rustc's libtest, `test result: ok. 1 passed; 0 failed; 0 ignored; …`; Node's TAP and spec reporters, `# pass 1`
    /// and `ℹ pass 1`.
    pub fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(result) = line.strip_prefix("test result: ") {
            for part in result.split([';', '.']) {
                let mut words = part.split_whitespace();
                let (Some(number), Some(what)) = (words.next().and_then(|word| word.parse::<u32>().ok()), words.next()) else {
                    continue;
                };
                self.add(what, number);
            }
        } else if let Some(rest) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ ")) {
            let mut words = rest.split_whitespace();
            let (Some(what), Some(number), None) = (words.next(), words.next().and_then(|word| word.parse::<u32>().ok()), words.next())
            else {
                return;
            };
            self.add(what, number);
        }
    }

    fn add(&mut self, what: &str, number: u32) {
        match what {
            "passed" | "pass" => self.passed += number,
            "failed" | "fail" | "cancelled" => self.failed += number,
            "ignored" | "skipped" | "todo" => self.skipped += number,
            _ => {}
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    fn check(lines: &str, expect: (u32, u32, u32)) {
        let mut counts = Counts::default();
        lines.lines().for_each(|line| counts.read(line));
        assert_eq!((counts.passed, counts.failed, counts.skipped), expect, "{lines}");
    }

    #[test]
    fn reads_both_runners() {
        check("test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 4 filtered out; finished in 0.02s", (12, 0, 3));
        check("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out", (1, 2, 0));
        check("# tests 5\n# suites 1\n# pass 3\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n# duration_ms 12", (3, 1, 1));
        check("ℹ pass 3\nℹ fail 0", (3, 0, 0));
    }

    #[test]
    fn ignores_what_only_looks_like_it() {
        check("# pass the salt\n# Subtest: pass 3 gates\nfail 3\ntest pass ... ok", (0, 0, 0));
    }
}
