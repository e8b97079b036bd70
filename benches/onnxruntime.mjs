// ONNX Runtime behind the probe's question and answer, on the same model.onnx, with one thread; and the search in plain JavaScript.
//
//   node benches/onnxruntime.mjs web|node
//
// It has no tokenizer: a question to encode brings the ids that the probe found.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const MODELS = resolve(dirname(fileURLToPath(import.meta.url)), "../models");
/** Source: models/small/CARD.md. */
const COLUMNS = 384;
const K = 10;

const runtime = await import(`onnxruntime-${process.argv[2]}`);
const { InferenceSession, Tensor, env } = runtime.default ?? runtime;
if (env.wasm) env.wasm.numThreads = 1;
const settings = { executionProviders: [env.wasm && process.argv[2] === "web" ? "wasm" : "cpu"], intraOpNumThreads: 1, interOpNumThreads: 1 };
const sessions = {};
let collection = { rows: -1 };

const open = (model) => InferenceSession.create(readFileSync(resolve(MODELS, model, "model.onnx")), settings);

const kinds = {
  async encode({ model, ids, times }) {
    const session = (sessions[model] ??= await open(model));
    let vectors = [];
    for (let i = 0; i < times; i++) {
      vectors = [];
      for (const row of ids) {
        const { vector } = await session.run({ ids: new Tensor("int64", BigInt64Array.from(row, BigInt), [row.length]) });
        vectors.push(Array.from(vector.data));
      }
    }
    return { vectors };
  },
  async load({ model, times }) {
    for (let i = 0; i < times; i++) await (await open(model)).release();
    return {};
  },
  nearest({ rows, times }) {
    if (collection.rows !== rows) {
      const numbers = () => Int8Array.from({ length: COLUMNS }, () => Math.floor(Math.random() * 256) - 128);
      collection = { rows, query: numbers(), vectors: Array.from({ length: rows }, numbers) };
    }
    let labels = [];
    for (let i = 0; i < times; i++) labels = nearest(collection);
    return { labels };
  },
};

function nearest({ query, vectors }) {
  const best = [];
  for (let row = 0; row < vectors.length; row++) {
    const vector = vectors[row];
    let score = 0;
    for (let i = 0; i < COLUMNS; i++) score += vector[i] * query[i];
    if (best.length < K || score > best[K - 1].score) {
      let at = best.length;
      while (at > 0 && best[at - 1].score < score) at--;
      best.splice(at, 0, { row, score });
      if (best.length > K) best.pop();
    }
  }
  return best.map(({ row }) => row);
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await kinds[question.do](question))}\n`);
}
