// Every snippet of README.md and docs/ is run here as its reader would, and the TypeScript client is packed and used as one who installs it does.
// One native server for all of them.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { blocks, lacks } from "./docs/blocks.mjs";
import { reader } from "./docs/run.mjs";
import { client } from "./docs/client.mjs";
import { ROOT, world } from "./docs/world.mjs";

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
