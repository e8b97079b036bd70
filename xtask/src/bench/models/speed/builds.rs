//! What is built for the bench, and the subjects that it makes.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::subject::{Kind, Subject};
use crate::build::size::{self, Size};
use crate::build::{self, Profile};
use crate::{dev, node, paths, process, toolchain};

/// The probe over encoders that run where they stand, and over the same in tract.
const IN_PLACE: &str = "orilla-bench-probe-in-place";
const TRACT: &str = "orilla-bench-probe-tract";

/// Everything, built as it ships.
pub struct Builds {
    spin_host: PathBuf,
    folder: PathBuf,
}

impl Builds {
    /// Builds, and copies what others may build over.
    pub fn make() -> Result<Self> {
        Self::of(&[IN_PLACE, TRACT], Profile::Ship)
    }

    /// The shipped encoders alone, where they stand.
    pub fn in_place(profile: Profile) -> Result<Self> {
        Self::of(&[IN_PLACE], profile)
    }

    fn of(packages: &[&str], profile: Profile) -> Result<Self> {
        let mut cargo = toolchain::host_cargo();
        cargo.args(["build", "--release", "--bins", "--target-dir", "target/bench/native"]);
        packages.iter().for_each(|package| _ = cargo.args(["-p", package]));
        eprintln!("compiling the probe natively; minutes, the first time …");
        process::run(&mut cargo, "compile the probe")?;
        node::install("benches")?;
        let _lock = paths::lock("prepare")?;
        node::ensure()?;
        let tools = toolchain::ensure()?;
        let folder = match profile {
            Profile::Ship => paths::target("bench/probe"),
            Profile::Test => paths::target("bench/probe-test"),
        };
        // One after the other: together, cargo would give the first the graph runtime that the second wants.
        for &package in packages {
            let packages = [package.to_owned()];
            for built in build::workers::build(&tools, profile, &packages)? {
                keep(&built.script, &folder.join(package).join("worker/index.js"))?;
                keep(&built.module, &folder.join(package).join("worker/index.wasm"))?;
            }
            let plain = build::workers::for_node(profile, package)?;
            keep(&plain.script, &folder.join(package).join("node/index.js"))?;
            keep(&plain.module, &folder.join(package).join("node/index.wasm"))?;
            for component in build::spin::build(&tools, profile, &packages)? {
                keep(&component, &folder.join(package).join("snapshot/component.wasm"))?;
            }
            keep(&build::spin::without_snapshot(profile, package), &folder.join(package).join("spin/component.wasm"))?;
            for kind in ["spin", "snapshot"] {
                manifest(package, &folder.join(package).join(kind))?;
            }
        }
        Ok(Self { spin_host: dev::spin_test_host()?, folder })
    }

    /// Who is measured; the first is the reference of vectors.
    pub fn subjects(&self) -> Result<Vec<Subject>> {
        const NATIVE: &[(&str, bool)] = &[("native", false), ("native, one product at a time", true)];
        const WASM: &[(&str, bool)] = &[("Wasm, lanes (Node.js)", false), ("Wasm, one product at a time", true)];
        const SCRIPT: &[(&str, bool)] = &[("plain JavaScript", false)];
        Ok(vec![
            self.native()?.searching(NATIVE),
            self.node("in place, Node.js", IN_PLACE)?.searching(WASM),
            self.workerd("in place, workerd", IN_PLACE)?,
            self.spin("in place, Spin test host", IN_PLACE, "snapshot")?,
            self.spin("in place, Spin test host without snapshot", IN_PLACE, "spin")?.opening_for_long(),
            self.program("tract, native", TRACT)?,
            self.node("tract, Node.js", TRACT)?,
            self.workerd("tract, workerd", TRACT)?,
            self.spin("tract, Spin test host", TRACT, "snapshot")?,
            self.spin("tract, Spin test host without snapshot", TRACT, "spin")?.opening_for_long(),
            self.onnx_runtime("ONNX Runtime Web, Node.js", "web")?.searching(SCRIPT),
            self.onnx_runtime("ONNX Runtime, native", "node")?,
        ])
    }

    /// The reference.
    pub fn native(&self) -> Result<Subject> {
        self.program("in place, native", IN_PLACE)
    }

    /// The encoders where the functions run, and ONNX Runtime on the same files.
    pub fn encoders(&self) -> Result<Vec<Subject>> {
        Ok(vec![
            self.native()?,
            self.workerd("in place, workerd", IN_PLACE)?,
            self.spin("in place, Spin test host", IN_PLACE, "snapshot")?,
            self.onnx_runtime("ONNX Runtime Web, Node.js", "web")?,
            self.onnx_runtime("ONNX Runtime, native", "node")?,
        ])
    }

    /// What travels to an edge host.
    pub fn sizes(&self) -> Result<Vec<(String, Size)>> {
        let mut sizes = Vec::new();
        for model in super::MODELS {
            let folder = paths::root().join("models").join(model);
            sizes.push((format!("{model}: graph and tokenizer"), size::of(&[&folder.join("model.onnx"), &folder.join("tokenizer.json")])?));
        }
        for (title, package) in [("in place", IN_PLACE), ("tract", TRACT)] {
            let folder = self.folder.join(package);
            for (kind, file) in [
                ("Workers module", "worker/index.wasm"),
                ("Spin component", "spin/component.wasm"),
                ("Spin snapshot", "snapshot/component.wasm"),
            ] {
                sizes.push((format!("{title}: {kind} with both models"), size::of(&[&folder.join(file)])?));
            }
        }
        Ok(sizes)
    }

    fn program(&self, title: &'static str, package: &'static str) -> Result<Subject> {
        let program = paths::target("bench/native/release").join(package);
        Subject::new(title, Kind::Lines, move || Ok(Command::new(&program)))
    }

    fn node(&self, title: &'static str, package: &str) -> Result<Subject> {
        let folder = self.folder.join(package).join("node");
        Subject::new(title, Kind::Lines, move || {
            let mut command = node::node("benches/lines.mjs");
            command.arg(&folder);
            Ok(command)
        })
    }

    fn workerd(&self, title: &'static str, package: &str) -> Result<Subject> {
        let folder = self.folder.join(package).join("worker");
        Subject::new(title, Kind::Server, move || {
            let mut command = node::node("benches/probe-worker.mjs");
            command.arg(&folder);
            Ok(command)
        })
    }

    fn spin(&self, title: &'static str, package: &str, kind: &str) -> Result<Subject> {
        let (program, folder) = (self.spin_host.clone(), self.folder.join(package).join(kind));
        Subject::new(title, Kind::Server, move || {
            let mut command = Command::new(&program);
            command.args(["up", "--listen", "127.0.0.1:0", "--from"]).arg(folder.join("spin.toml"));
            command.arg("--state-dir").arg(folder.join("state")).arg("--cache-dir").arg(paths::target("spin/compiled"));
            Ok(command)
        })
    }

    fn onnx_runtime(&self, title: &'static str, kind: &'static str) -> Result<Subject> {
        Subject::new(title, Kind::Lines, move || {
            let mut command = node::node("benches/onnxruntime.mjs");
            command.arg(kind);
            Ok(command)
        })
    }
}

fn keep(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    std::fs::copy(from, to).map(|_| ()).with_context(|| format!("cannot copy {}", from.display()))
}

/// The probe's manifest with a component that stands beside it.
fn manifest(package: &str, folder: &Path) -> Result<()> {
    let name = package.trim_start_matches("orilla-bench-");
    let original = paths::root().join("benches").join(name).join("spin.toml");
    let text = std::fs::read_to_string(&original).with_context(|| format!("cannot read {}", original.display()))?;
    paths::write(&folder.join("spin.toml"), &text.replace(&format!("../../target/spin/{package}.wasm"), "component.wasm"))
}
