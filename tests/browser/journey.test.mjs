// One person through the whole house: a campaign, three pages, the chat, a person, the form; what everybody is told of it, and how all of it is forgotten
// in one call. In Chromium where a browser's part is the host's own; on Spin the same by hand, as the script says it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { browsing, ledger } from "../clients/events/support.mjs";
import { eventually, pause, receiver } from "../clients/support.mjs";
import { PAGES } from "../../web/demo/site/site.mjs";
import { folderOfItsOwn } from "../server.mjs";
import { widget } from "./chat-support.mjs";
import { BROWSED, HOSTS, PERSON_MS, api, form, leadsOf, mailbox, open, server } from "./support.mjs";

const DEMO = fileURLToPath(new URL("../../sites/demo", import.meta.url));
const ARTICLES = ["price", "card-fees", "trial", "support-hours", "pause-winter", "weather-rule", "offline", "deposit"];
const CAMPAIGN = "utm_source=boletin&utm_medium=email&utm_campaign=primavera";
const QUESTION = "¿Cuánto cuesta Marea al mes para tres monitoras?";
const WISH = "quiero hablar con una persona, por favor";
const PERSON = { name: "Xiomara Quintanilla", company: "Escuela Faro Verde", role: "Directora", message: "Necesito reservas y cobros para sesenta alumnas esta semana." };
const BROWSER = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";
/** Two ticks, and what a busy machine adds: what would be told twice was told by then. */
const QUIET_MS = 2500;

/** The demo site with a handful of its articles: its index is not what is tested here. */
const smallSite = async (folder) => {
  const site = join(folder, "site");
  await cp(DEMO, site, { recursive: true });
  await rm(join(site, "kb"), { recursive: true });
  await mkdir(join(site, "kb"));
  for (const id of ARTICLES) for (const locale of ["es", "en"]) await cp(join(DEMO, "kb", `${id}.${locale}.md`), join(site, "kb", `${id}.${locale}.md`));
  // People who are there at whatever hour this runs.
  const desk = await readFile(join(DEMO, "desk.toml"), "utf8");
  const always = desk.replace(/(\[calendars\.\w+\]\ntime_zone = .*\n)[\s\S]*?(?=\n\[)/g, "$1always = true\n");
  assert.equal(always.match(/^always = true$/gm)?.length, 2, "both calendars");
  await writeFile(join(site, "desk.toml"), always);
  return site;
};

/** In which tables of the SQLite files below a folder one of these words stands; Python has SQLite in every version, Node does not yet. */
const traces = async (folder, words) => {
  const files = (await readdir(folder, { recursive: true })).filter((name) => /\.(db|sqlite3?)$/.test(name)).map((name) => join(folder, name));
  const script = `
import json, sqlite3, sys
found, rows = [], 0
for file in json.loads(sys.argv[1]):
    store = sqlite3.connect(file)
    store.text_factory = bytes
    for (table,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in store.execute('SELECT * FROM "%s"' % table.decode()):
            rows += 1
            for word in json.loads(sys.argv[2]):
                if any(isinstance(value, bytes) and word.encode() in value for value in row):
                    found.append(table.decode() + ": " + word)
print(json.dumps({"found": sorted(set(found)), "rows": rows}))`;
  const { stdout, stderr, status } = spawnSync(process.env.ORILLA_PYTHON || "python3", ["-c", script, JSON.stringify(files), JSON.stringify(words)], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
};

for (const host of HOSTS) {
  describe(`the joined journey on ${host}`, () => {
    const site = {};
    let folder, crm, slack, person;
    before(async () => {
      [folder, crm, slack] = await Promise.all([folderOfItsOwn(), receiver(), receiver()]);
      // The site's own destinations, as its file names them.
      Object.assign(process.env, { MAREA_CRM_WEBHOOK: `${crm.url}/crm`, MAREA_SLACK_WEBHOOK: `${slack.url}/slack` });
      const variables = { ALLOWED_PRIVATE_HOSTS: "127.0.0.1" };
      Object.assign(site, await server(host, { variables, data: join(folder, "data"), site: await smallSite(folder), articles: true }));
      for (const agent of ["nerea", "lucia", "iker", "diego"]) await api(site, `/v1/agents/${agent}`, { key: "admin_key", method: "PATCH", body: { presence: "online" } });
      if (BROWSED.includes(host)) person = await browsing();
    });
    after(async () => {
      await Promise.all([site.stop?.(), person?.stop(), crm?.stop(), slack?.stop()]);
      await rm(folder, { recursive: true, force: true });
    });

    /** As a person goes about it; gives the pages that were read and the guide's link. */
    const browsed = async (email) => {
      const page = await open(person.chrome);
      const chat = widget(page);
      await page.goto(`${site.url}/demo?${CAMPAIGN}`);
      await form(page);
      await page.getByRole("navigation", { name: "Secciones" }).getByRole("link", { name: "Precios" }).click();
      await page.waitForURL("**/demo/precios");
      await page.getByRole("link", { name: "Elegir Escuela" }).click();

      await chat.open();
      await chat.say(QUESTION);
      await chat.hears("bot", "19 €");
      assert.match(await chat.sources.getByRole("link").first().getAttribute("href"), /\/demo\/ayuda\/price$/, "an answer names its source");
      await chat.say(WISH);
      await chat.hears("notice", "He pasado tu conversación a una persona");
      await chat.button(chat.words.close).click();

      await page.goto(`${site.url}/demo/blog/llenar-tu-escuela-de-surf?variant=b`);
      const shown = await form(page);
      assert.equal(await shown.locator("h2").textContent(), "Reservas, cobros y mareas en un solo lugar", "variant B");
      for (const [name, value] of Object.entries({ ...PERSON, email })) await shown.locator(`[name=${name}]`).fill(value);
      await shown.locator("[name=consent]").check();
      await page.waitForTimeout(PERSON_MS);
      await shown.locator("button:not([type])").click();
      await shown.locator(".orilla-alert:first-child").waitFor();
      const guide = await shown.getByRole("link").first().getAttribute("href");
      assert.deepEqual(page.errors, []);
      await page.context().close();
      return new URL(guide, site.url);
    };

    /** The same by hand. */
    const spoken = async (email) => {
      const post = async (path, body) => {
        const answer = await fetch(site.url + path, { method: "POST", headers: { "user-agent": BROWSER, "content-type": "application/json", origin: site.url }, body: JSON.stringify(body) });
        const text = await answer.text();
        assert.ok(answer.ok, `${answer.status} ${path}: ${text}`);
        return JSON.parse(text);
      };
      const key = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90";
      const at = (path) => ({ page: { url: `${site.url}${path}`, referrer: "", title: "Marea" } });
      const events = [
        { type: "page", context: at(`/demo?${CAMPAIGN}`) },
        { type: "page", context: at("/demo/precios") },
        { type: "track", event: "Plan Elegido", properties: { plan: "escuela" }, context: at("/demo/precios") },
        { type: "page", context: at("/demo/blog/llenar-tu-escuela-de-surf?variant=b") },
      ];
      const batch = events.map((event, n) => ({ ...event, messageId: `${email}-${n}`, timestamp: Date.now() - 60_000 + n }));
      await post("/v1/batch", { writeKey: key, sentAt: Date.now(), context: { cookieless: true, consent: {} }, batch });
      const answer = await post("/v1/chat", { site: key, message: QUESTION, locale: "es", page: `${site.url}/demo/precios` });
      assert.deepEqual([answer.action, answer.sources[0].url], ["answer", "/demo/ayuda/price"], "an answer names its source");
      assert.match(answer.answer, /19 €/);
      const handed = await post("/v1/chat", { site: key, message: WISH, locale: "es", conversation_id: answer.conversation_id });
      assert.equal(handed.action, "handoff");
      const fields = { ...PERSON, email, consent: true, _variant: "b", _locale: "es", _elapsed_ms: 9_000, _page: `${site.url}/demo/blog/llenar-tu-escuela-de-surf` };
      return new URL((await post("/v1/forms/demo/submissions", fields)).download, site.url);
    };

    test("goes over pages that stand in both languages", async () => {
      for (const at of [...Object.values(PAGES), { es: "/demo/ayuda/price", en: "/demo/en/help/price" }]) {
        for (const [language, path] of Object.entries(at)) {
          const answer = await fetch(site.url + path);
          assert.deepEqual([answer.status, answer.headers.get("content-type").split(";")[0]], [200, "text/html"], path);
          assert.match(await answer.text(), new RegExp(`<html lang="${language}">`), path);
        }
      }
      assert.equal((await fetch(`${site.url}/demo/plazas.svg`)).headers.get("content-type"), "image/svg+xml");
    });

    test("is one lead with its reasons, one ticket with its deadline, told once; and one call forgets it everywhere", async () => {
      const email = mailbox("xiomara");
      const guide = await (person ? browsed : spoken)(email);
      const [lead] = await leadsOf(site, email);

      // The score's reasons name the pages and the chat, and add up.
      const reasons = Object.fromEntries(lead.contributions.map(({ rule, side_points }) => [rule, side_points]));
      for (const [rule, points] of Object.entries({ "form-sent": 50, "page-viewed": 3, "pricing-viewed": 10, "plan-chosen": 10, "asked-in-chat": 6, "asked-for-a-person": 8 })) {
        assert.equal(reasons[rule], points, `${rule} of ${JSON.stringify(reasons)}`);
      }
      assert.equal(lead.contributions.reduce((sum, { points }) => sum + points, 0), lead.score);
      assert.deepEqual(lead.first_touch.utm, { source: "boletin", medium: "email", campaign: "primavera" }, "the campaign stays theirs over three pages");
      assert.ok(lead.tags.includes("campaign:primavera"), JSON.stringify(lead.tags));
      assert.deepEqual((await api(site, "/v1/leads/rescore?dry_run=1", { method: "POST", key: "admin_key", body: {} })).changes, [], "history gives the same score");

      // What they did, said and sent stands in one place.
      const whole = await eventually("the ticket is somebody's", async () => {
        const found = await api(site, `/v1/leads/${lead.id}`);
        return found.tickets[0]?.assignee && found;
      });
      assert.deepEqual(whole.history.map(({ variant }) => variant), ["b"]);
      assert.deepEqual(whole.events.map(({ type, name }) => (type === "page" ? type : name)).sort(), [...(person ? ["Form Started", "Form Submitted"] : []), "Plan Elegido", "page", "page", "page"]);
      const [[conversation], [ticket]] = [whole.conversations, whole.tickets];
      assert.deepEqual([whole.conversations.length, whole.tickets.length, conversation.ticket], [1, 1, ticket.id]);
      assert.ok(Date.parse(ticket.due_at) > Date.now(), "there is a deadline, and time until then");
      assert.equal((await api(site, `/v1/tickets/${ticket.id}`)).source, "chat");

      // The guide is theirs.
      const pdf = await fetch(guide);
      assert.deepEqual([pdf.status, pdf.headers.get("content-type")], [200, "application/pdf"]);

      // Sales hear of it once, whatever else is told.
      const told = () => [crm, slack].map(({ requests }) => requests.filter(({ path, body }) => body.includes(email) && (path === "/slack" || JSON.parse(body).type === "lead.created")).length);
      await eventually("both are told", () => told().every((count) => count > 0));
      await pause(QUIET_MS);
      assert.deepEqual(told(), [1, 1]);
      const [news] = crm.requests.map(({ body }) => JSON.parse(body)).filter(({ type }) => type === "lead.created");
      assert.ok(news.data.lead.contributions.some(({ rule }) => rule === "asked-in-chat"), "sales read why");

      // Everything that was sent is accounted for.
      const sums = await ledger(site);
      assert.equal(sums.received, sums.accepted + sums.duplicate, JSON.stringify(sums));
      assert.equal(sums.accepted, whole.events.length);

      // The page that they read is read here, too.
      await api(site, "/v1/content/pages/articulo", { key: "admin_key", method: "PUT", body: { url: `${site.url}/demo/blog/llenar-tu-escuela-de-surf`, keyphrase: "escuela de surf", kind: "blog" } });
      const page = await eventually("the article was read", async () => {
        const found = await api(site, "/v1/content/pages/articulo");
        return found.score != null && found;
      });
      assert.ok(page.score >= 90, `the article is worth reading: ${page.score}`);

      // One call, and nothing of them is left in any function's answers, nor in the store.
      const words = [email, PERSON.name, PERSON.company, "monitoras", "sesenta alumnas", lead.id, conversation.id, ticket.id];
      const there = await traces(join(folder, "data"), words);
      for (const word of words) assert.ok(there.found.some((trace) => trace.endsWith(`: ${word}`)), `${word} was never stored, so that its absence would prove nothing`);
      const erased = await api(site, `/v1/people/${encodeURIComponent(email)}`, { key: "admin_key", method: "DELETE" });
      assert.deepEqual([erased.leads, erased.other_leads], [[lead.id], []]);
      for (const table of ["leads", "submissions", "consents", "events", "sessions", "conversations", "messages", "ticket_requests", "tickets", "ticket_events", "outbox"]) {
        assert.ok(erased.rows[table] > 0, `${table}: ${JSON.stringify(erased.rows)}`);
      }
      for (const path of [`/v1/leads/${lead.id}`, `/v1/conversations/${conversation.id}`, `/v1/tickets/${ticket.id}`, `/v1/people/${encodeURIComponent(email)}/journey`]) {
        await assert.rejects(api(site, path), /^Error: 404/, path);
      }
      const after = await ledger(site);
      assert.deepEqual(after, sums, "what only counts stays as it was");
      await site.stop();
      const { found, rows } = await traces(join(folder, "data"), words);
      assert.deepEqual(found, []);
      assert.ok(rows > 50, `only ${rows} rows were looked at`);
    });
  });
}
