// The demo's desk in a browser: what waits by its deadline, why it is where it is, a suggestion that nobody sends but the agent, and what an
// agent does. Text of customers stays text, and what goes wrong is said in words.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import { BROWSED, api, browser, mailbox, open, server, sideways, violations } from "./support.mjs";

const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script> &lt;b&gt;{{7*7}}`;

for (const host of BROWSED) {
  describe(`the desk on ${host}`, () => {
    const site = {};
    let chrome;
    before(async () => {
      Object.assign(site, await server(host, { site: join(import.meta.dirname, "desk/site"), articles: true }));
      chrome = await browser();
    });
    after(() => Promise.all([chrome?.close(), site.stop?.()]));

    const ticket = async (subject, text, more = {}) => {
      const body = { subject, text, requester: { name: "Eva Mar", email: mailbox("eva") }, ...more };
      return (await api(site, "/v1/tickets", { key: "admin_key", method: "POST", body })).ticket;
    };
    const stored = (number) => api(site, `/v1/tickets/${number}`);
    const patch = (number, body) => api(site, `/v1/tickets/${number}`, { key: "admin_key", method: "PATCH", body });
    const desk = async (path = "", options) => {
      const page = await open(chrome, options);
      await page.goto(`${site.url}/demo/desk${path}`);
      await page.locator("#live.on").waitFor();
      return page;
    };
    const close = async (page) => {
      assert.deepEqual(page.errors, []);
      await page.context().close();
    };
    /** Asks until it is so: what an agent does is shown before and stored after. */
    const until = async (what, holds) => {
      for (let turn = 0; turn < 50; turn++) {
        if (await holds()) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.fail(`it never was so: ${what}`);
    };

    test("tells a newcomer that nobody waits, and what to do without keys", async () => {
      const page = await open(chrome);
      await page.route("**/v1/tickets?*", (route) => route.fulfill({ json: { tickets: [], next_offset: null } }));
      await page.goto(`${site.url}/demo/desk/en`);
      await page.getByText("Nobody is waiting").waitFor();
      await page.getByRole("radio", { name: "Mine" }).check();
      await page.getByText("Nothing here").waitFor();
      await page.route("**/demo/keys.json", (route) => route.fulfill({ status: 404, body: "" }));
      await page.reload();
      await page.getByText("There are no development keys here").waitFor();
      await close(page);
    });

    test("lists by deadline, says why, suggests, replies and resolves", async () => {
      const later = await ticket("Cancelar mi reserva", "Hola, ¿puedo cancelar mi reserva? Gracias");
      const sooner = await ticket("Hay un ahogado", "Un alumno está medio ahogado y la página no carga");
      await patch(later.number, { priority: "low" });
      const page = await desk();
      await page.locator(`a[href="#${sooner.number}"]`).waitFor();
      const order = await page.locator(".row").evaluateAll((rows) => rows.map((row) => row.hash));
      assert.ok(order.indexOf(`#${sooner.number}`) < order.indexOf(`#${later.number}`), order.join());
      assert.match(await page.locator(`a[href="#${sooner.number}"] .due`).textContent(), /(min|h) ?\d* ?(s|min)?para vencer/);
      const shown = await page.locator(`a[href="#${sooner.number}"] .due b`).textContent();
      const { due_at: due } = await stored(sooner.number);
      const minutes = Math.floor((new Date(due) - Date.now()) / 60_000);
      // A quick machine asks within the ticket's first second.
      const spelt = [minutes, minutes + 1].map((it) => (it === 60 ? "1 h" : `${it} min`));
      assert.ok(spelt.some((it) => shown.startsWith(it)), `${shown} is not ${spelt.join(" or ")}`);

      // Why: a rule for one, words and a probability for the other; nobody is online, so nobody has it.
      await page.locator(`a[href="#${sooner.number}"]`).click();
      await page.locator("#why").getByText("regla safety: ahogado").first().waitFor();
      await page.locator(`a[href="#${later.number}"]`).click();
      const why = page.locator("#why");
      await page.getByRole("heading", { name: "Cancelar mi reserva" }).waitFor();
      const { verdict } = await stored(later.number);
      await until("the share is shown", async () => (await why.textContent()).includes(`${Math.round(verdict.category.probability * 1000) / 10}`.replace(".", ",")));
      assert.match(await why.textContent(), /confianza (alta|media|baja)/);
      await until("why nobody has it", async () => (await why.textContent()).includes("nadie de su equipo está en línea"));

      await page.getByRole("button", { name: "Tomarlo" }).click();
      await until("it is Ana's", async () => (await stored(later.number)).assignee === "ana");
      await why.getByText("Ana Ruiz lo tomó.").waitFor();

      // A suggestion fills the box and stays there.
      const box = page.locator("#text");
      await box.fill("Hola, Eva:");
      await page.getByRole("button", { name: "Sugerir respuesta" }).click();
      await page.getByText("Borrador de «¿Puedo cancelar mi reserva?»").waitFor();
      assert.match(await box.inputValue(), /^Hola, Eva:\n\nPuedes cancelar hasta 24 horas antes/);
      assert.equal(await page.getByRole("link", { name: "Ver el artículo" }).getAttribute("href"), "https://bahia.example/es/cancel");
      assert.equal((await stored(later.number)).events.filter(({ kind }) => kind === "comment").length, 0, "nothing is sent by itself");

      // What is half written waits while another ticket is read.
      await page.locator(`a[href="#${sooner.number}"]`).click();
      await page.getByRole("heading", { name: "Hay un ahogado" }).waitFor();
      assert.equal(await box.inputValue(), "");
      await page.locator(`a[href="#${later.number}"]`).click();
      await page.getByRole("heading", { name: "Cancelar mi reserva" }).waitFor();
      assert.match(await box.inputValue(), /Puedes cancelar/);

      await page.getByRole("button", { name: "Enviar respuesta" }).dblclick();
      await page.locator("#talk .agent").getByText("Puedes cancelar hasta 24 horas").waitFor();
      assert.equal(await box.inputValue(), "");
      await page.getByRole("radio", { name: "Nota interna" }).check();
      await box.fill("Es la tercera vez que pregunta.");
      await page.getByRole("button", { name: "Guardar nota" }).click();
      await page.locator("#talk .private").getByText("tercera vez").waitFor();
      const said = (await stored(later.number)).events.filter(({ kind }) => kind === "comment").map(({ actor, is_public }) => [actor, is_public]);
      assert.deepEqual(said, [["agent:ana", true], ["agent:ana", false]]);

      await page.getByRole("button", { name: "Resolver" }).click();
      await page.getByText("Resuelto. Puedes reabrirlo").waitFor();
      assert.equal((await stored(later.number)).status, "solved");
      await page.locator(`.row[href="#${later.number}"]`).waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Reabrir" }).click();
      await page.locator(`.row[href="#${later.number}"]`).waitFor();
      await close(page);
    });

    test("says so where the articles know nothing, or cannot be asked", async () => {
      const { number } = await ticket("Submarinos nucleares", "¿Reparan reactores de submarinos nucleares soviéticos de titanio?");
      const page = await desk(`#${number}`);
      await page.getByRole("button", { name: "Sugerir respuesta" }).click();
      await page.locator("#draft").getByText(/no dicen nada|Trata de uno/).waitFor();
      assert.equal(await page.locator("#text").inputValue(), "");
      await page.route("**/v1/chat/completions", (route) => route.abort("connectionrefused"));
      await page.getByRole("button", { name: "Sugerir respuesta" }).click();
      await page.getByText("No pudimos preguntar a los artículos").waitFor();
      await close(page);
    });

    test("changes what somebody knows better, and who is there", async () => {
      const { number } = await ticket("Invoice twice", "You charged me twice for the invoice of October.", { locale: "en" });
      const page = await desk(`/en?agent=carl#${number}`);
      await page.getByLabel("Priority").selectOption("critical");
      await until("it is critical", async () => (await stored(number)).priority === "critical");
      await page.getByLabel("Category").selectOption("account");
      await page.locator("#why").getByText("now: Account").waitFor();
      await page.getByText("Carl Moss set the category to “Account”").waitFor();
      const presence = page.getByRole("switch", { name: "Online" });
      assert.equal(await presence.getAttribute("aria-checked"), "false");
      await presence.focus();
      await page.keyboard.press("Space");
      await until("Carl is there", async () => (await api(site, "/v1/agents")).agents.find(({ id }) => id === "carl").presence === "online");
      await until("who is there has it", async () => (await stored(number)).assignee === "carl");
      await page.locator("#why").getByText("has room").waitFor();
      await page.getByRole("radio", { name: "Mine" }).check();
      await page.locator(`.row[href="#${number}"]`).waitFor();
      await page.getByRole("radio", { name: "Nobody’s" }).check();
      await page.locator(`.row[href="#${number}"]`).waitFor({ state: "detached" });
      await presence.click();
      await until("Carl is gone", async () => (await api(site, "/v1/agents")).agents.find(({ id }) => id === "carl").presence === "offline");
      await close(page);
    });

    test("tells who lost the race for a ticket", async () => {
      for (const agent of ["ana", "carl"]) await api(site, `/v1/agents/${agent}`, { key: "admin_key", method: "PATCH", body: { presence: "offline" } });
      const { number } = await ticket("Dos a la vez", "No puedo entrar en mi cuenta");
      const page = await desk(`#${number}`);
      await page.route("**/claim", async (route) => {
        await api(site, `/v1/tickets/${number}/claim`, { key: "admin_key", method: "POST", body: { agent: "carl" } });
        await route.continue();
      });
      await page.getByRole("button", { name: "Tomarlo" }).click();
      await page.getByText("Alguien lo tomó antes").waitFor();
      await page.locator("#holder").getByText("Carl Moss").waitFor();
      await close(page);
    });

    test("shows hostile text as the text it is, and the same message once", async () => {
      const more = { requester: { name: HOSTILE, email: mailbox("hostil") } };
      const { number } = await ticket(HOSTILE, HOSTILE, more);
      assert.equal((await ticket(HOSTILE, HOSTILE, more)).number, number);
      await api(site, `/v1/tickets/${number}/comments`, { key: "admin_key", method: "POST", body: { text: HOSTILE } });
      await patch(number, { tags: [HOSTILE.slice(0, 40)] });
      const page = await desk(`#${number}`);
      await page.getByText("El cliente envió lo mismo otra vez").waitFor();
      const kept = (await stored(number)).subject;
      assert.ok(kept.startsWith("<img src=x onerror="), kept);
      assert.equal(await page.locator("#subject").textContent(), kept);
      assert.ok((await page.locator("#list").textContent()).includes(kept));
      assert.equal(await page.locator("main img, main script").count(), 0);
      assert.match(await page.title(), /Mesa de ayuda/);
      await close(page);
    });

    test("keeps what it shows and what was written while the server is gone", async () => {
      const { number } = await ticket("Se queda", "No carga el calendario");
      const page = await desk(`#${number}`);
      await page.locator("#text").fill("Ya lo miramos.");
      await page.route("**/v1/**", (route) => route.abort("connectionrefused"));
      await page.locator("#live.off").waitFor({ timeout: 8000 });
      await page.getByRole("button", { name: "Enviar respuesta" }).click();
      await page.getByText("No pudimos guardarlo").waitFor();
      assert.equal(await page.locator("#text").inputValue(), "Ya lo miramos.");
      assert.ok(await page.locator(`.row[href="#${number}"]`).isVisible());
      await page.unroute("**/v1/**");
      await page.locator("#live.on").waitFor({ timeout: 8000 });
      await page.getByRole("button", { name: "Enviar respuesta" }).click();
      await page.locator("#talk .agent").getByText("Ya lo miramos.").waitFor();
      await close(page);
    });

    test("tells of alarms, and of time that is over", async () => {
      const { number } = await ticket("Sin respuesta", "La lista de espera no avisa a nadie");
      const page = await open(chrome);
      const ago = new Date(Date.now() - 2 * 3_600_000 - 90_000).toISOString();
      const events = ["first_reply:1:warning", "first_reply:1:breach", "first_reply:1:step0", "no_reply:ana"].map((key, at) => {
        const [metric] = key.split(":");
        return { kind: "alarm", key, metric, target: at > 1 ? "team_lead" : null, number: 100 + at, actor: "system", created_at: ago };
      });
      const late = { ...(await stored(number)), due_at: ago };
      late.events.push(...events);
      late.clocks = late.clocks.map((clock) => (clock.metric === "first_reply" ? { ...clock, state: "breached", at: ago, due_at: ago, left_seconds: -7290 } : clock));
      await page.route(`**/v1/tickets/${number}`, (route) => route.fulfill({ json: late }));
      await page.route("**/v1/tickets?*", (route) => route.fulfill({ json: { tickets: [late], next_offset: null } }));
      await page.goto(`${site.url}/demo/desk#${number}`);
      for (const told of ["Aviso: Primera respuesta, a punto de vencer", "Venció: Primera respuesta", "Primera respuesta: se avisó a quien lidera", "Varias personas no respondieron: se avisó a quien lidera"]) {
        await page.locator(".alarm").getByText(told).waitFor();
      }
      assert.equal(await page.locator(".row .due").textContent(), "2 h 1 minde retraso");
      await page.locator("#clocks").getByText("venció hace 2 h 1 min").waitFor();
      await close(page);
    });

    test("says that a ticket is gone", async () => {
      const page = await desk("/en#987654");
      await page.getByText("This ticket is gone").waitFor();
      await close(page);
    });

    for (const colorScheme of ["light", "dark"]) {
      test(`has nothing serious for axe and fits 320 px (${colorScheme})`, async () => {
        const { number } = await ticket("Asunto-muy-largo-sin-espacios-".repeat(4), "x".repeat(400), { requester: { name: "Nombre-largo-".repeat(8), email: mailbox("ancho") } });
        await api(site, `/v1/tickets/${number}/comments`, { key: "admin_key", method: "POST", body: { text: "Nota", is_public: false, agent: "ana" } });
        const page = await desk("", { colorScheme, viewport: { width: 320, height: 800 }, reducedMotion: "reduce" });
        await page.locator(".row").first().waitFor();
        assert.deepEqual(await violations(page), []);
        assert.deepEqual(await sideways(page), []);
        await page.locator(`.row[href="#${number}"]`).focus();
        await page.keyboard.press("Enter");
        await page.locator("#talk .private").waitFor();
        assert.equal(await page.evaluate(() => document.activeElement.id), "ticket", "the focus follows what was opened");
        assert.deepEqual(await violations(page), []);
        assert.deepEqual(await sideways(page), []);
        await page.getByRole("button", { name: "Volver a la lista" }).click();
        assert.ok(await page.evaluate((hash) => document.activeElement.hash === hash, `#${number}`), "the focus goes back to where it was");
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.locator(`.row[href="#${number}"]`).click();
        await page.locator("#talk .private").waitFor();
        assert.deepEqual(await violations(page), []);
        await close(page);
      });
    }
  });
}
