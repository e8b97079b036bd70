// The page of a satisfaction link, and the question on a page: a click in a mail is a vote once somebody looks, a scanner's is none; it may be changed, and works without a script.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BROWSED, api, browser, hostPage, mailbox, open, server, sideways, violations } from "./support.mjs";

for (const host of BROWSED) {
  describe(`how the help was, on ${host}`, () => {
    const site = {};
    let chrome;
    before(async () => {
      Object.assign(site, await server(host));
      chrome = await browser();
    });
    after(() => Promise.all([chrome?.close(), site.stop?.()]));

    /** A solved ticket in a language, and the path of its link. */
    const solved = async (subject, locale) => {
      const body = { subject, text: locale === "es" ? "¿Abrís el sábado por la mañana?" : "Are you open on Saturday mornings?", locale, requester: { email: mailbox("rating") } };
      const { ticket_id: id } = await api(site, "/v1/tickets", { key: "admin_key", method: "POST", body });
      await api(site, `/v1/tickets/${id}`, { key: "admin_key", method: "PATCH", body: { agent: "nerea", assignee: "nerea", status: "solved" } });
      const { url } = await api(site, `/v1/tickets/${id}/satisfaction-link`, { key: "admin_key", method: "POST", body: {} });
      return { id, path: new URL(url).pathname };
    };
    const rating = async (id) => (await api(site, `/v1/tickets/${id}`)).satisfaction;

    test("a click in a mail is a vote, and may be changed with a word", async () => {
      const { id, path } = await solved("Horario del <sábado>", "es");
      const page = await open(chrome, { viewport: { width: 375, height: 800 } });
      await page.goto(`${site.url}${path}?score=4`);
      await page.getByRole("status").filter({ hasText: "4" }).waitFor();
      await page.locator("[role=status][data-kind=ok]").waitFor();
      assert.equal((await rating(id)).score, 4);
      assert.ok(await page.getByText("Horario del <sábado>").isVisible());
      await page.getByRole("radio", { name: "2 Mala" }).check();
      await page.getByRole("textbox").fill("Tardó <b>mucho</b>");
      await page.getByRole("button").click();
      await page.getByRole("status").filter({ hasText: "2" }).waitFor();
      const told = await rating(id);
      assert.deepEqual([told.score, told.comment], [2, "Tardó <b>mucho</b>"]);
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(await sideways(page), []);
      assert.deepEqual(page.errors, []);
      await page.context().close();
    });

    test("it works without a script, in the ticket's language, in the dark", async () => {
      const { id, path } = await solved("Saturday", "en");
      const page = await open(chrome, { javaScriptEnabled: false, colorScheme: "dark", locale: "es-ES" });
      await page.goto(`${site.url}${path}?score=5`);
      assert.equal(await rating(id), null, "who only looks has not voted");
      assert.ok(await page.getByRole("radio", { name: "5 Very good" }).isChecked());
      await page.getByRole("button").click();
      await page.locator("[role=status][data-kind=ok]").waitFor();
      assert.equal((await rating(id)).score, 5);
      await page.context().close();
    });

    test("a visit is asked one question on a page, and what is answered counts", async () => {
      const script = `<script src="${site.url}/orilla.js" data-orilla-key="${site.keys.write_key}" data-orilla-survey="nps" data-orilla-survey-after="0" defer></script>`;
      const web = await hostPage(`<!doctype html><html lang="en"><title>Marea</title>${script}</html>`);
      // A browser of its own for each run: whoever was asked today is known by it.
      const page = await open(chrome, { userAgent: `Firefox of ${mailbox("asked")}` });
      const before = (await api(site, "/v1/surveys/nps")).answers;
      await page.goto(web.url);
      await page.getByRole("group", { name: "How likely are you to recommend Marea?" }).getByRole("radio", { name: "9", exact: true }).check();
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("Thank you.").waitFor();
      const told = await api(site, "/v1/surveys/nps");
      assert.equal(told.answers, before + 1);
      const invitation = page.waitForResponse((answer) => answer.url().includes("/invitations"));
      await page.reload();
      assert.deepEqual(await (await invitation).json(), { ask: false });
      assert.equal(await page.locator("orilla-survey").count(), 0);
      assert.deepEqual(page.errors, []);
      await page.context().close();
      await web.stop();
    });

    test("a link that was changed says so in words", async () => {
      const { path } = await solved("Hola", "es");
      const page = await open(chrome);
      const answer = await page.goto(`${site.url}${path.slice(0, -2)}AA`);
      assert.ok(answer.status() >= 400 && answer.status() < 500, `${answer.status()}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      assert.deepEqual(await violations(page), []);
      await page.context().close();
    });
  });
}
