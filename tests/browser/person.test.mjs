// A person's path on every host: read, get it wrong, mend it, be thanked; and the lead stands in the inbox with its reasons.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BROWSED, PERSON_MS, browser, form, leadsOf, mailbox, open, server } from "./support.mjs";

const LANGUAGES = {
  es: { path: "/demo", email: "Correo", name: "Nombre", inbox: /Por qué esta puntuación/, sum: "Suma" },
  en: { path: "/demo/en", email: /Email|E-mail/, name: "Name", inbox: /Why this score/, sum: "Sum" },
};

for (const host of BROWSED) {
  describe(`a person on ${host}`, () => {
    let site, chrome;
    before(async () => {
      site = await server(host);
      chrome = await browser();
    });
    after(() => Promise.all([chrome?.close(), site?.stop()]));

    for (const [language, words] of Object.entries(LANGUAGES)) {
      test(`gets it wrong, mends it and is thanked (${language})`, async () => {
        const page = await open(chrome);
        const email = mailbox(`ana.${language}`);
        await page.goto(`${site.url}${words.path}?utm_source=feria&utm_medium=cartel`);
        assert.equal(await page.locator("html").getAttribute("lang"), language);
        const shown = await form(page);
        assert.equal(await shown.getAttribute("lang"), language);
        assert.ok((await shown.locator("h2").textContent()).length > 5);

        await shown.getByLabel(words.email).fill("ana@");
        await shown.getByRole("button").click();
        const alert = shown.getByRole("alert");
        await alert.getByRole("link").first().waitFor();
        assert.equal(await alert.getByRole("link").count(), 2, "every violation is told at once");
        assert.ok(await alert.evaluate((node) => node === document.activeElement), "the summary takes the focus");
        const field = shown.locator("[name=email]");
        assert.equal(await field.getAttribute("aria-invalid"), "true");
        const note = shown.locator(`[id="${(await field.getAttribute("aria-describedby")).trim()}"]`);
        assert.ok((await note.textContent()).length > 5);
        assert.equal(await field.inputValue(), "ana@", "what was typed is kept");
        await alert.getByRole("link").first().click();
        assert.ok(await field.evaluate((node) => node === document.activeElement), "a summary link goes to its field");

        await field.fill(email);
        await shown.getByLabel(words.name).fill("Ana Prado");
        await shown.locator("[name=company]").fill("Escuela Norte");
        await shown.locator("[name=consent]").check();
        await page.waitForTimeout(PERSON_MS);
        await shown.getByRole("button").click();
        await shown.locator(".orilla-alert:first-child").waitFor();
        assert.ok(await alert.evaluate((node) => node === document.activeElement), "the thanks take the focus");
        assert.ok((await alert.textContent()).length > 5);
        assert.equal(await shown.locator("input").count(), 0);

        const [lead, ...others] = await leadsOf(site, email);
        assert.equal(others.length, 0);
        assert.equal(lead.verdict, "accept");
        assert.equal(lead.locale, language);
        assert.equal(lead.first_touch.utm?.source, "feria", JSON.stringify(lead.first_touch));
        assert.equal(lead.contributions.reduce((sum, { points }) => sum + points, 0), lead.score);

        await page.goto(`${site.url}/demo/inbox?lang=${language}#${lead.id}`);
        const row = page.locator(`#list a[href="#${lead.id}"]`);
        await row.waitFor();
        assert.match(await row.textContent(), /Ana Prado/);
        assert.match(await row.textContent(), new RegExp(`^${lead.score}`));
        const panel = page.locator("#lead");
        await panel.getByText(words.inbox).waitFor();
        const table = panel.locator("table").first();
        assert.equal(await table.locator("tbody tr").count(), lead.contributions.length);
        assert.ok(lead.contributions.length > 0, "the score has reasons");
        assert.equal((await table.locator("tfoot .number").textContent()).trim(), String(lead.score));
        assert.deepEqual(page.errors, []);
        await page.context().close();
      });
    }

    test("without JavaScript sends the same form", async () => {
      const page = await open(chrome, { javaScriptEnabled: false });
      const email = mailbox("sin.script");
      await page.goto(`${site.url}/demo`);
      const plain = page.locator("form.plain");
      await plain.locator("[name=email]").fill(email);
      await plain.locator("[name=name]").fill("Luis Mar");
      await plain.locator("[name=consent]").check();
      await plain.getByRole("button").click();
      await page.waitForURL(/\/f\/demo\/thanks/);
      assert.ok((await page.locator("h1").textContent()).length > 5);
      assert.equal(await page.locator("html").getAttribute("lang"), "es");
      assert.equal((await leadsOf(site, email)).length, 1);
      await page.context().close();
    });
  });
}
