import { spawnSync } from "node:child_process";
import { api, browser, open, server } from "./support.mjs";
const site = await server("native", { articles: true });
try {
  for (let i = 0; i < 2; i++) console.log(spawnSync(process.env.ORILLA_XTASK, ["demo", "--to", site.url, "--weeks", "1"], { encoding: "utf8" }).stdout);
  const { tickets } = await api(site, "/v1/tickets?order=due");
  const by = (word) => tickets.find(({ subject }) => subject.includes(word)).number;
  const post = (n, body) => api(site, `/v1/tickets/${n}/comments`, { key: "admin_key", method: "POST", body });
  const n = by("Charged");
  await post(n, { text: "Carl from the bank confirmed: refund ref. 8812.", is_public: false, agent: "iker" });
  await post(n, { text: "Thanks a lot!" });
  await post(n, { text: "One more thing: which card fees do you charge for online payments?" });
  await api(site, "/v1/tickets", { key: "admin_key", method: "POST", body: { subject: "Charged twice in October", text: "Hello, my card statement shows two payments for the October invoice. Could you refund one of them?", locale: "en", requester: { name: "Tom Pascoe", email: "tom@escuela.example" } } });
  for (const t of tickets) console.log(t.number, t.subject, t.category, t.verdict.category.probability, t.priority, t.verdict.priority.probability, t.assignee, JSON.stringify(t.routing), t.due_at, t.locale);
  const chrome = await browser();
  const shot = async (name, path, options, deed) => {
    const page = await open(chrome, options);
    await page.goto(`${site.url}/demo/desk${path}`);
    await page.locator("#live.on").waitFor();
    await page.waitForTimeout(600);
    await deed?.(page);
    await page.waitForTimeout(300);
    await page.screenshot({ path: `/tmp/look/${name}.png`, fullPage: true });
    console.log(name, page.errors);
    await page.context().close();
  };
  const wide = { viewport: { width: 1360, height: 900 } }, dark = { ...wide, colorScheme: "dark" }, small = { viewport: { width: 360, height: 760 } };
  await shot("list-es", "", wide);
  await shot("ticket-es", `#${by("calendario")}`, wide);
  await shot("ticket-en-dark", `/en?agent=lucia#${n}`, dark, async (page) => { await page.locator("#suggest").click(); await page.waitForTimeout(900); });
  await shot("list-small", "", small);
  await shot("ticket-small", `#${by("datos")}`, { ...small, colorScheme: "dark" });
  await shot("pausar-es", `?agent=nerea#${by("invierno")}`, wide, async (page) => { await page.locator("#suggest").click(); await page.waitForTimeout(900); });
  await shot("medium-note", `/en#${n}`, { viewport: { width: 1000, height: 900 } }, async (page) => { await page.getByRole("radio", { name: "Internal note" }).check(); });
  await chrome.close();
} finally { await site.stop(); }
