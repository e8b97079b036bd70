// What goes wrong between a client and the server: answers are lost, and the power fails. Either way every event is stored once.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { Analytics } from "@segment/analytics-node";
import { IS_GIVEN, folderOfItsOwn, server } from "../../server.mjs";
import { each } from "../lost-answers.mjs";
import { exported, ledger, recorded } from "./support.mjs";

/** Events that a client sends while answers are lost. Chosen: some sixty requests. */
const EVENTS = 300;
const PER_REQUEST = 5;
/** The share of answers that are lost, and how many of one batch at most: clients wait twice as long after each. */
const LOST = 0.3;
const MOST_OF_ONE = 2;

/** Batches ready to be sent when the power fails, and how many of them were acknowledged by then. */
const BATCHES = 400;
const ACKNOWLEDGED = 100;
const PER_BATCH = 20;

/** A network between a client and the server that carries every request, and loses three of ten answers. */
const lossyNetwork = async (site) => {
  const tally = { requests: 0, events: 0, lost: 0 };
  const lostOf = new Map();
  const http = createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { connection, host, "transfer-encoding": encoding, ...headers } = incoming.headers;
    const answer = await fetch(site.url + incoming.url, { method: incoming.method, headers, body });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    const { batch } = JSON.parse(headers["content-encoding"] === "gzip" ? gunzipSync(body) : body);
    const lost = lostOf.get(batch[0].messageId) ?? 0;
    tally.requests += 1;
    tally.events += batch.length;
    const isLost = tally.lost < tally.requests * LOST && lost < MOST_OF_ONE;
    if (isLost) {
      tally.lost += 1;
      lostOf.set(batch[0].messageId, lost + 1);
      outgoing.destroy();
    } else {
      outgoing.writeHead(answer.status, { "content-type": "application/json" }).end(text);
    }
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${http.address().port}`, tally, stop: () => http.closeAllConnections() ?? http.close() };
};

/** What each client does to send events with these numbers; gives the errors that it was told of. */
const senders = {
  "@segment/analytics-node": async (host, writeKey, numbers) => {
    const errors = [];
    const client = new Analytics({ host, writeKey, flushAt: PER_REQUEST, flushInterval: 50 });
    client.on("error", (error) => errors.push(error));
    for (const number of numbers) client.track({ event: "Counted", userId: "u-1", properties: { number } });
    await client.closeAndFlush({ timeout: 60_000 });
    return errors;
  },
  "@rudderstack/rudder-sdk-node": async (dataPlaneUrl, writeKey, numbers) => {
    const client = new RudderAnalytics(writeKey, { dataPlaneUrl, flushAt: PER_REQUEST * 4, flushInterval: 50, logLevel: "none" });
    const told = (number) => new Promise((resolve) => client.track({ event: "Counted", userId: "u-1", properties: { number } }, resolve));
    return (await Promise.all(numbers.map(told))).filter(Boolean);
  },
};

export const lostAnswers = (site) => {
  for (const [name, send] of Object.entries(senders)) {
    test(`${name} sends ${EVENTS} events, three of ten answers lost: each is stored once`, async (t) => {
      const network = await lossyNetwork(site);
      try {
        const numbers = Array.from({ length: EVENTS }, (_, number) => number);
        const counts = ({ tally }) => ({ accepted: EVENTS, duplicate: tally.events - EVENTS });
        const { events, result } = await recorded(site, counts, async () => ({ errors: await send(network.url, site.keys.write_key, numbers), tally: network.tally }));
        assert.deepEqual(result.errors, []);
        assert.ok(result.tally.lost >= result.tally.requests * LOST * 0.9, `answers were lost: ${JSON.stringify(result.tally)}`);
        assert.deepEqual(events.map(({ properties }) => properties.number).sort((a, b) => a - b), numbers);
        t.diagnostic(JSON.stringify(result.tally));
      } finally {
        network.stop();
      }
    });
  }
};

const batches = () =>
  Array.from({ length: BATCHES }, (_, batch) =>
    Array.from({ length: PER_BATCH }, (_, number) => ({ type: "track", event: "Counted", userId: `u-${batch}`, messageId: randomUUID(), properties: { batch, number } })));

const post = async ({ url, keys }, batch) => {
  const headers = { authorization: `Basic ${btoa(`${keys.write_key}:`)}`, "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/batch`, { method: "POST", headers, body: JSON.stringify({ batch }) });
  return { status: answer.status, body: await answer.json() };
};

/** Sends until the server is killed; tells which batches were answered and which were under way. */
const loadUntilCrash = async (site, all) => {
  const [acknowledged, cutOff] = [[], []];
  let crash;
  await each(all, async (batch) => {
    if (crash) return;
    try {
      const { status, body } = await post(site, batch);
      assert.deepEqual([status, body.accepted], [200, PER_BATCH], JSON.stringify(body));
      acknowledged.push(batch);
    } catch (error) {
      if (!crash || error instanceof assert.AssertionError) throw error;
      cutOff.push(batch);
    }
    if (acknowledged.length >= ACKNOWLEDGED) crash ??= site.crash();
  });
  assert.ok(crash, `the load ended before ${ACKNOWLEDGED} batches were acknowledged`);
  await crash;
  return { acknowledged, cutOff };
};

/** The ids in the store, none of them twice, as many as the ledger counts. */
const storedIds = async (site) => {
  const ids = (await exported(site, new Date(0), 1000)).map(({ id }) => id);
  const stored = new Set(ids);
  assert.equal(stored.size, ids.length, "nothing is there twice");
  assert.equal((await ledger(site)).accepted, ids.length, "what is counted is what is there");
  return stored;
};

export const crash = (host) => {
  test("a kill -9 in mid-load: what was acknowledged is there, once; a batch is there whole or not at all", { skip: IS_GIVEN && "a server that somebody else started is not ours to kill" }, async (t) => {
    const data = await folderOfItsOwn();
    let site;
    try {
      site = await server(host, { data });
      const { acknowledged, cutOff } = await loadUntilCrash(site, batches());
      assert.ok(cutOff.length > 0, "requests were under way");

      site = await server(host, { data });
      const before = await storedIds(site);
      const present = (batch) => batch.filter(({ messageId }) => before.has(messageId)).length;
      for (const batch of acknowledged) assert.equal(present(batch), PER_BATCH, "an acknowledged batch");
      for (const batch of cutOff) assert.ok([0, PER_BATCH].includes(present(batch)), `${present(batch)} of a batch that was under way`);

      const tried = [...acknowledged, ...cutOff];
      await each(tried, async (batch) => {
        const { status, body } = await post(site, batch);
        assert.deepEqual([status, body.duplicate], [200, present(batch)], JSON.stringify(body));
      });
      assert.deepEqual([...(await storedIds(site))].sort(), tried.flat().map(({ messageId }) => messageId).sort(), "sent again, all is there and nothing else");
      t.diagnostic(JSON.stringify({ acknowledged: acknowledged.length, cutOff: cutOff.length, storedOfThem: cutOff.filter((batch) => present(batch) > 0).length }));
    } finally {
      await site?.stop();
      await rm(data, { recursive: true, force: true });
    }
  });
};
