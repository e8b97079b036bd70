// PostHog's published clients, unchanged: batches with UUIDs that tell their order, gzip, questions about flags.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PostHog } from "posthog-node";
import { byTime, only, python, recorded, visited } from "./support.mjs";

const CLIENT = "/npm/posthog-js/dist/module.js";
const stored = [
  { type: "identify", name: "", user: "ph-u" },
  { type: "track", name: "Signed Up", user: "ph-u" },
  { type: "page", name: "", user: "ph-u" },
  { type: "alias", name: "", user: "ph-u" },
];

export const posthogServers = (site) => {
  describe("posthog-node", () => {
    const client = (more) => new PostHog(site.keys.write_key, { host: site.url, flushAt: 50, ...more });

    test("sends what it was told, and each is read back as it was said", async () => {
      const { events } = await recorded(site, { accepted: 5 }, async () => {
        const posthog = client();
        posthog.identify({ distinctId: "ph-u", properties: { plan: "anual" } });
        posthog.capture({ distinctId: "ph-u", event: "Signed Up", properties: { price: 12.5, note: "ñ 🌊" } });
        posthog.capture({ distinctId: "ph-u", event: "$pageview", properties: { $current_url: "https://marea.example/precios" } });
        posthog.alias({ distinctId: "ph-u", alias: "ph-old" });
        posthog.groupIdentify({ groupType: "escuela", groupKey: "7", properties: { name: "Norte" } });
        await posthog.shutdown(10_000);
      });
      assert.equal(events[3].person, "user:ph-u");
      const inOrder = [...events].sort((a, b) => a.id.localeCompare(b.id));
      assert.deepEqual(events, inOrder, "in the order of their UUIDs");
      assert.deepEqual(only(events.slice(0, 4), "type", "name", "user"), stored);
      assert.deepEqual([events[4].type, events[4].properties], ["group", { name: "Norte", groupId: "7", groupType: "escuela" }]);
      assert.equal(events[0].properties.plan, "anual");
      assert.deepEqual([events[1].properties.price, events[1].properties.note, events[2].path], [12.5, "ñ 🌊", "/precios"]);
      assert.match(events[1].context.library, /^posthog-node 5\.70/);
    });

    test("sends 120 events in batches, and again under the same ids", async () => {
      const uuid = (number) => `0190a5b0-0000-7000-8000-${String(number).padStart(12, "0")}`;
      const say = async () => {
        const posthog = client({ flushAt: 25, flushInterval: 50 });
        for (let number = 0; number < 120; number++) posthog.capture({ distinctId: `ph-${number % 7}`, event: "Counted", uuid: uuid(number), properties: { number } });
        await posthog.shutdown(10_000);
      };
      const { events } = await recorded(site, { accepted: 120 }, say);
      assert.deepEqual(events.map(({ id }) => id).sort(), Array.from({ length: 120 }, (_, number) => uuid(number)));
      await recorded(site, { duplicate: 120 }, say);
    });

    test("asks for flags and hears that there are none", async () => {
      await recorded(site, {}, async () => {
        const posthog = client();
        try {
          assert.deepEqual(await posthog.getAllFlags("ph-u"), {});
        } finally {
          await posthog.shutdown(10_000);
        }
      });
    });
  });

  describe("posthog (PyPI)", () => {
    for (const gzip of ["plain", "gzip"]) {
      test(`sends what it was told, ${gzip}`, async () => {
        const { events, result } = await recorded(site, { accepted: 4 }, () => python("posthog-python.py", site.url, site.keys.write_key, gzip));
        assert.deepEqual(result.errors, []);
        assert.deepEqual(events.map(({ id }) => id), result.ids);
        // Of the two ids of an alias this client sends the other as the subject: the old one. It is the same link.
        assert.deepEqual(only(events, "type", "name", "user"), stored);
        assert.deepEqual([events[0].properties.plan, events[1].properties.price, events[1].properties.note, events[2].path], ["anual", 12.5, "ñ 🌊", "/precios"]);
      });
    }
  });
};

export const posthogBrowser = (site) => {
  describe("posthog-js", () => {
    test("asks how to behave, then sends a visit, and the rest when the page is left", async () => {
      const refused = [];
      const { events, result } = await visited(site, { accepted: 5 }, async (page) => {
        page.on("response", (answer) => answer.status() >= 400 && refused.push(`${answer.status()} ${new URL(answer.url()).pathname}`));
        // What has no answer yet when the page is left is sent again, and would be a duplicate.
        const answered = () => page.waitForResponse(/\/e\/$/);
        const viewed = answered();
        const visitor = await page.evaluate(async ([server, key, client]) => {
          const { default: posthog } = await import(client);
          await new Promise((loaded) => posthog.init(key, { api_host: server, loaded }));
          globalThis.posthog = posthog;
          return posthog.get_distinct_id();
        }, [site.url, site.keys.write_key, CLIENT]);
        await viewed;
        const identified = answered();
        await page.evaluate(() => posthog.identify("chrome-u", { plan: "anual" }));
        await identified;
        await page.evaluate(() => ["Signed Up", "Signed Out"].forEach((name) => posthog.capture(name, { price: 12.5 })));
        await page.goto(`${site.browsing.shop.url}/gracias`);
        return visitor;
      });
      assert.deepEqual(refused, [], "it asks for nothing that is not here");
      const inOrder = byTime(events);
      assert.deepEqual(only(inOrder, "type", "name", "visitor", "user"), [
        { type: "page", name: "", visitor: result, user: null },
        { type: "identify", name: "", visitor: result, user: "chrome-u" },
        { type: "track", name: "Signed Up", visitor: result, user: "chrome-u" },
        { type: "track", name: "Signed Out", visitor: result, user: "chrome-u" },
        { type: "track", name: "$pageleave", visitor: result, user: "chrome-u" },
      ]);
      assert.equal(new Set(inOrder.map(({ session }) => session)).size, 1, "one visit");
      assert.deepEqual([inOrder[0].path, inOrder[0].context.title, inOrder[1].properties.plan, inOrder[2].properties.price], ["/precios", "Precios de la escuela", "anual", 12.5]);
    });
  });
};
