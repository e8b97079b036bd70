// The chat's widget under scrutiny: keyboard, screen reader, phones, bad networks, pages that are left, hostile text. Its server is a
// stand-in, so that every answer and every fault comes when a test wants it.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { eventually } from "../clients/support.mjs";
import { HOSTILE, standIn } from "./chat-stand-in.mjs";
import { widget } from "./chat-support.mjs";
import { browser, hostPage, open, sideways, violations, watchShifts } from "./support.mjs";

const SITE = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90";
/** Chosen: many times what the widget takes from a key to its request. */
const SILENCE_MS = 500;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe("the chat's widget", () => {
  let server, chrome;
  before(async () => {
    server = await standIn();
    chrome = await browser();
  });
  beforeEach(() => {
    server.posts.length = server.gets.length = server.ratings.length = server.faults.length = 0;
    Object.assign(server, { pause: 0, hours: undefined, headers: {}, isJson: false, html: html() });
  });
  after(() => Promise.all([chrome?.close(), server?.stop()]));

  /** A page of a web site with the widget, with these attributes on the script's tag. */
  const html = ({ lang = "es", attributes = `data-orilla-chat="${SITE}"`, head = "", body = "" } = {}) => `<!doctype html><html lang="${lang}"><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1"><title>Escuela</title><link rel="icon" href="data:,">${head}
    <main><h1>Escuela</h1><p><a href="/otra">Otra página</a></p>${body}</main><script src="${server.url}/orilla.js" ${attributes} defer></script></html>`;

  /** What the server waits for before it answers, and its end. */
  const held = () => {
    let over;
    return { until: new Promise((done) => (over = done)), over };
  };

  /** Visits the page of the stand-in, uses its widget, and fails on any error of a script. */
  const visited = async (use, { page: content, locale = "es", ...options } = {}) => {
    if (content) server.html = html(content);
    const page = await open(chrome, options);
    try {
      await page.goto(`${server.url}/`);
      await widget(page, locale).launch.waitFor();
      await use(widget(page, locale), page);
      assert.deepEqual(page.errors, []);
    } finally {
      await page.context().close();
    }
  };

  test("answers in pieces, with sources and what else may help", async () => {
    server.pause = 1500;
    await visited(async (chat, page) => {
      await chat.open();
      const lengths = new Set();
      await page.evaluate(() => {
        globalThis.busy = [];
        const log = document.querySelector("orilla-chat").shadowRoot.querySelector(".log");
        new MutationObserver(() => globalThis.busy.push(log.getAttribute("aria-busy"))).observe(log, { attributes: true, attributeFilter: ["aria-busy"] });
      });
      await chat.say("¿Cuánto cuesta?");
      for (let look = 0; look < 30 && lengths.size < 4; look++) {
        lengths.add(await chat.log.locator(".writing p").textContent({ timeout: 1000 }).then((text) => text.length).catch(() => 0));
        await page.waitForTimeout(60);
      }
      assert.ok(lengths.size >= 4, `seen at ${[...lengths]} letters`);
      await chat.hears("bot", "conservas tus datos");
      assert.deepEqual(await page.evaluate(() => globalThis.busy), ["true", "false"], "read aloud once it is whole");
      assert.equal(await chat.turns("bot").textContent(), "Una cuota por instructor y mes, solo en los meses en que abres.\n\nEn invierno pausas la cuenta y conservas tus datos.");
      const link = chat.log.getByRole("link");
      assert.deepEqual([await link.textContent(), await link.evaluate(({ href, rel }) => [href, rel])], ["¿Cuánto cuesta?", [`${server.url}/precios#cuota`, "noopener"]]);
      await chat.choices.getByRole("button", { name: "¿Hay un periodo de prueba?" }).click();
      await chat.hears("bot", "Sobre «¿Hay un periodo de prueba?»");
      const [first, second] = server.posts;
      assert.deepEqual([first.site, first.message, first.conversation_id, first.locale, first.stream, first.page], [SITE, "¿Cuánto cuesta?", undefined, "es", true, `${server.url}/`]);
      assert.deepEqual([second.choice, second.message, second.conversation_id], ["prueba", "¿Hay un periodo de prueba?", server.conversation().id]);
      assert.equal(await chat.choices.isVisible(), false, "what was chosen is no choice any more");
    });
  });

  test("takes an answer in one piece as well", async () => {
    server.isJson = true;
    await visited(async (chat) => {
      await chat.open();
      await chat.say("¿Cuánto cuesta?");
      await chat.hears("bot", "conservas tus datos");
      assert.deepEqual((await chat.said()).map(([author]) => author), ["visitor", "bot"]);
    });
  });

  test("shows whatever is said as the text it is, and links to nothing that is no address", async () => {
    await visited(async (chat, page) => {
      await chat.open();
      await chat.input.fill("peligro <b>1</b>");
      await chat.input.press("Shift+Enter");
      await page.keyboard.type("dos");
      await chat.input.press("Enter");
      await chat.hears("bot", "onerror");
      assert.deepEqual(await chat.said(), [["visitor", "peligro <b>1</b>\ndos"], ["bot", HOSTILE]]);
      assert.equal(await chat.turns("visitor").evaluate((node) => getComputedStyle(node).whiteSpaceCollapse), "preserve", "line breaks are kept");
      assert.deepEqual(await chat.sources.allTextContents(), ["javascript:alert(1)", "data:text/html,x", "mailto:hola@marea.example", "tel:+34900000000", "https://marea.example/a", "no://x"].map((url) => `<b>${url}</b>`));
      const links = await chat.log.getByRole("link").evaluateAll((found) => found.map(({ href }) => href));
      assert.deepEqual(links, ["mailto:hola@marea.example", "tel:+34900000000", "https://marea.example/a"], "the sources' own, and no others");
      assert.equal(await chat.log.locator("img, script, p b").count(), 0);
      assert.equal(await page.title(), "Escuela");
    });
  });

  test("says in which language an answer is, where it is not the page's", async () => {
    await visited(async (chat, page) => {
      await chat.open();
      await chat.say("What is the price?");
      await chat.hears("bot", "A fee");
      const langs = (index) => chat.turns("bot").nth(index).evaluate((node) => [node, node.lastElementChild].map((found) => found.closest("[lang]")?.lang ?? node.getRootNode().host.lang));
      assert.equal((await langs(0))[0], "en");
      assert.equal(await chat.sources.evaluate((node) => node.lang), "en");
      await chat.say("¿Y kite?");
      await chat.hears("bot", "Kitesurfing");
      assert.deepEqual(await langs(1), ["es", "en"], "the words above an answer of the other language are the page's");
      await chat.say("¿Cuánto cuesta?");
      await chat.hears("bot", "Una cuota");
      assert.equal((await langs(2))[0], "es");
      await page.reload();
      await chat.hears("bot", "Una cuota");
      assert.deepEqual(await langs(1), ["es", "en"], "and they are after a page was left");
    });
  });

  for (const [lang, attributes, locale] of [["en-GB", `data-orilla-key="${SITE}" data-orilla-chat`, "en"], ["es-AR", `data-orilla-chat="${SITE}"`, "es"], ["", `data-orilla-chat="${SITE}"`, "es"], ["en", `data-orilla-chat="${SITE}" data-orilla-locale="es"`, "es"], ["fr", `data-orilla-chat="wk_abc&d"`, "en"]]) {
    test(`speaks the page's language (lang="${lang}", ${attributes.replace(SITE, "…")})`, async () => {
      await visited(async (chat) => {
        assert.equal(await chat.root.getAttribute("lang"), locale);
        await chat.open();
        await chat.say("precio");
        await chat.hears("bot", "Una cuota");
        assert.equal(server.posts[0].locale, locale);
        assert.equal(server.posts[0].site, attributes.includes(SITE) ? SITE : undefined, "a write key is no public id");
      }, { locale, page: { lang, attributes } });
    });
  }

  test("is not there without its attribute, and only once with two scripts", async () => {
    server.html = html({ attributes: `data-orilla-key="${SITE}"` });
    const page = await open(chrome);
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${server.url}/`);
    await page.waitForTimeout(SILENCE_MS);
    assert.ok(asked.includes("/orilla.js") && !asked.includes("/orilla-chat.js"));
    assert.equal(await page.locator("orilla-chat").count(), 0);
    server.html = html({ body: `<script src="${server.url}/orilla.js" data-orilla-chat="${SITE}" defer></script>` });
    await page.goto(`${server.url}/`);
    await widget(page).launch.waitFor();
    await page.waitForTimeout(SILENCE_MS);
    assert.equal(await page.locator("orilla-chat").count(), 1);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  test("is used with the keyboard alone, and gives the focus back", async () => {
    await visited(async (chat, page) => {
      await page.getByRole("link", { name: "Otra página" }).focus();
      await page.keyboard.press("Tab");
      assert.equal(await chat.focused(), "launch");
      await page.keyboard.press("Enter");
      assert.equal(await chat.focused(), "textarea", "the focus moves in");
      assert.equal(await chat.launch.isVisible(), false);
      await page.keyboard.type("¿Puedo cambiar?");
      await page.keyboard.press("Enter");
      await chat.hears("bot", "¿Te refieres");
      const stops = [];
      for (let press = 0; press < 12 && stops.at(-1) !== "person"; press++) {
        await page.keyboard.press("Shift+Tab");
        stops.push(await chat.focused());
      }
      assert.deepEqual(stops.slice(0, 5), ["choice", "choice", "choice", "choice", "log"], "back through the choices to the conversation");
      await chat.choices.getByRole("button").first().focus();
      assert.notEqual(await chat.choices.getByRole("button").first().evaluate((node) => getComputedStyle(node).outlineStyle), "none", "the focus is visible");
      await page.keyboard.press("Enter");
      assert.equal(await chat.focused(), "textarea", "not lost with the button that is gone");
      await chat.hears("bot", "¿Cómo muevo una clase");
      await page.keyboard.press("Escape");
      await chat.panel.waitFor({ state: "hidden" });
      assert.equal(await chat.focused(), "launch");
      assert.deepEqual(server.posts.map(({ choice }) => choice), [undefined, "mover"]);
    });
  });

  test("opens from the page's own button, closes on Escape for itself alone, and does not hold the page", async () => {
    const body = `<button id="own" onclick="orilla.chat()">Pregunta</button><input id="field"><script>document.addEventListener("keydown", ({ key }) => (globalThis.keys = (globalThis.keys || "") + key))</script>`;
    await visited(async (chat, page) => {
      await page.click("#own");
      assert.equal(await chat.focused(), "textarea");
      await page.fill("#field", "la página sigue ahí");
      await page.keyboard.press("Escape");
      assert.equal(await chat.panel.isVisible(), true, "an Escape of the page's is the page's");
      await chat.input.focus();
      await page.keyboard.press("Escape");
      await chat.panel.waitFor({ state: "hidden" });
      assert.equal(await page.evaluate(() => document.activeElement.id), "own");
      assert.equal(await page.evaluate(() => globalThis.keys), "Escape", "the widget's keys are its own");
    }, { page: { body } });
  });

  test("takes the whole screen of a phone, and keeps the focus to itself there", async () => {
    await visited(async (chat, page) => {
      await chat.open();
      assert.equal(await chat.focused(), "log", "no keyboard springs up over what is to be read");
      assert.deepEqual(await chat.panel.evaluate((node) => [node.getBoundingClientRect().toJSON()].map(({ x, y, width, height }) => [x, y, width, height])[0]), [0, 0, 390, 844]);
      const stops = new Set();
      for (let press = 0; press < 12; press++) {
        await page.keyboard.press("Tab");
        stops.add(await chat.focused());
      }
      stops.delete("page body"); // Where a browser's own buttons come in turn.
      assert.deepEqual([...stops].sort(), ["button", "log", "person", "textarea"], "none of the page's");
      await chat.say("¿Puedo cambiar?");
      assert.equal(await chat.focused(), "textarea", "who writes goes on writing");
      await chat.choices.getByRole("button").nth(1).click();
      assert.equal(await chat.focused(), "log");
      await page.keyboard.press("Escape");
      await chat.panel.waitFor({ state: "hidden" });
      assert.equal(await chat.focused(), "launch");
      assert.deepEqual(await sideways(page), []);
    }, PHONE);
  });

  test("turns from panel to screen and back with the room that there is, and keeps what was typed", async () => {
    await visited(async (chat, page) => {
      await chat.open();
      await chat.input.fill("a medias");
      assert.equal(await chat.panel.evaluate((node) => node.matches(":modal")), false);
      await page.setViewportSize({ width: 320, height: 256 });
      await page.waitForFunction(() => document.querySelector("orilla-chat").shadowRoot.querySelector("dialog").matches(":modal"));
      await page.waitForTimeout(SILENCE_MS);
      assert.equal(await chat.panel.isVisible(), true);
      assert.equal(await chat.input.inputValue(), "a medias");
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.waitForFunction(() => !document.querySelector("orilla-chat").shadowRoot.querySelector("dialog").matches(":modal"));
      assert.equal(await chat.panel.isVisible(), true);
    });
  });

  test("is told to assistive technology for what it is", async () => {
    await visited(async (chat) => {
      assert.equal(await chat.launch.getAttribute("aria-haspopup"), "dialog");
      await chat.open();
      assert.deepEqual(await chat.log.evaluate((node) => [node.ariaLive, node.ariaLabel, node.tabIndex]), ["polite", "Conversación", 0]);
      await chat.say("¿Cuánto cuesta?");
      await chat.hears("bot", "Una cuota");
      assert.deepEqual((await chat.log.locator(".turn").allInnerTexts()).map((text) => text.split(":")[0]), ["Tú", "Asistente"]);
      for (const name of ["Enviar", "Cerrar el chat", "Hablar con una persona"]) await chat.button(name).waitFor();
      assert.equal(await chat.log.getByRole("group", { name: "¿Te sirvió?" }).count(), 1);
      const small = await chat.root.evaluate((host) => [...host.shadowRoot.querySelectorAll("button, textarea, input")]
        .map((node) => [node.textContent || node.ariaLabel, node.getBoundingClientRect()])
        .filter(([, { width, height }]) => width && (width < 44 || height < 44)).map(([name]) => name));
      assert.deepEqual(small, [], "every target has 44 px");
    });
  });

  for (const colorScheme of ["light", "dark"]) {
    for (const width of [320, 1280]) {
      test(`has nothing serious for axe, in every state (${colorScheme}, ${width} px)`, async () => {
        server.hours = "2026-11-30T08:00:00Z";
        await visited(async (chat, page) => {
          assert.deepEqual(await violations(page), []);
          await chat.open();
          for (const [text, author, answer] of [["¿Cuánto cuesta?", "bot", "Una cuota"], ["¿Y kite?", "bot", "Kitesurfing"], ["¿Puedo cambiar?", "bot", "¿Te refieres"]]) {
            await chat.say(text);
            await chat.hears(author, answer);
            assert.deepEqual(await violations(page), []);
          }
          server.faults.push({ status: 413 });
          await chat.say("x");
          await chat.failure.waitFor();
          assert.deepEqual(await violations(page), []);
          await chat.button(chat.words.person).last().click();
          await chat.hears("notice", "He pasado");
          await chat.email.waitFor();
          assert.deepEqual(await violations(page), []);
          server.writes("Hola, soy del equipo.");
          await chat.hears("agent", "Hola");
          assert.deepEqual(await violations(page), []);
          assert.deepEqual(await sideways(page), []);
        }, { colorScheme, viewport: { width, height: 800 }, reducedMotion: "reduce", page: { head: `<meta name="color-scheme" content="light dark"><style>html { background: light-dark(#fff, #0c161b) } a { color: light-dark(#0b6e78, #5cc3cb) }</style>` } });
      });
    }
  }

  test("moves nothing where motion is reduced, and something where it is not", async () => {
    for (const [reducedMotion, moves] of [["reduce", false], ["no-preference", true]]) {
      server.pause = 3000;
      await visited(async (chat) => {
        await chat.open();
        await chat.say("¿Cuánto cuesta?");
        await chat.log.locator(".writing").waitFor();
        const animations = await chat.root.evaluate((host) => host.shadowRoot.getAnimations().length + [...host.shadowRoot.querySelectorAll("*")].flatMap((node) => node.getAnimations()).length);
        assert.equal(animations > 0, moves, `${animations} animations`);
        assert.ok((await chat.log.locator(".writing svg").boundingBox()).height > 0, "a sign of life all the same");
      }, { reducedMotion });
    }
  });

  test("follows the page's colours, type and direction, and leaves the page as it was", async () => {
    const head = `<style>:root { --orilla-accent: rgb(120, 0, 80); --orilla-radius: 0px } html { font-size: 10px } body { font-family: monospace } button { text-transform: uppercase; background: red !important } orilla-chat { inset-block-end: 90px }</style>`;
    const body = `<button id="own">x</button><script>globalThis.before = new Set(Object.getOwnPropertyNames(window)); globalThis.look = () => JSON.stringify([...document.querySelectorAll("h1, #own, body")].map((node) => ({ ...getComputedStyle(node) }))); globalThis.looked = look()</script>`;
    await visited(async (chat, page) => {
      assert.deepEqual(await page.evaluate(() => Object.getOwnPropertyNames(window).filter((name) => !before.has(name) && !["before", "look", "looked"].includes(name))), ["orilla"]);
      const style = (locator, ...names) => locator.evaluate((node, names) => names.map((name) => getComputedStyle(node)[name]), names);
      assert.deepEqual(await style(chat.launch, "backgroundColor", "textTransform", "fontFamily", "fontSize"), ["rgb(120, 0, 80)", "none", "monospace", "16px"]);
      assert.equal(Math.round(900 - (await chat.launch.boundingBox()).y - (await chat.launch.boundingBox()).height), 90, "the page says where");
      await chat.open();
      await chat.say("¿Cuánto cuesta?");
      await chat.hears("bot", "Una cuota");
      assert.deepEqual(await style(chat.button("Enviar"), "backgroundColor", "borderRadius"), ["rgb(120, 0, 80)", "0px"]);
      assert.equal(await page.evaluate(() => looked === look()), true);
      await page.evaluate(() => (document.documentElement.dir = "rtl"));
      assert.ok((await chat.panel.boundingBox()).x < 100, "on the other side");
    }, { page: { head, body } });
  });

  test("works under a strict Content-Security-Policy, on a page of another origin", async () => {
    const policy = `default-src 'none'; script-src ${server.url}; style-src ${server.url}; connect-src ${server.url}`;
    const host = await hostPage(html({ head: `<meta http-equiv="content-security-policy" content="${policy}">` }).replace(`<link rel="icon" href="data:,">`, ""));
    const page = await open(chrome);
    const said = [];
    page.on("console", (message) => /policy|refused/i.test(message.text()) && !/favicon/.test(message.text()) && said.push(message.text()));
    try {
      await page.goto(host.url);
      const chat = widget(page);
      await chat.open();
      await chat.say("¿Cuánto cuesta?");
      await chat.hears("bot", "Una cuota");
      assert.equal(await chat.panel.evaluate((node) => getComputedStyle(node).display), "flex", "styled");
      assert.deepEqual(said, []);
      assert.deepEqual(page.errors, []);
    } finally {
      await page.context().close();
      await host.stop();
    }
  });

  test("moves nothing on the page, and is not in its way until it is asked for", async () => {
    server.html = html({ body: "<p>texto</p>".repeat(80) });
    for (const width of [320, 1280]) {
      const page = await open(chrome, { viewport: { width, height: 900 } });
      await watchShifts(page);
      await page.goto(`${server.url}/`);
      await widget(page).launch.waitFor();
      await page.waitForTimeout(SILENCE_MS);
      assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
      assert.deepEqual(await sideways(page), []);
      assert.notEqual(await widget(page).focused(), "launch");
      assert.deepEqual([server.posts.length, server.gets.length], [0, 0], "nothing is asked before the visitor does");
      assert.equal(await page.evaluate(() => sessionStorage.length + localStorage.length), 0, "and nothing kept");
      await page.context().close();
    }
  });

  test("sends what is typed quickly in order, and what waits as one turn", async () => {
    await visited(async (chat) => {
      await chat.open();
      const typed = held();
      server.faults.push({ after: typed.until });
      for (const text of ["Hola", "tengo tres instructores", "¿cuánto cuesta?"]) await chat.say(text);
      await chat.say("  ");
      typed.over();
      await chat.hears("bot", "Una cuota");
      assert.deepEqual(server.posts.map(({ message }) => message), ["Hola", ["tengo tres instructores", "¿cuánto cuesta?"]]);
      assert.equal(server.posts[1].conversation_id, server.conversation().id);
      assert.deepEqual((await chat.said()).map(([author]) => author), ["visitor", "bot", "visitor", "visitor", "bot"]);
    });
  });

  test("an Enter that ends a composition of letters sends nothing", async () => {
    await visited(async (chat) => {
      await chat.open();
      await chat.input.fill("にほん");
      await chat.input.evaluate((node) => node.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true })));
      assert.equal(await chat.input.inputValue(), "にほん");
      assert.equal(server.posts.length, 0);
    });
  });

  const LOST = { "the answer is lost": { isLost: true }, "the stream is cut": { cutAfter: 3 }, "nothing arrived": { isRefused: true }, "the server breaks": { status: 503 }, "a hotel's page comes instead": { page: "<h1>Wi-Fi</h1>" } };
  for (const [name, fault] of Object.entries(LOST)) {
    test(`sends again under the same key where ${name}, and it is said once`, async () => {
      await visited(async (chat) => {
        await chat.open();
        server.faults.push(fault);
        await chat.say("¿Cuánto cuesta?");
        await chat.hears("bot", "conservas tus datos");
        assert.equal(server.posts.length, 2);
        assert.equal(new Set(server.posts.map(({ key, body }) => key + body)).size, 1);
        assert.match(server.posts[0].key, /^[\x21-\x7e]{1,255}$/);
        assert.deepEqual((await chat.said()).map(([author]) => author), ["visitor", "bot"]);
        assert.equal(server.conversation().messages.length, 2);
        assert.equal(await chat.failure.isVisible(), false, "what a second try settles is not told");
      });
    });
  }

  /** What goes wrong for good, and what the visitor then reads. */
  const FAILURES = {
    "nobody answers": [{ isRefused: true }, /^No hubo respuesta\. Lo que escribiste está guardado/, /^No answer came\. What you wrote is kept/],
    "the server breaks": [{ status: 500 }, /^Nuestro servidor tuvo un problema/, /^Our server had a problem/],
    "too many come": [{ status: 429, headers: { "retry-after": "37" } }, /sale solo en 37 s/, /by itself in 37 s/],
    "the site has no chat": [{ status: 403 }, /^El chat no está disponible/, /^The chat is not available/],
  };
  for (const [name, [fault, ...texts]] of Object.entries(FAILURES)) {
    for (const [index, locale] of ["es", "en"].entries()) {
      test(`says in words that ${name}, keeps it, and sends it when told to (${locale})`, async () => {
        await visited(async (chat) => {
          await chat.open();
          server.faults.push(fault, fault, fault);
          await chat.say("¿Cuánto cuesta?");
          await chat.failure.getByText(texts[index]).waitFor({ timeout: 15_000 });
          assert.equal(await chat.log.getAttribute("aria-busy"), "false");
          server.faults.length = 0;
          await chat.button(chat.words.retry).click();
          assert.equal(await chat.focused(), "textarea", "not lost with the button that is gone");
          await chat.hears("bot", "Una cuota");
          assert.equal(await chat.failure.isVisible(), false);
          assert.equal(new Set(server.posts.map(({ key }) => key)).size, 1);
          assert.equal(server.conversation().messages.length, 2);
        }, { locale, page: { lang: locale } });
      });
    }
  }

  test("waits as long as an overloaded server asks, and then sends by itself", async () => {
    await visited(async (chat) => {
      await chat.open();
      server.faults.push({ status: 429, headers: { "retry-after": "2" } });
      const begun = Date.now();
      await chat.say("Hola");
      await chat.failure.getByText("en 2 s").waitFor();
      await chat.say("¿cuánto cuesta?");
      assert.equal(server.posts.length, 1, "what is said meanwhile waits too");
      assert.equal(await chat.failure.isVisible(), true);
      await chat.hears("bot", "Una cuota");
      assert.ok(Date.now() - begun >= 1950);
      assert.deepEqual(server.posts.map(({ message }) => message), ["Hola", "Hola", "¿cuánto cuesta?"]);
      assert.equal(await chat.failure.isVisible(), false);
    });
  });

  test("keeps what is written without a network, and sends it when there is one", async () => {
    await visited(async (chat, page) => {
      await chat.open();
      await page.context().setOffline(true);
      await chat.say("Hola");
      await chat.failure.getByText("No hubo respuesta").waitFor();
      await chat.say("¿cuánto cuesta?");
      await chat.failure.getByText("No hubo respuesta").waitFor();
      assert.equal(server.posts.length, 0);
      await page.context().setOffline(false);
      await chat.hears("bot", "Una cuota");
      assert.deepEqual(server.posts.map(({ message }) => message), ["Hola", "¿cuánto cuesta?"]);
      assert.equal(await chat.failure.isVisible(), false);
    });
  });

  for (const [status, words] of [[413, "Es demasiado largo"], [422, "No se pudo enviar así"]]) {
    test(`gives back what is refused (${status}), beside what was typed meanwhile, and goes on with the rest`, async () => {
      await visited(async (chat, page) => {
        await chat.open();
        await chat.say("Hola");
        await chat.hears("bot", "Eso no lo sé");
        const typed = held();
        server.faults.push({ status, after: typed.until });
        await chat.say("x".repeat(300));
        await chat.input.fill("y algo más");
        typed.over();
        await chat.failure.getByText(words).waitFor();
        assert.equal(await chat.input.inputValue(), `${"x".repeat(300)}\ny algo más`);
        assert.deepEqual((await chat.said()).map(([author]) => author), ["visitor", "bot"], "what did not arrive does not stand there");
        assert.equal(await chat.button("Intentar de nuevo").count(), 0, "the same again would be refused again");
        await chat.say("¿cuánto cuesta?");
        await chat.hears("bot", "Una cuota");
        assert.equal(new Set(server.posts.map(({ key }) => key)).size, 3);
        await page.reload();
        await page.waitForTimeout(SILENCE_MS);
        assert.equal(server.posts.length, 3);
      });
    });
  }

  test("survives navigation: the conversation, the open panel, what was being typed", async () => {
    await visited(async (chat, page) => {
      await chat.open();
      await chat.say("Hola");
      await chat.hears("bot", "Eso no lo sé");
      await chat.say("¿Cuánto cuesta?");
      await chat.hears("bot", "Una cuota");
      await chat.log.getByRole("button", { name: "Sí", exact: true }).click();
      await chat.log.getByText("Gracias, lo anotamos").waitFor();
      const said = await chat.said();
      await chat.input.fill("a medias");
      await page.getByRole("link", { name: "Otra página" }).click();
      await page.waitForURL("**/otra");
      await chat.hears("bot", "Una cuota");
      assert.deepEqual(await chat.said(), said);
      assert.equal(await chat.input.inputValue(), "a medias");
      assert.match(await chat.focused(), /^page /, "the new page has the focus");
      assert.equal(await chat.log.getByRole("button", { name: "Sí", exact: true }).getAttribute("aria-pressed"), "true");
      assert.equal(await chat.log.getByRole("link").count(), 1);
      await chat.choices.getByRole("button", { name: "¿Hay un periodo de prueba?" }).waitFor();
      await chat.say("gracias");
      await chat.hears("bot", "De nada");
      assert.equal(server.posts.at(-1).conversation_id, server.conversation().id);
      await chat.button("Cerrar el chat").click();
      await page.reload();
      await page.waitForTimeout(SILENCE_MS);
      assert.equal(await chat.panel.isVisible(), false, "closed stays closed");
      assert.equal(server.gets.length, 1, "nothing is fetched that nobody looks at");
      await chat.open();
      await chat.hears("bot", "De nada");
      const other = await page.context().newPage();
      await other.goto(`${server.url}/`);
      await widget(other).open();
      assert.deepEqual(await widget(other).said(), [], "another visit is another conversation");
    });
  });

  test("finishes on the next page what was on its way when the page was left", async () => {
    for (const [name, pause, fault] of [["before it arrived", 0, { isRefused: true }], ["before the answer came", 4000]]) {
      await visited(async (chat, page) => {
        await chat.open();
        await chat.say("Hola");
        await chat.hears("bot", "Eso no lo sé");
        server.pause = pause;
        if (fault) server.faults.push(fault);
        await chat.say("¿Cuánto cuesta?");
        await eventually("a second message", () => server.posts.length >= 2);
        server.pause = 0;
        await page.goto(`${server.url}/otra`);
        await chat.hears("bot", "Una cuota");
        assert.deepEqual((await chat.said()).map(([author]) => author), ["visitor", "bot", "visitor", "bot"], name);
        assert.equal(new Set(server.posts.slice(1).map(({ key }) => key)).size, 1, name);
        assert.equal(server.conversation().messages.length, 4, name);
      });
      server.posts.length = 0;
    }
  });

  test("says that a conversation cannot be had, and begins another where it is gone", async () => {
    await visited(async (chat, page) => {
      await chat.open();
      await chat.say("Hola");
      await chat.hears("bot", "Eso no lo sé");
      await page.route("**/v1/chat/*", (route) => route.abort("connectionrefused"));
      await page.reload();
      await chat.failure.getByText("No pudimos traer tu conversación").waitFor();
      await page.unroute("**/v1/chat/*");
      await chat.button("Intentar de nuevo").click();
      await chat.hears("bot", "Eso no lo sé");
      assert.equal(await chat.failure.isVisible(), false);
      const { id } = server.conversation();
      server.forgets();
      await chat.say("¿Cuánto cuesta?");
      await chat.hears("bot", "Una cuota");
      assert.notEqual(server.conversation().id, id);
      assert.equal(server.posts.at(-1).conversation_id, undefined);
    });
  });

  test("passes to a person by one button, says when somebody answers, and asks for an address where nobody is there", async () => {
    server.hours = "2026-11-30T08:00:00Z";
    await visited(async (chat, page) => {
      await chat.open();
      await chat.button("Hablar con una persona").click();
      await chat.hears("notice", "He pasado tu conversación");
      assert.deepEqual([server.posts[0].want, server.posts[0].message], ["person", undefined]);
      assert.match(await chat.status.textContent(), /^Ahora no hay nadie\. Responden a partir del lunes, 30 de noviembre, 3:00\sa\.m\.$/);
      assert.equal(await chat.button("Hablar con una persona").isVisible(), false, "it is done");
      await chat.email.fill("no es un correo");
      await chat.button("Dejar mi correo").click();
      await page.waitForTimeout(SILENCE_MS);
      assert.equal(server.posts.length, 1);
      await chat.email.fill("ana@escuela.example");
      await chat.email.press("Enter");
      await chat.hears("notice", "te escribirán a ana@escuela.example");
      assert.deepEqual(server.posts[1].contact, { email: "ana@escuela.example" });
      assert.equal(await chat.email.isVisible(), false);
      assert.equal(await chat.focused(), "textarea");
      await page.reload();
      await chat.hears("notice", "te escribirán a ana@escuela.example");
      assert.equal(await chat.email.isVisible(), false, "nor is it asked for twice");
      server.hours = undefined;
      server.resolves();
      await chat.hears("notice", "queda resuelta");
      await chat.button("Hablar con una persona").waitFor();
    }, { timezoneId: "America/Lima" });
  });

  test("a person offered under an answer is the same person", async () => {
    await visited(async (chat) => {
      await chat.open();
      await chat.say("¿Venden barcos?");
      await chat.hears("bot", "Eso no lo sé");
      await chat.choices.getByRole("button", { name: "Hablar con una persona" }).dblclick();
      await chat.hears("notice", "He pasado");
      assert.deepEqual(server.posts.map(({ want }) => want), [undefined, "person"]);
    });
  });

  test("shows what a person writes, each message once, while the visitor writes too", async () => {
    await visited(async (chat, page) => {
      await chat.open();
      await chat.say("¿Cuánto cuesta?");
      await chat.hears("bot", "Una cuota");
      await chat.button("Hablar con una persona").click();
      await chat.hears("notice", "He pasado");
      server.writes("Hola, soy del equipo. ¿En qué te ayudo?");
      await chat.hears("agent", "soy del equipo");
      assert.equal(await chat.status.textContent(), "Te atiende una persona");
      assert.match(await chat.log.locator(".agent").innerText(), /^Una persona del equipo/);
      await chat.say("Quiero una factura");
      await chat.say("del mes pasado");
      await eventually("both messages", () => server.conversation().messages.filter(({ author }) => author === "visitor").flatMap(({ text }) => text.split("\n")).length === 3);
      server.writes("Te la envío ahora.\nUn momento.");
      await chat.hears("agent", "Te la envío");
      assert.deepEqual((await chat.said()).map(([author]) => author), ["visitor", "bot", "notice", "agent", "visitor", "visitor", "agent"]);
      assert.equal((await chat.said()).at(-1)[1], "Te la envío ahora.\nUn momento.");
      const said = (await chat.said()).map(([, text]) => text).join("\n");
      await page.reload();
      await chat.hears("agent", "Te la envío");
      assert.equal((await chat.said()).map(([, text]) => text).join("\n"), said);
      server.resolves();
      await chat.hears("notice", "queda resuelta");
      const looks = server.gets.length;
      await page.waitForTimeout(5000);
      assert.equal(server.gets.length, looks, "nobody is awaited any more");
      await chat.say("¿Cuánto cuesta?");
      await chat.hears("bot", "Una cuota");
    });
  });

  test("tells of what came behind the button, and asks ever more seldom, and not at all while nobody looks", async () => {
    await visited(async (chat, page) => {
      await page.clock.install();
      await page.reload();
      await chat.open();
      await chat.button("Hablar con una persona").click();
      await chat.hears("notice", "He pasado");
      await chat.button("Cerrar el chat").click();
      await eventually("the first look", () => server.gets.length > 0);
      const looksIn = async (seconds) => {
        const before = server.gets.length;
        for (let second = 0; second < seconds; second++) {
          await page.clock.runFor(1000);
          await new Promise((done) => setTimeout(done, 20));
        }
        return server.gets.length - before;
      };
      const [soon, later] = [await looksIn(60), await looksIn(600)];
      assert.ok(soon >= 6 && soon <= 20, `${soon} looks in the first minute`);
      assert.ok(later >= 18 && later <= 22, `${later} looks in the ten minutes after it`);
      server.writes("¿Sigues ahí?");
      server.writes("Te leo.");
      await looksIn(40);
      await chat.badge.getByText("2", { exact: true }).waitFor();
      assert.equal(await chat.root.getByRole("status").textContent(), "Mensajes nuevos: 2", "read aloud as well");
      assert.match(await chat.launch.evaluate((node) => node.textContent), /2/);
      await page.evaluate(() => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => globalThis.isHidden });
        globalThis.isHidden = true;
        document.dispatchEvent(new Event("visibilitychange"));
      });
      await looksIn(40);
      assert.equal(await looksIn(120), 0, "a page in the background asks for nothing");
      await page.evaluate(() => {
        globalThis.isHidden = false;
        document.dispatchEvent(new Event("visibilitychange"));
      });
      const before = server.gets.length;
      await eventually("a look at once", () => server.gets.length > 0 && server.gets.length >= before);
      await chat.open();
      await chat.hears("agent", "Te leo.");
      assert.equal(await chat.badge.isVisible(), false);
      await chat.button("Cerrar el chat").click();
      assert.equal(await chat.badge.isVisible(), false, "seen is seen");
    });
  });

  test("goes on telling what did not arrive while it looks for what came", async () => {
    await visited(async (chat) => {
      await chat.open();
      await chat.button("Hablar con una persona").click();
      await chat.hears("notice", "He pasado");
      server.faults.push({ status: 429, headers: { "retry-after": "60" } });
      await chat.say("¿Hola?");
      await chat.failure.getByText("en 60 s").waitFor();
      server.writes("Te leo.");
      await chat.hears("agent", "Te leo.");
      assert.equal(await chat.failure.isVisible(), true);
      assert.deepEqual((await chat.said()).map(([author]) => author), ["notice", "agent", "visitor"], "what has not arrived comes after what has");
      await chat.button("Intentar de nuevo").click();
      await eventually("the message", () => server.conversation().messages.at(-1).text === "¿Hola?");
    });
  });

  test("notes whether an answer helped, and says so where that fails", async () => {
    await visited(async (chat) => {
      await chat.open();
      await chat.say("¿Cuánto cuesta?");
      await chat.hears("bot", "Una cuota");
      const [yes, no] = ["Sí", "No"].map((name) => chat.log.getByRole("button", { name, exact: true }));
      server.faults.push({ status: 503 });
      await yes.click();
      await chat.log.getByText("No se guardó").waitFor();
      assert.equal(await yes.getAttribute("aria-pressed"), "false");
      await no.click();
      await chat.log.getByText("Gracias, lo anotamos").waitFor();
      assert.deepEqual([await yes.getAttribute("aria-pressed"), await no.getAttribute("aria-pressed")], ["false", "true"]);
      assert.deepEqual(server.ratings.map(({ site, number, is_helpful }) => [site, number, is_helpful]), [[SITE, 2, true], [SITE, 2, false]]);
      await chat.say("gracias");
      await chat.hears("bot", "De nada");
      assert.equal(await yes.count(), 1, "only answers are asked about");
    });
  });

  test("shows a long answer from its beginning, and follows who reads along", async () => {
    await visited(async (chat) => {
      await chat.open();
      await chat.say("largo");
      await chat.hears("bot", "Línea 60");
      const isSeen = (locator) => locator.evaluate((node) => {
        const [own, log] = [node.getBoundingClientRect(), node.closest(".log").getBoundingClientRect()];
        return own.top >= log.top - 1 && own.top < log.bottom;
      });
      assert.ok(await isSeen(chat.turns("bot").first()), "from its beginning");
      await chat.log.evaluate((node) => (node.scrollTop = 0));
      await chat.say("¿Cuánto cuesta?");
      await chat.hears("bot", "Una cuota");
      assert.ok(await isSeen(chat.turns("visitor").last()) && (await isSeen(chat.turns("bot").last())), "what was just said is seen");
    });
  });

  test("stays on pages that go on without a load", async () => {
    await visited(async (chat, page) => {
      await page.evaluate(() => {
        const next = document.createElement("body");
        next.innerHTML = "<main><h1>Otra</h1></main>";
        document.body.replaceWith(next);
      });
      await chat.launch.waitFor();
      await page.evaluate(() => (document.body.innerHTML = "<main><h1>Otra más</h1></main>"));
      await chat.open();
      await chat.say("¿Cuánto cuesta?");
      await chat.hears("bot", "Una cuota");
      assert.equal(await chat.root.count(), 1);
    });
  });
});
