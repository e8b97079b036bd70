//! The probe over the shipped encoders, run where they stand in the module: what a function does.

mod entry;

use orilla_bench_probe::Models;
use orilla_infer::Embedded;

/// The encoders, part of the module and opened once.
pub static MODELS: Models = Models {
    micro: Embedded::new(include_bytes!("../../../models/micro/model.onnx"), include_bytes!("../../../models/micro/tokenizer.json")),
    small: Embedded::new(include_bytes!("../../../models/small/model.onnx"), include_bytes!("../../../models/small/tokenizer.json")),
};
