// Segment's published client for browsers, unchanged, in Chromium on a page of another origin.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { browser } from "../../browser/support.mjs";
import { byTime, only, visited } from "./support.mjs";

const CLIENT = "/npm/@segment/analytics-next/dist/umd/index.js";

/** In the page: starts the client and waits until it is ready. `delivery` is its strategy. */
const start = async (page, site, delivery) => {
  await page.addScriptTag({ url: CLIENT });
  await page.evaluate(async ([server, writeKey, delivery]) => {
    const integrations = { "Segment.io": { apiHost: `${server.replace("http://", "")}/v1`, protocol: "http", ...delivery } };
    const [analytics] = await AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL: server }, { integrations });
    globalThis.analytics = analytics;
  }, [site.url, site.keys.write_key, delivery]);
};

/** In the page: a visit of five events. Gives their ids and the visitor's. */
const visit = (page) =>
  page.evaluate(async () => {
    const tick = () => new Promise((resolve) => setTimeout(resolve, 5));
    const ids = [];
    for (const [kind, ...words] of [["page", "Precios"], ["identify", "chrome-u", { plan: "anual" }], ["track", "Signed Up", { price: 12.5 }], ["group", "escuela-7", { size: 3 }], ["track", "Signed Out"]]) {
      const context = await analytics[kind](...words);
      ids.push(context.event.messageId);
      await tick();
    }
    return { ids, visitor: analytics.user().anonymousId() };
  });

/** The same visit as it must stand in the store. */
const checkVisit = (events, { ids, visitor }, page) => {
  const inOrder = byTime(events);
  assert.deepEqual(inOrder.map(({ id }) => id), ids);
  assert.deepEqual(only(inOrder, "type", "name", "visitor", "user"), [
    { type: "page", name: "Precios", visitor, user: null },
    { type: "identify", name: "", visitor, user: "chrome-u" },
    { type: "track", name: "Signed Up", visitor, user: "chrome-u" },
    { type: "group", name: "", visitor, user: "chrome-u" },
    { type: "track", name: "Signed Out", visitor, user: "chrome-u" },
  ]);
  assert.equal(new Set(inOrder.map(({ session }) => session)).size, 1, "one visit");
  const [seen, identify, track] = inOrder;
  assert.deepEqual([seen.url, seen.path, seen.context.title, seen.context.campaign], [page, "/precios", "Precios de la escuela", { source: "boletin" }]);
  assert.deepEqual([identify.properties, track.properties], [{ plan: "anual" }, { price: 12.5 }]);
};

export const segmentBrowser = (site) => {
  describe("@segment/analytics-next", () => {
    const address = () => `${site.browsing.shop.url}/precios?utm_source=boletin`;

    test("sends a visit, each event by itself", async () => {
      const { events, result } = await visited(site, { accepted: 5 }, async (page) => {
        await start(page, site);
        return visit(page);
      });
      checkVisit(events, result, address());
    });

    test("sends a visit in a batch", async () => {
      const delivery = { deliveryStrategy: { strategy: "batching", config: { size: 5, timeout: 2000 } } };
      const { events, result } = await visited(site, { accepted: 5 }, async (page) => {
        await start(page, site, delivery);
        return visit(page);
      });
      checkVisit(events, result, address());
    });

    test("sends what still waits when the page is left", async () => {
      const delivery = { deliveryStrategy: { strategy: "batching", config: { size: 50, timeout: 60_000 } } };
      const { events, result } = await visited(site, { accepted: 5 }, async (page) => {
        await start(page, site, delivery);
        const said = await visit(page);
        await page.goto(`${site.browsing.shop.url}/gracias`);
        return said;
      });
      checkVisit(events, result, address());
    });

    test("in a browser that calls itself headless is a robot, and counted as one", async () => {
      const chrome = await browser();
      try {
        await visited({ ...site, browsing: { ...site.browsing, chrome } }, { bot: 5 }, async (page) => {
          await start(page, site);
          await visit(page);
        });
      } finally {
        await chrome.close();
      }
    });
  });
};
