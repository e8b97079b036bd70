//! Matrices of 4 bits, read where they stand in a file.

use std::ops::Range;

use crate::onnx::{Graph, HALF, UINT8};
use crate::packed::{GROUP, halves, widen};

/// A matrix of 4 bits in a file.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// How many rows.
    pub rows: usize,
    /// How long each is.
    pub columns: usize,
    stored: Range<usize>,
    scales: Range<usize>,
}

impl Matrix {
    /// Finds a matrix and its scales; `None` unless both are there and whole.
    pub fn find(graph: &Graph<'_>, name: &str) -> Option<Self> {
        let stored = graph.tensors.get(name)?;
        let scales = graph.tensors.get(format!("{name}.scale").as_str())?;
        let [rows, half] = *stored.shape.as_slice() else { return None };
        let (columns, groups) = (half.checked_mul(2)?, half / GROUP * 2);
        let is_packed = stored.kind == UINT8 && scales.kind == HALF && half > 0 && half.is_multiple_of(GROUP);
        let is_whole = scales.shape == [rows, groups]
            && Some(stored.bytes.len()) == rows.checked_mul(half)
            && Some(scales.bytes.len()) == rows.checked_mul(groups * 2);
        (is_packed && is_whole).then(|| Self { rows, columns, stored: stored.bytes.clone(), scales: scales.bytes.clone() })
    }

    /// Widens one row; one that the matrix has not is left as it was.
    ///
    /// Shape: `into` is `[columns]`.
    pub fn row(&self, file: &[u8], row: usize, into: &mut [f32]) {
        let part = |of: &Range<usize>, width: usize| file.get(of.clone())?.chunks_exact(width).nth(row);
        let (half, groups) = (self.columns / 2, self.columns / GROUP);
        if let Some((stored, scales)) = part(&self.stored, half).zip(part(&self.scales, 2 * groups)) {
            widen(stored, scales, into);
        }
    }
}

/// Finds a weight of halves and widens it.
pub fn floats(graph: &Graph<'_>, file: &[u8], name: &str) -> Option<Vec<f32>> {
    let weight = graph.tensors.get(name).filter(|weight| weight.kind == HALF)?;
    Some(halves(file.get(weight.bytes.clone())?).collect())
}
