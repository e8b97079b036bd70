// The Model Context Protocol's published client, over streamable HTTP.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { agent } from "./native.mjs";

export const mcpClients = (site) => {
  const connected = async (key = site.keys.write_key) => {
    const client = new Client({ name: "orilla-tests", version: "1.0.0" });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${site.url}/mcp`), { requestInit: { headers: { authorization: `Bearer ${key}` } } }));
    return client;
  };
  const call = async (client, name, args) => client.callTool({ name, arguments: args });

  describe("@modelcontextprotocol/sdk", () => {
    test("connects, and lists three tools", async () => {
      const client = await connected();
      assert.equal(client.getServerVersion().name, "orilla");
      const { tools } = await client.listTools();
      assert.deepEqual(tools.map(({ name }) => name), ["search_knowledge", "ask", "create_ticket"]);
      await client.ping();
      await client.close();
    });

    test("searches and asks", async () => {
      const client = await connected();
      const found = await call(client, "search_knowledge", { query: "price of a lesson", limit: 3, locale: "es" });
      assert.equal(found.structuredContent.results.length, 3);
      const price = found.structuredContent.results.find(({ id }) => id === "price");
      assert.deepEqual([price.locale, price.url], ["es", "https://bahia.example/es/price"]);
      const answer = await call(client, "ask", { question: "Can I cancel my booking?" });
      assert.match(answer.content[0].text, /24 hours before/);
      assert.equal(answer.structuredContent.sources[0].id, "cancel");
      await client.close();
    });

    test("opens a ticket", async () => {
      const client = await connected();
      const made = await call(client, "create_ticket", { message: "Me falta la factura de octubre", email: "ana@correo.example" });
      const { conversation_id: id, ticket_id: ticket, state } = made.structuredContent;
      assert.equal(state, "waiting");
      const conversation = await agent(site, `/v1/conversations/${id}`);
      assert.deepEqual([conversation.ticket_id, conversation.contact.email, conversation.messages[0].text], [ticket, "ana@correo.example", "Me falta la factura de octubre"]);
      await client.close();
    });

    test("is told what is wrong", async () => {
      const client = await connected();
      await assert.rejects(call(client, "sing", {}), /The tools are/);
      await assert.rejects(call(client, "ask", {}), /`question`/);
      await assert.rejects(call(client, "create_ticket", { message: "x", email: "no" }), /e-mail/);
      await client.close();
      await assert.rejects(connected("orl_write_nobody"));
      const get = await fetch(`${site.url}/mcp`, { headers: { accept: "text/event-stream" } });
      assert.equal(get.status, 405);
    });
  });
};
