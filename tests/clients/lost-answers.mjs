// A client whose network loses answers: it sends again, under the same key, until it has read one. Afterwards every submission
// stands in the store exactly once, and is told of under exactly one webhook id.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Agent, request as connect } from "node:http";
import { all, api } from "../server.mjs";
import { eventually, pause, receiver } from "./support.mjs";
import { withDestination } from "./webhooks.mjs";

/** Chosen: retries meet their first attempts, and a small machine keeps up. */
const CLIENTS = 16;
/** Of ten answers. */
const LOST = 3;
/** Chosen: no client tries for ever; three losses in a row are one in 40, sixteen happen to nobody. */
const MOST_ATTEMPTS = 16;

/** The people of one run, whose mailboxes nobody else has. */
export const people = (name, count) => {
  const run = `${name}.${randomUUID().slice(0, 8)}`;
  return Array.from({ length: count }, (_, number) => ({
    email: `${run}.${number}@escuelanorte.example`,
    key: randomUUID(),
    body: JSON.stringify({ email: `${run}.${number}@escuelanorte.example`, consent: true, message: `${run} ${number}`, _elapsed_ms: 9000 }),
  }));
};

/** A server may close an idle connection just as it is used again. Source: Node's `request.reusedSocket`, which asks to send again then. */
class Closed extends Error {}
const wasClosed = (error, { reusedSocket }) => reusedSocket && error.code === "ECONNRESET";

/** Sends one submission. `hangUpAfter` milliseconds, if given, is when the client stops listening. */
export const post = (site, { key, body }, agent, hangUpAfter) =>
  new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body), "idempotency-key": key };
    const outgoing = connect(`${site.url}/v1/forms/demo/submissions`, { method: "POST", headers, agent: hangUpAfter === undefined ? agent : false }, async (answer) => {
      try {
        const chunks = [];
        for await (const chunk of answer) chunks.push(chunk);
        resolve({ status: answer.statusCode, retryAfter: answer.headers["retry-after"], body: Buffer.concat(chunks).toString("utf8") });
      } catch (error) {
        reject(error);
      }
    });
    outgoing.on("error", (error) => reject(wasClosed(error, outgoing) ? new Closed() : error)).end(body);
    if (hangUpAfter !== undefined) outgoing.on("finish", () => setTimeout(() => outgoing.destroy(new Error("hung up")), hangUpAfter));
  });

/** How long to wait before what was refused for now is sent again, in milliseconds; it stored nothing. Undefined for any other answer. */
const later = ({ status, retryAfter }) => (status === 429 || status === 503 ? Number(retryAfter ?? 1) * 1000 : undefined);

/** Sends until it is heard and not refused for now: too many at once, or a store whose lock was not to be had in time. */
export const untilHeard = async (send) => {
  const answer = await send().catch((error) => {
    if (!(error instanceof Closed)) throw error;
  });
  if (answer && later(answer) === undefined) return answer;
  if (answer) await pause(later(answer));
  return untilHeard(send);
};

/** Runs `work` for each item, a few at a time. */
export const each = async (items, work) => {
  const waiting = items[Symbol.iterator]();
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    for (const item of waiting) await work(item);
  }));
};

/** Sends items until `enough` of them were acknowledged and the server is killed; tells which were, and which were under way then. */
export const loadUntilCrash = async (site, items, enough, send) => {
  const [acknowledged, cutOff] = [[], []];
  let crash;
  await each(items, async (item) => {
    if (crash) return;
    try {
      await send(item);
      acknowledged.push(item);
    } catch (error) {
      if (!crash || error instanceof assert.AssertionError) throw error;
      cutOff.push(item);
    }
    if (acknowledged.length >= enough) crash ??= site.crash();
  });
  assert.ok(crash, `the load ended before ${enough} were acknowledged`);
  await crash;
  return { acknowledged, cutOff };
};

/**
 * Sends `count` submissions with three of ten answers lost, half of them by hanging up and half by not looking, then holds what
 * is stored and what was told against what was sent.
 *
 * The server must allow webhooks to 127.0.0.1. Gives counts to print.
 */
export const lostAnswers = async (site, count) => {
  const crm = await receiver();
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const tally = { submissions: count, attempts: 0, hungUp: 0, ignored: 0, refused: 0, closed: 0 };
  const sent = people("lost", count);
  try {
    return await withDestination(site, { kind: "webhook", target: crm.url }, async ({ id: destination }) => {
      const before = await accepted(site);
      await each(sent, async (person) => (person.id = await insist(site, person, agent, tally)));
      assert.ok(tally.hungUp > 0 && tally.ignored > 0, "answers were lost in both ways");

      assert.equal((await accepted(site)) - before, count, "the form counts each submission once");
      checkStored(sent, await all(site, "/v1/submissions", "submissions"));
      const patience = 30_000 + count * 20;
      await eventually(`${count} webhooks`, () => new Set(crm.requests.map(({ headers }) => headers["webhook-id"])).size >= count, patience);
      const listed = await eventually("no delivery waits", async () => {
        const deliveries = (await all(site, "/v1/deliveries", "deliveries")).filter((delivery) => delivery.destination === destination);
        return deliveries.every(({ status }) => status === "delivered") && deliveries;
      }, patience);
      checkTold(sent, crm.requests, listed);
      return tally;
    });
  } finally {
    agent.destroy();
    await crm.stop();
  }
};

/** Sends until an answer is read; gives the submission's id. */
const insist = async (site, person, agent, tally) => {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    tally.attempts += 1;
    const isLost = Math.random() * 10 < LOST;
    const isHangingUp = isLost && Math.random() < 0.5;
    const answer = await post(site, person, agent, isHangingUp ? Math.random() * 20 : undefined).catch((error) => {
      if (!isHangingUp && !(error instanceof Closed)) throw error;
    });
    if (!answer && !isHangingUp) {
      tally.closed += 1;
    } else if (isLost) {
      tally[answer ? "ignored" : "hungUp"] += 1;
    } else if (later(answer) !== undefined) {
      tally.refused += 1;
      await pause(later(answer));
    } else {
      assert.equal(answer.status, 201, answer.body);
      return JSON.parse(answer.body).id;
    }
  }
  throw new Error(`no answer was kept in ${MOST_ATTEMPTS} attempts`);
};

const accepted = async (site) => (await api(site, "/v1/forms")).forms.find(({ id }) => id === "demo").accepted;

/** Every acknowledged submission stands in the store once, and nobody has another. */
export const checkStored = (sent, submissions) => {
  const stored = new Map(sent.map(({ email }) => [email, []]));
  for (const { id, fields } of submissions) stored.get(fields.email)?.push(id);
  for (const { email, id } of sent) assert.deepEqual(stored.get(email), [id], `what is stored of ${email}`);
};

/** Everybody was told of under one id, which nobody shares, and which the list of deliveries knows. */
export const checkTold = (sent, requests, deliveries) => {
  const ids = new Map(sent.map(({ email }) => [email, new Set()]));
  for (const { headers, body } of requests) ids.get(JSON.parse(body).data.lead.email)?.add(headers["webhook-id"]);
  for (const [email, of] of ids) assert.equal(of.size, 1, `webhook ids about ${email}`);
  const told = [...ids.values()].flatMap((of) => [...of]);
  assert.equal(new Set(told).size, sent.length, "no two share a webhook id");
  assert.deepEqual(deliveries.map(({ id }) => id).sort(), told.sort(), "what is listed is what was told");
};
