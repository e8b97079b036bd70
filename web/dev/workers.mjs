// Serves the Workers of wrangler.toml on workerd through Miniflare, with local D1 and KV that stay between runs.
// It reads the same file that a deployment reads; the only additions are the variables given here and the DEV_KEYS binding.
//
//   node web/dev/workers.mjs --data DIR [--port N] [--vars JSON] [--dev-json FILE] [--worker NAME]
//
// --worker serves target/workers/NAME alone, with the bindings of track-events and without the front: for test guests.
// Prints `listening URL` once it answers. Ends on SIGTERM, SIGINT, or when standard input closes, so it never outlives its parent.
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { Log, LogLevel, Miniflare } from "miniflare";
import { ROOT, everyTick, onEnd, readKeys, toStandardError } from "./common.mjs";

// Reading wrangler.toml warns that the front's services are not inherited, which is meant; this must be set before wrangler loads.
process.env.WRANGLER_LOG ??= "error";
const { unstable_getMiniflareWorkerOptions, unstable_readConfig, unstable_splitSqlQuery } = await import("wrangler");

const CONFIG = join(ROOT, "wrangler.toml");
/** The environment whose bindings a guest gets: the one with all kinds of them. */
const MODEL_OF_GUESTS = "track-events";

const { values: options } = parseArgs({
  options: {
    data: { type: "string" },
    port: { type: "string", default: "0" },
    vars: { type: "string", default: "{}" },
    "dev-json": { type: "string" },
    worker: { type: "string" },
  },
});
if (!options.data) throw new Error("--data DIR is missing: the folder that keeps the local database");

const variables = JSON.parse(options.vars);
const functions = options.worker ? [MODEL_OF_GUESTS] : await readFunctions();
const workers = functions.map((environment) => functionWorker(environment, options.worker));
if (!options.worker) workers.unshift(frontWorker());

const shared = {
  log: new Log(LogLevel.ERROR),
  handleRuntimeStdio: toStandardError,
  d1Persist: join(options.data, "d1"),
};
// Before anything is served: whoever finds the server healthy finds its tables.
const { d1Databases } = workers.find(({ d1Databases }) => d1Databases?.DB);
const store = new Miniflare({ ...shared, modules: true, script: "export default {}", d1Databases });
await migrate(await store.getD1Database("DB"));
await store.dispose();

const miniflare = new Miniflare({
  ...shared,
  host: "127.0.0.1",
  port: Number(options.port),
  // No facts about the visitor: Miniflare would invent a country, which scores.
  cf: {},
  kvPersist: join(options.data, "kv"),
  workers,
});
const end = onEnd(() => miniflare.dispose());
const url = await miniflare.ready;
console.log(`listening ${url.origin}`);
for (const { name, hasCron } of workers) {
  if (!hasCron) continue;
  const worker = await miniflare.getWorker(name);
  void everyTick(end, name, () => worker.scheduled({ cron: "* * * * *" }));
}

/** The environments of wrangler.toml: one per function. */
async function readFunctions() {
  const text = await readFile(CONFIG, "utf8");
  return [...text.matchAll(/^\[env\.([\w-]+)\]\s*$/gm)].map(([, name]) => name);
}

function frontWorker() {
  const { workerOptions, main } = unstable_getMiniflareWorkerOptions(CONFIG);
  const serviceBindings = { ...workerOptions.serviceBindings };
  if (options["dev-json"]) serviceBindings.DEV_KEYS = answerDevKeys;
  return {
    ...workerOptions,
    name: unstable_readConfig({ config: CONFIG }).name,
    modulesRoot: dirname(main),
    modules: [main, join(dirname(main), "routes.js")].map((path) => ({ type: "ESModule", path })),
    serviceBindings,
  };
}

function functionWorker(environment, replacement) {
  const { workerOptions, main } = unstable_getMiniflareWorkerOptions(CONFIG, environment);
  const { name, triggers } = unstable_readConfig({ config: CONFIG, env: environment });
  const { assets: _, modulesRules: __, ...inherited } = workerOptions;
  const script = replacement ? join(ROOT, "target/workers", replacement, basename(main)) : main;
  return {
    ...inherited,
    name,
    modulesRoot: dirname(script),
    modules: [
      { type: "ESModule", path: script },
      { type: "CompiledWasm", path: join(dirname(script), "index.wasm") },
    ],
    bindings: { ...workerOptions.bindings, ...variables },
    hasCron: !replacement && Boolean(triggers?.crons?.length),
  };
}

async function answerDevKeys() {
  const keys = await readKeys(options["dev-json"]);
  if (keys === null) return new Response("no keys yet\n", { status: 404 });
  return new Response(keys, { headers: { "content-type": "application/json", "cache-control": "no-store" } });
}

/** Applies each file once, in order, and notes it in the table that `wrangler d1 migrations` uses. */
async function migrate(database) {
  await database.prepare(
    "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
  ).run();
  const { results } = await database.prepare("SELECT name FROM d1_migrations").all();
  const applied = new Set(results.map(({ name }) => name));
  const folder = join(ROOT, "migrations");
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort()) {
    if (applied.has(name)) continue;
    const statements = unstable_splitSqlQuery(await readFile(join(folder, name), "utf8"));
    await database.batch([
      ...statements.map((statement) => database.prepare(statement)),
      database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name),
    ]);
  }
}
