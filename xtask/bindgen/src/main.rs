//! Runs wasm-bindgen on one module: `xtask-bindgen IN.wasm OUT_DIR` writes `OUT_DIR/bindings.js` and `OUT_DIR/bindings_bg.wasm`.
//! It does not build, bundle or optimise: `xtask build` does.

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: xtask-bindgen IN.wasm OUT_DIR [--plain]";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(input), Some(out_dir), option, None) = (arguments.next(), arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let is_plain = option.as_ref().is_some_and(|option| option == "--plain");
    if option.is_some() != is_plain {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    }
    let mut bindgen = Bindgen::new();
    // The reset function lets the entry start a fresh instance after a trap, and the abort handler turns a panic into such a
    // trap instead of a promise that never settles: both are what `worker` 0.8 expects of its build tool. The handler needs
    // exceptions of a kind that Node.js reads from version 24 on.
    let generated = bindgen
        .input_path(&input)
        .out_name("bindings")
        .typescript(false)
        .reset_state_function(true)
        .force_enable_abort_handler(!is_plain)
        .module(true)
        .and_then(|bindgen| bindgen.generate(&out_dir));
    match generated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-bindgen refused {}: {error:#}", input.display());
            ExitCode::FAILURE
        }
    }
}
