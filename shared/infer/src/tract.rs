//! Runs any graph of an encoder's interface in tract.

use std::io::Cursor;
use std::sync::Arc;

use tract_onnx::prelude::*;

use crate::encoder::Graph;
use crate::error::Error;
use crate::widen::widen;

/// A graph made ready to run.
#[derive(Debug)]
pub struct Tract {
    plan: Arc<TypedRunnableModel>,
    dimensions: usize,
}

impl Tract {
    /// Reads and optimises a graph.
    ///
    /// Errors: `Model` for a file that is none; `Shape` for a graph of another interface.
    pub fn read(file: &[u8]) -> Result<Self, Error> {
        let onnx = tract_onnx::onnx();
        let mut model = onnx.proto_model_for_read(&mut Cursor::new(file)).map_err(Error::Model)?;
        widen(model.graph.as_mut().ok_or(Error::Shape)?);
        let mut graph = onnx.model_for_proto_model(&model).map_err(Error::Model)?;
        drop(model);
        if graph.inputs.len() != 1 || graph.outputs.len() != 1 {
            return Err(Error::Shape);
        }
        let length = graph.symbols.sym("length");
        graph.set_input_fact(0, i64::fact([length.to_dim()]).into()).map_err(Error::Model)?;
        let graph = graph.into_optimized().map_err(Error::Model)?;
        let [dimensions] = graph.output_fact(0).map_err(Error::Model)?.shape.as_concrete().ok_or(Error::Shape)? else {
            return Err(Error::Shape);
        };
        Ok(Self { dimensions: *dimensions, plan: graph.into_runnable().map_err(Error::Model)? })
    }
}

impl Graph for Tract {
    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn run(&self, ids: &[i64]) -> Result<Vec<f32>, Error> {
        let output = self.plan.run(tvec!(tensor1(ids).into())).map_err(Error::Run)?;
        let vector = output.first().ok_or(Error::Shape)?.to_plain_array_view::<f32>().map_err(Error::Run)?;
        Ok(vector.iter().copied().collect())
    }
}
