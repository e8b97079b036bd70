// Serves one Worker on workerd through Miniflare for the bench: a function as built for shipping, or a plain one beside it.
// Requests reach the Worker directly, without Miniflare's entry Worker and without our front: both would be measured with it.
//
//   node benches/workers.mjs --data DIR --folder FOLDER --environment NAME --owner NAME --vars JSON
//   node benches/workers.mjs --data DIR --plain leads|events-d1|events-object
//
// FOLDER/NAME holds a Worker's index.js and index.wasm; NAME is its environment in wrangler.toml, whose bindings it gets. The owner is
// the function that sites are applied to: if it is another one it stands beside, with the same store.
// Prints `listening URL`, and for a function the URLs that tell its linear memory and that its sites are applied to. Ends on SIGTERM,
// SIGINT, or when standard input closes.
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT, onEnd, toStandardError } from "../web/dev/common.mjs";

// Before wrangler loads: reading wrangler.toml warns that the front's services are not inherited, which is meant.
process.env.WRANGLER_LOG ??= "error";
const require = createRequire(join(ROOT, "web/package.json"));
const { Log, LogLevel, Miniflare } = require("miniflare");
const { unstable_getMiniflareWorkerOptions, unstable_readConfig, unstable_splitSqlQuery } = require("wrangler");

const CONFIG = join(ROOT, "wrangler.toml");
const ANSWERS = "CREATE TABLE IF NOT EXISTS answers (id TEXT PRIMARY KEY, email TEXT NOT NULL, fields TEXT NOT NULL, received_at INTEGER NOT NULL)";

const { values: options } = parseArgs({
  options: {
    data: { type: "string" },
    plain: { type: "string" },
    folder: { type: "string" },
    environment: { type: "string" },
    owner: { type: "string" },
    vars: { type: "string", default: "{}" },
  },
});

/** What a plain Worker is made of. */
const PLAIN = {
  leads: { script: "plain.js", d1Databases: { DB: "plain" } },
  "events-d1": { script: "plain-events.js", d1Databases: { DB: "plain" } },
  "events-object": { script: "plain-events.js", durableObjects: { STORE: { className: "Store", useSQLite: true } } },
};

const worker = options.plain ? await plainWorker(PLAIN[options.plain]) : await functionWorker(options.environment);
const owner = options.owner && options.owner !== options.environment ? await functionWorker(options.owner) : worker;
const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: 0,
  cf: false,
  log: new Log(LogLevel.ERROR),
  handleRuntimeStdio: toStandardError,
  d1Persist: join(options.data, "d1"),
  kvPersist: join(options.data, "kv"),
  durableObjectsPersist: join(options.data, "objects"),
  workers: [...new Set([worker, owner])],
});
onEnd(() => miniflare.dispose());

if (worker.d1Databases) {
  const database = await miniflare.getD1Database("DB", worker.name);
  await database.batch((await schema()).map((statement) => database.prepare(statement)));
}
const sockets = worker.unsafeDirectSockets.map(({ entrypoint }) => [worker.name, entrypoint]);
if (!options.plain) sockets.push([owner.name]);
const urls = await Promise.all(sockets.map((socket) => miniflare.unsafeGetDirectURL(...socket)));
console.log(`listening ${urls.map(({ origin }) => origin).join(" ")}`);

/** With the same compatibility date as the functions, so that both meet the same workerd. */
async function plainWorker({ script, ...bindings }) {
  const { compatibility_date: compatibilityDate } = unstable_readConfig({ config: CONFIG });
  return {
    name: "plain",
    compatibilityDate,
    modules: [{ type: "ESModule", path: script, contents: await ours(script) }],
    ...bindings,
    // An object makes its own tables.
    bindings: { SCHEMA: (await schema()).filter((statement) => /\bevents\b/.test(statement)) },
    unsafeDirectSockets: [{}],
  };
}

async function functionWorker(environment) {
  const folder = join(options.folder, environment);
  const { workerOptions } = unstable_getMiniflareWorkerOptions(CONFIG, environment);
  const { assets: _, modulesRules: __, ...inherited } = workerOptions;
  return {
    ...inherited,
    name: environment,
    modules: [
      { type: "ESModule", path: "memory.js", contents: await ours("memory.js") },
      { type: "ESModule", path: "capture.js", contents: await ours("capture.js") },
      { type: "ESModule", path: "index.js", contents: await readFile(join(folder, "index.js"), "utf8") },
      { type: "CompiledWasm", path: "index.wasm", contents: await readFile(join(folder, "index.wasm")) },
    ],
    bindings: { ...workerOptions.bindings, ...JSON.parse(options.vars) },
    unsafeDirectSockets: [{}, { entrypoint: "Memory" }],
  };
}

function ours(name) {
  return readFile(join(ROOT, "benches", name), "utf8");
}

async function schema() {
  if (options.plain === "leads") return [ANSWERS];
  const folder = join(ROOT, "migrations");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) => unstable_splitSqlQuery(text));
}
