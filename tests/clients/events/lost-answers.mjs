// A network that loses answers: a client that sends again until it has read one leaves every event in the store once.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { Analytics } from "@segment/analytics-node";
import { recorded } from "./support.mjs";

/** Events that a client sends while answers are lost. Chosen: some sixty requests. */
const EVENTS = 300;
const PER_REQUEST = 5;
/** The share of answers that are lost, and how many of one batch at most: clients wait twice as long after each. */
const LOST = 0.3;
const MOST_OF_ONE = 2;

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
    // What is refused for now stores nothing, and is the client's to hear.
    if (answer.status !== 200) return outgoing.writeHead(answer.status, { "retry-after": answer.headers.get("retry-after") ?? "1" }).end(text);
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
