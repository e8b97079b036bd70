//! Module Workers: `target/workers/<package>/{index.js,index.wasm}`, which wrangler, Miniflare and workerd take as they are.
//!
//! The same steps as the `worker-build` tool, without its downloads: compile, wasm-bindgen, (wasm-opt), one bundled script.
//! A package whose module did not change since the last time is left alone.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Profile, Tool, compile, compiled, fingerprint};
use crate::toolchain::{Toolchain, UNKNOWN};
use crate::{node, paths, process};

/// The Worker's entry: hands the events to wasm-bindgen's exports.
const ENTRY: &str = include_str!("workers/entry.js");

/// What stands in front of D1 on Workers, with the line that exports it: its file's name is what the line names.
const LANE: [(&str, &str); 2] = [
    ("lane.js", include_str!("../../../shared/cloudflare/lane/lane.js")),
    ("group.js", include_str!("../../../shared/cloudflare/lane/group.js")),
];
const EXPORT_LANE: &str = "export { Lane } from \"./lane.js\";\n";

const BINDGEN: Tool = Tool { package: "xtask-bindgen", name: "xtask-bindgen", folder: "xtask/bindgen", title: "wasm-bindgen" };

/// What rustc emits for this target, and the exceptions of wasm-bindgen's catch wrappers; no more, so that the optimiser writes
/// nothing that workerd cannot read.
///
/// Source: worker-build 0.8.7; `simd` by `.cargo/config.toml`.
const FEATURES: [&str; 8] = [
    "mutable-globals",
    "sign-ext",
    "nontrapping-float-to-int",
    "bulk-memory",
    "multivalue",
    "reference-types",
    "exception-handling",
    "simd",
];

/// One Worker on disk.
#[derive(Debug)]
pub struct Built {
    /// `index.js`.
    pub script: PathBuf,
    /// `index.wasm`.
    pub module: PathBuf,
}

/// Who takes a Worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taker {
    Workerd,
    /// A test, in Node.js: it may be older than the exceptions that turn a panic into a clean end.
    Node,
}

/// Builds the packages.
pub fn build(toolchain: &Toolchain, profile: Profile, packages: &[String]) -> Result<Vec<Built>> {
    node::ensure()?;
    compile(toolchain, profile, UNKNOWN, packages)?;
    packages.iter().map(|package| bind(profile, package, Taker::Workerd)).collect()
}

/// One that [`build`] has compiled, in `target/workers/node`, for Node.js to import.
pub fn for_node(profile: Profile, package: &str) -> Result<Built> {
    bind(profile, package, Taker::Node)
}

fn bind(profile: Profile, package: &str, taker: Taker) -> Result<Built> {
    let module = compiled(profile, UNKNOWN, package);
    let folder = match taker {
        Taker::Workerd => paths::target("workers").join(package),
        Taker::Node => paths::target("workers/node").join(package),
    };
    let built = Built { script: folder.join("index.js"), module: folder.join("index.wasm") };
    let stamp = folder.join("built-from");
    let state = state(profile, &module)?;
    if std::fs::read_to_string(&stamp).is_ok_and(|stamp| stamp == state) && built.script.is_file() && built.module.is_file() {
        return Ok(built);
    }
    eprintln!("binding {package} …");
    let staging = folder.join("staging");
    if staging.exists() {
        std::fs::remove_dir_all(&staging).with_context(|| format!("cannot clear {}", staging.display()))?;
    }
    std::fs::create_dir_all(&staging).with_context(|| format!("cannot create {}", staging.display()))?;

    let mut bindgen = Command::new(BINDGEN.program()?);
    bindgen.arg(&module).arg(&staging);
    if taker == Taker::Node {
        bindgen.arg("--plain");
    }
    process::run(&mut bindgen, &format!("bind {}", module.display()))?;
    import_as_module(&staging.join("bindings.js"))?;
    let mut entry = ENTRY.to_owned();
    if taker == Taker::Workerd {
        // Node.js has no Durable Objects.
        entry.push_str(EXPORT_LANE);
        LANE.iter().try_for_each(|(name, text)| paths::write(&staging.join(name), text))?;
    }
    paths::write(&staging.join("entry.js"), &entry)?;

    let mut esbuild = Command::new(node::tool("esbuild"));
    esbuild.current_dir(&staging).args(["entry.js", "--bundle", "--format=esm", "--outfile=index.js", "--log-level=warning"]);
    esbuild.args(["--external:./index.wasm", "--external:cloudflare:*"]);
    if profile == Profile::Ship {
        esbuild.arg("--minify");
    }
    process::run(&mut esbuild, &format!("bundle the script of {package}"))?;

    let bound = staging.join("bindings_bg.wasm");
    let finished = staging.join("index.wasm");
    match profile {
        Profile::Ship => {
            let mut optimise = Command::new(node::tool("wasm-opt"));
            optimise.args(["-Os", "--strip-debug", "--strip-producers"]).args(FEATURES.map(|feature| format!("--enable-{feature}")));
            optimise.arg(&bound).arg("-o").arg(&finished);
            process::run(&mut optimise, &format!("optimise the module of {package}"))?;
        }
        Profile::Test => move_file(&bound, &finished)?,
    }
    move_file(&finished, &built.module)?;
    move_file(&staging.join("index.js"), &built.script)?;
    std::fs::remove_dir_all(&staging).with_context(|| format!("cannot clear {}", staging.display()))?;
    paths::write(&stamp, &state)?;
    Ok(built)
}

/// Workers import a compiled module by a plain `import`; wasm-bindgen writes the source-phase proposal's keyword.
fn import_as_module(script: &Path) -> Result<()> {
    const GENERATED: &str = "import source wasmModule from \"./bindings_bg.wasm\"";
    let text = std::fs::read_to_string(script).with_context(|| format!("cannot read {}", script.display()))?;
    if !text.contains(GENERATED) {
        bail!("wasm-bindgen no longer writes `{GENERATED}`: look at what it wrote to {} and adapt this step", script.display());
    }
    paths::write(script, &text.replacen(GENERATED, "import wasmModule from \"./index.wasm\"", 1))
}

/// What the finished Worker depends on, as text that differs when it must be built again.
fn state(profile: Profile, module: &Path) -> Result<String> {
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("cannot read {}; is the crate a cdylib?", path.display()));
    let lock = read(&paths::root().join("web/package-lock.json"))?;
    let module = read(module)?;
    let scripts: String = LANE.iter().map(|(_, text)| *text).chain([ENTRY, EXPORT_LANE]).collect();
    Ok(format!("{} {:x} {:x} {:x}", profile.name(), fingerprint(&module), fingerprint(&lock), fingerprint(scripts.as_bytes())))
}

fn move_file(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).with_context(|| format!("cannot move {} to {}", from.display(), to.display()))
}
