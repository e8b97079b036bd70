// The power fails in the middle of a load: what was acknowledged is there afterwards, once; what was not can be sent again.

import assert from "node:assert/strict";
import { Agent } from "node:http";
import { rm } from "node:fs/promises";
import { describe, test } from "node:test";
import { HOSTS, IS_GIVEN, all, api, folderOfItsOwn, server } from "../server.mjs";
import { checkStored, checkTold, each, loadUntilCrash, people, post, untilHeard } from "./lost-answers.mjs";
import { eventually, receiver } from "./support.mjs";

/** More than is sent before the crash. */
const PEOPLE = 400;
/** Acknowledged when the power fails. Chosen: every client has had several answers and the next request is under way. */
const ACKNOWLEDGED = 120;
/** What was under way when the power failed belongs to the dead process for 30 s more (`LEASE` of the outbox); then come two sweeps. */
const PATIENCE_MS = 120_000;

describe("after a kill -9 in mid-load", { skip: IS_GIVEN && "a server that somebody else started is not ours to kill" }, () => {
  for (const host of HOSTS) {
    test(`every acknowledged submission is there once, and told once, on ${host}`, async (t) => {
      const data = await folderOfItsOwn();
      const crm = await receiver();
      const start = () => server(host, { data, variables: { ALLOWED_PRIVATE_HOSTS: "127.0.0.1" } });
      let site;
      try {
        site = await start();
        await api(site, "/v1/destinations", { key: "admin_key", method: "POST", body: { kind: "webhook", target: crm.url } });
        const sent = people("crash", PEOPLE);
        const { acknowledged, cutOff } = await loadPeople(site, sent);
        assert.ok(cutOff.length > 0, "requests were under way");

        site = await start();
        checkStored(acknowledged, await all(site, "/v1/submissions", "submissions"));
        const stored = (await all(site, "/v1/submissions", "submissions")).length;

        const tried = [...acknowledged, ...cutOff];
        await each(tried, async (person) => {
          const answer = await untilHeard(() => post(site, person));
          assert.equal(answer.status, 201, answer.body);
          const { id } = JSON.parse(answer.body);
          assert.equal(id, person.id ?? id, "the same answer as before the crash");
          person.id = id;
        });
        const submissions = await all(site, "/v1/submissions", "submissions");
        checkStored(tried, submissions);
        assert.equal(submissions.length, tried.length, "and nobody else");
        const deliveries = await eventually("no delivery waits", async () => {
          const listed = await all(site, "/v1/deliveries", "deliveries");
          return listed.every(({ status }) => status === "delivered") && listed;
        }, PATIENCE_MS);
        checkTold(tried, crm.requests, deliveries);
        t.diagnostic(JSON.stringify({ acknowledged: acknowledged.length, cutOff: cutOff.length, storedAtRestart: stored, told: crm.requests.length }));
      } finally {
        await site?.stop();
        await crm.stop();
        await rm(data, { recursive: true, force: true });
      }
    });
  }
});

/** Sends until the server is killed; tells who was answered and who was cut off. */
const loadPeople = async (site, sent) => {
  const agent = new Agent({ keepAlive: true });
  try {
    return await loadUntilCrash(site, sent, ACKNOWLEDGED, async (person) => {
      const answer = await untilHeard(() => post(site, person, agent));
      assert.equal(answer.status, 201, answer.body);
      person.id = JSON.parse(answer.body).id;
    });
  } finally {
    agent.destroy();
  }
};
