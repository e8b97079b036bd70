//! The static encoder: rows of a table, summed.

use crate::functions::unit;
use crate::matrix::Matrix;
use crate::onnx::Graph;

/// Its graph, as `models/train/export.py` writes it.
const OPERATORS: [&str; 21] = [
    "Gather",
    "Gather",
    "Cast",
    "Mul",
    "Floor",
    "Mul",
    "Sub",
    "Concat",
    "Sub",
    "Reshape",
    "Cast",
    "Unsqueeze",
    "Mul",
    "Reshape",
    "ReduceSum",
    "Mul",
    "ReduceSum",
    "Add",
    "Sqrt",
    "Div",
    "Identity",
];

/// A table with a row for each piece.
#[derive(Debug, Clone)]
pub struct Table(Matrix);

impl Table {
    /// Finds the table of a graph; `None` for another graph.
    pub fn find(graph: &Graph<'_>) -> Option<Self> {
        if graph.operators != OPERATORS {
            return None;
        }
        Matrix::find(graph, "table.weight").map(Self)
    }

    /// How long a vector is.
    pub const fn dimensions(&self) -> usize {
        self.0.columns
    }

    /// The vector of a text. A piece that the table has not counts as nothing.
    pub fn run(&self, file: &[u8], ids: &[i64]) -> Vec<f32> {
        let mut rows = vec![0.0; ids.len() * self.dimensions()];
        for (row, id) in rows.chunks_exact_mut(self.dimensions()).zip(ids) {
            self.0.row(file, usize::try_from(*id).unwrap_or(usize::MAX), row);
        }
        unit(&rows, self.dimensions())
    }
}
