// Marea's site: every page in both languages light, still, readable by everybody, and whole without a script.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PAGES } from "../../web/demo/site/site.mjs";
import { widget } from "./chat-support.mjs";
import { browser, form, open, server, sideways, violations, watchShifts } from "./support.mjs";

const ARTICLE = { es: "/demo/ayuda/price", en: "/demo/en/help/get-started-guide" };
const ALL = Object.entries({ ...PAGES, article: ARTICLE });
/** Source: web.dev, "good" is 0.1; a tenth of it is what nobody sees. */
const STILL = 0.01;
const BUDGET_BYTES = 50_000;

describe("Marea's site", () => {
  let site, chrome;
  before(async () => {
    site = await server();
    chrome = await browser();
  });
  after(() => Promise.all([chrome?.close(), site?.stop()]));

  /** What cannot be read for want of contrast; the rest of what axe looks at is the same in every light. */
  const unreadable = async (page) => {
    const { violations: found } = await page.evaluate(() => globalThis.axe.run({ runOnly: ["color-contrast"] }));
    return found.flatMap(({ nodes }) => nodes.map(({ html }) => html));
  };

  for (const [language, width, colorScheme, other] of [["es", 320, "light", "dark"], ["en", 1280, "dark", "light"]]) {
    test(`has nothing serious for axe in either light, moves nothing and weighs little (${language}, ${width} px)`, async () => {
      for (const [name, at] of ALL) {
        const page = await open(chrome, { viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce", serviceWorkers: "block" });
        await watchShifts(page);
        const session = await page.context().newCDPSession(page);
        await session.send("Network.enable");
        let bytes = 0;
        session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
        const origins = new Set();
        page.on("request", (request) => origins.add(new URL(request.url()).origin));
        await page.goto(site.url + at[language]);
        if (await page.locator("[data-orilla-form]").count()) await form(page);
        await page.locator("orilla-chat").waitFor({ state: "attached" });
        assert.deepEqual(await violations(page), [], name);
        assert.deepEqual(await sideways(page), [], name);
        const shifts = await page.evaluate(() => globalThis.shifts);
        assert.ok(shifts.reduce((sum, { value }) => sum + value, 0) <= STILL, `${name}: ${JSON.stringify(shifts)}`);
        assert.ok(bytes > 0 && bytes < BUDGET_BYTES, `${name}: ${bytes} B`);
        assert.deepEqual([...origins], [new URL(site.url).origin], `${name} asks nobody else`);
        assert.equal(await page.locator("h1").count(), 1, name);
        await page.emulateMedia({ colorScheme: other });
        assert.deepEqual(await unreadable(page), [], `${name}, ${other}`);
        assert.deepEqual(page.errors, [], name);
        await page.context().close();
      }
    });
  }

  test("names the same page in the other language, and leads nowhere that is nothing", async () => {
    const page = await open(chrome, { javaScriptEnabled: false });
    const seen = new Map();
    const status = async (url) => seen.get(url) ?? seen.set(url, (await fetch(url)).status).get(url);
    for (const [name, at] of ALL) {
      for (const [language, path] of Object.entries(at)) {
        await page.goto(site.url + path);
        assert.equal(await page.locator("html").getAttribute("lang"), language, path);
        const { title, description, alternates, links } = await page.evaluate(() => ({
          title: document.title,
          description: document.querySelector("meta[name=description]").content,
          alternates: Object.fromEntries([...document.querySelectorAll("link[hreflang]")].map(({ hreflang, pathname, href }) => [hreflang, new URL(href).pathname])),
          links: [...document.links].filter(({ origin }) => origin === location.origin).map(({ href }) => href),
        }));
        assert.ok(title.length > 10 && title.length < 75, `${path}: ${title}`);
        assert.ok(description.length > 50 && description.length < 165, `${path}: ${description.length}`);
        const own = name === "article" ? Object.fromEntries(["es", "en"].map((it) => [it, `${PAGES.help[it]}/${path.split("/").at(-1)}`])) : at;
        assert.deepEqual(alternates, { ...own, "x-default": own.es }, path);
        for (const link of links) {
          const url = link.split("#")[0];
          assert.equal(await status(url), 200, `${path} leads to ${url}`);
        }
        for (const id of links.filter((link) => link.startsWith(`${site.url}${path}#`)).map((link) => link.split("#")[1])) {
          assert.equal(await page.locator(`[id="${id}"]`).count(), 1, `${path} leads to #${id}`);
        }
      }
    }
    await page.context().close();
  });

  test("is whole without a script", async () => {
    const page = await open(chrome, { javaScriptEnabled: false });
    await page.goto(`${site.url}/demo/precios`);
    await page.getByText("Solo los meses en que abres", { exact: true }).waitFor();
    assert.ok(await page.locator("form.plain").isVisible(), "the form is a form");
    await page.goto(`${site.url}/demo/ayuda`);
    assert.ok(!(await page.locator(".ask").isVisible()), "no search that does nothing");
    await page.getByRole("link", { name: "¿Cuánto cuesta Marea?" }).click();
    await page.getByText("19 € por instructor y mes").waitFor();
    await page.context().close();
  });

  test("narrows the help centre as one types, and hands what is not in it to the chat", async () => {
    for (const [language, typed, found, question] of [["es", "BONO clases", "¿Cómo funciona el bono de cinco clases?", "¿Cuánto cuesta un barco?"], ["en", "five class", "How does the five-class pass work?", "What does a boat cost?"]]) {
      const page = await open(chrome, { locale: language });
      await page.goto(site.url + PAGES.help[language]);
      const shown = page.locator(".topics li:visible");
      const all = await shown.count();
      assert.ok(all > 60, `${all} answers`);
      await page.getByRole("searchbox").fill(typed);
      assert.deepEqual(await shown.allTextContents(), [found]);
      await page.getByRole("searchbox").fill(question);
      assert.equal(await shown.count(), 0);
      assert.match(await page.getByRole("status").first().textContent(), /chat/);
      await page.getByRole("searchbox").press("Enter");
      await widget(page, language).hears("visitor", question);
      await page.getByRole("searchbox").fill("");
      assert.equal(await shown.count(), all);
      assert.deepEqual(page.errors, []);
      await page.context().close();
    }
  });

  test("thanks whoever says whether an answer helped, and tells of it", async () => {
    const page = await open(chrome);
    const told = page.waitForRequest((request) => request.url().endsWith("/v1/batch") && request.postData().includes("Ayuda Valorada"));
    await page.goto(site.url + ARTICLE.es);
    await page.getByRole("button", { name: "Sí", exact: true }).click();
    await page.getByText("así sabemos").waitFor();
    const { event, properties } = JSON.parse((await told).postData()).batch.find(({ type }) => type === "track");
    assert.deepEqual([event, properties], ["Ayuda Valorada", { sirve: "si" }]);
    await page.context().close();
  });
});
