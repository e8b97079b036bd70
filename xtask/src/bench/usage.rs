//! What Linux says in /proc about a server: the processor time it has used and the memory it holds, its children included.

use std::time::Duration;

use anyhow::{Context, Result};

/// One process of the tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// User and system time since its start.
    pub cpu: Duration,
    /// Resident memory, in bytes.
    pub resident_bytes: u64,
}

/// A server and what started it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tree {
    /// The server itself: what a deployment would run.
    pub server: Usage,
    /// What only starts it here, such as Miniflare's Node.js around workerd; zero where the server was started directly.
    pub launcher: Usage,
}

impl Tree {
    /// All of it since an earlier look.
    pub fn cpu_since(&self, earlier: &Self) -> Duration {
        let whole = |tree: &Self| tree.server.cpu + tree.launcher.cpu;
        whole(self).saturating_sub(whole(earlier))
    }
}

/// Looks at a process and at all it has started that is still there.
///
/// Errors: not on Linux, or if the process is gone.
pub fn tree(root: u32) -> Result<Tree> {
    let mut known = Vec::new();
    for entry in std::fs::read_dir("/proc").context("the bench reads /proc, which only Linux has")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // A process that ended meanwhile is none of ours: servers keep theirs.
        let Ok(text) = std::fs::read_to_string(format!("/proc/{id}/stat")) else { continue };
        known.push((id, Process::parse(&text).with_context(|| format!("cannot read /proc/{id}/stat"))?));
    }
    let own = known.iter().find(|(id, _)| *id == root).map(|(_, process)| process.usage()).context("the server's process is gone")?;
    let mut members = vec![root];
    let mut below = Usage::default();
    let mut next = 0;
    while let Some(parent) = members.get(next).copied() {
        for (id, process) in known.iter().filter(|(_, process)| process.parent == parent) {
            members.push(*id);
            let usage = process.usage();
            below.cpu += usage.cpu;
            below.resident_bytes += usage.resident_bytes;
        }
        next += 1;
    }
    let is_direct = members.len() == 1;
    Ok(if is_direct { Tree { server: own, launcher: Usage::default() } } else { Tree { server: below, launcher: own } })
}

#[derive(Debug, PartialEq, Eq)]
struct Process {
    parent: u32,
    ticks: u64,
    pages: u64,
}

impl Process {
    /// Reads `/proc/PID/stat`. Source: proc_pid_stat(5).
    fn parse(text: &str) -> Option<Self> {
        // The program's name may hold anything, blanks and parentheses included; what follows the last one does not.
        let (_, rest) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        // Counted from the third field, the state: ppid is the 4th, utime and stime the 14th and 15th, rss the 24th.
        let number = |field: usize| fields.get(field - 3)?.trim().parse::<u64>().ok();
        Some(Self { parent: u32::try_from(number(4)?).ok()?, ticks: number(14)? + number(15)?, pages: number(24)? })
    }

    fn usage(&self) -> Usage {
        let per_second = rustix::param::clock_ticks_per_second().max(1);
        let page = rustix::param::page_size() as u64;
        Usage { cpu: Duration::from_micros(self.ticks * 1_000_000 / per_second), resident_bytes: self.pages * page }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Process, tree};

    #[test]
    fn reads_a_line_of_stat() {
        let line = "42 (a b) c) S 7 42 42 0 -1 4194304 100 0 0 0 25 5 0 0 20 0 3 0 100 1000000 300 18446744073709551615 1 1 0";
        assert_eq!(Process::parse(line), Some(Process { parent: 7, ticks: 30, pages: 300 }));
        assert_eq!(Process::parse("42 (short) S 7"), None);
    }

    #[test]
    fn sees_this_process_work() {
        let before = tree(std::process::id()).unwrap();
        let began = Instant::now();
        let mut sum = 0_u64;
        while began.elapsed() < Duration::from_millis(200) {
            sum = std::hint::black_box(sum + 1);
        }
        let after = tree(std::process::id()).unwrap();
        assert!(after.cpu_since(&before) > Duration::ZERO);
        assert!(after.server.resident_bytes + after.launcher.resident_bytes > 100_000);
        assert!(tree(u32::MAX).is_err());
    }
}
