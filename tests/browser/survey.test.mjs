// The question to visitors: when it is asked, how it is answered by mouse, keyboard and screen reader, and what becomes of a bad network. What the
// server says is made up here; that it says so once in a visit is a test of its own, beside those of the satisfaction page.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { READABLE, browser, hostPage, open, sideways, violations, watchShifts } from "./support.mjs";

const SITE = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90";
const WORDS = {
  nps: { question: "¿Qué tan probable es que recomiendes Marea?", low: "Nada probable", high: "Muy probable", thanks: "Gracias. Lo leemos todo." },
  csat: { question: "How is Marea working for you?", low: "Very badly", high: "Very well", thanks: "Thank you. We read every answer." },
};
const ORIGIN = "http://forms.marea.test";

describe("the question to visitors", () => {
  let chrome;
  before(async () => (chrome = await browser()));
  after(() => chrome?.close());

  /** A page with our script, in front of a server that says `asks`, and takes answers unless `faults` has another status for the next one. */
  const visit = async ({ body = "", attributes = 'data-orilla-survey="nps" data-orilla-survey-after="0"', lang = "es", asks = true, ...options } = {}) => {
    const html = `<!doctype html><html lang="${lang}"><title>Marea</title><meta name="viewport" content="width=device-width"><main><h1>Marea</h1>${body}</main>
      <script src="${ORIGIN}/orilla.js" data-orilla-key="${SITE}" ${attributes} defer></script></html>`;
    const web = await hostPage(html);
    const page = await open(chrome, { reducedMotion: "reduce", ...options });
    const seen = { asked: [], sent: [], loaded: [], faults: [] };
    await page.route(`${ORIGIN}/**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      const name = pathname.slice(1);
      if (/^orilla[a-z-]*\.(js|css)$/.test(name)) {
        seen.loaded.push(name);
        return route.fulfill({ contentType: name.endsWith("css") ? "text/css" : "text/javascript", body: await readFile(new URL(`../../web/dist/${name}`, import.meta.url)) });
      }
      const [, survey, invitation] = /^\/v1\/surveys\/(\w+)(\/invitations)?$/.exec(pathname) ?? [];
      const said = route.request().postDataJSON();
      const json = (status, content) => route.fulfill({ status, headers: { ...READABLE, "content-type": "application/json" }, body: JSON.stringify(content) });
      if (!survey) return json(200, {});
      if (invitation) {
        seen.asked.push(said);
        return json(200, asks ? { ask: true, survey, locale: lang, words: WORDS[survey] } : { ask: false });
      }
      seen.sent.push(said);
      const fault = seen.faults.shift();
      return fault ? json(fault, { status: fault, code: "invalid" }) : json(201, { is_change: false });
    });
    await watchShifts(page);
    await page.goto(web.url);
    const card = page.getByRole("region");
    return { page, seen, card, done: async () => (assert.deepEqual(page.errors, []), await page.context().close(), await web.stop()) };
  };

  test("asks in a card that takes nobody's focus, is answered with the keyboard, and thanks", async () => {
    const { page, seen, card, done } = await visit();
    await card.waitFor();
    assert.deepEqual(seen.asked, [{ site: SITE, locale: "es" }]);
    assert.equal(await page.evaluate(() => document.activeElement.localName), "body");
    await page.getByRole("status").filter({ hasText: "Una pregunta corta: ¿Qué tan probable" }).waitFor({ state: "attached" });
    assert.deepEqual(await card.getByRole("radio").evaluateAll((all) => all.map((it) => it.getAttribute("aria-label"))), ["0, Nada probable", ...Array.from({ length: 9 }, (_, at) => `${at + 1}`), "10, Muy probable"]);
    assert.equal(await card.getByRole("textbox").count(), 0, "room for a word comes with the choice");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    for (let step = 0; step < 9; step++) await page.keyboard.press("ArrowRight");
    assert.ok(await card.getByRole("radio", { name: "9", exact: true }).isChecked());
    await page.keyboard.press("Tab");
    await page.keyboard.type("Rápido <b>y</b> claro");
    assert.deepEqual(await violations(page), []);
    assert.equal(seen.sent.length, 0, "choosing is not sending");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await card.getByText("Gracias. Lo leemos todo.").waitFor();
    assert.deepEqual(seen.sent, [{ site: SITE, score: 9, comment: "Rápido <b>y</b> claro", locale: "es", page: page.url() }]);
    assert.equal(await page.evaluate(() => document.querySelector("orilla-survey").shadowRoot.activeElement.textContent), "Gracias. Lo leemos todo.");
    await card.getByRole("button", { name: "Cerrar la pregunta" }).click();
    assert.equal(await page.locator("orilla-survey").count(), 0);
    assert.deepEqual(await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length]), ["", 0, 0], "nothing is kept in the browser");
    assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
    await done();
  });

  test("asks nothing of whom the server does not want asked, and loads nothing where no question is wanted", async () => {
    const asked = await visit({ asks: false });
    await asked.page.waitForTimeout(300);
    assert.deepEqual([asked.seen.asked.length, await asked.page.locator("orilla-survey").count()], [1, 0]);
    await asked.done();
    const plain = await visit({ attributes: "" });
    await plain.page.waitForTimeout(300);
    assert.ok(plain.seen.loaded.includes("orilla.js") && !plain.seen.loaded.includes("orilla-survey.js"));
    await plain.done();
  });

  test("waits as long, or until as much was read, as the page says", async () => {
    const { page, seen, card, done } = await visit({ attributes: 'data-orilla-survey="csat" data-orilla-survey-after="600 50%"', lang: "en", body: '<p style="height: 6000px">x</p>' });
    await page.waitForTimeout(300);
    assert.equal(seen.asked.length, 0, "not at first sight");
    await page.evaluate(() => scrollTo(0, 3200));
    await card.waitFor();
    await card.getByRole("radio", { name: "4", exact: true }).check();
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("orilla-survey").count(), 0, "Escape closes it");
    assert.equal(seen.sent.length, 0);
    await done();
  });

  test("keeps what was chosen where it did not arrive", async () => {
    const { seen, card, done } = await visit();
    seen.faults.push(422);
    await card.getByRole("radio", { name: "3", exact: true }).check();
    await card.getByRole("textbox").fill("Lento");
    await card.getByRole("button", { name: "Enviar" }).click();
    await card.getByRole("alert").filter({ hasText: "Lo que elegiste sigue aquí" }).waitFor();
    assert.ok(await card.getByRole("radio", { name: "3", exact: true }).isChecked());
    await card.getByRole("button", { name: "Enviar" }).click();
    await card.getByText("Gracias").waitFor();
    assert.deepEqual(seen.sent.map(({ score, comment }) => [score, comment]), [[3, "Lento"], [3, "Lento"]]);
    await done();
  });

  test("stands in an element of the page's own, for somebody whom the page knows", async () => {
    const { page, seen, card, done } = await visit({ attributes: "", body: '<div data-orilla-survey="nps" data-orilla-survey-visitor="cliente-7" data-orilla-survey-email="eva@mar.example" style="min-height: 12rem"></div>' });
    await card.waitFor();
    assert.deepEqual(seen.asked, [{ site: SITE, visitor: "cliente-7", email: "eva@mar.example", locale: "es" }]);
    assert.ok(await page.evaluate(() => document.querySelector("main orilla-survey") && getComputedStyle(document.querySelector("orilla-survey")).position === "static"));
    assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
    await done();
  });

  test("fits a narrow screen and a dark one", async () => {
    for (const colorScheme of ["light", "dark"]) {
      const { page, card, done } = await visit({ viewport: { width: 320, height: 640 }, colorScheme });
      await page.addStyleTag({ content: ":root { color-scheme: light dark; }" });
      await card.getByRole("radio", { name: "8", exact: true }).check();
      assert.deepEqual(await sideways(page), []);
      assert.deepEqual(await violations(page), []);
      const small = await card.locator(".scale label").evaluateAll((all) => all.map((it) => it.getBoundingClientRect()).filter(({ width, height }) => width < 24 || height < 44).length);
      assert.equal(small, 0, "each choice can be touched");
      if (process.env.ORILLA_PICTURES) await page.screenshot({ path: `${process.env.ORILLA_PICTURES}/survey-320-${colorScheme}.png` });
      await done();
    }
    if (!process.env.ORILLA_PICTURES) return;
    for (const survey of ["nps", "csat"]) {
      const { page, card, done } = await visit({ attributes: `data-orilla-survey="${survey}" data-orilla-survey-after="0"`, lang: survey === "nps" ? "es" : "en" });
      await card.getByRole("radio").nth(3).check();
      await page.screenshot({ path: `${process.env.ORILLA_PICTURES}/survey-${survey}.png` });
      await done();
    }
  });
});
