// Serves a Spin application together with the static pages at one origin, as the front Worker does on Workers.
// It starts the host given after `--`, passes the functions' paths on to it, answers the rest from web/dist, and calls the tick
// route each second, which outside cron does for a deployment. The host's own flags are the caller's business.
//
//   OPERATOR_KEY=… node web/dev/spin.mjs --port N [--dev-json FILE] --upstream-port M -- HOST ARGUMENT…
//
// Prints `listening URL` once the host accepts connections. Ends as web/dev/common.mjs says, and the host with it.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, request as connect } from "node:http";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { decoded, route } from "../front/routes.js";
import { ROOT, everyTick, onEnd, readKeys } from "./common.mjs";

const DIST = join(ROOT, "web/dist");
/** Chosen: compiling a component for the first time takes seconds on a busy machine. */
const START_LIMIT_MS = 120_000;
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webp": "image/webp",
  ".pdf": "application/pdf",
  ".woff2": "font/woff2",
};
/** Spin has no clock: each of them is called from here. */
const FUNCTIONS = readdirSync(new URL("../../functions/", import.meta.url));

const { values: options, positionals: command } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string", default: "0" }, "upstream-port": { type: "string" }, "dev-json": { type: "string" } },
});
const upstream = { host: "127.0.0.1", port: Number(options["upstream-port"]) };

const host = spawn(command[0], command.slice(1), { stdio: ["ignore", process.stderr, process.stderr] });
const server = createServer((incoming, answer) => void serve(incoming, answer));
const end = onEnd(async () => {
  server.close();
  if (host.exitCode !== null) return;
  const ended = new Promise((done) => host.once("exit", done));
  host.kill("SIGTERM");
  await ended;
});
host.once("error", (error) => fail(`cannot start ${command[0]}: ${error.message}`));
host.once("exit", (code, signal) => end.isStopping() || fail(`${command[0]} ended with ${signal ?? code}`));

await accepting();
await new Promise((done, refused) => server.once("error", refused).listen(Number(options.port), "127.0.0.1", done));
console.log(`listening http://127.0.0.1:${server.address().port}`);
for (const name of FUNCTIONS) void everyTick(end, name, () => tick(name));

function fail(reason) {
  console.error(reason);
  process.exit(1);
}

/** Waits until the host accepts a request, whatever it answers. */
async function accepting() {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    try {
      await fetch(`http://${upstream.host}:${upstream.port}/healthz`);
      return;
    } catch {
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  fail(`${command[0]} accepted no connection within ${START_LIMIT_MS / 1000} s`);
}

async function serve(incoming, answer) {
  const { pathname } = new URL(incoming.url, "http://localhost");
  const { binding, isDevOnly } = route(pathname);
  if (isDevOnly && !options["dev-json"]) return end404(answer);
  if (binding === "DEV_KEYS") return serveKeys(answer);
  if (binding === "ASSETS") return serveFile(incoming, answer, pathname);
  return pass(incoming, answer);
}

/** Hands a request to the host byte for byte, its Host header included: links in e-mails are made from it. */
function pass(incoming, answer) {
  const { method, url: path, headers } = incoming;
  const outgoing = connect({ ...upstream, method, path, headers, agent: false }, (reply) => {
    answer.writeHead(reply.statusCode, reply.headers);
    reply.pipe(answer);
  });
  outgoing.on("error", (error) => {
    if (answer.headersSent) return answer.destroy(error);
    answer.writeHead(502, { "content-type": "text/plain; charset=utf-8" }).end(`the Spin host does not answer: ${error.message}\n`);
  });
  incoming.pipe(outgoing);
}

async function serveKeys(answer) {
  const keys = await readKeys(options["dev-json"]);
  if (keys === null) return end404(answer);
  answer.writeHead(200, { "content-type": TYPES[".json"], "cache-control": "no-store" }).end(keys);
}

async function serveFile(incoming, answer, pathname) {
  if (incoming.method !== "GET" && incoming.method !== "HEAD") return end404(answer, 405);
  const below = normalize(decoded(pathname)).replace(/\/+$/, "");
  for (const candidate of [below, `${below}/index.html`, `${below}.html`]) {
    const body = await readFile(join(DIST, candidate)).catch(() => null);
    if (!body) continue;
    answer.writeHead(200, {
      "content-type": TYPES[extname(candidate)] ?? "application/octet-stream",
      "content-length": body.length,
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
      ...(extname(candidate) === ".json" && { "access-control-allow-origin": "*" }),
    });
    return answer.end(incoming.method === "HEAD" ? undefined : body);
  }
  return end404(answer);
}

function end404(answer, status = 404) {
  answer.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end("Not found\n");
}

async function tick(name) {
  const reply = await fetch(`http://${upstream.host}:${upstream.port}/v1/tick/${name}`, {
    method: "POST",
    headers: { authorization: `Bearer ${process.env.OPERATOR_KEY}`, connection: "close" },
  });
  await reply.arrayBuffer();
  if (!reply.ok) throw new Error(`the tick route answers ${reply.status}`);
}
