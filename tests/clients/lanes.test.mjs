// A site whose requests share commits: what is acknowledged is there, once; a client that goes away in the middle holds up nobody, and
// two requests with the same events in one commit are one telling and one retelling. On workerd these go through the Durable Object
// of shared/cloudflare/lane; elsewhere through the store's own group commit, and must look the same.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { describe, test } from "node:test";
import { HOSTS, IS_GIVEN, folderOfItsOwn, server } from "../server.mjs";
import { exported, ledger } from "./events/support.mjs";
import { sharingSite } from "./events/sharing-site.mjs";

/** Requests at a time, and how often. Chosen: several of them meet in each commit. */
const AT_A_TIME = 12;
const TIMES = 12;
const PER_REQUEST = 5;

const batch = (name) => Array.from({ length: PER_REQUEST }, (_, number) => ({ type: "track", event: "Counted", userId: `u-${name}`, messageId: randomUUID(), properties: { number } }));

const post = async ({ url, keys }, events, signal) => {
  const headers = { authorization: `Basic ${btoa(`${keys.write_key}:`)}`, "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/batch`, { method: "POST", headers, body: JSON.stringify({ batch: events }), signal });
  return { status: answer.status, ...(await answer.json()) };
};

const storedIds = async (site) => {
  const ids = (await exported(site, new Date(0), 1000)).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, "nothing is there twice");
  return new Set(ids);
};

describe("requests that share commits", { skip: IS_GIVEN && "a server that somebody else started has a site of its own" }, () => {
  for (const host of HOSTS) {
    test(`on ${host}`, async (t) => {
      const data = await folderOfItsOwn();
      const site = await server(host, { site: await sharingSite(data) });
      try {
        await t.test("the same events in many requests at once are new in one of them", async () => {
          const before = await ledger(site);
          for (let time = 0; time < TIMES; time += 1) {
            const events = batch(`same-${time}`);
            const answers = await Promise.all(Array.from({ length: AT_A_TIME }, () => post(site, events)));
            assert.deepEqual(answers.map(({ status }) => status), answers.map(() => 200), JSON.stringify(answers));
            assert.deepEqual(answers.map(({ accepted }) => accepted).sort((a, b) => b - a), [PER_REQUEST, ...Array(AT_A_TIME - 1).fill(0)]);
            for (const { accepted, duplicate } of answers) assert.equal(accepted + duplicate, PER_REQUEST);
          }
          const after = await ledger(site);
          assert.equal(after.accepted - before.accepted, TIMES * PER_REQUEST);
          assert.equal(after.duplicate - before.duplicate, TIMES * PER_REQUEST * (AT_A_TIME - 1));
          assert.equal((await storedIds(site)).size, after.accepted, "what is counted is what is there");
        });

        await t.test("a client that goes away, the first of its commit or any other, costs nobody an answer", async () => {
          const [kept, left] = [[], []];
          for (let time = 0; time < TIMES; time += 1) {
            const requests = Array.from({ length: AT_A_TIME }, (_, index) => {
              const events = batch(`left-${time}-${index}`);
              // The first one always leaves, and at another moment each time: while it is read, waits, is being committed.
              if (index % 3 !== 0) return post(site, events).then((answer) => kept.push({ events, answer }));
              const leaving = new AbortController();
              setTimeout(() => leaving.abort(), time * 3 + index);
              return post(site, events, leaving.signal).then((answer) => kept.push({ events, answer }), () => left.push(events));
            });
            await Promise.all(requests);
          }
          assert.ok(left.length >= TIMES, `only ${left.length} went away`);
          for (const { answer } of kept) assert.deepEqual([answer.status, answer.accepted], [200, PER_REQUEST], JSON.stringify(answer));
          const there = await storedIds(site);
          const present = (events) => events.filter(({ messageId }) => there.has(messageId)).length;
          for (const { events } of kept) assert.equal(present(events), PER_REQUEST, "an acknowledged request");
          for (const events of left) assert.ok([0, PER_REQUEST].includes(present(events)), `${present(events)} of a request whose client left`);
          // Whoever left can come back, and finds the rest of the world as it was.
          const again = await Promise.all(left.map((events) => post(site, events)));
          assert.deepEqual(again.map(({ status }) => status), left.map(() => 200));
          for (const [index, { accepted, duplicate }] of again.entries()) {
            assert.equal(accepted + duplicate, PER_REQUEST);
            // What was still under way when the store was read may have come meanwhile, whole.
            assert.ok(duplicate === PER_REQUEST || (duplicate === 0 && present(left[index]) === 0), `${duplicate} are told to be known`);
          }
          const after = await storedIds(site);
          for (const { messageId } of left.flat()) assert.ok(after.has(messageId), `${messageId} is lost`);
          assert.equal((await storedIds(site)).size, (await ledger(site)).accepted);
          t.diagnostic(JSON.stringify({ host, left: left.length, storedOfThem: left.filter((events) => present(events) > 0).length }));
        });
      } finally {
        await site.stop();
        await rm(data, { recursive: true, force: true });
      }
    });
  }
});
