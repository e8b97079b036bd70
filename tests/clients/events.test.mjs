// Published clients of event collectors, unchanged, on every host: what they send is read back through the export, and the ledger adds
// up after each.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { HOSTS, server } from "../server.mjs";
import { lostAnswers } from "./events/lost-answers.mjs";
import { plausibleBrowser } from "./events/plausible.mjs";
import { posthogBrowser, posthogServers } from "./events/posthog.mjs";
import { rudderBrowser, rudderServers } from "./events/rudder.mjs";
import { segmentBrowser } from "./events/segment-browser.mjs";
import { segmentServers } from "./events/segment.mjs";
import { browsing, recorded } from "./events/support.mjs";
import { umamiServers } from "./events/umami.mjs";
import { receiver } from "./support.mjs";

/** Spin's test host runs the clients for servers: what a browser adds to their requests is settled before they reach a host. */
const isBrowsed = (host) => host !== "spin";

for (const host of HOSTS) {
  describe(`on ${host}`, () => {
    const site = {};
    before(async () => Object.assign(site, await server(host)));
    after(() => site.stop?.());

    segmentServers(site);
    rudderServers(site);
    posthogServers(site);
    umamiServers(site);
    lostAnswers(site);

    if (isBrowsed(host)) {
      describe("in Chromium", () => {
        before(async () => (site.browsing = await browsing()));
        after(() => site.browsing?.stop());

        segmentBrowser(site);
        rudderBrowser(site);
        posthogBrowser(site);
        plausibleBrowser(site);
      });
    }
  });
}

test("the counts see a line that does not add up, one event too few, one too many and one twice", async () => {
  const line = (counts) => ({ received: 0, accepted: 0, duplicate: 0, bot: 0, quarantined: 0, invalid: 0, ...counts });
  const check = async (counts, ids) => {
    let lines = [line({})];
    const answer = ({ path }) => ({ status: 200, body: path.startsWith("/v1/ledger") ? JSON.stringify({ lines }) : ids.map((id) => JSON.stringify({ source: "s", id })).join("\n") });
    const collector = await receiver(answer);
    try {
      await recorded({ url: collector.url, keys: {} }, { accepted: 2 }, () => (lines = [line(counts)]));
    } finally {
      await collector.stop();
    }
  };
  await check({ received: 2, accepted: 2 }, ["a", "b"]);
  await assert.rejects(check({ received: 3, accepted: 2 }, ["a", "b"]), /ledger's line/);
  await assert.rejects(check({ received: 3, accepted: 3 }, ["a", "b"]), /deep-equal/);
  await assert.rejects(check({ received: 3, accepted: 2, bot: 1 }, ["a", "b"]), /deep-equal/);
  await assert.rejects(check({ received: 2, accepted: 1, duplicate: 1 }, ["a"]), /deep-equal/);
  await assert.rejects(check({ received: 2, accepted: 2 }, ["a"]), /can be read/);
  await assert.rejects(check({ received: 2, accepted: 2 }, ["a", "a"]), /twice/);
});
