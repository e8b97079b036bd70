// Counters on every host, read by Prometheus' own client library.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { python } from "./events/support.mjs";
import { eventually } from "./support.mjs";

/** The key that servers of these tests are started with; a server that runs already has its own. */
export const OPERATOR_KEY = process.env.ORILLA_OPERATOR_KEY ?? "the-operator-of-these-tests";

export const counters = (site) => {
  test("every function is reached by its own name", async () => {
    for (const name of readdirSync(new URL("../../functions/", import.meta.url))) {
      const answer = await fetch(`${site.url}/v1/functions/${name}/healthz`);
      assert.deepEqual([answer.status, await answer.json()], [200, { status: "ok", function: name }], name);
    }
  });

  const scrape = (path = "/metrics") => python(new URL("operations/scrape.py", import.meta.url), site.url + path, OPERATOR_KEY);
  const count = ({ samples }, wanted) =>
    samples.filter(([name, labels]) => name === wanted.name && Object.entries(wanted).every(([key, value]) => key === "name" || labels[key] === value)).reduce((sum, [, , value]) => sum + value, 0);

  test("counters are what was asked, whoever parses them", async () => {
    const missing = { name: "orilla_requests_total", function: "lead-capture", route: "/v1/forms/{form}", method: "GET", outcome: "not_found" };
    const before = count(await scrape(), missing);
    for (const form of ["ana@olas.example", "b", "c", "d", "e"]) assert.equal((await fetch(`${site.url}/v1/forms/${form}`)).status, 404);
    let page;
    await eventually("all five are counted", async () => {
      page = await scrape();
      return count(page, missing) - before >= 5;
    });
    assert.equal(count(page, missing) - before, 5);
    assert.match(page.content_type, /^text\/plain; version=0\.0\.4/);
    assert.equal(page.kinds.orilla_requests, "counter");
    assert.equal(page.kinds.orilla_request_duration_seconds, "histogram");
    assert.equal(page.kinds.orilla_outbox_pending, "gauge");
    assert.ok(!JSON.stringify(page).includes("ana"), "paths are nobody's business");
    const buckets = page.samples.filter(([name]) => name === "orilla_request_duration_seconds_bucket");
    for (const [, { function: name, route, le }, requests] of buckets.filter(([, { le }]) => le === "+Inf")) {
      const values = buckets.filter(([, labels]) => labels.function === name && labels.route === route).map(([, , value]) => value);
      assert.deepEqual(values, [...values].sort((a, b) => a - b), `${name} ${route} only rises to ${le}`);
      assert.equal(requests, count(page, { name: "orilla_requests_total", function: name, route }), `${name} ${route}`);
    }
    const own = await scrape("/v1/functions/track-events/metrics");
    assert.ok(own.samples.every(([, labels]) => labels.function === "track-events"));
    assert.equal((await fetch(`${site.url}/metrics`)).status, 401);
  });
};
