// Ticket routing by published clients, unchanged: `node-zendesk` opens and works on tickets, `standardwebhooks` believes what is told of them,
// Slack's receiver gets its shape, and what the chat hands over arrives as a routed ticket with a deadline and an assignee.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import zendesk from "node-zendesk";
import { Webhook } from "standardwebhooks";
import { HOSTS, api, mailbox, server } from "../server.mjs";
import { eventually, receiver } from "./support.mjs";
import { withDestination } from "./webhooks.mjs";

const { createClient } = zendesk;

for (const host of HOSTS) {
  describe(`on ${host}`, () => {
    const site = {};
    before(async () => {
      Object.assign(site, await server(host, { site: join(import.meta.dirname, "tickets/site"), variables: { ALLOWED_PRIVATE_HOSTS: "127.0.0.1" } }));
      for (const agent of ["ana", "carl"]) await api(site, `/v1/agents/${agent}`, { key: "admin_key", method: "PATCH", body: { presence: "online" } });
    });
    after(() => site.stop?.());
    const ticket = (name) => api(site, `/v1/tickets/${name}`);
    const routed = (name) => eventually(`ticket ${name} is somebody's`, async () => {
      const found = await ticket(name).catch(() => undefined);
      return found?.assignee && found;
    });

    describe("node-zendesk", () => {
      const client = () => createClient({ username: "agent@bahia.example", token: site.keys.admin_key, endpointUri: `${site.url}/api/v2` });

      test("opens, reads, changes and lists tickets", async () => {
        const email = mailbox("zendesk");
        const { result: created } = await client().tickets.create({
          ticket: { subject: "Cobro doble", comment: { body: "Me habéis cobrado dos veces la factura de octubre." }, priority: "urgent", requester: { name: "Eva", email }, tags: ["web"] },
        });
        assert.deepEqual([created.subject, created.priority, created.tags], ["Cobro doble", "urgent", ["web"]]);
        assert.ok(Number.isSafeInteger(created.id) && Number.isSafeInteger(created.requester_id), JSON.stringify(created));

        const ours = await routed(created.id);
        assert.deepEqual([ours.category, ours.assignee, ours.priority, ours.requester.email], ["billing", "carl", "critical", email]);
        assert.ok(ours.due_at);

        const { result: shown } = await client().tickets.show(created.id);
        assert.equal(shown.description, "Me habéis cobrado dos veces la factura de octubre.");
        const { result: updated } = await client().tickets.update(created.id, { ticket: { status: "pending", comment: { body: "Te lo devolvemos hoy.", public: true } } });
        assert.equal(updated.status, "pending");
        await client().tickets.update(created.id, { ticket: { comment: { body: "Ojo: tercera vez.", public: false } } });
        const said = (await client().tickets.getComments(created.id)).map(({ body, public: isPublic }) => [body, isPublic]);
        assert.deepEqual(said, [["Me habéis cobrado dos veces la factura de octubre.", true], ["Te lo devolvemos hoy.", true], ["Ojo: tercera vez.", false]]);
        assert.ok((await ticket(created.id)).replied_at, "a public answer is a reply");
        assert.ok((await client().tickets.list()).some(({ id }) => id === created.id));
      });

      test("is told in Zendesk's words what is wrong", async () => {
        await assert.rejects(client().tickets.show(999_999), /RecordNotFound|not found|404/i);
        await assert.rejects(client().tickets.create({ ticket: { subject: "", comment: { body: "" } } }), /RecordInvalid|422|invalid/i);
        const stranger = createClient({ username: "x@bahia.example", token: "orl_admin_guess", endpointUri: `${site.url}/api/v2` });
        await assert.rejects(stranger.tickets.list(), /401|authenticate/i);
      });
    });

    test("standardwebhooks and Slack's receiver see what they should", async () => {
      const crm = await receiver();
      const slack = await receiver(() => ({ status: 200, body: "ok" }));
      try {
        await withDestination(site, { kind: "webhook", target: `${crm.url}/desk`, events: ["ticket.created", "ticket.assigned"] }, async ({ secret }) =>
          withDestination(site, { kind: "slack", target: `${slack.url}/services/T/B/x`, events: ["ticket.created"] }, async () => {
            const email = mailbox("told");
            const { ticket_id } = await api(site, "/v1/tickets", { key: "admin_key", method: "POST", body: { subject: "Caída <total>", text: "La web no carga desde las nueve", requester: { email } } });
            const told = await eventually("both pieces of news", () => {
              const about = crm.requests.filter(({ body }) => body.includes(ticket_id)).map(({ body, headers }) => new Webhook(secret).verify(body, headers));
              return about.length > 1 && about;
            });
            assert.deepEqual(told.map(({ type }) => type).sort(), ["ticket.assigned", "ticket.created"]);
            const [assigned] = told.filter(({ type }) => type === "ticket.assigned");
            assert.deepEqual([assigned.data.ticket.id, assigned.data.ticket.assignee], [ticket_id, "ana"]);
            const note = JSON.parse((await eventually("the note in Slack", () => slack.requests.find(({ body }) => body.includes("Caída")))).body);
            assert.equal(note.text, "Nuevo ticket: Caída &lt;total&gt;");
            assert.ok(note.blocks.some(({ type }) => type === "section"));
          }),
        );
      } finally {
        await Promise.all([crm.stop(), slack.stop()]);
      }
    });

    test("what the chat hands over is a routed ticket with a deadline", async () => {
      const headers = { "content-type": "application/json", "x-write-key": site.keys.write_key };
      const say = async (body) => (await fetch(`${site.url}/v1/chat`, { method: "POST", headers, body: JSON.stringify(body) })).json();
      const asked = await say({ message: "¿Por qué me habéis cobrado dos veces la factura?", locale: "es" });
      const handed = await say({ message: "quiero hablar con una persona", conversation_id: asked.conversation_id, want: "person", contact: { email: mailbox("chat") } });
      assert.equal(handed.action, "handoff");
      const found = await routed(handed.ticket_id);
      assert.deepEqual([found.source, found.category, found.assignee, found.locale], ["chat", "billing", "carl", "es"]);
      assert.ok(found.due_at && found.events[0].text.includes("cobrado dos veces"));
    });
  });
}
