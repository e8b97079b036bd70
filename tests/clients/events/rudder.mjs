// RudderStack's published clients, unchanged: Segment's words, another compression, another browser client.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { eventually } from "../support.mjs";
import { byTime, only, python, recorded, visited } from "./support.mjs";

const CLIENT = "/npm/@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js";
const who = { userId: "r-u", anonymousId: "r-a" };
const said = [
  ["identify", { ...who, traits: { plan: "anual" } }],
  ["page", { ...who, name: "Precios", properties: { url: "https://marea.example/precios" } }],
  ["track", { ...who, event: "Signed Up", properties: { price: 12.5, note: "ñ 🌊" } }],
  ["track", { ...who, event: "Imported", originalTimestamp: new Date("2026-11-20T10:00:00Z") }],
];
const stored = [
  { type: "identify", name: "", visitor: "r-a", user: "r-u" },
  { type: "page", name: "Precios", visitor: "r-a", user: "r-u" },
  { type: "track", name: "Signed Up", visitor: "r-a", user: "r-u" },
  { type: "track", name: "Imported", visitor: "r-a", user: "r-u" },
];

export const rudderServers = (site) => {
  describe("@rudderstack/rudder-sdk-node", () => {
    for (const gzip of [true, false]) {
      test(`sends what it was told, ${gzip ? "gzipped" : "plain"}, and again under the same ids`, async () => {
        const say = async () => {
          const client = new RudderAnalytics(site.keys.write_key, { dataPlaneUrl: site.url, gzip, flushAt: 50, logLevel: "error" });
          for (const [number, [kind, message]] of said.entries()) client[kind]({ ...message, messageId: `rudder-${gzip}-${number}` });
          await client.flush();
        };
        const { events } = await recorded(site, { accepted: 4 }, say);
        assert.deepEqual(events.map(({ id }) => id), said.map((_, number) => `rudder-${gzip}-${number}`));
        assert.deepEqual(only(events, "type", "name", "visitor", "user"), stored);
        assert.deepEqual([events[0].properties, events[2].properties], [{ plan: "anual" }, { price: 12.5, note: "ñ 🌊" }]);
        assert.equal(events[1].path, "/precios");
        assert.equal(events[3].occurred_raw, "2026-11-20T10:00:00.000Z", "what is imported keeps its time");
        await recorded(site, { duplicate: 4 }, say);
      });
    }

    test("sends 45 events in several batches, each once and in its order", async () => {
      const { events, result } = await recorded(site, { accepted: 45 }, () => {
        const client = new RudderAnalytics(site.keys.write_key, { dataPlaneUrl: site.url, flushInterval: 50, logLevel: "error" });
        const told = (number) => new Promise((resolve) => client.track({ userId: "r-u", event: "Counted", properties: { number } }, resolve));
        return Promise.all(Array.from({ length: 45 }, (_, number) => told(number)));
      });
      assert.deepEqual(result.filter(Boolean), [], "no errors");
      const numbers = events.map(({ properties }) => properties.number);
      assert.deepEqual(numbers.toSorted((a, b) => a - b), Array.from({ length: 45 }, (_, number) => number));
      // The first event goes by itself.
      for (const [first, next] of [[1, 21], [21, 41], [41, 45]]) {
        const ofBatch = numbers.filter((number) => first <= number && number < next);
        assert.deepEqual(ofBatch, ofBatch.toSorted((a, b) => a - b), `the order of ${first} to ${next - 1}`);
      }
    });
  });

  describe("rudder-sdk-python", () => {
    test("sends what it was told", async () => {
      const { events, result } = await recorded(site, { accepted: 3 }, () => python("rudder-python.py", site.url, site.keys.write_key));
      assert.deepEqual(result.errors, []);
      assert.deepEqual(events.map(({ id }) => id), result.ids);
      assert.deepEqual(only(events, "type", "name", "visitor", "user"), stored.slice(0, 3));
      assert.deepEqual([events[0].properties, events[2].properties], [{ plan: "anual" }, { price: 12.5, note: "ñ 🌊" }]);
    });
  });
};

export const rudderBrowser = (site) => {
  describe("@rudderstack/analytics-js", () => {
    const visit = (page) =>
      page.evaluate(async ([server, key]) => {
        const client = new rudderanalytics.RudderAnalytics();
        client.load(key, server, { configUrl: server, logLevel: "WARN" });
        await new Promise((resolve) => client.ready(resolve));
        const told = (kind, ...words) => new Promise((resolve) => client[kind](...words, resolve));
        await told("page", "Precios");
        await told("identify", "chrome-u", { plan: "anual" }, {});
        await told("track", "Signed Up", { price: 12.5 }, {});
        await told("track", "Signed Out", {}, {});
        return { visitor: client.getAnonymousId(), session: client.getSessionId() };
      }, [site.url, site.keys.write_key]);

    test("asks how to behave, then sends a visit", async () => {
      const { events, result: { visitor, session } } = await visited(site, { accepted: 4 }, async (page) => {
        let answered = 0;
        page.on("requestfinished", (request) => (answered += /\/v1\/(page|identify|track)$/.test(request.url()) && request.method() === "POST" ? 1 : 0));
        await page.addScriptTag({ url: CLIENT });
        const said = await visit(page);
        // Its queue stands in the browser's storage, and is worked off while the page is there.
        await eventually("four answers", () => answered >= 4);
        return said;
      });
      const inOrder = byTime(events);
      assert.deepEqual(only(inOrder, "type", "name", "visitor", "user"), [
        { type: "page", name: "Precios", visitor, user: null },
        { type: "identify", name: "", visitor, user: "chrome-u" },
        { type: "track", name: "Signed Up", visitor, user: "chrome-u" },
        { type: "track", name: "Signed Out", visitor, user: "chrome-u" },
      ]);
      assert.deepEqual([...new Set(inOrder.map((event) => event.session))], [String(session)], "one visit, which the client named");
      assert.deepEqual([inOrder[0].path, inOrder[0].context.title, inOrder[1].properties, inOrder[2].properties.price], ["/precios", "Precios de la escuela", { plan: "anual" }, 12.5]);
    });
  });
};
