// The FAQ chat by its own wire and by published clients, unchanged: `openai` for npm and PyPI, and the SDK of the Model Context Protocol.

import { after, before, describe } from "node:test";
import { join } from "node:path";
import { HOSTS, server } from "../server.mjs";
import { mcpClients } from "./chat/mcp.mjs";
import { nativeWire } from "./chat/native.mjs";
import { openaiClients } from "./chat/openai.mjs";

for (const host of HOSTS) {
  describe(`on ${host}`, () => {
    const site = {};
    before(async () => Object.assign(site, await server(host, { site: join(import.meta.dirname, "chat/site"), articles: true })));
    after(() => site.stop?.());

    nativeWire(site);
    openaiClients(site);
    mcpClients(site);
  });
}
