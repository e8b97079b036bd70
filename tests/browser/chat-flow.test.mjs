// A visitor and the chat, from question to ticket, in Chromium against the functions themselves; and the agent on the other side.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { agent } from "../clients/chat/native.mjs";
import { widget } from "./chat-support.mjs";
import { BROWSED, browser, hostPage, open, server, violations } from "./support.mjs";

const SITE = "7a1c9e52-3f60-4b8d-9d07-6e2b41c5a8f3";

for (const host of BROWSED) {
  describe(`on ${host}`, () => {
    let site, chrome, shop;
    before(async () => {
      site = await server(host, { site: join(import.meta.dirname, "../clients/chat/site"), articles: true });
      chrome = await browser();
      shop = await hostPage(`<!doctype html><html lang="es"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Bahía</title>
        <link rel="icon" href="data:,"><main><h1>Escuela Bahía</h1></main><script src="${site.url}/orilla.js" data-orilla-key="${SITE}" data-orilla-chat defer></script></html>`);
    });
    after(() => Promise.all([chrome?.close(), shop?.stop(), site?.stop()]));

    test("a visitor asks in Spanish, is offered choices, asks for a person, and a ticket is there", async () => {
      const page = await open(chrome);
      const chat = widget(page);
      await page.goto(shop.url);
      await chat.open();

      await chat.say("¿Cuánto cuesta una clase de surf?");
      await chat.hears("bot", "45 euros");
      assert.equal(await chat.sources.getByRole("link").first().getAttribute("href"), "https://bahia.example/es/price");

      await chat.say("¿Quién ganó el mundial de fútbol de 1982?");
      await chat.hears("bot", /Eso no lo sé|Te refieres a una/);
      assert.ok((await chat.choices.last().getByRole("button").count()) >= 2, "choices are offered");
      await chat.choices.last().getByRole("button").first().click();
      await chat.log.locator(".writing").waitFor({ state: "detached" });

      await chat.say("quiero hablar con una persona");
      await chat.hears("notice", "He pasado tu conversación a una persona");
      assert.deepEqual(await violations(page), []);

      const { conversations } = await agent(site, "/v1/conversations?state=waiting");
      assert.equal(conversations.length, 1);
      const conversation = await agent(site, `/v1/conversations/${conversations[0].id}`);
      assert.ok(conversation.ticket_id, "the ticket exists");
      assert.equal(conversation.messages[0].text, "¿Cuánto cuesta una clase de surf?");

      await agent(site, `/v1/conversations/${conversation.id}/messages`, { method: "POST", body: { text: "Hola, soy Lucía. ¿En qué te ayudo?", agent: "lucia" } });
      await chat.hears("agent", "soy Lucía");
      await page.reload();
      await chat.hears("agent", "soy Lucía");
      await chat.say("Era solo una duda, gracias");
      await agent(site, `/v1/conversations/${conversation.id}`, { method: "PATCH", body: { act: "resolve" } });
      await chat.hears("notice", "queda resuelta");
      assert.deepEqual(page.errors, []);
      await page.context().close();
    });
  });
}
