// The encoders, a head and the search say the same in every host: natively, in Node.js, in workerd and in Spin's test host, there with
// and without a snapshot. `cargo xtask test parity` builds what this needs and names it in the environment.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** How far scores may be apart: their exponentials are each host's own. Source: the issue that asked for the models. */
const BETWEEN_HOSTS = 1e-5;
const MODELS = ["micro", "small"];
/** A text and its class, a question for each of them, none of which shares a word with its class. */
const EXAMPLES = [
  ["Where is my parcel?", 0], ["My order has not arrived", 0], ["¿Dónde está mi paquete?", 0],
  ["How do I change my password?", 1], ["I cannot log in", 1], ["No puedo entrar en mi cuenta", 1],
  ["I want my money back", 2], ["Please refund the payment", 2], ["Quiero que me devuelvan el dinero", 2],
];
const QUESTIONS = ["El pedido no llega", "forgot my login", "devolución del importe", "delivery still missing"];

const golden = (model) => JSON.parse(readFileSync(resolve(HERE, "../models", model, "golden.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "orilla-parity-"));
const hosts = {};

before(async () => {
  const { ORILLA_PROBE: program, ORILLA_PROBE_NODE: plain, ORILLA_PROBE_WORKER: worker, ORILLA_SPIN_HOST: spin } = process.env;
  assert.ok(program && plain && worker && spin, "cargo xtask test parity sets what this needs");
  hosts.native = lines(program);
  hosts.node = lines("node", join(HERE, "lines.mjs"), plain);
  hosts.workerd = await server("node", join(HERE, "probe-worker.mjs"), worker);
  hosts.spin = await spinOf("snapshot", process.env.ORILLA_PROBE_SNAPSHOT);
  hosts["spin without snapshot"] = await spinOf("spin", process.env.ORILLA_PROBE_SPIN);
});

after(() => {
  for (const { stop } of Object.values(hosts)) stop();
  rmSync(folder, { recursive: true, force: true });
});

for (const model of MODELS) {
  test(`the goldens of ${model} have the same vectors in every host`, async () => {
    const { rows, agreement } = golden(model);
    const answers = await everywhere({ do: "encode", model, texts: rows.map(({ text }) => text), times: 1 });
    for (const [name, { vectors, ids }] of Object.entries(answers)) {
      assert.deepEqual(ids, rows.map((row) => row.ids), name);
      vectors.forEach((vector, i) => {
        assert.ok(furthest(vector, rows[i].vector) < agreement, `${name} is not what ONNX Runtime says of ${JSON.stringify(rows[i].text)}`);
        assert.deepEqual(vector, answers.native.vectors[i], `${name} and native differ on ${JSON.stringify(rows[i].text)}`);
      });
    }
  });

  test(`a head over ${model} gives the same labels in every host`, async () => {
    const answers = await everywhere({ do: "label", model, examples: EXAMPLES, texts: QUESTIONS });
    for (const [name, { labels, scores }] of Object.entries(answers)) {
      assert.deepEqual(labels, answers.native.labels, name);
      scores.forEach((row, i) => assert.ok(furthest(row, answers.native.scores[i]) <= BETWEEN_HOSTS, `${name} scores ${QUESTIONS[i]} otherwise`));
    }
    assert.deepEqual(answers.native.labels, [0, 1, 2, 0]);
  });
}

test("products by lanes are those one at a time, in every host", async () => {
  for (const [name, { products }] of Object.entries(await everywhere({ do: "products" }))) {
    const [compared, different] = products;
    assert.ok(compared > 1000, name);
    assert.equal(different, 0, name);
  }
});

test("the nearest are the same in every host, with lanes and without", async () => {
  const answers = await Promise.all([false, true].map((is_scalar) => everywhere({ do: "nearest", rows: 500, is_scalar, times: 1 })));
  for (const answer of answers.flatMap(Object.entries)) assert.deepEqual(answer[1].labels, answers[0].native.labels, answer[0]);
});

const everywhere = async (question) => {
  const answers = await Promise.all(Object.entries(hosts).map(async ([name, { ask }]) => [name, await ask(question)]));
  return Object.fromEntries(answers);
};

const furthest = (a, b) => Math.max(...a.map((number, i) => Math.abs(number - b[i])));

/** A program that reads questions and writes answers, a line each. */
function lines(command, ...args) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (question) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    return JSON.parse((await answers.next()).value);
  };
  return { ask, stop: () => child.stdin.end() };
}

/** A server that prints `listening URL`. */
async function server(command, ...args) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^listening (http\S+)/.exec(line) ?? [];
    if (!url) continue;
    const ask = async (question) => {
      const answer = await fetch(url, { method: "POST", body: JSON.stringify(question) });
      assert.equal(answer.status, 200, await answer.clone().text());
      return answer.json();
    };
    return { ask, stop: () => child.kill() };
  }
  throw new Error(`${command} ${args.join(" ")} ended before it was ready`);
}

function spinOf(name, component) {
  const manifest = join(folder, `${name}.toml`);
  const text = readFileSync(join(HERE, "probe-in-place/spin.toml"), "utf8");
  writeFileSync(manifest, text.replace(/source = ".*"/, `source = ${JSON.stringify(component)}`));
  const state = join(folder, name);
  return server(process.env.ORILLA_SPIN_HOST, "up", "--from", manifest, "--listen", "127.0.0.1:0", "--state-dir", state, "--cache-dir", process.env.ORILLA_SPIN_CACHE);
}
