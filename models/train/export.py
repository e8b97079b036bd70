"""Writes `models/<name>/`: the graph with int8 weights that are dequantised at load, the tokenizer, goldens and checksums."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from . import micro, small, wordpiece

MODELS = Path(__file__).resolve().parent.parent
# Chosen: the oldest that has LayerNormalization. It was not run in tract yet.
OPSET, IR = 17, 9
# How far a host's vectors may be from these. Chosen: rounding alone stays below it.
AGREEMENT = 1e-4

GOLDENS = [
    "How do I reset my password?",
    "¿Cómo restablezco mi contraseña?",
    "no me deja entrar y no recuerdo lo q puse cuando me registre",
    "where is my stuff",
    "Quiero que me devuelvan el dinero, el paquete llegó roto.",
    "ok",
    "ñandú, pingüino, canción, café",
    "EMAIL: ana@example.com · tel. +34 600 123 456",
    "🌊 surf?",
    "",
]


def quantised(weights: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric int8 with one scale for each index of `axis`."""
    others = tuple(i for i in range(weights.ndim) if i != axis)
    scale = np.maximum(np.abs(weights).max(others), 1e-12) / 127
    shape = [1] * weights.ndim
    shape[axis] = -1
    return np.clip(np.round(weights / scale.reshape(shape)), -127, 127).astype(np.int8), scale.astype(np.float32)


class Graph:
    """Nodes and weights in the making; each step names its output."""

    def __init__(self) -> None:
        self.nodes: list = []
        self.weights: list = []

    def weight(self, name: str, value: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(value, name))
        return name

    def step(self, operator: str, *inputs: str, **attributes) -> str:
        name = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def matrix(self, name: str, value: np.ndarray) -> str:
        """A weight stored as int8 per output column; the runtime folds the dequantisation into a constant at load."""
        stored, scale = quantised(value, 1)
        zero = self.weight(f"{name}_zero", np.zeros(len(scale), np.int8))
        return self.step("DequantizeLinear", self.weight(name, stored), self.weight(f"{name}_scale", scale), zero, axis=1)

    def gathered(self, table: np.ndarray) -> str:
        """Rows of the table for `ids`. The rows are looked up before they are widened, or each call would widen the table."""
        stored, scale = quantised(table, 0)
        rows = self.step("Cast", self.step("Gather", self.weight("table", stored), "ids", axis=0), to=TensorProto.FLOAT)
        return self.step("Mul", rows, self.step("Gather", self.weight("table_scale", scale[:, None]), "ids", axis=0))

    def mean(self, rows: str) -> str:
        """The unit vector along the mean of the rows that the mask keeps."""
        axis = self.weight("length_axis", np.array([1], np.int64))
        mask = self.step("Unsqueeze", "mask", self.weight("last_axis", np.array([2], np.int64)))
        total = self.step("ReduceSum", self.step("Mul", rows, mask), axis, keepdims=0)
        square = self.step("ReduceSum", self.step("Mul", total, total), axis, keepdims=1)
        norm = self.step("Sqrt", self.step("Add", square, self.weight("tiny", np.array(1e-12, np.float32))))
        return self.step("Div", total, norm)

    def model(self, output: str) -> onnx.ModelProto:
        self.nodes.append(helper.make_node("Identity", [output], ["vectors"]))
        value = lambda name, kind, shape: helper.make_tensor_value_info(name, kind, shape)
        graph = helper.make_graph(
            self.nodes,
            "encoder",
            [value("ids", TensorProto.INT64, ["n", "length"]), value("mask", TensorProto.FLOAT, ["n", "length"])],
            [value("vectors", TensorProto.FLOAT, ["n", micro.DIMENSIONS])],
            self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="orilla")
        onnx.checker.check_model(model, full_check=True)
        return model


def micro_graph(state: dict[str, torch.Tensor]) -> onnx.ModelProto:
    graph = Graph()
    return graph.model(graph.mean(graph.gathered(state["table.weight"].numpy())))


def small_graph(state: dict[str, torch.Tensor]) -> onnx.ModelProto:
    graph = Graph()
    at = lambda name: state[name].numpy().astype(np.float32)
    d, head = small.DIMENSIONS, small.DIMENSIONS // small.HEADS
    vector = lambda name: graph.weight(name.replace(".", "_"), at(name))
    linear = lambda x, name: graph.step("Add", graph.step("MatMul", x, graph.matrix(name.replace(".", "_"), at(f"{name}.weight").T.copy())), vector(f"{name}.bias"))
    norm = lambda x, name: graph.step("LayerNormalization", x, vector(f"{name}.weight"), vector(f"{name}.bias"), axis=-1, epsilon=1e-5)
    split_shape = graph.weight("split_shape", np.array([0, 0, small.HEADS, head], np.int64))
    joined_shape = graph.weight("joined_shape", np.array([0, 0, d], np.int64))
    heads = lambda x: graph.step("Transpose", graph.step("Reshape", x, split_shape), perm=[0, 2, 1, 3])

    length = graph.step("Gather", graph.step("Shape", "ids"), graph.weight("one", np.array([1], np.int64)), axis=0)
    zero = graph.weight("zero", np.array([0], np.int64))
    places = graph.step("Slice", graph.weight("places", at("places")), zero, length, zero)
    x = graph.step("Add", graph.gathered(at("table.weight") * float(state["scale"])), places)
    hidden_mask = graph.step("Sub", "mask", graph.weight("unit", np.array(1, np.float32)))
    bias = graph.step("Mul", graph.step("Unsqueeze", hidden_mask, graph.weight("head_axes", np.array([1, 2], np.int64))), graph.weight("far", np.array(1e4, np.float32)))
    for i in range(small.LAYERS):
        name = f"layers.{i}"
        inner = norm(x, f"{name}.norm_1")
        weight, offset = at(f"{name}.qkv.weight"), at(f"{name}.qkv.bias")
        projected = []
        for part, label in enumerate("qkv"):
            # The attention's own scale goes into the queries.
            factor = head**-0.5 if label == "q" else 1.0
            rows = slice(part * d, (part + 1) * d)
            matrix = graph.matrix(f"layers_{i}_{label}", weight[rows].T.copy() * factor)
            projected.append(heads(graph.step("Add", graph.step("MatMul", inner, matrix), graph.weight(f"layers_{i}_{label}_bias", offset[rows] * np.float32(factor)))))
        q, k, v = projected
        scores = graph.step("Add", graph.step("MatMul", q, graph.step("Transpose", k, perm=[0, 1, 3, 2])), bias)
        attended = graph.step("MatMul", graph.step("Softmax", scores, axis=-1), v)
        joined = graph.step("Reshape", graph.step("Transpose", attended, perm=[0, 2, 1, 3]), joined_shape)
        x = graph.step("Add", x, linear(joined, f"{name}.out"))
        x = graph.step("Add", x, linear(graph.step("Relu", linear(norm(x, f"{name}.norm_2"), f"{name}.up")), f"{name}.down"))
    return graph.model(graph.mean(x))


def encode(session: onnxruntime.InferenceSession, rows: list[list[int]]) -> np.ndarray:
    """Row by row, as a function does it."""
    vectors = []
    for row in rows:
        feed = {"ids": np.array([row], np.int64), "mask": np.ones((1, len(row)), np.float32)}
        vectors.append(session.run(None, feed)[0][0])
    return np.stack(vectors)


def command(arguments) -> None:
    module, graph = {"micro": (micro, micro_graph), "small": (small, small_graph)}[arguments.model]
    model = module.load(arguments.work, arguments.without)
    folder = MODELS / arguments.model
    folder.mkdir(exist_ok=True)
    onnx.save(graph(model.state_dict()), folder / "model.onnx")
    tokenizer = wordpiece.load(arguments.work)
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")

    session = onnxruntime.InferenceSession(folder / "model.onnx")
    ids = [tokenizer.encode(text).ids for text in GOLDENS]
    rows = [row or wordpiece.EMPTY for row in ids]
    vectors = encode(session, rows)
    with torch.inference_mode():
        exact = model(rows).numpy()
    print(f"int8 against float: cosine {min((vectors * exact).sum(1)):.5f} at the least")
    golden = {
        "about": "texts, their ids, and their vectors by ONNX Runtime; an empty text is one unknown piece",
        "agreement": AGREEMENT,
        "rows": [{"text": text, "ids": row, "vector": [round(float(x), 7) for x in vector]} for text, row, vector in zip(GOLDENS, ids, vectors, strict=True)],
    }
    (folder / "golden.json").write_text(json.dumps(golden, ensure_ascii=False), encoding="utf-8")
    names = ["model.onnx", "tokenizer.json", "golden.json"]
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(sums))
    for name in names:
        print(f"{name}: {(folder / name).stat().st_size} B")
