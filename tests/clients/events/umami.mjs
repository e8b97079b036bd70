// Umami's published client for servers, unchanged. It shows no key and gives its events no ids.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Umami } from "@umami/node";
import { only, recorded } from "./support.mjs";

export const umamiServers = (site) => {
  describe("@umami/node", () => {
    const client = (more) => new Umami({ websiteId: site.keys.site, hostUrl: site.url, ...more });

    test("sends pages, events and identities, one after the other", async () => {
      const { events, result } = await recorded(site, { accepted: 4 }, async () => {
        const umami = client();
        const answers = [
          await umami.track({ url: "/precios?utm_source=boletin", hostname: "marea.example", title: "Precios", language: "es-MX", referrer: "https://search.example/" }),
          await umami.track("Signed Up", { price: 12.5, note: "ñ 🌊" }),
          await umami.track({ url: "/gracias", hostname: "marea.example", name: "Signed Out" }),
          await umami.identify({ plan: "anual" }),
        ];
        return Promise.all(answers.map(async (answer) => ({ status: answer.status, ...(await answer.json()) })));
      });
      assert.deepEqual(only(events, "type", "name"), [
        { type: "page", name: "" },
        { type: "track", name: "Signed Up" },
        { type: "track", name: "Signed Out" },
        { type: "identify", name: "" },
      ]);
      assert.deepEqual([events[0].url, events[0].context.title, events[0].context.referrer], ["https://marea.example/precios?utm_source=boletin", "Precios", "https://search.example/"]);
      assert.deepEqual([events[1].properties, events[3].properties], [{ price: 12.5, note: "ñ 🌊" }, { plan: "anual" }]);
      assert.equal(new Set(events.map(({ visitor }) => visitor)).size, 1, "one network and one browser are one visitor");
      assert.deepEqual(result.map(({ status, visitId }) => [status, visitId]), events.map(({ session }) => [200, session]), "each answer names the visit");
      assert.equal(new Set(result.map(({ sessionId }) => sessionId)).size, 1);
    });

    test("speaks for a robot, and is told so", async () => {
      const { result } = await recorded(site, { bot: 1 }, async () =>
        (await client({ userAgent: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" }).track("Crawled")).json());
      assert.equal(result.beep, "boop");
    });
  });
};
