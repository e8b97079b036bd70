//! The probe natively, over encoders that run where they stand.

use std::process::ExitCode;

fn main() -> ExitCode {
    orilla_bench_probe::lines(&orilla_bench_probe_in_place::MODELS)
}
