//! Widens constant weights of 4 bits before tract sees them. It would do so itself, an operator after the other over whole matrices,
//! which is most of the time that opening takes.

use std::collections::{HashMap, HashSet};

use tract_onnx::pb::{GraphProto, NodeProto, TensorProto, tensor_proto::DataType};

use crate::packed;

/// Puts a matrix of floats in the place of each group of nodes that widen a constant, as `models/train/export.py` writes them, and
/// takes out what nobody reads any more. Tables whose rows are looked up first stay packed.
pub fn widen(graph: &mut GraphProto) {
    let matrices = matrices(graph);
    if matrices.is_empty() {
        return;
    }
    let replaced: HashSet<String> = matrices.iter().map(|matrix| matrix.name.clone()).collect();
    graph.node.retain(|node| !node.output.iter().any(|output| replaced.contains(output)));
    graph.initializer.extend(matrices);
    drop_unread(graph);
}

fn matrices(graph: &GraphProto) -> Vec<TensorProto> {
    let nodes: HashMap<&str, &NodeProto> =
        graph.node.iter().flat_map(|node| node.output.iter().map(move |it| (it.as_str(), node))).collect();
    let tensors: HashMap<&str, &TensorProto> = graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    let from = |node: &NodeProto, input: usize, operator: &str| {
        nodes.get(node.input.get(input)?.as_str()).copied().filter(|found| found.op_type == operator)
    };
    let matrix = |node: &NodeProto| {
        let product = from(node, 0, "Mul")?;
        from(product, 0, "Reshape")?;
        let scale = tensors.get(from(from(product, 1, "Unsqueeze")?, 0, "Cast")?.input.first()?.as_str())?;
        let stored = tensors.get(scale.name.strip_suffix(".scale")?)?;
        widened(stored, scale, node.output.first()?)
    };
    graph.node.iter().filter(|node| node.op_type == "Reshape").filter_map(matrix).collect()
}

fn widened(stored: &TensorProto, scale: &TensorProto, name: &str) -> Option<TensorProto> {
    let [rows, half] = [*stored.dims.first()?, *stored.dims.get(1)?].map(|size| usize::try_from(size).unwrap_or_default());
    let columns = 2 * half;
    let is_packed = stored.data_type == DataType::Uint8 as i32 && scale.data_type == DataType::Float16 as i32;
    let is_whole = stored.raw_data.len() == rows * half && scale.raw_data.len() == rows * columns / packed::GROUP * 2;
    if !is_packed || !is_whole || half == 0 || !half.is_multiple_of(packed::GROUP) {
        return None;
    }
    let mut row = vec![0.0; columns];
    let mut bytes = Vec::with_capacity(rows * columns * size_of::<f32>());
    for (stored, scales) in stored.raw_data.chunks_exact(half).zip(scale.raw_data.chunks_exact(columns / packed::GROUP * 2)) {
        packed::widen(stored, scales, &mut row);
        bytes.extend(row.iter().flat_map(|number| number.to_le_bytes()));
    }
    let dims = vec![i64::try_from(rows).ok()?, i64::try_from(columns).ok()?];
    Some(TensorProto { dims, data_type: DataType::Float as i32, name: name.to_owned(), raw_data: bytes, ..TensorProto::default() })
}

/// From the end backwards: a graph lists what makes a value before what reads it.
fn drop_unread(graph: &mut GraphProto) {
    let mut read: HashSet<String> = graph.output.iter().map(|output| output.name.clone()).collect();
    let mut kept = Vec::with_capacity(graph.node.len());
    for node in graph.node.drain(..).rev() {
        if node.output.iter().any(|output| read.contains(output)) {
            read.extend(node.input.iter().cloned());
            kept.push(node);
        }
    }
    kept.reverse();
    graph.node = kept;
    graph.initializer.retain(|tensor| read.contains(&tensor.name));
}
