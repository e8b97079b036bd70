"""Weights of 4 bits: groups of 32 numbers along a row share one scale. Training sees them rounded, so that nothing is lost after it."""

from pathlib import Path

import numpy as np
import torch

# Source: the design notes: groups of 32 cost a static table 0.3 points at most.
GROUP = 32
LARGEST = 7


def rounded(weights: torch.Tensor) -> torch.Tensor:
    """Shape: `[rows, columns]`, columns a multiple of 32. The gradient passes as if nothing was rounded."""
    with torch.no_grad():
        grouped = weights.float().reshape(len(weights), -1, GROUP)
        scale = (grouped.abs().amax(-1, keepdim=True).clamp(min=1e-6) / LARGEST).half().float()
        near = ((grouped / scale).round().clamp(-LARGEST, LARGEST) * scale).reshape(weights.shape)
    return weights + (near - weights).detach()


def packed(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What `rounded` stands for, to store.

    Shape: `[rows, columns]` in; `[rows, columns / 2]` bytes, the first half of a row in the high four bits and the second in the low
    ones, each 8 too large; and scales `[rows, columns / 32]`.
    """
    grouped = weights.astype(np.float32).reshape(len(weights), -1, GROUP)
    scale = (np.maximum(np.abs(grouped).max(-1), 1e-6) / LARGEST).astype(np.float16)
    near = np.clip(np.round(grouped / scale.astype(np.float32)[..., None]), -LARGEST, LARGEST).reshape(weights.shape).astype(np.int64) + 8
    half = weights.shape[1] // 2
    return (near[:, :half] * 16 + near[:, half:]).astype(np.uint8), scale


def unpacked(stored: np.ndarray, scale: np.ndarray) -> np.ndarray:
    numbers = np.concatenate([stored // 16, stored % 16], 1).astype(np.float32) - 8
    return (numbers.reshape(len(stored), -1, GROUP) * scale.astype(np.float32)[..., None]).reshape(len(stored), -1)


def is_packed(name: str) -> bool:
    """Whether a parameter of that name is used through `rounded`: the table and the matrices of the layers."""
    return name.endswith(".weight") and "norm" not in name


def save(state: dict[str, torch.Tensor], path: Path) -> None:
    """Keeps what will ship: packed matrices, and the rest in halves."""
    pack = lambda value: tuple(torch.from_numpy(part) for part in packed(value.float().cpu().numpy()))
    torch.save({name: pack(value) if is_packed(name) else value.half().cpu() for name, value in state.items()}, path)


def load(path: Path) -> dict[str, torch.Tensor]:
    state = torch.load(path, map_location="cpu", weights_only=True)
    return {name: torch.from_numpy(unpacked(*(part.numpy() for part in value))) if is_packed(name) else value.float() for name, value in state.items()}
