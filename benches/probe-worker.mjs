// Serves a Worker that needs no bindings on workerd through Miniflare; requests reach it directly, without Miniflare's entry Worker.
//
//   node benches/probe-worker.mjs FOLDER
//
// FOLDER holds a Worker's index.js and index.wasm. Prints `listening URL`. Ends on SIGTERM, SIGINT, or when standard input closes.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ROOT, onEnd, toStandardError } from "../web/dev/common.mjs";

process.env.WRANGLER_LOG ??= "error";
const require = createRequire(join(ROOT, "web/package.json"));
const { Log, LogLevel, Miniflare } = require("miniflare");
const { unstable_readConfig } = require("wrangler");

const [folder] = process.argv.slice(2);
const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: 0,
  cf: false,
  log: new Log(LogLevel.ERROR),
  handleRuntimeStdio: toStandardError,
  name: "probe",
  // That of the functions, so that both meet the same workerd.
  compatibilityDate: unstable_readConfig({ config: join(ROOT, "wrangler.toml") }).compatibility_date,
  modules: [
    { type: "ESModule", path: "index.js", contents: await readFile(join(folder, "index.js"), "utf8") },
    { type: "CompiledWasm", path: "index.wasm", contents: await readFile(join(folder, "index.wasm")) },
  ],
  unsafeDirectSockets: [{}],
});
onEnd(() => miniflare.dispose());
console.log(`listening ${(await miniflare.unsafeGetDirectURL("probe")).origin}`);
