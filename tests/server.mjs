// Servers for the tests written in JavaScript, and the questions that every test asks them.
//
// One server that already runs is named by ORILLA_URL (and ORILLA_DEV_JSON, its dev.json). Otherwise ORILLA_XTASK starts one
// for each host in ORILLA_HOSTS. Neither being set is an error: these tests never pass by not running.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** Chosen: a cold start builds the function and applies the site. */
const START_MS = 600_000;

/** Chosen: several times what a server lets running requests and deferred work take at its end. */
const STOP_MS = 60_000;

/** Chosen: more than it takes to end a server and a browser. */
const END_MS = 120_000;

// A file whose tests are over ends, even if one that failed left a server or a browser running: a run must not wait for it.
after(() => void setTimeout(() => process.exit(process.exitCode || 1), END_MS).unref());

const given = process.env.ORILLA_URL;

/** Whether the tests look at one server that somebody else started, which they must not kill. */
export const IS_GIVEN = Boolean(given);

/** The names of the hosts to test; the first is the one that single-host tests use. */
export const HOSTS = given ? ["given"] : (process.env.ORILLA_HOSTS ?? "native").split(",").filter(Boolean);

/**
 * A development server: its address, its keys, and how to end it.
 *
 * `variables` are the operator's; `data` is a folder of the caller's that outlives the server, else there is a fresh one; `site` is the
 * folder of another site than the demo;
 * with `articles` the site's help centre is there to be asked.
 */
export const server = async (host = HOSTS[0], { variables = {}, data, site, articles = false } = {}) => {
  if (given) {
    const text = process.env.ORILLA_DEV_JSON ? await readFile(process.env.ORILLA_DEV_JSON, "utf8") : await (await fetch(`${given}/demo/keys.json`)).text();
    return { url: given.replace(/\/$/, ""), keys: JSON.parse(text), stop: async () => {} };
  }
  if (!process.env.ORILLA_XTASK) throw new Error("set ORILLA_URL to a running server, or ORILLA_XTASK to start one (cargo xtask test does)");
  const folder = data ?? (await folderOfItsOwn());
  const settings = Object.entries(variables).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  if (site) settings.push("--site", site);
  if (!articles) settings.push("--no-articles");
  const child = spawn(process.env.ORILLA_XTASK, ["dev", "--host", host, "--port", "0", "--data", folder, ...settings], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const end = async (signal) => {
    signal === "SIGKILL" ? family(child.pid).forEach(killHard) : child.kill(signal);
    const late = setTimeout(() => {
      console.error(`the ${host} server did not end within ${STOP_MS} ms of ${signal}, and is killed`);
      family(child.pid).forEach(killHard);
    }, STOP_MS);
    await ended;
    clearTimeout(late);
    if (!data) await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await ready(child, ended);
    const keys = JSON.parse(await readFile(join(folder, "dev.json"), "utf8"));
    return { url, keys, stop: () => end("SIGTERM"), crash: () => end("SIGKILL") };
  } catch (error) {
    await end("SIGTERM");
    throw error;
  }
};

/** A new folder for a server's data. */
export const folderOfItsOwn = () => mkdtemp(join(tmpdir(), "orilla-test-"));

/** The address in the one line that says that a server is ready. */
const ready = (child, ended) =>
  new Promise((resolve, reject) => {
    let text = "";
    const late = setTimeout(() => reject(new Error(`not ready after ${START_MS} ms`)), START_MS);
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      const [, url] = /^ready (http\S+)/m.exec(text) ?? [];
      if (url) {
        clearTimeout(late);
        resolve(url);
      }
    });
    ended.then((code) => {
      clearTimeout(late);
      reject(new Error(`the server ended with ${code} before it was ready`));
    });
  });

/** A process and all that it started, the youngest first: whatever holds the data must not get to tidy up. */
const family = (ancestor) => {
  const parents = parentOfEach();
  const members = [ancestor];
  for (const member of members) for (const [id, parent] of parents) if (parent === member) members.push(id);
  return members.reverse();
};

const parentOfEach = () => {
  if (!existsSync("/proc/self/stat")) {
    const lines = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).stdout.trim().split("\n");
    return lines.map((line) => line.trim().split(/\s+/).map(Number));
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name of a program, in brackets, may hold anything; its state and its parent follow.
        return [[Number(name), Number(readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1).split(" ")[1])]];
      } catch {
        return [];
      }
    });
};

const killHard = (id) => {
  try {
    process.kill(id, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
};

/** Asks the API with one of the development keys. */
export const api = async ({ url, keys }, path, { key = "read_key", body, ...init } = {}) => {
  const headers = { authorization: `Bearer ${keys[key]}`, ...(body && { "content-type": "application/json" }) };
  const answer = await fetch(url + path, { ...init, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${answer.status} for ${path}: ${await answer.text()}`);
  return answer.status === 204 ? undefined : answer.json();
};

/** Every item of a list, page after page. */
export const all = async (site, path, name) => {
  const items = [];
  let cursor;
  do {
    const page = await api(site, `${path}${path.includes("?") ? "&" : "?"}limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    items.push(...page[name]);
    cursor = page.next;
  } while (cursor);
  return items;
};

/** The leads with exactly this mailbox. */
export const leadsOf = async (site, email) =>
  (await api(site, `/v1/leads?q=${encodeURIComponent(email)}`)).leads.filter((lead) => lead.email === email);

let count = 0;
/** A mailbox nobody has used: a data directory may be older than this run. */
export const mailbox = (name) => `${name}.${Date.now().toString(36)}${count++}@escuelanorte.example`;
