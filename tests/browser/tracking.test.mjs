// Tracking by the embed script, in Chromium on a page of another origin: what a visitor did is read back through the export, the ledger
// adds up, and what was not to be sent was not. Spin's own part is the renamed path; the rest is settled before a host is reached.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browsing, byTime, ledger, only, recorded } from "../clients/events/support.mjs";
import { eventually } from "../clients/support.mjs";
import { BROWSED, HOSTS, PERSON_MS, api, form, hostPage, leadsOf, mailbox, server } from "./support.mjs";

/** Chosen: many times what a page takes from a click to its request. */
const SILENCE_MS = 500;
/** Source: the Fetch standard's limit for what a page that closes leaves behind. */
const KEEPALIVE_BYTES = 65_536;

/** A program without a key is a robot. */
const PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";

for (const host of HOSTS) {
  describe(`tracking on ${host}`, () => {
    const site = {};
    before(async () => Object.assign(site, await server(host)));
    after(() => site.stop?.());

    test("is taken at any word of the site's own, for its public id and for its key alike", async () => {
      const { events } = await recorded(site, { accepted: 2, duplicate: 1 }, async () => {
        for (const [path, writeKey, id] of [["/o/olas", site.keys.site, "a"], ["/o/marea", site.keys.site, "a"], ["/o/olas/", site.keys.write_key, "b"]]) {
          const batch = [{ type: "track", event: "Signed Up", messageId: `${id}.${Date.now() - (Date.now() % 6e5)}` }];
          const answer = await fetch(site.url + path, { method: "POST", headers: { "user-agent": PERSON }, body: JSON.stringify({ writeKey, context: { cookieless: true }, batch }) });
          assert.equal(answer.status, 200, await answer.text());
        }
      });
      assert.deepEqual(only(events, "name", "properties"), Array(2).fill({ name: "Signed Up", properties: {} }));
      assert.equal((await fetch(`${site.url}/o/olas`, { method: "POST", body: `{"batch":[]}` })).status, 401);
    });

    if (BROWSED.includes(host)) inChromium(site);
  });
}

function inChromium(site) {
  before(async () => (site.browsing = await browsing()));
  after(() => site.browsing?.stop());

  /** A page with the script, whose tag has these attributes. */
  const html = (attributes, body = "") => `<!doctype html><html lang="es"><meta charset="utf-8"><title>Escuela</title><link rel="icon" href="data:,">
    ${body}<script src="${site.url}/orilla.js" ${attributes} defer></script></html>`;
  const keyed = (more = "") => `data-orilla-key="${site.keys.write_key}" ${more}`;

  let visits = 0;
  /**
   * Visits a page of somebody's web site in a context of its own, and closes it before the events are counted. `posts` are the requests
   * with events. Fails if a script of the page does or says anything to the console, or if the browser was left something to keep.
   */
  const visited = async (expected, page, use, { knownNoise = /$^/, agent, prepare } = {}) => {
    const web = await hostPage(page);
    // A browser of its own is a visitor of its own. What is sent while a page closes does not tell of it.
    const userAgent = agent && `${await browserName()} Olas/${++visits}`;
    const context = await site.browsing.chrome.newContext({ locale: "es-MX", userAgent });
    try {
      const [faults, posts] = [[], []];
      context.on("weberror", (error) => faults.push(String(error.error())));
      context.on("console", (message) => knownNoise.test(message.text()) || faults.push(message.text()));
      context.on("request", (request) => request.method() === "POST" && !request.url().includes("/forms/") && posts.push(request));
      await prepare?.(context);
      const seen = await recorded(site, expected, async () => {
        const shown = await context.newPage();
        await shown.goto(`${web.url}precios?utm_source=boletin&utm_medium=correo`);
        const result = await use(shown, { web, posts, context });
        if (!shown.isClosed()) {
          assert.deepEqual(await kept(shown), { local: 0, session: 0, cookie: "", databases: 0 }, "nothing is kept in the browser");
          await closed(shown);
        }
        assert.deepEqual(await context.cookies(), []);
        return result;
      });
      const counted = await ledger(site);
      await pause(SILENCE_MS);
      assert.deepEqual(await ledger(site), counted, "nothing comes late");
      assert.deepEqual(faults, []);
      return { ...seen, events: byTime(seen.events), posts };
    } finally {
      await context.close();
      await web.stop();
    }
  };
  /** As a person closes a page: it may act on it. */
  const closed = (page) => Promise.all([page.waitForEvent("close"), page.close({ runBeforeUnload: true })]);
  const browserName = async () => {
    const context = await site.browsing.chrome.newContext();
    const page = await context.newPage();
    const name = await page.evaluate(() => navigator.userAgent);
    await context.close();
    return name;
  };
  const kept = (page) =>
    page.evaluate(async () => ({ local: localStorage.length, session: sessionStorage.length, cookie: document.cookie, databases: (await indexedDB.databases()).length }));
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  /** What the browser itself says of a request that failed. */
  const UNREACHED = /^Failed to load resource/;
  const told = (posts, count) => eventually(`${count} requests`, () => posts.length >= count);
  /** Until the requests so far have their answers; a page that is gone hears of none. */
  const settled = (posts) => Promise.all(posts.map(async (post) => (await post.response())?.finished()));
  /** The page itself sends again once there is a network. */
  const reconnect = (page) => page.evaluate(() => void dispatchEvent(new Event("online")));
  const names = (events) => events.map(({ type, name }) => name || type);

  test("counts one view for each address that history comes to, of one visitor on one visit", async () => {
    const { events } = await visited({ accepted: 5 }, html(keyed()), async (page, { web }) => {
      await page.evaluate(async () => {
        const back = (steps) => new Promise((done) => {
          addEventListener("popstate", done, { once: true });
          history.go(-steps);
        });
        history.pushState({ a: 1 }, "", "/gracias");
        history.replaceState({ a: 2 }, "", "/gracias?plan=anual");
        history.pushState({ a: 3 }, "", "/gracias?plan=anual");
        location.hash = "abajo";
        await back(1);
        await back(2);
        if (history.state !== null) throw new Error("the page's own history is as it made it");
      });
      await page.goto(`${web.url}otra`);
      await page.waitForLoadState();
    }, { agent: true });
    assert.deepEqual(only(events, "type", "path"), ["/precios", "/gracias", "/gracias", "/precios", "/otra"].map((path) => ({ type: "page", path })));
    const [first, second, third] = events.map(({ url }) => new URL(url));
    assert.deepEqual([first.search, second.search, third.search, third.hash], ["?utm_source=boletin&utm_medium=correo", "", "?plan=anual", ""]);
    assert.deepEqual(events.slice(0, 3).map(({ context }) => context.referrer), [undefined, String(first), String(second)]);
    assert.equal(events[0].context.title, "Escuela");
    assert.deepEqual([new Set(events.map(({ visitor }) => visitor)).size, new Set(events.map(({ session }) => session)).size], [1, 1]);
    const times = events.map(({ occurred_raw }) => occurred_raw);
    assert.deepEqual([...new Set(times)].sort(), times, "no two at one time, and in their order");
    const { sessions } = await api(site, `/v1/people/${events[0].visitor}/journey`);
    assert.deepEqual(only(sessions, "views", "entry_page", "source", "medium"), [{ views: 5, entry_page: "/precios", source: "boletin", medium: "correo" }]);
  });

  test("tells of links that lead away, however they are opened, and of no others", async () => {
    const away = await hostPage("<!doctype html><title>Away</title>");
    try {
      const body = `<a id="away" href="${away.url}tabla?mes=5"><b>Mareas</b></a> <a id="here" href="/otra">Otra</a> <a id="mail" href="mailto:hola@marea.example" onclick="return false">Correo</a>
        <a id="stopped" href="${away.url}parada" onclick="event.stopPropagation(); return false">Parada</a>`;
      const { events } = await visited({ accepted: 5 }, html(keyed(), body), async (page, { context }) => {
        await page.click("#mail");
        await page.click("#away b", { button: "right" });
        await page.click("#stopped");
        const opened = context.waitForEvent("page");
        await page.click("#away b", { button: "middle" });
        await (await opened).close();
        await page.click("#here");
        await page.waitForURL("**/otra");
        await page.click("#away b");
        await page.waitForURL(`${away.url}**`);
      });
      const clicked = (path) => ["Outbound Link Clicked", { url: away.url + path }];
      assert.deepEqual(events.map(({ name, type, path, properties }) => (type === "page" ? path : [name, properties])), [
        "/precios", clicked("parada"), clicked("tabla?mes=5"), "/otra", clicked("tabla?mes=5"),
      ]);
    } finally {
      await away.stop();
    }
  });

  test("tells of what the page has named, with its properties", async () => {
    const body = `<button data-orilla-event="Plan Chosen" data-orilla-prop-plan="anual" data-orilla-prop-seats-max="12" onclick="event.stopPropagation()"><i>Elegir</i></button>
      <div data-orilla-event="Card Opened" style="padding: 20px"><form data-orilla-event="Search Sent" onsubmit="event.stopImmediatePropagation(); return false"><input name="q"><input type="submit"></form></div>
      <p>nada</p>`;
    const { events } = await visited({ accepted: 4 }, html(keyed(), body), async (page) => {
      await page.click("button i");
      await page.click("p");
      await page.click("input[name=q]");
      await page.keyboard.press("Tab");
      await page.locator("form").evaluate((form) => form.requestSubmit());
      await page.click("div", { position: { x: 5, y: 5 } });
    });
    assert.deepEqual(events.map(({ type, name, properties }) => [name || type, properties]), [
      ["page", {}],
      ["Plan Chosen", { plan: "anual", "seats-max": "12" }],
      ["Search Sent", {}],
      ["Card Opened", {}],
    ]);
  });

  const FORMS = {
    embedded: () => `<div data-orilla-form="demo"></div>`,
    enhanced: () => `<form action="${site.url}/f/demo" method="post"><label>Correo <input name="email"></label><label><input type="checkbox" name="consent"> OK</label><button>Enviar</button></form>`,
  };
  for (const [kind, markup] of Object.entries(FORMS)) {
    test(`joins a form's submission to the journey of who sent it (${kind})`, async () => {
      const email = mailbox(`viaje.${kind}`);
      const { events, result: variant } = await visited({ accepted: 4 }, html(keyed(), markup()), async (page) => {
        await page.waitForFunction(() => document.forms[0]?.noValidate);
        const shown = kind === "embedded" ? await form(page) : page.locator("form");
        await page.waitForTimeout(PERSON_MS);
        await shown.locator("[name=email]").fill("ana");
        await shown.getByRole("button").click();
        // What is refused was not sent.
        await shown.getByRole("alert").getByRole("link").first().waitFor();
        await page.evaluate(() => history.pushState({}, "", "/contacto"));
        await shown.locator("[name=email]").fill(email);
        await shown.locator("[name=consent]").check();
        const [request] = await Promise.all([page.waitForRequest("**/submissions"), shown.getByRole("button").click()]);
        await shown.locator(".orilla-alert:first-child").waitFor();
        return JSON.parse(request.postData())._variant;
      }, { agent: true, knownNoise: UNREACHED });
      assert.equal(typeof variant, kind === "embedded" ? "string" : "undefined", "a page's own form shows none");
      const properties = { form: "demo", ...(variant && { variant }) };
      assert.deepEqual(events.map(({ type, name, path, properties }) => [name || type, path, properties]), [
        ["page", "/precios", {}],
        ["Form Started", "/precios", properties],
        ["page", "/contacto", {}],
        ["Form Submitted", "/contacto", properties],
      ]);
      const [lead] = await leadsOf(site, email);
      const journey = await api(site, `/v1/people/${encodeURIComponent(email)}/journey`);
      assert.deepEqual(journey.leads, [lead.id]);
      assert.deepEqual(names(journey.events), names(events), "the page did nothing for it");
    });
  }

  test("lets the page's code tell and identify, and forgives what it hands over", async () => {
    const { events } = await visited({ accepted: 5 }, html(keyed()), async (page) => {
      await page.evaluate(() => {
        const cart = { items: 2 };
        cart.toJSON = undefined;
        orilla.track("Cart Filled", cart);
        cart.items = 3;
        const round = {};
        round.round = round;
        orilla.track("Round", round);
        orilla.track("Big", { size: 10n });
        orilla.track("Thrown", { toJSON() { throw new Error("thrown"); } });
        orilla.identify(7, { plan: "anual" });
        orilla.track("Cart Paid");
        dispatchEvent(new MouseEvent("click"));
      });
      await page.goto(`${page.url()}&de=nuevo`);
    }, { agent: true });
    assert.deepEqual(names(events), ["page", "Cart Filled", "identify", "Cart Paid", "page"]);
    assert.deepEqual(events[1].properties, { items: 2 }, "as it was when it was told");
    assert.deepEqual(events[2].properties, { plan: "anual" });
    assert.deepEqual(events.map(({ user }) => user), [null, null, "7", null, null]);
    assert.deepEqual(new Set(events.map(({ person }) => person)), new Set(["user:7"]), "what came before and on the next page is theirs too");
    assert.equal(new Set(events.map(({ visitor }) => visitor)).size, 1);
  });

  test("leaves behind what happens while a page closes", async () => {
    const body = `<a href="/otra" data-orilla-event="Left">Otra</a>
      <script>if (location.pathname == "/otra") for (const [name, at] of [["pagehide", window], ["visibilitychange", document]]) at.addEventListener(name, () => orilla.track(name))</script>`;
    const { events } = await visited({ accepted: 5 }, html(keyed(), body), async (page, { posts }) => {
      await page.click("a");
      await page.waitForURL("**/otra");
      await told(posts, 3);
      await settled(posts);
      await closed(page);
    });
    assert.deepEqual(names(events), ["page", "Left", "page", "pagehide", "visibilitychange"]);
  });

  test("loses nothing to a network that is away, on the page or when it closes", async () => {
    for (const isClosed of [false, true]) {
      // The browser's word that it is back is withheld from the script, so that only closing sends.
      const deaf = isClosed ? `<script>addEventListener("online", (event) => event.stopImmediatePropagation(), true)</script>` : "";
      const { events, posts } = await visited({ accepted: 4 }, html(keyed(), deaf), async (page, { context, posts }) => {
        await told(posts, 1);
        await settled(posts);
        await context.setOffline(true);
        await page.evaluate(() => ["A", "B"].forEach((name) => orilla.track(name)));
        await told(posts, 3);
        await page.waitForTimeout(SILENCE_MS);
        await page.evaluate(() => orilla.track("C"));
        await page.waitForTimeout(SILENCE_MS);
        assert.equal(posts.length, 3, "what waits is not tried at every event");
        await context.setOffline(false);
        if (isClosed) await closed(page);
        else await told(posts, 4);
      }, { knownNoise: UNREACHED });
      assert.deepEqual(names(events), ["page", "A", "B", "C"]);
      const failed = posts.slice(1, 3).flatMap((post) => JSON.parse(post.postData()).batch.map(({ messageId }) => messageId));
      assert.deepEqual(events.slice(1, 3).map(({ id }) => id), failed, "under the ids of the first attempt");
    }
  });

  test("tells again what was answered by an error or by nobody, and it is stored once", async () => {
    const { posts } = await visited({ accepted: 2, duplicate: 1 }, html(keyed()), async (page, { posts }) => {
      await told(posts, 1);
      await settled(posts);
      const faults = [(route) => route.fulfill({ status: 503, headers: { "access-control-allow-origin": "*", "retry-after": "1" }, body: "{}" }), async (route) => {
        await route.fetch();
        await route.abort("connectionreset");
      }];
      await page.route("**/v1/batch", (route) => (faults.length ? faults.shift()(route) : route.continue()));
      await page.evaluate(() => orilla.track("A"));
      for (const sent of [2, 3]) {
        await told(posts, sent);
        await page.waitForTimeout(SILENCE_MS);
        await reconnect(page);
      }
      await told(posts, 4);
      await settled(posts.slice(3));
    }, { knownNoise: UNREACHED });
    const ids = posts.slice(1).map((post) => JSON.parse(post.postData()).batch.map(({ messageId }) => messageId));
    assert.deepEqual(ids, Array(3).fill(ids[0]));
  });

  test("keeps the first of too many, as much as a closing page may leave behind", async () => {
    const { events, posts } = await visited((kept) => ({ accepted: 1 + kept }), html(keyed()), async (page, { context, posts }) => {
      await told(posts, 1);
      await settled(posts);
      await context.setOffline(true);
      await page.evaluate(() => orilla.track("First"));
      await told(posts, 2);
      await page.waitForTimeout(SILENCE_MS);
      await page.evaluate(() => {
        for (let number = 0; number < 1000; number++) orilla.track("Ñandú", { number, text: "ñ".repeat(100) });
      });
      await context.setOffline(false);
      await told(posts, 3);
      return JSON.parse(posts[2].postData()).batch.length;
    }, { knownNoise: UNREACHED });
    assert.equal(events[1].name, "First");
    const numbers = events.slice(2).map(({ properties }) => properties.number);
    assert.deepEqual(numbers, [...numbers.keys()], "in their order, with none left out before the last");
    const bytes = Buffer.byteLength(posts[2].postData());
    assert.ok(bytes > 0.9 * KEEPALIVE_BYTES && bytes < KEEPALIVE_BYTES, `${bytes} B`);
    assert.equal(posts.length, 3);
  });

  test("waits for consent, and keeps nothing meanwhile", async () => {
    const { events } = await visited({ accepted: 3 }, html(keyed("data-orilla-consent")), async (page, { posts }) => {
      await page.evaluate(() => orilla.track("A"));
      await page.waitForTimeout(SILENCE_MS);
      await reconnect(page);
      assert.equal(posts.length, 0);
      await page.evaluate(() => orilla.consent());
      await told(posts, 1);
      await page.evaluate(() => orilla.track("B"));
      await told(posts, 2);
    });
    assert.deepEqual(names(events), ["page", "A", "B"]);
    assert.deepEqual(events.map(({ context }) => context.consent), [true, true, true]);
  });

  test("sends nothing without consent, and nothing more once it is withdrawn", async () => {
    await visited({}, html(keyed(`data-orilla-consent="required"`)), async (page, { posts }) => {
      await page.evaluate(() => orilla.track("A"));
      await page.evaluate(() => orilla.consent(false));
      await page.evaluate(() => orilla.track("B"));
      await page.goto(`${page.url()}&otra`);
      await page.waitForTimeout(SILENCE_MS);
      assert.equal(posts.length, 0);
    });
    const { events } = await visited({ accepted: 2 }, html(keyed("data-orilla-consent")), async (page, { posts }) => {
      await page.evaluate(() => orilla.consent());
      await told(posts, 1);
      await page.evaluate(() => orilla.consent(false));
      await page.evaluate(() => orilla.track("Refused"));
      await page.evaluate(() => orilla.consent(true));
      await page.evaluate(() => orilla.track("Agreed"));
      await told(posts, 2);
    });
    assert.deepEqual(events.map(({ type, name, context }) => [name || type, context.consent]), [["page", true], ["Agreed", true]]);
  });

  test("sends to a path of the site's own", async () => {
    const { events, posts } = await visited({ accepted: 2 }, html(`data-orilla-key="${site.keys.site}" data-orilla-collect="${site.url}/o/olas"`), async (page, { posts }) => {
      await told(posts, 1);
      await page.evaluate(() => orilla.track("A"));
      await told(posts, 2);
    });
    assert.deepEqual(names(events), ["page", "A"]);
    assert.deepEqual(posts.map((post) => post.url()), Array(2).fill(`${site.url}/o/olas`));
  });

  test("does nothing without a key, and the form works as it did", async () => {
    await visited({}, html("", `<a href="https://away.example" onclick="return false">Fuera</a>${FORMS.embedded()}`), async (page, { posts }) => {
      const own = await page.evaluate(() => history.pushState.toString());
      const shown = await form(page);
      await page.click("a");
      await page.evaluate(() => {
        orilla.track("A");
        orilla.identify("ana");
        orilla.consent();
        history.pushState({}, "", "/gracias");
      });
      const email = mailbox("sin.clave");
      await page.waitForTimeout(PERSON_MS);
      await shown.locator("[name=email]").fill(email);
      await shown.locator("[name=consent]").check();
      await shown.getByRole("button").click();
      await shown.locator(".orilla-alert:first-child").waitFor();
      assert.equal((await leadsOf(site, email)).length, 1);
      assert.equal(posts.length, 0);
      assert.match(own, /native code/, "the page's history is its own");
    });
  });

  const readable = { "access-control-allow-origin": "*" };
  const ELSEWHERE = "https://collector.example/olas";
  const WAYS_TO_FAIL = {
    "the script is blocked": ["**/orilla.js", (route) => route.abort("blockedbyclient")],
    "what it sends is blocked": [ELSEWHERE, (route) => route.abort("blockedbyclient")],
    "nobody answers": [ELSEWHERE, (route) => route.abort("connectionrefused")],
    "somebody else answers": [ELSEWHERE, (route) => route.fulfill({ headers: readable, contentType: "text/html", body: "<h1>Wi-Fi</h1>" })],
    "the key is unknown": [ELSEWHERE, (route) => route.fulfill({ status: 401, headers: readable, json: { detail: "…" } })],
    "the server is down": [ELSEWHERE, (route) => route.fulfill({ status: 503, headers: { ...readable, "retry-after": "x" }, body: "" })],
  };
  for (const [failure, [what, fail]] of Object.entries(WAYS_TO_FAIL)) {
    test(`leaves the page in peace where ${failure}`, async () => {
      let failed = 0;
      const prepare = (context) => context.route(what, (route) => ++failed && fail(route));
      const page = html(keyed(`data-orilla-collect="${ELSEWHERE}"`), `<button data-orilla-event="A" onclick="this.remove()">A</button>`);
      await visited({}, page, async (page) => {
        await page.click("button");
        await page.evaluate(() => history.pushState({}, "", "/gracias"));
        await page.waitForTimeout(SILENCE_MS);
        assert.ok(failed > 0);
        assert.equal(new URL(page.url()).pathname, "/gracias");
        assert.equal(await page.locator("button").count(), 0, "the page's own code ran");
      }, { knownNoise: UNREACHED, prepare });
    });
  }

  test("the demo is tracked, in both languages", async () => {
    const { events } = await recorded(site, { accepted: 2 }, async () => {
      const page = await site.browsing.chrome.newPage();
      for (const path of ["/demo", "/demo/en"]) {
        await Promise.all([page.waitForResponse("**/v1/batch"), page.goto(site.url + path)]);
      }
      await page.close();
    });
    assert.deepEqual(only(byTime(events), "type", "path"), [{ type: "page", path: "/demo" }, { type: "page", path: "/demo/en" }]);
  });
}
