// Mails that services hand over become tickets: what Postmark, Mailgun and Resend send, signed by others than us where somebody publishes a signer,
// and Zendesk's webhook. The path that a source is given is all that a service has to be told.

import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { HOSTS, api, mailbox, server } from "../server.mjs";
import { eventually, receiver } from "./support.mjs";

const SIGNING = `whsec_${Buffer.from("a secret of a test, of many bytes").toString("base64")}`;

for (const host of HOSTS) {
  describe(`mails on ${host}`, () => {
    const site = {};
    let mails;
    before(async () => {
      // Stands in for Resend's API, which has a mail's words; its event has not.
      mails = await receiver((request) => ({
        status: request.path.startsWith("/emails/receiving/") ? 200 : 404,
        body: JSON.stringify({ object: "email", id: request.path.split("/").pop(), text: "La exportación da error 500 desde ayer.", html: null, headers: {} }),
      }));
      Object.assign(site, await server(host, { site: join(import.meta.dirname, "tickets/site"), variables: { ALLOWED_PRIVATE_HOSTS: "127.0.0.1", MAIL_API_URL: mails.url, MAIL_API_KEY: "re_test" } }));
      await api(site, "/v1/agents/ana", { key: "admin_key", method: "PATCH", body: { presence: "online" } });
    });
    after(() => Promise.all([site.stop?.(), mails?.stop()]));

    const source = async (kind, secret) => new URL((await api(site, `/v1/routing/sources/${kind}`, { key: "admin_key", method: "PUT", body: { kind, secret } })).path, site.url);
    const send = async (url, init) => {
      const answer = await fetch(url, { method: "POST", ...init });
      return { status: answer.status, ...(await answer.json()) };
    };
    const json = (body, headers = {}) => ({ body: typeof body === "string" ? body : JSON.stringify(body), headers: { "content-type": "application/json", ...headers } });
    const ticket = (name) => api(site, `/v1/tickets/${name}`);
    const routed = (name) => eventually(`ticket ${name} is somebody's`, async () => (await ticket(name).catch(() => ({}))).assignee && ticket(name));

    test("Postmark's become a ticket, and an answer finds it", async () => {
      const url = await source("postmark", "s3cret");
      const authorization = `Basic ${Buffer.from("postmark:s3cret").toString("base64")}`;
      const [from, message] = [mailbox("postmark"), randomUUID()];
      const mail = (id, text, headers = []) => ({
        From: from, FromFull: { Email: from, Name: "Eva Mar", MailboxHash: "" }, To: "help@bahia.example", Subject: "No puedo entrar", MessageID: id,
        TextBody: text, HtmlBody: "", StrippedTextReply: "", Headers: [{ Name: "Message-ID", Value: `<${id}@mail.example>` }, ...headers], Attachments: [],
      });
      assert.equal((await send(url, json(mail(message, "hola")))).status, 401, "without the password");
      const told = await send(url, json(mail(message, "No puedo entrar en mi cuenta, la contraseña no vale."), { authorization }));
      assert.equal(told.status, 200);
      const opened = await routed(told.ticket_id);
      assert.deepEqual([opened.category, opened.assignee, opened.requester], ["account", "ana", { name: "Eva Mar", email: from }]);
      assert.ok(opened.due_at);
      assert.equal((await send(url, json(mail(message, "No puedo entrar en mi cuenta, la contraseña no vale."), { authorization }))).is_duplicate, true);
      const answer = mail(randomUUID(), "Sigue igual.\n\nEl lun, 3 nov 2026, Ana escribió:\n> Prueba otra vez", [{ Name: "In-Reply-To", Value: `<${message}@mail.example>` }]);
      assert.equal((await send(url, json(answer, { authorization }))).ticket_id, told.ticket_id);
      assert.equal((await ticket(told.ticket_id)).events.filter(({ kind }) => kind === "comment").length, 1);
    });

    test("Mailgun's come as forms, signed, with files", async () => {
      const url = await source("mailgun", "key-of-a-test");
      const form = (token, signature) => {
        const fields = new FormData();
        const timestamp = String(Math.floor(Date.now() / 1000));
        const signed = signature ?? createHmac("sha256", "key-of-a-test").update(timestamp + token).digest("hex");
        const sent = { from: `Al <${mailbox("mailgun")}>`, subject: "Invoice", "body-plain": "You charged me twice for October, please refund one.", "stripped-text": "You charged me twice for October, please refund one.", "Message-Id": `<${token}@mail.example>`, timestamp, token, signature: signed };
        for (const [name, value] of Object.entries(sent)) fields.append(name, value);
        fields.append("attachment-1", new Blob(["%PDF-"]), "invoice.pdf");
        return { body: fields };
      };
      const told = await send(url, form(randomUUID()));
      assert.equal(told.status, 200, JSON.stringify(told));
      const opened = await ticket(told.ticket_id);
      assert.deepEqual([opened.category, opened.locale, opened.events[0].text.includes("invoice.pdf")], ["billing", "en", true]);
      assert.equal((await send(url, form(randomUUID(), "0".repeat(64)))).status, 401);
    });

    test("Resend's event is believed by standardwebhooks' signature, and its mail is fetched", async () => {
      const url = await source("resend", SIGNING);
      const id = randomUUID();
      const event = JSON.stringify({
        type: "email.received", created_at: new Date().toISOString(),
        data: { email_id: id, created_at: new Date().toISOString(), from: `Eva <${mailbox("resend")}>`, to: ["help@bahia.example"], bcc: [], cc: [], message_id: `<${id}@mail.example>`, subject: "Error 500", attachments: [] },
      });
      const at = new Date();
      const signed = (payload) => ({ "svix-id": `msg_${id}`, "svix-timestamp": String(Math.floor(at / 1000)), "svix-signature": new Webhook(SIGNING).sign(`msg_${id}`, at, payload) });
      assert.equal((await send(url, json(event.replace("Error", "Terror"), signed(event)))).status, 401);
      const told = await send(url, json(event, signed(event)));
      assert.equal(told.status, 200, JSON.stringify(told));
      const opened = await ticket(told.ticket_id);
      assert.deepEqual([opened.category, opened.events[0].text.startsWith("La exportación da error 500")], ["technical", true]);
      assert.equal(mails.requests.filter((request) => request.path.endsWith(id)).length, 1);
    });

    test("Zendesk's webhook is believed by its signature while it is new", async () => {
      const url = await source("zendesk", "zd-secret");
      const body = JSON.stringify({ ticket_id: randomUUID(), subject: "Cobro doble", description: "Me habéis cobrado dos veces la factura", requester_email: mailbox("zendesk"), requester_name: "Eva" });
      const signed = (at) => ({ "x-zendesk-webhook-signature": createHmac("sha256", "zd-secret").update(at + body).digest("base64"), "x-zendesk-webhook-signature-timestamp": at });
      const told = await send(url, json(body, signed(new Date().toISOString())));
      assert.equal(told.status, 200, JSON.stringify(told));
      assert.equal((await ticket(told.ticket_id)).source, "zendesk");
      assert.equal((await send(url, json(body, signed(new Date(Date.now() - 600_000).toISOString())))).status, 401, "ten minutes old");
    });

    test("a solved ticket's customer says how the help was", async () => {
      const { ticket_id: id } = await api(site, "/v1/tickets", { key: "admin_key", method: "POST", body: { text: "¿Abrís el sábado?", requester: { email: mailbox("rating") } } });
      await api(site, `/v1/tickets/${id}`, { key: "admin_key", method: "PATCH", body: { agent: "ana", assignee: "ana", status: "solved" } });
      const { url } = await api(site, `/v1/tickets/${id}/satisfaction-link`, { key: "admin_key", method: "POST", body: {} });
      const link = new URL(new URL(url).pathname, site.url);
      assert.equal((await fetch(`${link}?score=5`)).status, 200, "a scanner looks");
      assert.equal((await ticket(id)).satisfaction, null);
      assert.equal((await send(link, json({ score: 5, comment: "Gracias" }))).status, 200);
      assert.equal((await ticket(id)).satisfaction.score, 5);
      const report = await api(site, "/v1/routing/report");
      assert.deepEqual([report.satisfaction.answers, report.satisfaction.share], [1, 1]);
    });
  });
}
