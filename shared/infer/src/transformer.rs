//! The transformer of `models/small`, in plain Rust: pieces and places, then layers of attention and of two matrices.

use crate::affine::Affine;
use crate::functions::{Norm, gelu, softmax, unit};
use crate::lanes::dot;
use crate::matrix::{Matrix, floats};
use crate::onnx::Graph;

/// How long a head's vectors are. Source: all-MiniLM-L6-v2's configuration.
const HEAD: usize = 32;

/// A transformer in a file.
#[derive(Debug, Clone)]
pub struct Transformer {
    table: Matrix,
    /// `[longest text, d]`.
    places: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

#[derive(Debug, Clone)]
struct Layer {
    /// Queries, keys and values, each with the heads one after the other.
    qkv: Affine,
    out: Affine,
    norm_1: Norm,
    up: Affine,
    down: Affine,
    norm_2: Norm,
}

/// What one run leaves to the next layer.
#[derive(Debug, Default)]
struct Room {
    wide: Vec<f32>,
    narrow: Vec<f32>,
    read: Vec<f32>,
    widened: Vec<f32>,
}

impl Transformer {
    /// Finds the weights of a graph; `None` for another graph.
    pub fn find(graph: &Graph<'_>, file: &[u8]) -> Option<Self> {
        let vector = |name: &str, part: &str| floats(graph, file, &format!("{name}.{part}"));
        let norm = |name: &str| Some(Norm { weight: vector(name, "weight")?, bias: vector(name, "bias")? });
        let affine = |name: &str| Some(Affine { matrix: Matrix::find(graph, &format!("{name}.weight"))?, bias: vector(name, "bias")? });
        let layer = |index: usize| {
            let part = |name: &str| format!("layers.{index}.{name}");
            Some(Layer {
                qkv: affine(&part("qkv"))?,
                out: affine(&part("out"))?,
                norm_1: norm(&part("norm_1"))?,
                up: affine(&part("up"))?,
                down: affine(&part("down"))?,
                norm_2: norm(&part("norm_2"))?,
            })
        };
        let layers: Vec<_> = (0..).map_while(layer).collect();
        let found =
            Self { table: Matrix::find(graph, "table.weight")?, places: floats(graph, file, "places")?, norm: norm("norm")?, layers };
        (graph.operators == operators(found.layers.len()) && found.is_sound()).then_some(found)
    }

    fn is_sound(&self) -> bool {
        let d = self.dimensions();
        let is_norm = |norm: &Norm| norm.weight.len() == d && norm.bias.len() == d;
        let is_layer = |layer: &Layer| {
            let hidden = layer.up.matrix.rows;
            let are_affine = layer.qkv.is_sound(d, 3 * d) && layer.out.is_sound(d, d) && layer.up.is_sound(d, hidden);
            are_affine && layer.down.is_sound(hidden, d) && is_norm(&layer.norm_1) && is_norm(&layer.norm_2)
        };
        d.is_multiple_of(HEAD) && self.places.len().is_multiple_of(d) && is_norm(&self.norm) && self.layers.iter().all(is_layer)
    }

    /// How long a vector is.
    pub const fn dimensions(&self) -> usize {
        self.table.columns
    }

    /// The vector of a text: of as many of its pieces as there are places. A piece that the table has not counts as nothing.
    pub fn run(&self, file: &[u8], ids: &[i64]) -> Vec<f32> {
        let d = self.dimensions();
        let mut x = vec![0.0; ids.len().min(self.places.len() / d) * d];
        for ((row, id), place) in x.chunks_exact_mut(d).zip(ids).zip(self.places.chunks_exact(d)) {
            self.table.row(file, usize::try_from(*id).unwrap_or(usize::MAX), row);
            plus(row, place);
        }
        self.norm.apply(&mut x);
        let mut room = Room::default();
        self.layers.iter().for_each(|layer| layer.apply(file, &mut x, &mut room));
        unit(&x, d)
    }
}

impl Layer {
    fn apply(&self, file: &[u8], x: &mut [f32], Room { wide, narrow, read, widened }: &mut Room) {
        self.qkv.apply(file, x, wide, widened);
        attend(wide, self.out.matrix.columns, read);
        self.out.apply(file, read, narrow, widened);
        plus(x, narrow);
        self.norm_1.apply(x);
        self.up.apply(file, x, wide, widened);
        gelu(wide);
        self.down.apply(file, wide, narrow, widened);
        plus(x, narrow);
        self.norm_2.apply(x);
    }
}

fn plus(x: &mut [f32], y: &[f32]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

/// Every piece reads the others' values, by how its query fits their keys.
///
/// Shape: `qkv` is `[n, 3 d]`; `read` becomes `[n, d]`.
/// Source: Vaswani et al. 2017, §3.2.
fn attend(qkv: &[f32], d: usize, read: &mut Vec<f32>) {
    let rows = || qkv.chunks_exact(3 * d);
    let scale = (HEAD as f32).sqrt().recip();
    let mut scores = vec![0.0; rows().len()];
    read.clear();
    read.resize(rows().len() * d, 0.0);
    for head in (0..d).step_by(HEAD) {
        for (row, into) in rows().zip(read.chunks_exact_mut(d)) {
            let query = &row[head..][..HEAD];
            for (score, row) in scores.iter_mut().zip(rows()) {
                *score = dot(query, &row[d + head..][..HEAD]) * scale;
            }
            softmax(&mut scores);
            for (share, row) in scores.iter().zip(rows()) {
                let values = &row[2 * d + head..][..HEAD];
                into[head..][..HEAD].iter_mut().zip(values).for_each(|(into, value)| *into += share * value);
            }
        }
    }
}

/// The operators of a graph of so many layers, as `models/train/export.py` writes them.
fn operators(layers: usize) -> Vec<&'static str> {
    const WIDEN: [&str; 12] = ["Cast", "Mul", "Floor", "Mul", "Sub", "Concat", "Sub", "Reshape", "Cast", "Unsqueeze", "Mul", "Reshape"];
    const NORM: [&str; 3] = ["Cast", "Cast", "LayerNormalization"];
    let affine = [WIDEN.as_slice(), &["Transpose", "MatMul", "Cast", "Add"]].concat();
    let head = [&["Shape", "Cast", "Slice", "Gather", "Gather"], WIDEN.as_slice(), &["Add"], &NORM].concat();
    let layer = [
        affine.as_slice(),
        &[
            "Reshape",
            "Slice",
            "Transpose",
            "Slice",
            "Transpose",
            "Slice",
            "Transpose",
            "MatMul",
            "Mul",
            "Softmax",
            "MatMul",
            "Transpose",
            "Reshape",
        ],
        &affine,
        &["Add"],
        &NORM,
        &affine,
        &["Mul", "Mul", "Erf", "Add", "Mul"],
        &affine,
        &["Add"],
        &NORM,
    ]
    .concat();
    let tail = ["ReduceSum", "Mul", "ReduceSum", "Add", "Sqrt", "Div", "Identity"];
    [head, layer.repeat(layers), tail.to_vec()].concat()
}
