//! Child processes: run one to its end with a sentence when it fails, or keep one in a process group that dies with us.
//! Children never write to our standard output, which scripts read: what they print goes to standard error.

use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

/// Chosen: long enough for a host to drain its requests, short enough for an impatient Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

/// Runs a command to its end; `what` completes the sentence "cannot …".
pub fn run(command: &mut Command, what: &str) -> Result<()> {
    let status = to_stderr(command)?.status().with_context(|| missing(command, what))?;
    if !status.success() {
        bail!("cannot {what}: `{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a command and gives what it wrote to standard output.
pub fn output(command: &mut Command, what: &str) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| missing(command, what))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("cannot {what}: `{}` ended with {}: {}", shown(command), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// True if a program of this name can be started.
pub fn exists(program: &str) -> bool {
    find(program).is_some()
}

/// Where a program stands on PATH.
pub fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Sends a command's standard output to ours for errors.
pub fn to_stderr(command: &mut Command) -> Result<&mut Command> {
    let stderr = std::io::stderr().as_fd().try_clone_to_owned().context("cannot duplicate standard error")?;
    Ok(command.stdout(Stdio::from(stderr)))
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn missing(command: &Command, what: &str) -> String {
    format!("cannot {what}: cannot start `{}`", command.get_program().to_string_lossy())
}

/// A child with all it starts, stopped when this value is dropped.
///
/// Its standard input is a pipe that closes when we end in whatever way, so a child that watches it also survives no
/// `kill -9` of ours.
#[derive(Debug)]
pub struct Group {
    child: Child,
}

impl Group {
    /// Starts a command in a process group of its own.
    pub fn spawn(command: &mut Command, what: &str) -> Result<Self> {
        command.stdin(Stdio::piped()).process_group(0);
        let child = command.spawn().with_context(|| missing(command, what))?;
        Ok(Self { child })
    }

    /// The child's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the child ended, if it did.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().context("cannot ask after a child process")
    }

    /// Takes the child's standard input; it closes with what is taken.
    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Takes the child's standard output, where it was piped.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Takes the child's standard error, where it was piped.
    pub fn stderr(&mut self) -> Option<impl Read + Send + use<>> {
        self.child.stderr.take()
    }

    /// Asks the group to end, then makes it.
    pub fn stop(&mut self) {
        let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else {
            return;
        };
        drop(self.child.stdin.take());
        let mut ended = matches!(self.child.try_wait(), Ok(Some(_)));
        if !ended {
            let _ = kill_process_group(group, Signal::TERM);
            let deadline = Instant::now() + GRACE;
            while !ended && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(20));
                ended = matches!(self.child.try_wait(), Ok(Some(_)));
            }
        }
        // The leader's descendants may outlive it; a group that is already empty answers with an error of no interest.
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.stop();
    }
}
