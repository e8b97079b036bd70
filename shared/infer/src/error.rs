//! What can be wrong with a model, or with running it.

/// Why an encoder did not load or a text was not encoded. No text of a user is in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The tokenizer file is not one.
    #[error("the tokenizer cannot be read")]
    Tokenizer(#[source] tokenizers::Error),
    /// The graph file is not one, or uses an operator that is not known here.
    #[cfg(feature = "tract")]
    #[error("the model cannot be read")]
    Model(#[source] tract_onnx::prelude::TractError),
    /// The graph does not take one list of ids and give one vector.
    #[error("the model is not a sentence encoder")]
    Shape,
    /// The graph failed while it ran.
    #[cfg(feature = "tract")]
    #[error("the model cannot be run")]
    Run(#[source] tract_onnx::prelude::TractError),
}
