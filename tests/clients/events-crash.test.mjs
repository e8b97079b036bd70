// The power fails in the middle of a load of events: what was acknowledged is there afterwards, once; a batch that was under way is
// there whole or not at all, and can be sent again.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { describe, test } from "node:test";
import { HOSTS, IS_GIVEN, folderOfItsOwn, server } from "../server.mjs";
import { sharingSite } from "./events/sharing-site.mjs";
import { exported, ledger } from "./events/support.mjs";
import { each, loadUntilCrash, untilHeard } from "./lost-answers.mjs";

/** Batches ready to be sent when the power fails, and how many of them were acknowledged by then. */
const BATCHES = 400;
const ACKNOWLEDGED = 100;
const PER_BATCH = 20;

describe("after a kill -9 in mid-load", { skip: IS_GIVEN && "a server that somebody else started is not ours to kill" }, () => {
  // Workers have a way of their own for requests that share commits; elsewhere it is the same.
  const cases = HOSTS.flatMap((host) => (host === "workers" ? [[host, false], [host, true]] : [[host, false]]));
  for (const [host, isShared] of cases) {
    test(`every acknowledged event is there once, and no batch in part, on ${host}${isShared ? ", in shared commits" : ""}`, async (t) => {
      const data = await folderOfItsOwn();
      let site;
      try {
        const options = { data, ...(isShared && { site: await sharingSite(data) }) };
        site = await server(host, options);
        const { acknowledged, cutOff } = await loadUntilCrash(site, batches(), ACKNOWLEDGED, async (batch) => {
          const { status, body } = await send(site, batch);
          assert.deepEqual([status, body.accepted], [200, PER_BATCH], JSON.stringify(body));
        });
        assert.ok(cutOff.length > 0, "requests were under way");

        site = await server(host, options);
        const before = await storedIds(site);
        const present = (batch) => batch.filter(({ messageId }) => before.has(messageId)).length;
        for (const batch of acknowledged) assert.equal(present(batch), PER_BATCH, "an acknowledged batch");
        for (const batch of cutOff) assert.ok([0, PER_BATCH].includes(present(batch)), `${present(batch)} of a batch that was under way`);

        const tried = [...acknowledged, ...cutOff];
        await each(tried, async (batch) => {
          const { status, body } = await send(site, batch);
          assert.deepEqual([status, body.duplicate], [200, present(batch)], JSON.stringify(body));
        });
        assert.deepEqual([...(await storedIds(site))].sort(), tried.flat().map(({ messageId }) => messageId).sort(), "sent again, all is there and nothing else");
        t.diagnostic(JSON.stringify({ acknowledged: acknowledged.length, cutOff: cutOff.length, storedOfThem: cutOff.filter((batch) => present(batch) > 0).length }));
      } finally {
        await site?.stop();
        await rm(data, { recursive: true, force: true });
      }
    });
  }
});

const batches = () =>
  Array.from({ length: BATCHES }, (_, batch) =>
    Array.from({ length: PER_BATCH }, (_, number) => ({ type: "track", event: "Counted", userId: `u-${batch}`, messageId: randomUUID(), properties: { batch, number } })));

/** Sends a batch until it is heard. */
const send = async (site, batch) => {
  const { url, keys } = site;
  const headers = { authorization: `Basic ${btoa(`${keys.write_key}:`)}`, "content-type": "application/json" };
  const { status, body } = await untilHeard(async () => {
    const answer = await fetch(`${url}/v1/batch`, { method: "POST", headers, body: JSON.stringify({ batch }) });
    return { status: answer.status, retryAfter: answer.headers.get("retry-after") ?? undefined, body: await answer.text() };
  });
  return { status, body: JSON.parse(body) };
};

/** The ids in the store, none of them twice, as many as the ledger counts. */
const storedIds = async (site) => {
  const ids = (await exported(site, new Date(0), 1000)).map(({ id }) => id);
  const stored = new Set(ids);
  assert.equal(stored.size, ids.length, "nothing is there twice");
  assert.equal((await ledger(site)).accepted, ids.length, "what is counted is what is there");
  return stored;
};
