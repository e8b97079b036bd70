// What the browser tests share: servers to look at, a browser to look with, and measures of what was seen.
//
// One server that already runs is named by ORILLA_URL (and ORILLA_DEV_JSON, its dev.json). Otherwise ORILLA_XTASK starts one
// for each host in ORILLA_HOSTS. Neither being set is an error: these tests never pass by not running.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Chosen: a cold start builds the function and applies the site. */
const START_MS = 600_000;
/** A form sent sooner than 2 s after it was shown is held back as too fast; a person takes longer. */
export const PERSON_MS = 2100;

const given = process.env.ORILLA_URL;

/** The names of the hosts to test; the first is the one that single-host tests use. */
export const HOSTS = given ? ["given"] : (process.env.ORILLA_HOSTS ?? "native").split(",").filter(Boolean);

/** A development server: its address, its keys, and how to end it. */
export const server = async (host = HOSTS[0]) => {
  if (given) {
    const text = process.env.ORILLA_DEV_JSON ? await readFile(process.env.ORILLA_DEV_JSON, "utf8") : await (await fetch(`${given}/demo/keys.json`)).text();
    return { url: given.replace(/\/$/, ""), keys: JSON.parse(text), stop: async () => {} };
  }
  if (!process.env.ORILLA_XTASK) throw new Error("set ORILLA_URL to a running server, or ORILLA_XTASK to start one (cargo xtask test does)");
  const data = await mkdtemp(join(tmpdir(), "orilla-browser-"));
  const child = spawn(process.env.ORILLA_XTASK, ["dev", "--host", host, "--port", "0", "--data", data], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  try {
    const url = await ready(child, ended);
    return { url, keys: JSON.parse(await readFile(join(data, "dev.json"), "utf8")), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

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

/** A headless Chromium that asks nothing of anybody else. */
export const browser = () =>
  chromium.launch({
    executablePath: process.env.ORILLA_CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });

/** A page in a context of its own, which fails the test that uses it on any script error. */
export const open = async (chrome, options = {}) => {
  const context = await chrome.newContext({ locale: "es-MX", viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(error.message));
  return page;
};

/** The embedded form, once it stands. */
export const form = async (page) => {
  const found = page.locator("[data-orilla-form] form");
  await found.getByRole("button").waitFor();
  return found;
};

/** Somebody else's web page, on another origin. */
export const hostPage = async (html) => {
  const http = createServer((_, response) => response.setHeader("content-type", "text/html; charset=utf-8").end(html));
  await new Promise((resolve) => http.listen(0, "localhost", resolve));
  return { url: `http://localhost:${http.address().port}/`, stop: () => new Promise((resolve) => http.close(resolve)) };
};

/** What axe finds that is serious or worse, in words. */
export const violations = async (page) => {
  await page.evaluate(axeSource);
  const { violations: found } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" | ")}`);
};

/** What makes the page scroll sideways: nothing, or how far and the elements that stick out. */
export const sideways = (page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > clientWidth + 0.5);
    return [`${scrollWidth - clientWidth} px`, ...wide.slice(-3).map((node) => node.outerHTML.slice(0, 200))];
  });

/** Counts layout shifts from now on; call it before the page is opened. */
export const watchShifts = (page) =>
  page.addInitScript(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (!entry.hadRecentInput) globalThis.shifts.push({ value: entry.value, what: entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80)) });
      }
    }).observe({ type: "layout-shift", buffered: true });
  });

/** Reads the API with one of the development keys. */
export const api = async ({ url, keys }, path, { key = "read_key", ...init } = {}) => {
  const answer = await fetch(url + path, { ...init, headers: { authorization: `Bearer ${keys[key]}` } });
  if (!answer.ok) throw new Error(`${answer.status} for ${path}: ${await answer.text()}`);
  return answer.json();
};

/** The leads with exactly this mailbox. */
export const leadsOf = async (site, email) =>
  (await api(site, `/v1/leads?q=${encodeURIComponent(email)}`)).leads.filter((lead) => lead.email === email);

let count = 0;
/** A mailbox nobody has used: a data directory may be older than this run. */
export const mailbox = (name) => `${name}.${Date.now().toString(36)}${count++}@escuelanorte.example`;
