// The development inbox: what arrives is shown as text whatever it says, held back leads can be released, a lost server is told.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PERSON_MS, api, browser, leadsOf, mailbox, open, server, sideways, violations } from "./support.mjs";

const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>"'></td>&lt;b&gt;{{7*7}}`;

describe("the inbox", () => {
  let site, chrome;
  before(async () => {
    site = await server();
    chrome = await browser();
  });
  after(() => Promise.all([chrome?.close(), site?.stop()]));

  const submit = async (fields) => {
    const answer = await fetch(`${site.url}/v1/forms/demo/submissions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ consent: true, _elapsed_ms: 9000, ...fields }),
    });
    assert.equal(answer.status, 201, await answer.text());
  };

  test("shows hostile text as the text it is", async () => {
    const email = mailbox("hostil");
    await submit({ email, name: HOSTILE, company: HOSTILE, role: HOSTILE, message: HOSTILE, extra: HOSTILE, _page: `javascript:alert(1)//${HOSTILE}`, utm_source: HOSTILE });
    const [lead] = await leadsOf(site, email);
    assert.equal(lead.name, HOSTILE, "stored as given");
    const page = await open(chrome);
    await page.goto(`${site.url}/demo/inbox?lang=es#${lead.id}`);
    await page.locator("#lead h2").waitFor();
    await page.waitForTimeout(300);
    assert.equal(await page.locator("#lead h2").textContent(), HOSTILE);
    assert.ok((await page.locator("#list").textContent()).includes(HOSTILE));
    assert.equal(await page.locator("main img, main script").count(), 0);
    assert.match(await page.title(), /Bandeja/);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  test("shows a lead as it arrives, without a reload", async () => {
    const page = await open(chrome);
    await page.goto(`${site.url}/demo/inbox`);
    await page.locator("#live.on").waitFor();
    const email = mailbox("en.vivo");
    await submit({ email, name: "Noa Vela", role: "Directora" });
    await page.locator("#list").getByText(email).waitFor({ timeout: 6000 });
    await page.context().close();
  });

  test("releases what was held back, exactly once", async () => {
    const email = mailbox("retenido");
    await submit({ email, name: "Retenida", _gotcha: "x" });
    const [held] = await leadsOf(site, email);
    assert.equal(held.verdict, "quarantine");
    const page = await open(chrome);
    let releases = 0;
    page.on("request", (request) => (releases += Number(request.url().endsWith("/release"))));
    await page.goto(`${site.url}/demo/inbox?lang=en#${held.id}`);
    const panel = page.locator("#lead");
    await panel.getByText("filled the decoy field").waitFor();
    await panel.getByRole("button", { name: "Not spam" }).dblclick();
    await panel.locator(".verdict.accept").waitFor();
    assert.equal(releases, 1);
    assert.equal((await leadsOf(site, email))[0].verdict, "accept");
    const { history } = await api(site, `/v1/leads/${held.id}`);
    assert.ok(history[0].released_at);
    await page.context().close();
  });

  test("narrows by verdict and by words, and says so when nothing is left", async () => {
    const email = mailbox("filtro");
    await submit({ email, name: "Filtrada", _gotcha: "x" });
    const page = await open(chrome);
    await page.goto(`${site.url}/demo/inbox?lang=en`);
    await page.locator("#list .row").first().waitFor();
    await page.locator("#verdict").selectOption("quarantine");
    await page.locator("#list").getByText(email).waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll(".row")].every((row) => row.querySelector(".held")));
    await page.locator("#search").fill("nobody-is-called-this");
    await page.getByText("Nothing matches").waitFor();
    await page.context().close();
  });

  test("keeps what it shows and says so when the server is gone, and recovers", async () => {
    await submit({ email: mailbox("queda"), name: "Queda" });
    const page = await open(chrome);
    await page.goto(`${site.url}/demo/inbox?lang=es`);
    await page.locator("#list .row").first().waitFor();
    const rows = await page.locator("#list .row").count();
    await page.route("**/v1/**", (route) => route.abort("connectionrefused"));
    await page.locator("#live.off").waitFor({ timeout: 6000 });
    assert.equal(await page.locator("#list .row").count(), rows);
    await page.unroute("**/v1/**");
    await page.locator("#live.on").waitFor({ timeout: 6000 });
    await page.context().close();
  });

  test("tells a newcomer what to do when nobody has arrived, and when there are no keys", async () => {
    const page = await open(chrome);
    await page.route("**/v1/leads?*", (route) => route.fulfill({ json: { leads: [], next: null } }));
    await page.goto(`${site.url}/demo/inbox?lang=en`);
    await page.getByText("Nobody has arrived yet").waitFor();
    await page.route("**/demo/keys.json", (route) => route.fulfill({ status: 404, body: "" }));
    await page.reload();
    await page.getByText("There are no development keys here").waitFor();
    await page.context().close();
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`has nothing serious for axe and fits 320 px (${colorScheme})`, async () => {
      const email = mailbox("ancho");
      await submit({ email, name: "Nombre-muy-largo-sin-espacios-".repeat(4), message: "x".repeat(400), _gotcha: "x" });
      const [lead] = await leadsOf(site, email);
      const page = await open(chrome, { colorScheme, viewport: { width: 320, height: 800 }, reducedMotion: "reduce" });
      await page.goto(`${site.url}/demo/inbox?lang=es`);
      await page.locator("#list .row").first().waitFor();
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(await sideways(page), []);
      await page.locator(`#list a[href="#${lead.id}"]`).click();
      await page.locator("#lead h2").waitFor();
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(await sideways(page), []);
      await page.locator("#language").click();
      await page.getByText("Why this score").waitFor();
      await page.locator("#lead .close").click();
      assert.ok(await page.evaluate((id) => document.activeElement.hash === `#${id}`, lead.id), "the focus goes back to where it was");
      await page.context().close();
    });
  }
});
