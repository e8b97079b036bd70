// Segment's published clients for servers, unchanged: events of every kind, in their order, once.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Analytics } from "@segment/analytics-node";
import { Analytics as Analytics1 } from "segment-analytics-node-1";
import { only, python, recorded } from "./support.mjs";

const KINDS = ["identify", "page", "screen", "group", "alias", "track"];

/** What every client of the family says in its six calls; `say` makes one. */
const everyKind = {
  identify: { userId: "u-1", anonymousId: "a-1", traits: { plan: "anual", nested: { deep: [1, null, "ñ"] } } },
  page: { userId: "u-1", anonymousId: "a-1", name: "Precios", properties: { url: "https://marea.example/precios", title: "Precios 🌊" } },
  screen: { userId: "u-1", anonymousId: "a-1", name: "Inicio", properties: { size: 3 } },
  group: { userId: "u-1", anonymousId: "a-1", groupId: "escuela-7", traits: { name: "Escuela Norte" } },
  alias: { userId: "u-2", previousId: "u-1" },
  track: { userId: "u-1", anonymousId: "a-1", event: "Signed Up", properties: { price: 12.5, currency: "EUR" } },
};

/** Makes a client, runs `use` with it, waits until it has sent all; gives the ids that it says it delivered, in that order. */
const withClient = async (Client, settings, use) => {
  const client = new Client({ flushInterval: 50, ...settings });
  const [ids, errors] = [[], []];
  for (const kind of KINDS) client.on(kind, (context) => ids.push(context.event.messageId));
  client.on("error", (error) => errors.push(error));
  await use(client);
  await client.closeAndFlush({ timeout: 15_000 });
  return { ids, errors };
};

export const segmentServers = (site) => {
  for (const [name, Client] of [["@segment/analytics-node", Analytics], ["@segment/analytics-node 1", Analytics1]]) {
    describe(name, () => {
      const settings = (more) => ({ host: site.url, writeKey: site.keys.write_key, ...more });

      test("sends every kind, and each is read back as it was said", async () => {
        const { events, result } = await recorded(site, { accepted: 6 }, () =>
          withClient(Client, settings(), (client) => KINDS.forEach((kind) => client[kind](everyKind[kind]))));
        assert.deepEqual(result.errors, []);
        assert.deepEqual(events.map(({ id }) => id), result.ids);
        assert.deepEqual(only(events, "type", "name", "visitor", "user"), [
          { type: "identify", name: "", visitor: "a-1", user: "u-1" },
          { type: "page", name: "Precios", visitor: "a-1", user: "u-1" },
          { type: "screen", name: "Inicio", visitor: "a-1", user: "u-1" },
          { type: "group", name: "", visitor: "a-1", user: "u-1" },
          { type: "alias", name: "", visitor: "user:u-2", user: "u-2" },
          { type: "track", name: "Signed Up", visitor: "a-1", user: "u-1" },
        ]);
        const [identify, page, screen, group, , track] = events;
        assert.deepEqual(identify.properties, everyKind.identify.traits);
        assert.deepEqual(screen.properties, { size: 3 });
        assert.deepEqual(group.properties, { name: "Escuela Norte", groupId: "escuela-7" });
        assert.deepEqual(track.properties, everyKind.track.properties);
        assert.deepEqual([page.url, page.path, page.context.title], ["https://marea.example/precios", "/precios", "Precios 🌊"]);
        assert.match(track.context.library, /^@segment\/analytics-node \d/);
        assert.ok(events.every(({ occurred_raw, occurred_at }) => occurred_raw === occurred_at), "a clock that is right is not corrected");
      });

      test("sends 120 events in several batches, each once and in its order", async () => {
        const { events, result } = await recorded(site, { accepted: 120 }, () =>
          withClient(Client, settings({ flushAt: 25 }), (client) => {
            for (let number = 0; number < 120; number++) client.track({ event: "Counted", userId: `u-${number % 7}`, properties: { number } });
          }));
        assert.deepEqual(events.map(({ id }) => id).sort(), result.ids.sort());
        const numbers = events.map(({ properties }) => properties.number);
        for (let batch = 0; batch < 5; batch++) {
          const ofBatch = numbers.filter((number) => Math.floor(number / 25) === batch);
          assert.deepEqual(ofBatch, ofBatch.toSorted((a, b) => a - b), `the order inside batch ${batch}`);
        }
      });

      test("is told of a key that nobody issued", async () => {
        const { result } = await recorded(site, {}, () =>
          withClient(Client, settings({ writeKey: "nobodys" }), (client) => client.track(everyKind.track)));
        assert.equal(result.errors.length, 1, "the client drops it and says so");
      });
    });
  }

  test("@segment/analytics-node sends again under its caller's ids: duplicates, and nothing else", async () => {
    const said = Array.from({ length: 10 }, (_, number) => ({ event: "Paid", userId: "u-1", messageId: `order-${number}`, properties: { number } }));
    const settings = { host: site.url, writeKey: site.keys.write_key };
    const say = (...more) => withClient(Analytics, settings, (client) => [...said, ...more].forEach((event) => client.track(event)));
    const { events } = await recorded(site, { accepted: 10 }, say);
    assert.deepEqual(events.map(({ id }) => id), said.map(({ messageId }) => messageId));
    await recorded(site, { duplicate: 10, accepted: 1 }, () => say({ event: "Refunded", userId: "u-1", messageId: "refund-1" }));
  });

  describe("segment-analytics-python", () => {
    for (const gzip of ["plain", "gzip"]) {
      test(`sends every kind, ${gzip}`, async () => {
        const { events, result } = await recorded(site, { accepted: 6 }, () => python("segment-python.py", site.url, site.keys.write_key, gzip));
        assert.deepEqual(result.errors, []);
        assert.deepEqual(events.map(({ id }) => id), result.ids);
        assert.deepEqual(only(events, "type", "name", "visitor", "user"), [
          { type: "identify", name: "", visitor: "py-a", user: "py-u" },
          { type: "page", name: "Precios", visitor: "py-a", user: "py-u" },
          { type: "screen", name: "Inicio", visitor: "py-a", user: "py-u" },
          { type: "group", name: "", visitor: "py-a", user: "py-u" },
          { type: "alias", name: "", visitor: "user:py-u2", user: "py-u2" },
          { type: "track", name: "Signed Up", visitor: "py-a", user: "py-u" },
        ]);
        assert.deepEqual(events[0].properties, { plan: "anual", since: "2026-11-23T09:00:00+00:00" });
        assert.deepEqual(events[5].properties, { price: 12.5, note: "ñ 🌊" });
        assert.match(events[5].context.library, /^analytics-python 2\.4/);
      });
    }
  });
};
