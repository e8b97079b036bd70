// A visitor reads, fills in the form, says who they are and reads on: one person and one lead, on every host, to whoever asks for the
// score's reasons, the journey or the export.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { HOSTS, api, leadsOf, mailbox, server } from "../server.mjs";
import { exported, ledger } from "./events/support.mjs";

const BROWSER = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";
let count = 0;

for (const host of HOSTS) {
  describe(`a visitor becomes a lead on ${host}`, () => {
    const site = {};
    before(async () => Object.assign(site, await server(host)));
    after(() => site.stop?.());

    const send = async (...events) => {
      const batch = events.map((event) => ({ messageId: `joined-${Date.now().toString(36)}-${count++}`, ...event }));
      const answer = await fetch(`${site.url}/v1/batch`, {
        method: "POST",
        headers: { authorization: `Bearer ${site.keys.write_key}`, "user-agent": BROWSER },
        body: JSON.stringify({ batch }),
      });
      assert.deepEqual([answer.status, (await answer.json()).accepted], [200, events.length]);
      return batch.map(({ messageId }) => messageId);
    };
    const page = (anonymousId, path) => ({ type: "page", anonymousId, properties: { url: `https://marea.example${path}` } });
    const submit = async (email, visitor) => {
      const fields = { email, consent: true, company: "Olas del Sur", role: "Directora", _elapsed_ms: 9_000, _locale: "es", message: `Desde ${visitor}`, _visitor: visitor };
      const answer = await fetch(`${site.url}/v1/forms/demo/submissions`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(fields) });
      assert.equal(answer.status, 201, await answer.text());
      const [lead] = await leadsOf(site, email);
      return lead;
    };
    const points = (lead) => Object.fromEntries(lead.contributions.map(({ rule, side_points }) => [rule, side_points]));
    const journey = async (id) => (await api(site, `/v1/people/${encodeURIComponent(id)}/journey`)).events.map((event) => event.id);

    test("what they read scores them, and stays theirs", async () => {
      const run = `${Date.now().toString(36)}${count++}`;
      const [phone, desk, user, email] = [`phone-${run}`, `desk-${run}`, `user-${run}`, mailbox("joined")];
      const ids = await send(page(phone, "/precios"), page(phone, "/precios"), page(phone, "/"));
      const strangers = await send(page(`stranger-${run}`, "/precios"));

      const lead = await submit(email, phone);
      assert.equal(points(lead)["pricing-viewed"], 20, "the reasons name what they read");
      assert.equal(points(lead)["page-viewed"], 3);

      ids.push(...(await send({ type: "identify", anonymousId: phone, userId: user, traits: { plan: "anual" } })));
      ids.push(...(await send(page(phone, "/precios"), { type: "identify", anonymousId: desk, userId: user, traits: { email: email.toUpperCase() } }, page(desk, "/gracias"))));
      ids.push(...(await send(page(desk, "/precios"), { type: "track", userId: user, event: "Signup" })));

      for (const id of [lead.id, email, user, phone, desk]) assert.deepEqual((await journey(id)).sort(), [...ids].sort(), `the journey by ${id}`);
      const events = (await exported(site)).filter(({ id }) => ids.includes(id));
      const people = events.map(({ person }) => person);
      assert.deepEqual([events.length, [...new Set(people)]], [ids.length, [`user:${user}`]]);
      assert.deepEqual([...new Set(events.map((event) => event.lead))], [lead.id], "what they did before and after is marked as the lead's");
      const others = (await exported(site)).filter(({ id }) => strangers.includes(id));
      assert.deepEqual(others.map(({ lead }) => lead), [null]);

      const again = await submit(email, `tablet-${run}`);
      assert.deepEqual([again.id, points(again)["pricing-viewed"]], [lead.id, 30], "what both devices read since then scores them");
      assert.ok(again.engagement >= lead.engagement && again.tags.length >= lead.tags.length, JSON.stringify([lead, again]));
      const { events: shown } = await api(site, `/v1/leads/${lead.id}`);
      assert.equal(shown.length, ids.length, "the lead's own journey");
      assert.deepEqual((await api(site, "/v1/leads/rescore?dry_run=1", { method: "POST", key: "admin_key", body: {} })).changes, [], "history gives the same score");
      await ledger(site);
    });
  });
}
