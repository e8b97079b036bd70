// What the browser tests share: a browser to look with, and measures of what was seen. Servers come from ../server.mjs.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { HOSTS } from "../server.mjs";

export { HOSTS, api, leadsOf, mailbox, server } from "../server.mjs";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Where pages are looked at: a browser's part is the same on every host, and Spin's answers are looked at by the clients' tests. */
export const BROWSED = HOSTS.filter((host) => host !== "spin");

/** A form sent sooner than 2 s after it was shown is held back as too fast; a person takes longer. */
export const PERSON_MS = 2100;

/** What a page on another origin needs to read an answer that a test makes up. */
export const READABLE = { "access-control-allow-origin": "*", "access-control-expose-headers": "retry-after" };

/** A headless Chromium that asks nothing of anybody else; `words` are more of its switches. */
export const browser = (...words) =>
  chromium.launch({
    executablePath: process.env.ORILLA_CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...words],
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
  // Its own button, since a challenge may have put one into the form already.
  await found.locator("button:not([type])").waitFor();
  return found;
};

/** Somebody else's web page, on another origin. */
export const hostPage = async (html) => {
  const http = createServer((_, response) => response.setHeader("content-type", "text/html; charset=utf-8").end(html));
  await new Promise((resolve) => http.listen(0, "localhost", resolve));
  // A test that fails before it stops its page must not keep the run from ending.
  http.unref();
  return { url: `http://localhost:${http.address().port}/`, stop: async () => http.closeAllConnections() ?? http.close() };
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
