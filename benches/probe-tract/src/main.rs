//! The probe natively, over encoders in tract.

use std::process::ExitCode;

fn main() -> ExitCode {
    orilla_bench_probe::lines(&orilla_bench_probe_tract::MODELS)
}
