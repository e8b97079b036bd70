// The plainest search there is: the cosine of a question with every vector, in JavaScript over a Float32Array, and the best eight. It
// reads no word, knows no entry in two languages and judges no confidence: a floor to compare with.
//
//   node benches/cosine.mjs
//
// A question is a line {"file", "dimensions", "times"}; the file holds vectors of unit length, little-endian. The first is the question.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const KEPT = 8;
let held = {};

function nearest(vectors, dimensions) {
  const best = [];
  for (let row = 0; row * dimensions < vectors.length; row++) {
    const start = row * dimensions;
    let score = 0;
    for (let i = 0; i < dimensions; i++) score += vectors[i] * vectors[start + i];
    if (best.length < KEPT || score > best[KEPT - 1].score) {
      let at = best.length;
      while (at > 0 && best[at - 1].score < score) at--;
      best.splice(at, 0, { row, score });
      if (best.length > KEPT) best.pop();
    }
  }
  return best.map(({ row }) => row);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { file, dimensions, times } = JSON.parse(line);
  if (held.file !== file) {
    const bytes = readFileSync(file);
    held = { file, vectors: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)) };
  }
  let rows = [];
  for (let i = 0; i < times; i++) rows = nearest(held.vectors, dimensions);
  process.stdout.write(`${JSON.stringify({ rows })}\n`);
}
