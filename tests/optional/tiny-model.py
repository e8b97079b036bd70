"""Writes a language model of a few thousand random weights, in the form that `transformers serve` takes: what it says is noise, how it says it is real.

    pip install "transformers[serving]" torch
    python tests/optional/tiny-model.py DIR && transformers serve DIR --port 8001
    cargo build -p xtask && ORILLA_XTASK=target/debug/xtask GENERATOR_URL=http://127.0.0.1:8001/v1 GENERATOR_MODEL=DIR node --test tests/optional/real-model.mjs
"""

import sys
from pathlib import Path

from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

folder = Path(sys.argv[1])
tokenizer = PreTrainedTokenizerFast(
    tokenizer_file=str(Path(__file__).resolve().parents[2] / "models/small/tokenizer.json"),
    unk_token="[UNK]", pad_token="[PAD]", bos_token="[CLS]", eos_token="[SEP]",
)
tokenizer.chat_template = "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant: "
sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2}
ends = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
model = LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=4096, **sizes, **ends))
model.save_pretrained(folder)
tokenizer.save_pretrained(folder)
