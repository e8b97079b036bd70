//! Measures durable commits per second, alone and together: `cargo run --release -p orilla-native --example commits -- DIR`.
//!
//! Each commit is a batch of three inserts, as a submission is. DIR must be on the disk that is meant to be measured.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement reads the clock and talks to its terminal")]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use orilla_core::ports::DB;
use orilla_core::sql::{SqlError, Statement};
use orilla_core::{Platform, Sql};
use orilla_native::Native;

const TIME: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for writers in [1, 4, 16, 64, 256] {
        let data = Path::new(&folder).join(format!("commits-{writers}"));
        let (commits, elapsed) = runtime.block_on(measure(&data, writers))?;
        std::fs::remove_dir_all(&data)?;
        println!("{writers:>4} writers: {:>8.0} commits a second", f64::from(commits) / elapsed.as_secs_f64());
    }
    Ok(())
}

async fn measure(data: &Path, writers: usize) -> Result<(u32, Duration), Box<dyn Error>> {
    let native = Native::open(data, [].into())?;
    let sql = native.sql(DB)?;
    sql.query(Statement::new("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)")).await?;
    let began = Instant::now();
    let write = || async {
        let mut commits = 0;
        while began.elapsed() < TIME {
            let insert = || Statement::new("INSERT INTO t (body) VALUES (?1)").bind("x".repeat(500));
            sql.batch(vec![insert(), insert(), insert()]).await?;
            commits += 1;
        }
        Ok::<u32, SqlError>(commits)
    };
    let commits = try_join_all((0..writers).map(|_| write())).await?;
    Ok((commits.into_iter().sum(), began.elapsed()))
}
