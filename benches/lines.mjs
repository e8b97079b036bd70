// The probe in Node.js: a question on each line of standard input, an answer on each line of standard output. Runs the very Worker
// that workerd runs, in another host.
//
//   node benches/lines.mjs FOLDER
//
// FOLDER holds a Worker's index.js and index.wasm.
import { register } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

register("./wasm-imports.mjs", import.meta.url);
const { default: worker } = await import(pathToFileURL(resolve(process.argv[2], "index.js")).href);

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await worker.fetch(new Request("http://probe.example/", { method: "POST", body: line }), {}, { waitUntil() {} });
  if (!answer.ok) throw new Error(await answer.text());
  process.stdout.write(`${await answer.text()}\n`);
}
