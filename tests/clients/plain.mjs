// Clients that know nothing of us: a form in HTML without any script, and curl.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { JSDOM } from "jsdom";
import { leadsOf, mailbox } from "../server.mjs";

/** What a browser says it would like for a page. */
const ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

export const plainClients = (site) => {
  const only = async (email) => {
    const leads = await leadsOf(site, email);
    assert.equal(leads.length, 1, `leads of ${email}`);
    return leads[0];
  };

  describe("an HTML form without a script", () => {
    const post = (fields, headers = {}) =>
      fetch(`${site.url}/f/demo`, {
        method: "POST",
        redirect: "manual",
        headers: { accept: ACCEPT, "accept-language": "es-MX,es;q=0.9", origin: site.url, ...headers },
        body: new URLSearchParams(fields),
      });

    test("leads to the thanks", async () => {
      const email = mailbox("html");
      const answer = await post({ email, name: "Ana & <Ana>", consent: "on", _gotcha: "" });
      assert.equal(answer.status, 303);
      assert.equal(await answer.text(), "");
      const thanks = await fetch(new URL(answer.headers.get("location"), `${site.url}/f/demo`), { headers: { accept: ACCEPT } });
      assert.equal(thanks.status, 200);
      const { document } = new JSDOM(await thanks.text()).window;
      assert.equal(document.documentElement.lang, "es");
      assert.match(document.querySelector("main").textContent, /Gracias/);
      const guide = await fetch(new URL(document.querySelector("a[href*='/v1/assets/']").getAttribute("href"), thanks.url));
      assert.equal(guide.status, 200);
      assert.equal(Buffer.from(await guide.arrayBuffer()).subarray(0, 5).toString(), "%PDF-");
      const lead = await only(email);
      assert.equal(lead.name, "Ana & <Ana>");
      assert.equal(lead.verdict, "accept");
    });

    test("goes to an allowed `_next`, and to no other", async () => {
      const fields = { consent: "on", _gotcha: "" };
      const welcome = "https://www.marea.example/gracias?de=formulario";
      const allowed = await post({ ...fields, email: mailbox("next"), _next: welcome });
      assert.deepEqual([allowed.status, allowed.headers.get("location")], [303, welcome]);
      for (const _next of ["https://evil.example/", "//evil.example", "https://marea.example@evil.example/", "javascript:alert(1)", "https://marea.example.evil.example/"]) {
        const answer = await post({ ...fields, email: mailbox("hostile"), _next });
        assert.equal(answer.status, 303, _next);
        assert.match(answer.headers.get("location"), /^\/f\/demo\/thanks\?/, _next);
      }
    });

    test("with mistakes comes back as it was typed", async () => {
      const answer = await post({ email: "ana@", name: `"><script>1</script>`, _gotcha: "" });
      assert.equal(answer.status, 422);
      const { document } = new JSDOM(await answer.text()).window;
      assert.equal(document.querySelector("[name=email]").value, "ana@");
      assert.equal(document.querySelector("[name=name]").value, `"><script>1</script>`);
      assert.equal(document.querySelectorAll("script").length, 0);
      assert.equal(document.querySelectorAll("[aria-invalid=true]").length, 2, "the mailbox and the consent");
    });

    test("on a hosted page says everything that its own fields say", async () => {
      const email = mailbox("hosted");
      const page = await fetch(`${site.url}/f/demo`, { headers: { accept: ACCEPT, "accept-language": "en" } });
      const { window } = new JSDOM(await page.text(), { url: page.url });
      const form = window.document.querySelector("form");
      form.elements.namedItem("email").value = email;
      form.elements.namedItem("consent").checked = true;
      const action = new URL(form.getAttribute("action") ?? "", page.url);
      const answer = await fetch(action, { method: form.method, redirect: "manual", headers: { accept: ACCEPT }, body: new URLSearchParams([...new window.FormData(form)]) });
      assert.equal(answer.status, 303);
      const lead = await only(email);
      assert.deepEqual([lead.locale, lead.verdict, lead.reasons], ["en", "accept", []]);
    });
  });

  describe("curl", () => {
    const submit = `/v1/forms/demo/submissions`;
    const curl = async (path, ...words) => {
      const { stdout } = await promisify(execFile)("curl", ["--silent", "--show-error", "--max-time", "30", "--write-out", "\n%{http_code}", ...words, site.url + path]);
      const [, body, status] = /^([^]*)\n(\d+)$/.exec(stdout);
      return { status: Number(status), body: body && JSON.parse(body) };
    };

    test("sends JSON, and again", async () => {
      const email = mailbox("curl.json");
      const words = ["-H", "content-type: application/json", "-H", `idempotency-key: ${randomUUID()}`, "-d", JSON.stringify({ email, consent: true })];
      const first = await curl(submit, ...words);
      assert.equal(first.status, 201, JSON.stringify(first));
      assert.deepEqual(await curl(submit, ...words), first);
      const lead = await only(email);
      assert.equal(lead.submissions, 1);
      const other = await curl(submit, ...words.slice(0, -1), JSON.stringify({ email, consent: true, name: "Otra" }));
      assert.equal(other.status, 422);
      assert.equal(other.body.errors[0].code, "idempotency_mismatch");
    });

    test("sends what it sends by itself, urlencoded", async () => {
      const email = mailbox("curl.urlencoded");
      const { status, body } = await curl(submit, "--data-urlencode", `email=${email}`, "--data-urlencode", "name=Zoë + Åsa = 100 %", "-d", "consent=on", "-d", "_gotcha=");
      assert.equal(status, 201, JSON.stringify(body));
      assert.equal((await only(email)).name, "Zoë + Åsa = 100 %");
    });

    test("sends multipart", async () => {
      const email = mailbox("curl.multipart");
      const { status, body } = await curl(submit, "-F", `email=${email}`, "-F", "message=una línea\ny otra", "-F", "consent=yes", "-F", "_gotcha=");
      assert.equal(status, 201, JSON.stringify(body));
      const lead = await only(email);
      assert.match(lead.fields.message, /^una línea\r?\ny otra$/);
    });

    test("sends a gzipped body, whatever type it claims", async () => {
      for (const type of ["application/json", "application/x-www-form-urlencoded", "text/plain"]) {
        const email = mailbox("curl.gzip");
        const sending = promisify(execFile)("curl", ["--silent", "--max-time", "30", "-H", `content-type: ${type}`, "-H", "content-encoding: gzip", "--data-binary", "@-", site.url + submit]);
        sending.child.stdin.end(gzipSync(JSON.stringify({ email, consent: true })));
        const { ok } = JSON.parse((await sending).stdout);
        assert.equal(ok, true, type);
        await only(email);
      }
    });

    test("is refused with a problem document", async () => {
      const { status, body } = await curl(submit, "-H", "content-type: application/json", "-d", `{"email":`);
      assert.equal(status, 400);
      assert.equal(body.status, 400);
      assert.ok(body.title && body.detail);
    });
  });
};
