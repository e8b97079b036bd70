"""Writes `models/<name>/`: the graph with weights of 4 bits that are widened at load, the tokenizer, goldens and checksums."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from . import checksums, int4, micro, nasty, small, teacher, wordpiece

MODELS = Path(__file__).resolve().parent.parent
# Chosen: the oldest that has LayerNormalization.
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
    "Buenas tardes, hace dos semanas pedí una mesa y todavía no sé nada de ella; la web dice que está en reparto desde el lunes, pero nadie llama. " * 3,
]


class Graph:
    """Nodes and weights in the making; each step names its output. One text is one run: no padding, no mask."""

    def __init__(self, state: dict[str, torch.Tensor]) -> None:
        self.state = {name: value.float().numpy() for name, value in state.items()}
        self.nodes: list = []
        self.weights: dict[str, onnx.TensorProto] = {}

    def weight(self, name: str, value: np.ndarray) -> str:
        self.weights.setdefault(name, numpy_helper.from_array(value, name))
        return name

    def numbers(self, *values: int) -> str:
        return self.weight("numbers_" + "_".join(map(str, values)).replace("-", "minus"), np.array(values, np.int64))

    def scalar(self, value: float) -> str:
        return self.weight(f"scalar_{value}", np.array(value, np.float32))

    def stored(self, name: str) -> str:
        """A parameter that is not packed, in halves."""
        return self.step("Cast", self.weight(name, self.state[name].astype(np.float16)), to=TensorProto.FLOAT)

    def step(self, operator: str, *inputs: str, **attributes) -> str:
        name = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def widened(self, packed: str, scale: str, columns: int) -> str:
        """What `int4.unpacked` does, in operators that every runtime has; on constants they run once, at load."""
        both = self.step("Cast", packed, to=TensorProto.FLOAT)
        high = self.step("Floor", self.step("Mul", both, self.scalar(1 / 16)))
        low = self.step("Sub", both, self.step("Mul", high, self.scalar(16.0)))
        centred = self.step("Sub", self.step("Concat", high, low, axis=1), self.scalar(8.0))
        grouped = self.step("Reshape", centred, self.numbers(-1, columns // int4.GROUP, int4.GROUP))
        scales = self.step("Unsqueeze", self.step("Cast", scale, to=TensorProto.FLOAT), self.numbers(2))
        return self.step("Reshape", self.step("Mul", grouped, scales), self.numbers(-1, columns))

    def packed(self, name: str) -> tuple[str, str]:
        stored, scale = int4.packed(self.state[name])
        return self.weight(name, stored), self.weight(f"{name}.scale", scale)

    def gathered(self, name: str) -> str:
        """Rows of a table for `ids`. They are looked up before they are widened, or each run would widen the table."""
        rows = (self.step("Gather", part, "ids", axis=0) for part in self.packed(name))
        return self.widened(*rows, self.state[name].shape[1])

    def linear(self, x: str, name: str) -> str:
        matrix = self.widened(*self.packed(f"{name}.weight"), self.state[f"{name}.weight"].shape[1])
        return self.step("Add", self.step("MatMul", x, self.step("Transpose", matrix, perm=[1, 0])), self.stored(f"{name}.bias"))

    def norm(self, x: str, name: str) -> str:
        return self.step("LayerNormalization", x, self.stored(f"{name}.weight"), self.stored(f"{name}.bias"), axis=-1, epsilon=small.EPSILON)

    def mean(self, rows: str) -> str:
        """The unit vector along the sum of the rows."""
        total = self.step("ReduceSum", rows, self.numbers(0), keepdims=0)
        square = self.step("ReduceSum", self.step("Mul", total, total), self.numbers(0), keepdims=1)
        return self.step("Div", total, self.step("Sqrt", self.step("Add", square, self.scalar(1e-12))))

    def model(self, output: str, dimensions: int) -> onnx.ModelProto:
        self.nodes.append(helper.make_node("Identity", [output], ["vector"]))
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            self.nodes, "encoder", [value("ids", TensorProto.INT64, ["length"])], [value("vector", TensorProto.FLOAT, [dimensions])], list(self.weights.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="orilla")
        onnx.checker.check_model(model, full_check=True)
        return model


class Plain(Graph):
    """The same steps over weights as they are, in 32 bits: what a student is measured beside, and never shipped."""

    def stored(self, name: str) -> str:
        return self.weight(name, self.state[name])

    def gathered(self, name: str) -> str:
        return self.step("Gather", self.stored(name), "ids", axis=0)

    def linear(self, x: str, name: str) -> str:
        return self.step("Add", self.step("MatMul", x, self.weight(f"{name}.turned", self.state[f"{name}.weight"].T.copy())), self.stored(f"{name}.bias"))


def micro_graph(state: dict[str, torch.Tensor]) -> onnx.ModelProto:
    graph = Graph(state)
    return graph.model(graph.mean(graph.gathered("table.weight")), micro.DIMENSIONS)


def small_graph(state: dict[str, torch.Tensor]) -> onnx.ModelProto:
    return transformer(Graph(state), len(small.LAYERS["small"]))


def transformer(graph: Graph, layers: int) -> onnx.ModelProto:
    step, head = graph.step, small.DIMENSIONS // small.HEADS
    length = step("Shape", "ids")
    places = step("Slice", graph.stored("places"), graph.numbers(0), length, graph.numbers(0))
    x = graph.norm(step("Add", graph.gathered("table.weight"), places), "norm")
    for i in range(layers):
        name = f"layers.{i}"
        heads = step("Reshape", graph.linear(x, f"{name}.qkv"), graph.numbers(-1, 3 * small.HEADS, head))
        part = lambda at: step("Slice", heads, graph.numbers(at * small.HEADS), graph.numbers((at + 1) * small.HEADS), graph.numbers(1))
        q, v = (step("Transpose", part(at), perm=[1, 0, 2]) for at in (0, 2))
        k = step("Transpose", part(1), perm=[1, 2, 0])
        scores = step("Softmax", step("Mul", step("MatMul", q, k), graph.scalar(head**-0.5)), axis=-1)
        read = step("Reshape", step("Transpose", step("MatMul", scores, v), perm=[1, 0, 2]), graph.numbers(-1, small.DIMENSIONS))
        x = graph.norm(step("Add", x, graph.linear(read, f"{name}.out")), f"{name}.norm_1")
        up = graph.linear(x, f"{name}.up")
        half = step("Mul", up, graph.scalar(0.5))
        gelu = step("Mul", half, step("Add", step("Erf", step("Mul", up, graph.scalar(0.5**0.5))), graph.scalar(1.0)))
        x = graph.norm(step("Add", x, graph.linear(gelu, f"{name}.down")), f"{name}.norm_2")
    return graph.model(graph.mean(x), small.DIMENSIONS)


GRAPHS = {"micro": (micro.load, micro_graph), "small": (lambda work, without: small.load("small", work, without), small_graph)}


def write_teacher(folder: Path) -> None:
    """The teacher in the same interface, for the bench: what it reads is cut at its own length."""
    source, layers = teacher.weights(), tuple(range(teacher.LAYERS))
    state = {"table.weight": source["embeddings.word_embeddings.weight"], **teacher.parts(source, layers, teacher.MAX_TOKENS)}
    folder.mkdir(exist_ok=True)
    onnx.save(transformer(Plain(state), len(layers)), folder / "model.onnx")
    tokenizer = teacher.tokenizer()
    tokenizer.no_padding()
    tokenizer.enable_truncation(teacher.MAX_TOKENS)
    tokenizer.save(str(folder / "tokenizer.json"))
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    texts = [*GOLDENS, " ".join(GOLDENS) * 3]
    found = np.stack([session.run(None, {"ids": np.array(row.ids, np.int64)})[0] for row in tokenizer.encode_batch(texts)])
    print(f"{folder}: at most {np.abs(found - teacher.Teacher().encode(texts)).max():.1e} from the teacher")


def write_provenance(folder: Path, without: set[str]) -> None:
    """Which of the sets that the bench measures on the encoder read, labels aside; what no licence allows is never read."""
    read = sorted({"banking77", "clinc150"} - without)
    (folder / "provenance.json").write_text(json.dumps({"read": read}) + "\n", encoding="utf-8")


def command(arguments) -> None:
    if arguments.model == "teacher":
        write_teacher(arguments.work / "teacher")
        return
    load, graph = GRAPHS[arguments.model]
    model = load(arguments.work, arguments.without)
    folder = MODELS / arguments.model
    folder.mkdir(exist_ok=True)
    onnx.save(graph(model.state_dict()), folder / "model.onnx")
    tokenizer = wordpiece.load(arguments.work)
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")

    session = onnxruntime.InferenceSession(folder / "model.onnx")
    rows = [row.ids for row in tokenizer.encode_batch(GOLDENS)]
    vectors = np.stack([session.run(None, {"ids": np.array(row, np.int64)})[0] for row in rows])
    with torch.inference_mode():
        exact = np.concatenate([model([(torch.tensor([row]), torch.ones(1, len(row)))]).numpy() for row in rows])
    print(f"the graph against training: cosine {(vectors * exact).sum(1).min():.6f} at the least")
    golden = {
        "about": "texts, their ids, and their vectors by ONNX Runtime",
        "agreement": AGREEMENT,
        "nasty": nasty.digests(tokenizer),
        "rows": [{"text": text, "ids": row, "vector": [round(float(x), 7) for x in vector]} for text, row, vector in zip(GOLDENS, rows, vectors, strict=True)],
    }
    (folder / "golden.json").write_text(json.dumps(golden, ensure_ascii=False), encoding="utf-8")
    write_provenance(folder, arguments.without)
    checksums.write(folder, ["model.onnx", "tokenizer.json", "golden.json"])
