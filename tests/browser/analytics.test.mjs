// The demo's analytics in a browser: what was sent over the public wire is what the figures say, counted by hand; the funnel and the
// table are the reader's to change; and whatever goes wrong is said in words.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { IS_GIVEN } from "../server.mjs";
import { BROWSED, browser, open, server, sideways, violations, watchShifts } from "./support.mjs";

const DAY_MS = 86_400_000;
const DESKTOP = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";
const PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";
const HOSTILE = `<img src=x onerror="document.title='owned'">`;

/** Noon by our clock, so many days ago: the same date in the demo site's zone. */
const noon = (days) => Math.floor(Date.now() / DAY_MS) * DAY_MS - (days - 0.5) * DAY_MS;

/** Events in Segment's words; `at` is minutes after noon of `day` days ago. */
const view = (who, day, at, path = "/demo") => ({ type: "page", who, day, at, path });
const act = (who, day, at, event, properties = {}) => ({ type: "track", who, day, at, path: "/demo", event, properties });

const PEOPLE = {
  ana: { browser: DESKTOP, locale: "es-MX" },
  bea: { browser: DESKTOP, locale: "es-ES", query: "?utm_source=boletin&utm_medium=email&utm_campaign=guia" },
  ciro: { browser: PHONE, locale: "en-GB", referrer: "https://foro.example/hilo/7" },
  dani: { browser: PHONE, locale: "es-AR", referrer: "https://foro.example/hilo/9" },
  eva: { browser: PHONE, locale: "en-US" },
};

const STORY = [
  view("ana", 3, 0), act("ana", 3, 1, "Form Started", { variant: "a" }), act("ana", 3, 3, "Form Submitted", { variant: "a" }),
  view("ana", 2, 0), view("ana", 1, 0),
  view("bea", 3, 0), act("bea", 3, 2, "Form Started", { variant: "a" }),
  view("bea", 1, 0),
  view("ciro", 3, 0),
  view("dani", 2, 0), act("dani", 2, 1, "Form Started", { variant: "b" }), view("dani", 2, 2, "/demo/en"), act("dani", 2, 5, "Form Submitted", { variant: "b" }),
  // Before the last seven days, within the seven before them.
  view("eva", 9, 0, "/demo/en"),
];

const send = async ({ url, keys }, story, people = PEOPLE) => {
  const batch = story.map(({ type, who, day, at, path, event, properties }, place) => ({
    type,
    event,
    properties,
    messageId: `${who}-${place}`,
    anonymousId: who,
    timestamp: new Date(noon(day) + at * 60_000).toISOString(),
    context: { userAgent: people[who].browser, locale: people[who].locale, page: { url: `https://marea.example${path}${people[who].query ?? ""}`, referrer: people[who].referrer } },
  }));
  const answer = await fetch(`${url}/v1/batch`, { method: "POST", body: JSON.stringify({ writeKey: keys.write_key, sentAt: new Date(), batch }) });
  assert.deepEqual(await answer.json(), { accepted: batch.length, duplicate: 0, rejected: [], filtered: [], success: true });
};

/** The text that a reader sees, with the spaces of every language's numbers made plain. */
const seen = (text) => text.replace(/\s+/g, " ").trim();
const textOf = async (locator) => seen(await locator.innerText());
const cellsOf = async (table) => {
  const rows = [];
  for (const row of await table.locator("tr").all()) rows.push((await row.locator("th, td").allInnerTexts()).map(seen));
  return rows;
};

const ready = (page) => page.locator("#retention table.cohorts, #retention .empty").waitFor();

for (const host of BROWSED) {
  describe(`the analytics on ${host}`, { skip: IS_GIVEN && "the figures of a server that somebody else started are not known" }, () => {
    let site, chrome, page;
    before(async () => {
      site = await server(host);
      await send(site, STORY);
      chrome = await browser();
      page = await open(chrome);
      await page.goto(`${site.url}/demo/analytics/en`);
      await ready(page);
    });
    after(() => Promise.all([chrome?.close(), site?.stop()]));

    test("count visitors, visits and views as a person would", async () => {
      const figures = {};
      for (const name of ["visitors", "sessions", "views"]) figures[name] = [await textOf(page.locator(`#${name}`)), await textOf(page.locator(`#${name}-before`))];
      assert.deepEqual(figures, {
        visitors: ["4", "+300% before 1"],
        sessions: ["7", "+600% before 1"],
        views: ["8", "+700% before 1"],
      });
      // Eight views in seven visits, of which six saw one page; the visits last 0, 0, 0, 0, 2, 3 and 5 minutes, 85.7 seconds on average.
      assert.deepEqual(await page.locator(".rates dd").allInnerTexts(), ["1.14", "85.7%", "1 min 26 s"]);
      assert.deepEqual(page.errors, []);
    });

    test("list sources, pages, campaigns, devices and languages with their shares", async () => {
      const list = async (name) => (await cellsOf(page.locator(`#${name} table`))).slice(1);
      assert.deepEqual(await list("sources"), [["Direct or unknown", "3", "42.9%"], ["boletin", "2", "28.6%"], ["foro.example", "2", "28.6%"]]);
      assert.deepEqual(await list("pages"), [["/demo", "7", "87.5%"], ["/demo/en", "1", "12.5%"]]);
      assert.deepEqual(await list("campaigns"), [["No campaign", "5", "71.4%"], ["guia", "2", "28.6%"]]);
      assert.deepEqual(await list("devices"), [["Computer", "5", "71.4%"], ["Phone", "2", "28.6%"]]);
      assert.deepEqual(await list("languages"), [["Spanish", "6", "85.7%"], ["English", "1", "14.3%"]]);
      assert.match(await textOf(page.locator("#countries")), /the country/, "nobody tells a local server");
    });

    test("show the days in the table behind the chart", async () => {
      await page.locator("#overview summary").click();
      const rows = (await cellsOf(page.locator("#series table"))).slice(1);
      assert.equal(rows.length, 7);
      const days = rows.map(([, ...counts]) => counts.slice(0, 3).join(" ")).filter((counts) => counts !== "0 0 0");
      assert.deepEqual(days, ["3 3 3", "2 2 3", "2 2 2"]);
    });

    test("follow people through the funnel", async () => {
      assert.equal(await textOf(page.locator("#funnel .headline")), "50% reach the end: 2 of 4 people");
      const steps = (await page.locator("ol.funnel > li").allInnerTexts()).map(seen);
      assert.deepEqual(steps, [
        "page:/demo 4 people 1 person goes no further",
        "Form Started 3 people 75% of the first · 1 min median since the previous · 1 person goes no further",
        "Form Submitted 2 people 50% of the first · 66.7% of the previous · 3 min median since the previous",
      ]);
      await page.locator("#funnel summary").click();
      assert.deepEqual((await cellsOf(page.locator("#funnel details table"))).slice(1), [
        ["page:/demo", "4", "100%", "100%", "–"],
        ["Form Started", "3", "75%", "75%", "1 min"],
        ["Form Submitted", "2", "50%", "66.7%", "3 min"],
      ]);
    });

    test("break the funnel down by source, and by a property", async () => {
      const groups = async () => {
        await page.locator("#funnel-form").getByRole("button", { name: "Calculate" }).click();
        await page.locator("#funnel[aria-busy]").waitFor({ state: "detached" });
        return (await cellsOf(page.locator("#funnel .groups table"))).slice(1);
      };
      await page.locator("#by").selectOption("source");
      assert.deepEqual(await groups(), [["foro.example", "2", "1 50%", "1 50%"], ["No value", "1", "1 100%", "1 100%"], ["boletin", "1", "1 100%", "0 0%"]]);
      await page.getByRole("button", { name: "Remove step 1" }).click();
      await page.locator("#by").selectOption("property");
      await page.locator("#by-name").fill("variant");
      assert.deepEqual(await groups(), [["a", "2", "1 50%"], ["b", "1", "1 100%"]]);
      assert.match(page.url(), /step=Form\+Started&step=Form\+Submitted&window=7d&by=property%3Avariant/, "the address says what is shown");
      await page.locator("#window").selectOption("30m");
      await page.getByRole("button", { name: "Add a step" }).click();
      await page.keyboard.type("page:/demo");
      assert.deepEqual(await groups(), [["a", "2", "1 50%", "0 0%"], ["b", "1", "1 100%", "0 0%"]]);
    });

    test("tell who came back", async () => {
      await page.locator("#period").selectOption("day");
      await page.locator("#retention thead").getByText("+1 day", { exact: true }).waitFor();
      const rows = await cellsOf(page.locator("#retention table"));
      assert.deepEqual(rows[0], ["Began on", "People", "+1 day", "+2 days", "+3 days", "+4 days", "+5 days", "+6 days", "+7 days"]);
      const [three, one] = [rows.find(([, size]) => size === "3"), rows.find(([, size]) => size === "1")];
      assert.deepEqual(three.slice(1, 5), ["3", "33.3% 1", "66.7% 2", "0% 0"]);
      assert.deepEqual(one.slice(1, 4), ["1", "0% 0", "0% 0"]);
      assert.deepEqual(rows.at(-1).slice(0, 3), ["All", "4", "25%"]);
      await page.locator("#cohort").fill("Form Started");
      await page.locator("#returning").fill("Form Submitted");
      await page.locator("#retention-form").getByRole("button").click();
      await page.waitForFunction(() => document.querySelector("#retention tfoot td").textContent === "3");
      assert.deepEqual((await cellsOf(page.locator("#retention table"))).find(([, size]) => size === "2").slice(2, 5), ["0% 0", "0% 0", "0% 0"]);
      assert.deepEqual(page.errors, []);
    });
  });
}

describe("the analytics page", { skip: IS_GIVEN && "the figures of a server that somebody else started are not known" }, () => {
  let site, chrome;
  before(async () => {
    site = await server();
    chrome = await browser();
  });
  after(() => Promise.all([chrome?.close(), site?.stop()]));

  const at = async (path, options) => {
    const page = await open(chrome, options);
    await watchShifts(page);
    await page.goto(site.url + path);
    await ready(page);
    return page;
  };

  test("tells a newcomer what to do while there is nothing", async () => {
    const page = await at("/demo/analytics");
    assert.match(await textOf(page.locator("#chart")), /Todavía no hay visitas.*cargo xtask demo/);
    assert.match(await textOf(page.locator("#funnel")), /Nadie hizo «page:\/demo»/);
    assert.match(await textOf(page.locator("#retention")), /Nadie empezó todavía/);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  test("is filled by one command, which adds nothing the second time", async () => {
    const demo = () => {
      const { status, stdout, stderr } = spawnSync(process.env.ORILLA_XTASK, ["demo", "--to", site.url], { encoding: "utf8" });
      assert.equal(status, 0, stderr);
      const [, sent, fresh, known, refused] = /^sent (\d+) .*: (\d+) are new, (\d+) were there, (\d+) were refused/m.exec(stdout).map(Number);
      return { sent, fresh, known, refused };
    };
    const first = demo();
    assert.ok(first.sent > 3000, `${first.sent} events`);
    assert.deepEqual(first, { sent: first.sent, fresh: first.sent, known: 0, refused: 0 });
    const second = demo();
    assert.equal(second.known, first.sent);
    assert.ok(second.fresh < 10, "only what happened meanwhile");

    const page = await at("/demo/analytics?span=30");
    await page.getByText("visitas inventadas por «cargo xtask demo»").waitFor();
    for (const name of ["visitors", "sessions", "views"]) assert.ok(Number((await page.locator(`#${name}`).innerText()).replace(/\D/g, "")) > 500, name);
    assert.ok((await page.locator("ol.funnel strong").count()) === 3);
    assert.ok((await page.locator("#retention .shade").count()) > 10);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  test("shows a hostile name as the text it is", async () => {
    const people = { mala: { browser: DESKTOP, locale: "es", query: `?utm_source=${encodeURIComponent(HOSTILE)}` } };
    await send(site, [view("mala", 1, 0), act("mala", 1, 1, HOSTILE), view("mala", 1, 2, "/mala")], people);
    const page = await at(`/demo/analytics/en?span=7&by=source&step=${encodeURIComponent(HOSTILE)}&step=page:/mala`);
    await page.locator("#funnel .groups").waitFor();
    assert.deepEqual((await cellsOf(page.locator("#funnel .groups table")))[1], [HOSTILE, "1", "1 100%"]);
    assert.equal(await page.locator("main img").count(), 0);
    assert.equal(await page.title(), "Analytics · Marea");
    await page.context().close();
  });

  test("is walked through with a keyboard", async () => {
    const page = await at("/demo/analytics/en?span=7");
    await page.locator("[name=metric][value=visitors]").focus();
    await page.keyboard.press("ArrowRight");
    assert.match(page.url(), /metric=sessions/);
    assert.match(await textOf(page.locator(".reading")), /^Highest: [\d,]+ visits?, /);
    const walker = page.getByRole("slider", { name: "Walk through the chart point by point" });
    await walker.focus();
    const today = await textOf(page.locator(".reading"));
    assert.match(today, /, so far: [\d,]+ visits?; before, [\d,]+$/);
    await page.keyboard.press("ArrowLeft");
    const yesterday = await textOf(page.locator(".reading"));
    assert.notEqual(yesterday, today);
    assert.equal(seen(await walker.evaluate((node) => node.ariaValueText)), yesterday);
    await page.locator("[name=span][value='7']").focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.querySelectorAll("#series tbody tr").length === 30);
    await page.context().close();
  });

  test("offers the names of the site's own events as steps", async () => {
    const page = await at("/demo/analytics?span=7");
    await page.getByLabel("Paso 1", { exact: true }).focus();
    await page.waitForFunction(() => document.querySelectorAll("#names option").length > 3);
    const names = await page.locator("#names option").evaluateAll((options) => options.map(({ value }) => value));
    for (const name of ["Form Started", "Form Submitted", "page:/demo", "page:/demo/en"]) assert.ok(names.includes(name), name);
    await page.context().close();
  });

  for (const [language, path, title] of [["es", "/demo/analytics", "Embudo"], ["en", "/demo/analytics/en", "Funnel"]]) {
    for (const colorScheme of ["light", "dark"]) {
      test(`has nothing serious for axe, fits 360 px and stands still (${language}, ${colorScheme})`, async () => {
        for (const width of [360, 1280]) {
          const page = await at(`${path}?span=30&by=source`, { colorScheme, viewport: { width, height: 800 }, reducedMotion: "reduce" });
          assert.equal(await page.locator("html").getAttribute("lang"), language);
          await page.getByRole("heading", { name: title }).waitFor();
          for (const summary of await page.locator("summary").all()) await summary.click();
          assert.deepEqual(await violations(page), []);
          assert.deepEqual(await sideways(page), []);
          const shifts = await page.evaluate(() => globalThis.shifts.reduce((sum, { value }) => sum + value, 0));
          assert.ok(shifts < 0.1, `shifts of ${shifts}: ${JSON.stringify(await page.evaluate(() => globalThis.shifts))}`);
          await page.context().close();
        }
      });
    }
  }

  test("keeps the question when the language changes", async () => {
    const page = await at("/demo/analytics?span=90&metric=views");
    await page.locator("#language").click();
    await ready(page);
    assert.match(page.url(), /\/demo\/analytics\/en\?span=90&metric=views&/);
    assert.ok(await page.locator("[name=metric][value=views]").isChecked());
    await page.context().close();
  });

  test("says what is wrong with a key, a question, and a lost server, and keeps what it shows", async () => {
    const page = await at("/demo/analytics/en?span=7");
    await page.getByLabel("Step 1", { exact: true }).fill("page:demo");
    await page.locator("#funnel-form").getByRole("button", { name: "Calculate" }).click();
    await page.getByRole("alert").getByText("The server could not read the question").waitFor();
    await page.getByLabel("Step 1", { exact: true }).fill("page:/demo");
    await page.locator("#funnel-form").getByRole("button", { name: "Calculate" }).click();
    await page.locator("ol.funnel").waitFor();

    const visitors = await textOf(page.locator("#visitors"));
    await page.route("**/v1/stats?*", (route) => route.abort("connectionrefused"));
    await page.locator("#refresh").click();
    await page.getByRole("alert").getByText("No answer from the server").first().waitFor();
    assert.equal(await textOf(page.locator("#visitors")), visitors);
    await page.unroute("**/v1/stats?*");
    await page.getByRole("button", { name: "Try again" }).first().click();
    await page.getByText("No answer from the server").waitFor({ state: "detached" });

    await page.route("**/demo/keys.json", (route) => route.fulfill({ json: { ...site.keys, read_key: site.keys.write_key } }));
    await page.reload();
    await page.getByRole("alert").getByText("does not take the read key").first().waitFor();
    await page.unroute("**/demo/keys.json");
    await page.route("**/demo/keys.json", (route) => route.fulfill({ status: 404, body: "" }));
    await page.reload();
    await page.getByText("There are no development keys here").waitFor();
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });
});
