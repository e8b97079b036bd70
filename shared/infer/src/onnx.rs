//! What of an ONNX file is needed to run it without a graph runtime: which operators it has in which order, and where its weights
//! stand. Reads nothing else, and copies nothing.
//!
//! Source: onnx.proto3 of ONNX 1.16 for the numbers of the fields, and the encoding chapter of protobuf's documentation.

use std::collections::BTreeMap;
use std::ops::Range;

/// An ONNX file, looked through.
#[derive(Debug, Default)]
pub struct Graph<'a> {
    /// In the order they run.
    pub operators: Vec<&'a str>,
    /// By name.
    pub tensors: BTreeMap<&'a str, Tensor>,
}

/// A weight.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// One of [`UINT8`], [`HALF`] or another of `TensorProto.DataType`.
    pub kind: u64,
    /// Its sizes.
    pub shape: Vec<usize>,
    /// Where its bytes stand in the file.
    pub bytes: Range<usize>,
}

/// Bytes.
pub const UINT8: u64 = 2;
/// Floats of 16 bits.
pub const HALF: u64 = 10;

mod model {
    pub const GRAPH: u64 = 7;
}
mod graph {
    pub const NODE: u64 = 1;
    pub const INITIALIZER: u64 = 5;
}
mod node {
    pub const OP_TYPE: u64 = 4;
}
mod tensor {
    pub const DIMS: u64 = 1;
    pub const DATA_TYPE: u64 = 2;
    pub const NAME: u64 = 8;
    pub const RAW_DATA: u64 = 9;
}

impl<'a> Graph<'a> {
    /// Looks through a file; `None` for one that is not ONNX.
    pub fn read(file: &'a [u8]) -> Option<Self> {
        let mut read = Self::default();
        for field in (Message { file, rest: 0..file.len() }) {
            if let (model::GRAPH, Value::Bytes(graph)) = field? {
                for field in graph {
                    match field? {
                        (graph::NODE, Value::Bytes(node)) => read.operators.push(operator(node)?),
                        (graph::INITIALIZER, Value::Bytes(tensor)) => read.tensors.extend([weight(tensor)?]),
                        _ => {}
                    }
                }
            }
        }
        Some(read)
    }
}

fn operator(message: Message<'_>) -> Option<&str> {
    let mut operator = "";
    for field in message {
        if let (node::OP_TYPE, Value::Bytes(text)) = field? {
            operator = text.text()?;
        }
    }
    Some(operator)
}

fn weight(message: Message<'_>) -> Option<(&str, Tensor)> {
    let (mut name, mut weight) = ("", Tensor::default());
    for field in message {
        match field? {
            (tensor::DIMS, Value::Number(size)) => weight.shape.push(usize::try_from(size).ok()?),
            (tensor::DIMS, Value::Bytes(mut sizes)) => {
                while !sizes.rest.is_empty() {
                    weight.shape.push(usize::try_from(sizes.varint()?).ok()?);
                }
            }
            (tensor::DATA_TYPE, Value::Number(kind)) => weight.kind = kind,
            (tensor::NAME, Value::Bytes(text)) => name = text.text()?,
            (tensor::RAW_DATA, Value::Bytes(raw)) => weight.bytes = raw.rest,
            _ => {}
        }
    }
    Some((name, weight))
}

/// A message in protobuf's wire format: what is left of it.
#[derive(Debug)]
struct Message<'a> {
    file: &'a [u8],
    rest: Range<usize>,
}

#[derive(Debug)]
enum Value<'a> {
    Number(u64),
    Bytes(Message<'a>),
    Fixed,
}

impl<'a> Iterator for Message<'a> {
    /// A field's number and value; `None` for what is no protobuf, after which nothing may be asked.
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.rest.is_empty()).then(|| self.field())
    }
}

impl<'a> Message<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(Message { file: self.file, rest: self.take(length)? })
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }

    fn take(&mut self, length: usize) -> Option<Range<usize>> {
        let start = self.rest.start;
        self.rest.start = start.checked_add(length).filter(|end| *end <= self.rest.end)?;
        Some(start..self.rest.start)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.take(1).and_then(|at| self.file.get(at.start))?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn text(&self) -> Option<&'a str> {
        std::str::from_utf8(self.file.get(self.rest.clone())?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Graph, HALF, Tensor};

    #[test]
    fn finds_operators_and_weights() {
        // A graph of 25 bytes: a node of type `Relu`, and the weight `w` of halves, [1, 2], 4 bytes.
        let file = [b"\x08\x09\x3a\x19".as_slice(), b"\x0a\x06\x22\x04Relu", b"\x2a\x0f\x08\x01\x08\x02\x10\x0a\x42\x01w\x4a\x04abcd"];
        let file = file.concat();
        let graph = Graph::read(&file).unwrap();
        assert_eq!(graph.operators, ["Relu"]);
        let weight = &graph.tensors["w"];
        assert_eq!(*weight, Tensor { kind: HALF, shape: vec![1, 2], bytes: weight.bytes.clone() });
        assert_eq!(&file[weight.bytes.clone()], b"abcd");
        assert!((1..file.len()).all(|cut| cut == 2 || Graph::read(&file[..cut]).is_none()));
    }

    proptest! {
        #[test]
        fn no_file_is_too_strange(file in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(graph) = Graph::read(&file) {
                prop_assert!(graph.tensors.values().all(|tensor| tensor.bytes.end <= file.len()));
            }
        }
    }
}
