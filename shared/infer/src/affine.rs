//! `W x + b` for many `x`, over a matrix of 4 bits: the work of a transformer.

use std::array::from_fn;

use crate::lanes::{Lanes, WIDTH};
use crate::matrix::Matrix;

/// Rows of the matrix that are widened together, and vectors that are multiplied with them together: so many sums as registers hold.
/// Chosen: the quickest in Wasm of two to four each.
const ROWS: usize = 4;
const VECTORS: usize = 4;
/// Lanes between two looks at the loop's end, which is where V8 computes addresses. Chosen: less is slower, more is no quicker.
const STRIDE: usize = 4;

type Block = [[f32; WIDTH]; STRIDE];

/// A matrix and what is added to its products.
#[derive(Debug, Clone)]
pub struct Affine {
    /// `[outputs, inputs]`.
    pub matrix: Matrix,
    /// `[outputs]`.
    pub bias: Vec<f32>,
}

impl Affine {
    /// Whether sizes fit together: whole blocks of inputs and of outputs, one bias for each output.
    pub fn is_sound(&self, inputs: usize, outputs: usize) -> bool {
        let is_even = inputs.is_multiple_of(WIDTH * STRIDE) && outputs.is_multiple_of(ROWS);
        is_even && self.matrix.columns == inputs && self.matrix.rows == outputs && self.bias.len() == outputs
    }

    /// Shape: `x` is `[n, inputs]`; `out` becomes `[n, outputs]`. `widened` is room that one call leaves to the next.
    pub fn apply(&self, file: &[u8], x: &[f32], out: &mut Vec<f32>, widened: &mut Vec<f32>) {
        let (inputs, outputs) = (self.matrix.columns, self.matrix.rows);
        out.clear();
        out.resize(x.len() / inputs * outputs, 0.0);
        widened.resize(ROWS * inputs, 0.0);
        for (group, bias) in self.bias.as_chunks::<ROWS>().0.iter().enumerate() {
            let first = group * ROWS;
            for (row, into) in widened.chunks_exact_mut(inputs).enumerate() {
                self.matrix.row(file, first + row, into);
            }
            let rows: [&[f32]; ROWS] = from_fn(|row| &widened[row * inputs..][..inputs]);
            let mut vectors = x.chunks_exact(VECTORS * inputs);
            let mut places = out.chunks_exact_mut(outputs).map(|out| &mut out[first..][..ROWS]);
            for vectors in vectors.by_ref() {
                let vectors: [&[f32]; VECTORS] = from_fn(|vector| &vectors[vector * inputs..][..inputs]);
                products(vectors, rows).iter().zip(&mut places).for_each(|(products, place)| add(products, bias, place));
            }
            for vector in vectors.remainder().chunks_exact(inputs) {
                products([vector], rows).iter().zip(&mut places).for_each(|(products, place)| add(products, bias, place));
            }
        }
    }
}

fn add(products: &[f32; ROWS], bias: &[f32; ROWS], into: &mut [f32]) {
    for ((product, bias), into) in products.iter().zip(bias).zip(into) {
        *into = product + bias;
    }
}

/// The products of each vector with each row.
#[inline(always)]
fn products<const N: usize>(vectors: [&[f32]; N], rows: [&[f32]; ROWS]) -> [[f32; ROWS]; N] {
    let rows = rows.map(blocks);
    let length = rows[0].len();
    let (rows, vectors) = (rows.map(|row| &row[..length]), vectors.map(|vector| &blocks(vector)[..length]));
    let mut sums = [[Lanes::ZERO; ROWS]; N];
    for block in 0..length {
        let (rows, vectors) = (rows.map(|row| &row[block]), vectors.map(|vector| &vector[block]));
        for lane in 0..STRIDE {
            let rows = rows.map(|row| Lanes::load(&row[lane]));
            for (sums, vector) in sums.iter_mut().zip(vectors) {
                let vector = Lanes::load(&vector[lane]);
                for (sum, row) in sums.iter_mut().zip(rows) {
                    *sum = sum.add_product(vector, row);
                }
            }
        }
    }
    sums.map(|sums| sums.map(Lanes::sum))
}

fn blocks(row: &[f32]) -> &[Block] {
    row.as_chunks().0.as_chunks().0
}
