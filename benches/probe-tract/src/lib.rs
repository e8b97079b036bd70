//! The probe over the shipped encoders, in tract, to compare with.

mod entry;

use orilla_bench_probe::Models;
use orilla_infer::Embedded;

/// The encoders, part of the module and opened once.
pub static MODELS: Models = Models {
    micro: Embedded::in_tract(include_bytes!("../../../models/micro/model.onnx"), include_bytes!("../../../models/micro/tokenizer.json")),
    small: Embedded::in_tract(include_bytes!("../../../models/small/model.onnx"), include_bytes!("../../../models/small/tokenizer.json")),
};
