// What leaves: webhooks that the published verifier believes, and Slack messages of the shape that Slack's own client sends.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { IncomingWebhook } from "@slack/webhook";
import { Webhook } from "standardwebhooks";
import { all, api, leadsOf, mailbox } from "../server.mjs";
import { eventually, receiver } from "./support.mjs";

/** Some other secret: whoever holds it must not be believed. */
const WRONG_SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;

export const submitTo = async (site, fields, headers = {}) => {
  const answer = await fetch(`${site.url}/v1/forms/demo/submissions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ consent: true, _elapsed_ms: 9000, ...fields }),
  });
  assert.equal(answer.status, 201, await answer.clone().text());
  return answer.json();
};

/** Adds a destination for as long as `use` takes. */
export const withDestination = async (site, wish, use) => {
  const added = await api(site, "/v1/destinations", { key: "admin_key", method: "POST", body: wish });
  try {
    return await use(added);
  } finally {
    await api(site, `/v1/destinations/${added.id}`, { key: "admin_key", method: "DELETE" });
  }
};

export const webhooks = (site) => {
  describe("standardwebhooks", () => {
    let crm;
    before(async () => (crm = await receiver()));
    after(() => crm?.stop());
    const about = (email) => eventually(`a webhook about ${email}`, () => crm.requests.find(({ body }) => body.includes(email)));

    test("verifies what arrives, and nothing that is not so", async () => {
      await withDestination(site, { kind: "webhook", target: `${crm.url}/crm`, events: ["lead.created"] }, async ({ secret }) => {
        const email = mailbox("webhook");
        const { id } = await submitTo(site, { email, name: "Núria" });
        const { method, path, headers, body } = await about(email);
        assert.deepEqual([method, path], ["POST", "/crm"]);

        const event = new Webhook(secret).verify(body, headers);
        assert.equal(event.type, "lead.created");
        assert.equal(event.data.submission.id, id);
        const [lead] = await leadsOf(site, email);
        assert.deepEqual([event.data.lead.id, event.data.lead.score], [lead.id, lead.score]);
        const delivery = await eventually("the delivery is noted", async () =>
          (await all(site, "/v1/deliveries?status=delivered", "deliveries")).find((delivery) => delivery.id === headers["webhook-id"]));
        assert.equal(delivery.attempts, 1);

        assert.throws(() => new Webhook(WRONG_SECRET).verify(body, headers), /signature/i);
        assert.throws(() => new Webhook(secret).verify(body.replace("Núria", "Nuria"), headers), /signature/i);
        assert.throws(() => new Webhook(secret).verify(body, { ...headers, "webhook-id": "msg_other" }), /signature/i);
        assert.throws(() => new Webhook(secret).verify(body, { ...headers, "webhook-timestamp": "1614265330" }), /too old/i);
      });
    });

    test("verifies with the old secret and the new one while they change", async () => {
      await withDestination(site, { kind: "webhook", target: crm.url, events: ["*"] }, async ({ id, secret }) => {
        const { secret: rotated } = await api(site, `/v1/destinations/${id}/rotate`, { key: "admin_key", method: "POST", body: {} });
        assert.notEqual(rotated, secret);
        const email = mailbox("rotated");
        await submitTo(site, { email });
        const { headers, body } = await about(email);
        for (const either of [secret, rotated]) assert.equal(new Webhook(either).verify(body, headers).data.lead.email, email);
        assert.throws(() => new Webhook(WRONG_SECRET).verify(body, headers), /signature/i);
      });
    });

    test("sees a retry under the same id", async () => {
      let isDown = true;
      const flaky = await receiver(() => ({ status: isDown ? 500 : 204 }));
      try {
        await withDestination(site, { kind: "webhook", target: flaky.url }, async ({ secret }) => {
          const email = mailbox("flaky");
          await submitTo(site, { email });
          await eventually("a first attempt", () => flaky.requests.length > 0);
          isDown = false;
          await eventually("a second attempt, five seconds later", () => flaky.requests.length > 1);
          const [first, second] = flaky.requests;
          assert.equal(first.headers["webhook-id"], second.headers["webhook-id"]);
          assert.equal(first.body, second.body);
          for (const { headers, body } of [first, second]) new Webhook(secret).verify(body, headers);
        });
      } finally {
        await flaky.stop();
      }
    });
  });

  test("Slack's receiver takes our message as it takes @slack/webhook's", async () => {
    const slack = await receiver((request) => (slackRefusal(request) ? { status: 400, body: slackRefusal(request) } : { status: 200, body: "ok" }));
    try {
      const client = new IncomingWebhook(`${slack.url}/services/T0/B0/client`);
      const message = { text: "New lead", blocks: [{ type: "header", text: { type: "plain_text", text: "New lead" } }] };
      assert.equal((await client.send(message)).text, "ok");
      await assert.rejects(client.send({ blocks: [{ type: "header" }] }), /400/, "the receiver refuses what Slack refuses");
      await assert.rejects(client.send({}), /400/);

      await withDestination(site, { kind: "slack", target: `${slack.url}/services/T0/B0/orilla`, events: ["lead.created"] }, async () => {
        const email = mailbox("slack");
        await submitTo(site, { email, name: "<!channel> & Söhne", message: "*hola*\n_dos_" });
        const ours = await eventually("a Slack message", () => slack.requests.find(({ path }) => path.endsWith("/orilla")));
        const theirs = slack.requests.find(({ path }) => path.endsWith("/client"));
        assert.equal(ours.method, theirs.method);
        assert.equal(ours.headers["content-type"].split(";")[0], theirs.headers["content-type"].split(";")[0]);
        assert.equal(slackRefusal(ours), null);
        const [sent, shape] = [JSON.parse(ours.body), JSON.parse(theirs.body)];
        assert.deepEqual(Object.keys(sent).sort(), Object.keys(shape).sort());
        assert.ok(ours.body.includes(email));
        assert.ok(JSON.stringify(sent.blocks).includes("&lt;!channel&gt; &amp; Söhne"), "nobody's input calls a channel");
        assert.ok(!JSON.stringify(sent.blocks[1]).includes("<!channel>"));
        const delivered = await eventually("the delivery is noted", async () =>
          (await all(site, "/v1/deliveries?status=delivered", "deliveries")).find(({ kind }) => kind === "slack"));
        assert.equal(delivered.last_status, 200);
      });
    } finally {
      await slack.stop();
    }
  });
};

/** Why Slack would refuse a message, in its own words, or null. Source: Slack, "Sending messages using incoming webhooks"; Block Kit reference. */
const slackRefusal = ({ headers, body }) => {
  if (!headers["content-type"]?.startsWith("application/json")) return "invalid_payload";
  let message;
  try {
    message = JSON.parse(body);
  } catch {
    return "invalid_payload";
  }
  if (!message.text && !message.blocks) return "no_text";
  if (message.blocks !== undefined && !(message.blocks.length <= 50 && message.blocks.every(isBlock))) return "invalid_blocks";
  return null;
};

const isText = (text, types, most) => types.includes(text?.type) && typeof text.text === "string" && text.text.length > 0 && [...text.text].length <= most;

const isBlock = (block) => {
  if (block.type === "header") return isText(block.text, ["plain_text"], 150);
  if (block.type !== "section") return false;
  const isFields = block.fields?.length > 0 && block.fields.length <= 10 && block.fields.every((field) => isText(field, ["plain_text", "mrkdwn"], 2000));
  return block.fields ? isFields : isText(block.text, ["plain_text", "mrkdwn"], 3000);
};
