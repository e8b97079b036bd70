// Published clients of event collectors, unchanged, on every host: what they send is read back through the export, and the ledger adds
// up after each.

import { after, before, describe } from "node:test";
import { HOSTS, server } from "../server.mjs";
import { crash, lostAnswers } from "./events/faults.mjs";
import { plausibleBrowser } from "./events/plausible.mjs";
import { posthogBrowser, posthogServers } from "./events/posthog.mjs";
import { rudderBrowser, rudderServers } from "./events/rudder.mjs";
import { segmentBrowser } from "./events/segment-browser.mjs";
import { segmentServers } from "./events/segment.mjs";
import { browsing } from "./events/support.mjs";
import { umamiServers } from "./events/umami.mjs";

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

    crash(host);
  });
}
