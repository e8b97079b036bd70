// Published clients, unchanged, on every host; and a client that loses answers.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { HOSTS, server } from "../server.mjs";
import { documents, merge } from "../../web/openapi.mjs";
import { formspreeClients } from "./formspree.mjs";
import { checkStored, checkTold, lostAnswers } from "./lost-answers.mjs";
import { OPERATOR_KEY, counters } from "./operations.mjs";
import { plainClients } from "./plain.mjs";
import { webhooks } from "./webhooks.mjs";

/** Scaled down from 10,000, which `cargo xtask bench` sends. */
const LOST_ANSWERS = Number(process.env.ORILLA_LOST_ANSWERS ?? 300);

for (const host of HOSTS) {
  describe(`on ${host}`, () => {
    const site = {};
    before(async () => Object.assign(site, await server(host, { variables: { ALLOWED_PRIVATE_HOSTS: "127.0.0.1", OPERATOR_KEY } })));
    after(() => site.stop?.());

    formspreeClients(site);
    plainClients(site);
    webhooks(site);
    counters(site);

    test("one document describes the one origin, and each function's own stands beside it, for tools anywhere", async () => {
      const parts = await documents();
      const told = async (path) => {
        const answer = await fetch(site.url + path, { headers: { origin: "https://tools.example" } });
        assert.ok(["*", "https://tools.example"].includes(answer.headers.get("access-control-allow-origin")), path);
        assert.match(answer.headers.get("content-type"), /^application\/json/, path);
        return answer.json();
      };
      assert.deepEqual(await told("/openapi.json"), merge(parts));
      for (const [name, own] of Object.entries(parts)) assert.deepEqual(await told(`/v1/functions/${name}/openapi.json`), own);
    });

    test(`${LOST_ANSWERS} submissions, three of ten answers lost: each stored once, told once`, async (t) => {
      t.diagnostic(JSON.stringify(await lostAnswers(site, LOST_ANSWERS)));
    });
  });
}

test("the count of lost answers sees one too many and one too few", () => {
  const sent = [{ email: "a@x.example", id: "1" }];
  const stored = (...ids) => ids.map((id) => ({ id, fields: { email: "a@x.example" } }));
  checkStored(sent, stored("1"));
  for (const wrong of [stored(), stored("2"), stored("1", "2"), stored("1", "1")]) assert.throws(() => checkStored(sent, wrong));

  const told = (...ids) => ids.map((id) => ({ headers: { "webhook-id": id }, body: `{"data":{"lead":{"email":"a@x.example"}}}` }));
  checkTold(sent, told("m", "m"), [{ id: "m" }]);
  assert.throws(() => checkTold(sent, [], []));
  assert.throws(() => checkTold(sent, told("m", "n"), [{ id: "m" }, { id: "n" }]));
  assert.throws(() => checkTold(sent, told("m"), [{ id: "m" }, { id: "n" }]));
  assert.throws(() => checkTold([...sent, { email: "b@x.example" }], told("m"), [{ id: "m" }]));
});
