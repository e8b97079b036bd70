// Forms with a challenge: Turnstile's widget on the hosted page and in embedded forms, and what is said where it is not solved.
// Cloudflare is never asked: the browser is given a stand-in for its script, at the script's own address.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PERSON_MS, READABLE, api, browser, form, hostPage, leadsOf, mailbox, open, server, sideways, violations, watchShifts } from "./support.mjs";

const WIDGET = "https://challenges.cloudflare.com/turnstile/v0/api.js";
const LAZY = "**/orilla-challenge.js";
/** Cloudflare's site key for tests, which always passes. Source: developers.cloudflare.com/turnstile, "Testing". */
const SITE_KEY = "1x00000000000000000000AA";

/** As much of Turnstile's documented interface as pages use. `asks` makes visitors tick a box before they get a token. */
const standIn = (asks) => {
  const widgets = [];
  const start = (widget) => {
    const { place, options } = widget;
    const solve = () => {
      widget.token = `token-${++globalThis.solved}`;
      if (options["response-field"] !== false) place.querySelector("input[type=hidden]").value = widget.token;
      options.callback?.(widget.token);
    };
    if (!asks) return setTimeout(solve, 50);
    options["before-interactive-callback"]?.();
    const box = Object.assign(document.createElement("button"), { type: "button", textContent: "robot?", onclick: solve });
    place.firstChild.replaceChildren(box);
  };
  globalThis.solved = 0;
  globalThis.turnstile = {
    widgets,
    render(place, options) {
      const frame = place.appendChild(document.createElement("div"));
      frame.className = "frame";
      frame.style.cssText = options.size === "compact" ? "width:150px;height:140px" : "min-width:300px;height:65px";
      if (options["response-field"] !== false) place.append(Object.assign(document.createElement("input"), { type: "hidden", name: "cf-turnstile-response" }));
      start(widgets[widgets.push({ place, options }) - 1]);
      return String(widgets.length);
    },
    reset: (id) => start(widgets[id - 1]),
    remove: (id) => widgets[id - 1].place.replaceChildren(),
  };
  if (new URL(document.currentScript.src).searchParams.get("render") === "explicit") return;
  const showAll = () => {
    for (const place of document.querySelectorAll(".cf-turnstile")) {
      const { sitekey, size, language } = place.dataset;
      globalThis.turnstile.render(place, { sitekey, size, language });
    }
  };
  document.readyState === "loading" ? addEventListener("DOMContentLoaded", showAll) : showAll();
};

describe("a form with a challenge", () => {
  let site, chrome, definition;

  // A second form of the demo site, which differs from the first only in its challenge.
  before(async () => {
    site = await server();
    chrome = await browser();
    const { keys: _, ...applied } = await api(site, `/v1/sites/${site.keys.site}`, { key: "admin_key" });
    definition = applied;
    const reto = { ...applied.forms.demo, challenge: { provider: "turnstile", site_key: SITE_KEY } };
    await apply({ ...applied, forms: { ...applied.forms, reto } });
  });
  after(async () => {
    try {
      if (definition) await apply(definition);
    } finally {
      await Promise.all([chrome?.close(), site?.stop()]);
    }
  });
  const apply = (body) => api(site, `/v1/sites/${site.keys.site}`, { key: "admin_key", method: "PUT", body });

  /** A page on another origin, in a browser that has the stand-in; it notes what is sent, and which scripts were asked for. */
  const visit = async (html, { asks = false, ...options } = {}) => {
    const host = await hostPage(`<!doctype html><html lang="es"><title>Host</title><main><h1>Host</h1>${html}</main>
      <script src="${site.url}/orilla.js" defer></script></html>`);
    const page = await open(chrome, options);
    await page.route(`${WIDGET}*`, (route) => route.fulfill({ contentType: "text/javascript", body: `(${standIn})(${asks})` }));
    await watchShifts(page);
    page.sent = [];
    page.asked = [];
    page.on("request", (request) => {
      page.asked.push(request.url());
      if (request.url().endsWith("/submissions")) page.sent.push(JSON.parse(request.postData()));
    });
    page.end = async () => {
      assert.deepEqual(page.errors, []);
      await page.context().close();
      await host.stop();
    };
    page.host = host.url;
    return page;
  };
  const RENDERED = `<div data-orilla-form="reto" style="min-height: 1000px"></div>`;
  const plain = (more = "") => `<form action="${site.url}/f/reto" method="post"><label>Correo <input name="email"></label>
    <label><input type="checkbox" name="consent"> Acepto</label>${more}<p><button>Enviar</button></p></form>`;

  const fill = async (shown, email) => {
    await shown.locator("[name=email]").fill(email);
    await shown.locator("[name=consent]").check();
    await shown.page().waitForTimeout(PERSON_MS);
  };
  const press = (shown) => shown.locator("button:not([type])").click();
  const isThanked = (shown) => shown.locator(".orilla-alert:first-child").waitFor();
  const says = (shown, text) => shown.getByRole("alert").getByText(text).waitFor();

  for (const [kind, html] of [["rendered", () => RENDERED], ["plain", plain]]) {
    test(`shows the widget above the button and sends its token along (${kind})`, async () => {
      const page = await visit(html());
      await page.goto(page.host);
      const shown = page.locator("form");
      await shown.locator(".frame").waitFor();
      const [frame, button] = await Promise.all([shown.locator(".frame").boundingBox(), shown.locator("button").boundingBox()]);
      assert.ok(frame.y + frame.height <= button.y, "above the button");
      if (kind === "rendered") assert.deepEqual(await page.evaluate(() => globalThis.shifts), [], "nothing moved");
      const { sitekey, language, theme, size } = await page.evaluate(() => globalThis.turnstile.widgets[0].options);
      assert.deepEqual({ sitekey, language, theme, size }, { sitekey: SITE_KEY, language: "es", theme: "light", size: "flexible" });
      const email = mailbox(`reto.${kind}`);
      await fill(shown, email);
      await press(shown);
      await isThanked(shown);
      assert.equal(page.sent.length, 1);
      assert.equal(page.sent[0]._challenge, "token-1");
      assert.equal((await leadsOf(site, email)).length, 1);
      await page.end();
    });
  }

  test("loads its second file and Turnstile's once for all forms, and for forms without a challenge neither", async () => {
    const page = await visit(RENDERED + plain());
    await page.goto(page.host);
    await page.waitForFunction(() => globalThis.turnstile?.widgets.length === 2);
    assert.deepEqual(page.asked.filter((url) => url.startsWith(WIDGET)), [`${WIDGET}?render=explicit`]);
    page.asked.length = 0;
    await page.goto(`${site.url}/demo`);
    await form(page);
    assert.deepEqual(page.asked.filter((url) => url.startsWith(WIDGET) || url.includes("challenge")), []);
    await page.end();
  });

  test("leaves a page's own widget alone", async () => {
    const page = await visit(plain(`<div class="cf-turnstile" data-sitekey="${SITE_KEY}"></div><script src="${WIDGET}" async defer></script>`));
    await page.goto(page.host);
    const shown = page.locator("form");
    await page.waitForFunction(() => document.forms[0].noValidate);
    await shown.locator(".frame").waitFor();
    await fill(shown, mailbox("reto.suyo"));
    await press(shown);
    await isThanked(shown);
    assert.equal(page.sent[0]["cf-turnstile-response"], "token-1");
    assert.equal(await page.evaluate(() => globalThis.turnstile.widgets.length), 1);
    await page.end();
  });

  test("asks the visitor to act before anything is sent", async () => {
    const page = await visit(RENDERED, { asks: true });
    await page.goto(page.host);
    const shown = await form(page);
    const email = mailbox("reto.casilla");
    await shown.locator(".frame").waitFor();
    await fill(shown, email);
    await press(shown);
    await says(shown, /Falta comprobar que no eres un robot. Tus datos siguen aquí/);
    assert.equal(page.sent.length, 0);
    assert.deepEqual(await violations(page), []);
    assert.equal(await shown.locator("[name=email]").inputValue(), email);
    await shown.getByText("robot?").click();
    await press(shown);
    await isThanked(shown);
    assert.equal(page.sent[0]._challenge, "token-1");
    await page.end();
  });

  test("says that the challenge cannot be had, and tries it again with the next send", async () => {
    const page = await visit(RENDERED);
    const block = (route) => route.abort("blockedbyclient");
    await page.route(`${WIDGET}*`, block);
    await page.goto(page.host);
    const shown = await form(page);
    await fill(shown, mailbox("reto.bloqueado"));
    await press(shown);
    await says(shown, /No pudimos comprobar que no eres un robot. Tus datos siguen aquí/);
    assert.equal(page.sent.length, 0);
    await page.unroute(`${WIDGET}*`, block);
    await press(shown);
    await isThanked(shown);
    assert.equal(page.sent.length, 1);
    await page.end();
  });

  test("sends without a widget where the second file cannot be had, and the server decides", async () => {
    const page = await visit(RENDERED);
    await page.route(LAZY, (route) => route.abort("connectionrefused"));
    await page.goto(page.host);
    const shown = await form(page);
    await fill(shown, mailbox("reto.sin"));
    await press(shown);
    await shown.getByRole("alert").getByText(/\S/).first().waitFor();
    await page.waitForFunction(() => document.forms[0].ariaBusy === "false");
    assert.ok(!("_challenge" in page.sent[0]));
    await page.end();
  });

  test("keeps the token while fields are mended, renews a spent one, and never the key of the same content", async () => {
    const page = await visit(RENDERED);
    const answers = [
      { status: 403, json: { detail: "No esta vez." } },
      { status: 503, headers: { "retry-after": "60" }, json: {} },
    ];
    await page.route("**/v1/forms/reto/submissions", (route) => {
      const { email } = JSON.parse(route.request().postData());
      const answer = email === "ana@" ? undefined : answers.shift();
      return answer ? route.fulfill({ ...answer, headers: { ...READABLE, ...answer.headers } }) : route.continue();
    });
    await page.goto(page.host);
    const shown = await form(page);
    await shown.locator(".frame").waitFor();
    await fill(shown, "ana@");
    await press(shown);
    await shown.getByRole("alert").getByRole("link").waitFor();
    await shown.locator("[name=email]").fill(mailbox("reto.gastado"));
    await press(shown);
    await says(shown, "No esta vez.");
    await press(shown);
    await says(shown, /Nuestro servidor tuvo un problema/);
    await press(shown);
    await isThanked(shown);
    assert.deepEqual(page.sent.map((body) => body._challenge), ["token-1", "token-1", "token-2", "token-3"]);
    const [first, ...others] = page.sent.map((body) => body._idempotency_key);
    assert.equal(new Set(others).size, 1);
    assert.notEqual(first, others[0]);
    await page.end();
  });

  test("fits a narrow page", async () => {
    const page = await visit(`<div style="padding: 0 12px">${RENDERED}</div>`, { viewport: { width: 320, height: 700 }, colorScheme: "dark" });
    await page.goto(page.host);
    await (await form(page)).locator(".frame").waitFor();
    assert.equal(await page.evaluate(() => globalThis.turnstile.widgets[0].options.size), "compact");
    assert.deepEqual(await sideways(page), []);
    assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
    await page.end();
  });

  for (const width of [320, 1280]) {
    test(`the hosted page shows it under its own policy, and sends without our script (${width} px)`, async () => {
      const page = await visit("", { viewport: { width, height: 800 } });
      const refusals = [];
      page.on("console", (message) => message.type() === "error" && refusals.push(message.text()));
      await page.goto(`${site.url}/f/reto?locale=en`);
      await page.locator(".cf-turnstile .frame").waitFor();
      assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
      assert.deepEqual(await sideways(page), []);
      assert.deepEqual(await violations(page), []);
      const email = mailbox("reto.alojado");
      await page.locator("[name=email]").fill(email);
      await page.locator("[name=consent]").check();
      const [request] = await Promise.all([page.waitForRequest((request) => request.method() === "POST"), page.locator("button").click()]);
      assert.equal(new URLSearchParams(request.postData()).get("cf-turnstile-response"), "token-1");
      await page.waitForURL(/\/f\/reto\/thanks/);
      assert.equal((await leadsOf(site, email)).length, 1);
      assert.deepEqual(refusals, []);
      const ordinary = await fetch(`${site.url}/f/demo`);
      assert.doesNotMatch(ordinary.headers.get("content-security-policy"), /script-src/, "other pages run no script at all");
      await page.end();
    });
  }
});
