// Plausible's published tracker, unchanged, in Chromium on a page of another origin. It shows no key and gives its events no ids.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { byTime, only, visited } from "./support.mjs";

const CLIENT = "/npm/@plausible-analytics/tracker/plausible.js";

export const plausibleBrowser = (site) => {
  describe("@plausible-analytics/tracker", () => {
    test("sends a visit over pages of one document, and how long it was", async () => {
      const { events, result } = await visited(site, { accepted: 6 }, async (page) => {
        const statuses = await page.evaluate(async ([server, client]) => {
          const { init, track } = await import(client);
          const told = (name, options) => new Promise((resolve) => track(name, { ...options, callback: resolve }));
          init({ domain: "marea.example", endpoint: `${server}/api/event`, captureOnLocalhost: true, autoCapturePageviews: false });
          const answers = [await told("pageview"), await told("Signed Up", { props: { plan: "anual" }, revenue: { amount: "12.50", currency: "EUR" } })];
          history.pushState({}, "", "/gracias");
          answers.push(await told("pageview"), await told("Signed Out", { interactive: false }));
          return answers.map(({ status }) => status);
        }, [site.url, CLIENT]);
        await page.goto(`${site.browsing.shop.url}/otra`);
        return statuses;
      });
      assert.deepEqual(result, [202, 202, 202, 202]);
      const inOrder = byTime(events);
      assert.deepEqual(only(inOrder.filter(({ name }) => name !== "engagement"), "type", "name", "path"), [
        { type: "page", name: "", path: "/precios" },
        { type: "track", name: "Signed Up", path: "/precios" },
        { type: "page", name: "", path: "/gracias" },
        { type: "track", name: "Signed Out", path: "/gracias" },
      ]);
      assert.deepEqual(inOrder.filter(({ name }) => name === "engagement").map(({ path }) => path), ["/precios", "/gracias"]);
      assert.deepEqual(inOrder.find(({ name }) => name === "Signed Up").properties, { plan: "anual", revenue: "12.50", currency: "EUR" });
      assert.deepEqual([new Set(inOrder.map(({ visitor }) => visitor)).size, new Set(inOrder.map(({ session }) => session)).size], [1, 1], "one visitor, one visit");
    });
  });
};
