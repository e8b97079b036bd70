//! Runs the two graphs that the repository ships without a graph runtime: in plain Rust, with their weights in 4 bits where they stand
//! in the file. Nothing is opened but a list of names, nothing is copied but norms and biases. Knows no other graph.

use crate::encoder::Graph as Runner;
use crate::error::Error;
use crate::onnx::Graph;
use crate::table::Table;
use crate::transformer::Transformer;

/// A model that runs where it stands.
#[derive(Debug)]
pub struct InPlace {
    file: &'static [u8],
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Table(Table),
    Transformer(Transformer),
}

impl InPlace {
    /// Looks through a file; `None` unless it holds a graph of one of the two kinds, operator for operator.
    pub fn find(file: &'static [u8]) -> Option<Self> {
        let graph = Graph::read(file)?;
        let table = || Table::find(&graph).map(Kind::Table);
        let kind = table().or_else(|| Transformer::find(&graph, file).map(Kind::Transformer))?;
        Some(Self { file, kind })
    }
}

impl Runner for InPlace {
    fn dimensions(&self) -> usize {
        match &self.kind {
            Kind::Table(table) => table.dimensions(),
            Kind::Transformer(transformer) => transformer.dimensions(),
        }
    }

    fn run(&self, ids: &[i64]) -> Result<Vec<f32>, Error> {
        Ok(match &self.kind {
            Kind::Table(table) => table.run(self.file, ids),
            Kind::Transformer(transformer) => transformer.run(self.file, ids),
        })
    }
}
