// Every snippet of README.md and docs/ is run here as its reader would, and the TypeScript client is packed and used as one who installs it does.
// One native server for all of them.

import assert from "node:assert/strict";
import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { blocks, holds, lacks } from "./docs/blocks.mjs";
import { reader } from "./docs/run.mjs";
import { client } from "./docs/client.mjs";
import { ROOT, world } from "./docs/world.mjs";
import { folderOfItsOwn } from "./server.mjs";

const below = async (folder) => (await readdir(join(ROOT, folder), { recursive: true }).catch(() => [])).filter((name) => name.endsWith(".md")).map((name) => `${folder}/${name}`).sort();

const DOCUMENTS = ["README.md", "web/sdk/README.md", ...(await below("docs"))];
const found = new Map(await Promise.all(DOCUMENTS.map(async (file) => [file, blocks(file, await readFile(join(ROOT, file), "utf8"))])));

describe("the documents", () => {
  const here = {};
  before(async () => Object.assign(here, await world()));
  after(() => here.stop?.());

  for (const [number, [file, list]] of [...found].entries()) {
    describe(file, () => {
      let read;
      before(async () => (read = await reader(here, number)));
      for (const block of list.filter(({ reason }) => !reason)) {
        test(`${block.file}:${block.line} (${block.language}) does what it says`, () => read(block));
      }
    });
  }

  client(here);
});

describe("the reading of documents", () => {
  test("finds each block with its line, what should come of it, and why it is not run", () => {
    const text = ["# x", "*Not run by our tests: it needs an account.*", "", "```sh", "wrangler deploy", "```", "text", "- in a list", "  ```js browser", "  log(1); // → 1", "  ```", "  <!-- → event A -->", "```", "?", "```"].join("\n");
    const [deploy, script, unknown] = blocks("a.md", text);
    assert.deepEqual([deploy.line, deploy.language, deploy.reason], [4, "sh", "it needs an account."]);
    assert.deepEqual([script.line, script.words, script.code, script.expected, script.after, script.reason], [9, ["browser"], "log(1); // → 1", ["1"], ["event A"], undefined]);
    assert.deepEqual([unknown.line, unknown.language], [13, ""]);
    assert.equal(blocks("a.md", "*Nuestras pruebas no lo ejecutan: hace falta una cuenta.*\n```sh\nx\n```")[0].reason, "hace falta una cuenta.");
    assert.equal(blocks("a.md", "*Not run by our tests*\n```sh\nx\n```")[0].reason, undefined, "a mark without a reason is none");
    assert.throws(() => blocks("a.md", "a\n```sh\nx"), /a\.md:2: this block is never closed/);
  });

  test("sees what an answer lacks", () => {
    assert.equal(lacks(`{"ok": true,\n"id": "7"}`, [`"ok":true`, `"id":"…"`]), undefined);
    assert.equal(lacks("b a", ["a", "b"]), "b", "in their order");
    assert.equal(lacks("error", ["true"]), "true");
    assert.ok(holds({ a: [{ b: 1 }], c: 2 }, { a: [{ b: 1 }] }) && holds({ a: { b: 1 } }, { a: "…" }) && holds({ a: "x y" }, { a: "x…" }));
    for (const example of [{ a: 2 }, { b: 1 }, { a: "1" }, [1]]) assert.ok(!holds({ a: 1 }, example), JSON.stringify(example));
  });

  test("finds the snippets of every document", () => {
    for (const file of ["README.md", "docs/developers.md"]) assert.ok(found.get(file)?.length > 10, file);
    for (const [file, list] of found) for (const { reason, line } of list) assert.ok(reason === undefined || reason.split(" ").length > 3, `${file}:${line} does not say why it is not run`);
  });
});

describe("a reader", () => {
  const here = {};
  before(async () => Object.assign(here, { folder: await folderOfItsOwn(), real: (text) => text, url: "http://127.0.0.1:9" }));
  after(() => rm(here.folder, { recursive: true, force: true }));

  test("is found out by a block that fails, that says something else, or that nobody can run", async () => {
    await mkdir(join(here.folder, "sites"));
    const read = await reader(here, 0);
    const said = (fence, after = "") => read(blocks("a.md", `${fence}\n\`\`\`\n${after}`)[0]);
    await said("```js\nconsole.log(1 + 1); // → 2");
    await assert.rejects(said("```js\nconsole.log(1 + 1); // → 3"), /it said: 2/);
    await assert.rejects(said("```js\nthrow new Error('no')"), /no/);
    await said("```sh\necho yes # → yes");
    await assert.rejects(said("```sh\necho yes # → no"), /it said: yes/);
    await assert.rejects(said("```sh\nfalse"), /1 !== 0/);
    await assert.rejects(said("```text\nno"), /answered yes/);
    await assert.rejects(said("```\nwhat?"), /no test knows how to run/);
    await assert.rejects(said("```cobol\nSTOP RUN."), /cobol; say above it why/);
  });
});
