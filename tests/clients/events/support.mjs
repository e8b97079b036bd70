// What the tests of event clients share: what became of the events that a client sent, a page that loads a client, and a Python to
// run one in. Nothing here patches a client.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { browser } from "../../browser/support.mjs";
import { api } from "../../server.mjs";
import { eventually } from "../support.mjs";

/** What an event can become; the ledger's columns. */
const VERDICTS = ["accepted", "duplicate", "bot", "quarantined", "invalid"];
/** Events of one answer. Chosen: most tests read more than one answer. */
const PER_ANSWER = 7;
/** Chosen: a client's timers, a cold Wasm module and a busy machine; what is expected comes in a fraction of it. */
const PATIENCE_MS = 20_000;
/** Where the packages are installed. */
const PACKAGES = new URL("../../node_modules/", import.meta.url);
const PAGE = `<!doctype html><html lang="es"><meta charset="utf-8"><title>Precios de la escuela</title><link rel="icon" href="data:,"><main><h1>x</h1></main></html>`;

/** The ledger of the last day, added up over sources and hours. Each line must add up by itself. */
export const ledger = async (site) => {
  const { lines } = await api(site, "/v1/ledger");
  for (const line of lines) assert.equal(line.received, VERDICTS.reduce((sum, verdict) => sum + line[verdict], 0), `the ledger's line ${JSON.stringify(line)}`);
  const sum = (name) => lines.reduce((sum, line) => sum + line[name], 0);
  return Object.fromEntries(["received", ...VERDICTS].map((name) => [name, sum(name)]));
};

/** The events received since a moment, in the export's order, answer after answer. */
export const exported = async ({ url, keys }, since = new Date(0), limit = PER_ANSWER) => {
  const events = [];
  let cursor;
  do {
    const query = new URLSearchParams({ format: "ndjson", limit, from: since.toISOString(), ...(cursor && { cursor }) });
    const answer = await fetch(`${url}/v1/events?${query}`, { headers: { authorization: `Bearer ${keys.read_key}` } });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    const lines = text.split("\n").filter(Boolean);
    assert.ok(lines.length <= limit, "no answer is longer than was asked for");
    events.push(...lines.map((line) => JSON.parse(line)));
    cursor = answer.headers.get("x-next-cursor");
  } while (cursor);
  return events;
};

/**
 * Runs a client and holds what the ledger counts against `expected`, for example `{ accepted: 3 }` or a function of what `work` gave;
 * verdicts that it does not name must not occur. Gives the events that were stored, in the export's order, and what `work` gave.
 */
export const recorded = async (site, expected, work) => {
  const [since, before] = [new Date(), await ledger(site)];
  const result = await work();
  const wanted = typeof expected === "function" ? expected(result) : expected;
  const total = Object.values(wanted).reduce((sum, count) => sum + count, 0);
  const counted = async () => Object.fromEntries(Object.entries(await ledger(site)).map(([name, count]) => [name, count - before[name]]));
  await eventually(`${total} events are received`, async () => (await counted()).received >= total, PATIENCE_MS).catch(async (error) => {
    throw new Error(`${error.message}; counted are ${JSON.stringify(await counted())}`);
  });
  assert.deepEqual(await counted(), { ...Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])), ...wanted, received: total });
  const events = await exported(site, since);
  assert.equal(events.length, wanted.accepted ?? 0, "what is counted as accepted is what can be read");
  assert.equal(new Set(events.map(({ source, id }) => `${source} ${id}`)).size, events.length, "nothing is there twice");
  return { events, result };
};

/** The same events as a device had them: by its own clock. For clients that send each event alone, some at the same time. */
export const byTime = (events) => [...events].sort((a, b) => Date.parse(a.occurred_raw ?? a.occurred_at) - Date.parse(b.occurred_raw ?? b.occurred_at));

/** Only these members of each event. */
export const only = (events, ...names) => events.map((event) => Object.fromEntries(names.map((name) => [name, event[name]])));

/** Runs one of the scripts beside this file in the tests' Python, with the server and a key; gives the JSON that it prints. */
export const python = async (script, ...words) => {
  const program = process.env.ORILLA_PYTHON;
  assert.ok(program, "set ORILLA_PYTHON to a Python with tests/requirements.txt (cargo xtask test does)");
  const child = spawn(program, [fileURLToPath(new URL(script, import.meta.url)), ...words], { stdio: ["ignore", "pipe", "pipe"] });
  const [out, err] = [[], []];
  child.stdout.on("data", (chunk) => out.push(chunk));
  child.stderr.on("data", (chunk) => err.push(chunk));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  assert.equal(code, 0, Buffer.concat(err).toString("utf8"));
  return JSON.parse(Buffer.concat(out).toString("utf8"));
};

/**
 * A Chromium that passes for a person's, and a web site on another origin than the server's with the installed packages below `/npm/`.
 *
 * The browser's name is a switch, since a context's own is not told in what is sent while a page closes; and some clients send nothing
 * from a browser that says that a program drives it.
 */
export const browsing = async () => {
  const robot = await browser();
  const page = await robot.newPage();
  const person = (await page.evaluate(() => navigator.userAgent)).replace("HeadlessChrome", "Chrome");
  await robot.close();
  const [chrome, shop] = await Promise.all([browser(`--user-agent=${person}`, "--disable-blink-features=AutomationControlled"), website()]);
  return { chrome, shop, stop: () => Promise.all([chrome.close(), shop.stop()]) };
};

const website = async () => {
  const http = createServer(async (request, response) => {
    const [, file] = /^\/npm\/([\w@./-]+)$/.exec(request.url) ?? [];
    if (!file) return response.setHeader("content-type", "text/html; charset=utf-8").end(PAGE);
    const code = await readFile(new URL(file, PACKAGES)).catch(() => undefined);
    response.writeHead(code ? 200 : 404, { "content-type": "text/javascript; charset=utf-8" }).end(code);
  });
  await new Promise((resolve) => http.listen(0, "localhost", resolve));
  http.unref();
  return { url: `http://localhost:${http.address().port}`, stop: async () => http.closeAllConnections() ?? http.close() };
};

/**
 * Like [recorded], with `use` at a page of the web site's in a context of its own; the page is closed before the events are
 * counted. Fails if a script of the page does, or if one asks anybody but the web site and the server.
 */
export const visited = async (site, expected, use) => {
  const { chrome, shop } = site.browsing;
  const context = await chrome.newContext({ locale: "es-MX" });
  try {
    const faults = [];
    const known = [shop.url, site.url].map((url) => new URL(url).origin);
    context.on("request", (request) => /^https?:/.test(request.url()) && !known.includes(new URL(request.url()).origin) && faults.push(`asked ${request.url()}`));
    context.on("weberror", (error) => faults.push(String(error.error())));
    const seen = await recorded(site, expected, async () => {
      const page = await context.newPage();
      await page.goto(`${shop.url}/precios?utm_source=boletin`);
      const result = await use(page);
      await page.close({ runBeforeUnload: true });
      return result;
    });
    assert.deepEqual(faults, []);
    return seen;
  } finally {
    // Not before: it would take along what a closed page still sends.
    await context.close();
  }
};
