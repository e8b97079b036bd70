// The demo's editor in a browser: what is written is judged as it is written, what is judged is marked where it stands, and neither a lost server nor
// a late answer takes anything away. What a judgement is worth is tested with the function; here it is shown right.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { change, follow, toUnits } from "../../web/demo/editor/offsets.js";
import { BROWSED, browser, open, server, sideways, violations } from "./support.mjs";

const CHECK = "**/v1/content/check*";
const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script> {{7*7}}`;
/** Letters of one, two, three and four bytes, a family of four in one sign, a letter and its accent apart, tabs, and a line that wraps. */
const MIXED = `# El ñandú 👩‍👩‍👧‍👦 y la ola\n\n\tCafé con azúcar — “mañana” 🏄🏽‍♀️ cafe\u0301 日本 ${"una línea larga que tiene que partirse en varias ".repeat(6)}\n\n<img src="/fotos/primera-ola.jpg">\n\nDespués 🌊 del mar, [reserva tu clase](/reservar).\n`;

const IMAGE = `<img src="/fotos/primera-ola.jpg">`;
const bytes = (text, from, to) => ({ start: Buffer.byteLength(text.slice(0, from)), end: Buffer.byteLength(text.slice(0, to)) });

describe("places in a text", () => {
  test("are found whatever letters stand before them", () => {
    for (const text of [MIXED, "", "abc", "👍", "a👍b\u0301ñ€\r\n", "日本".repeat(50)]) {
      const letters = [...text];
      let at = 0;
      const spans = letters.map((letter) => ({ start: at, end: (at += letter.length) }));
      const shuffled = [...spans].sort(() => Math.random() - 0.5);
      assert.deepEqual(toUnits(text, shuffled.map(({ start, end }) => bytes(text, start, end))), shuffled);
      const beyond = { start: text.length, end: text.length };
      assert.deepEqual(toUnits(text, [{ start: 10 ** 6, end: 10 ** 7 }]), [beyond]);
    }
  });

  test("never fall into the middle of a sign, and half a sign is counted as it is sent", () => {
    assert.deepEqual(toUnits("👍x", [{ start: 1, end: 2 }]), [{ start: 2, end: 2 }]);
    const half = "a\ud83dñ\udc4dz";
    assert.deepEqual(toUnits(half, [{ start: 9, end: 10 }]), [{ start: 4, end: 5 }], JSON.stringify(Buffer.from(half)));
  });

  test("go along with what is written around them", () => {
    const text = "Uno dos tres cuatro cinco.";
    const span = { start: text.indexOf("tres"), end: text.indexOf("tres") + 4 };
    const said = (after) => {
      const { start, end } = follow(span, change(text, after));
      return after.slice(start, end);
    };
    assert.equal(said(`¡👍! ${text}`), "tres");
    assert.equal(said(text.replace("cinco", "seis y siete")), "tres");
    assert.equal(said(text.replace("dos tres ", "")), "");
    assert.equal(said(text.replace("tres", "tre3s")), "tre3s");
    assert.equal(said(text), "tres");
    assert.equal(said(""), "");
  });

  test("of a long text are found in time in line with its length", () => {
    const once = (length) => {
      const text = "ñ👍a ".repeat(length / 5);
      const spans = Array.from({ length: 2000 }, (_, index) => ({ start: index * 8, end: index * 8 + 6 }));
      const began = performance.now();
      toUnits(text, spans);
      return performance.now() - began;
    };
    const best = (length) => Math.min(...Array.from({ length: 5 }, () => once(length)));
    // Ten times the text takes some ten times as long; what looked at all of it for each span, or for each letter, would take a hundred times.
    assert.ok(best(2_000_000) < 40 * best(200_000));
  });
});

for (const host of BROWSED) {
  describe(`the editor on ${host}`, () => {
    let site, chrome;
    before(async () => {
      site = await server(host);
      chrome = await browser();
    });
    after(() => Promise.all([chrome?.close(), site?.stop()]));

    const editor = async (path = "", options) => {
      const page = await open(chrome, options);
      page.asked = [];
      page.sent = [];
      page.on("request", (request) => {
        if (!request.url().includes("/v1/content/check")) return;
        page.sent.push(request);
        page.asked.push(request.postDataJSON());
      });
      await page.goto(`${site.url}/demo/editor${path}`);
      return page;
    };
    const close = async (page) => {
      assert.deepEqual(page.errors, []);
      await page.context().close();
    };
    const text = (page) => page.locator("#content");
    /** The judgement of what stands there after `act`; one that is still on its way judges what stood there before. */
    const judged = async (page, act) => {
      const earlier = [...page.sent];
      const isAnswer = (response) => response.url().includes("/v1/content/check") && response.status() === 200 && !earlier.includes(response.request());
      const answer = page.waitForResponse(isAnswer);
      await act();
      const report = await (await answer).json();
      await page.locator("#live.on").waitFor();
      return report;
    };
    const shown = (page) => page.evaluate(() => Object.fromEntries(["score", "grade", "seo", "readability", "structure", "persuasion"].map((id) => [id, document.getElementById(id).textContent])));
    const expected = (report) => Object.fromEntries(["score", "grade", "seo", "readability", "structure", "persuasion"].map((id) => [id, String(report[id] ?? "–")]));
    /** What is marked, as text. */
    const marked = (page, kind) => page.evaluate((name) => [...CSS.highlights.get(name)].map(String), `editor-${kind}`);
    const until = async (what, holds) => {
      for (let turn = 0; turn < 60; turn++) {
        if (await holds()) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.fail(`it never was so: ${what}`);
    };

    test("tells a newcomer what to do, and judges an example in both languages", async () => {
      for (const [path, empty, example, language] of [["", "Todavía no hay texto", "Prueba con un ejemplo", "español, detectado"], ["/en", "No text yet", "Try an example", "English, detected"]]) {
        const page = await editor(path);
        await page.getByText(empty).waitFor();
        assert.deepEqual(page.asked, [], "nothing is asked of nothing");
        const report = await judged(page, () => page.getByRole("button", { name: example }).click());
        assert.deepEqual(await shown(page), expected(report));
        assert.match(await page.locator("#stats").textContent(), new RegExp(language));
        const messages = report.assessments.map(({ message }) => message[path ? "en" : "es"]);
        assert.deepEqual((await page.locator(".finding .message").allTextContents()).sort(), messages.sort(), "every judgement is told, in the page's language");
        const mended = report.assessments.filter(({ rating }) => rating === "bad").length;
        assert.equal(await page.locator(".finding.bad").count(), mended);
        assert.ok(mended > 0, "an example has something to learn from");
        assert.equal(await page.evaluate(() => document.getElementById("paper").scrollTop), 0, "it is read from its beginning");
        await close(page);
      }
    });

    test("judges as one types, seldom enough", async () => {
      const page = await editor();
      await text(page).click();
      const words = "Las olas llegan despacio. Nadie tiene prisa en la orilla, y el agua está tibia.";
      await page.keyboard.type(words, { delay: 15 });
      const told = async () => /^15 palabras/.test(await page.locator("#stats").textContent());
      await until("every word is counted", told);
      assert.ok(page.asked.length < words.length / 4, `${page.asked.length} questions for ${words.length} keys`);
      assert.ok(page.asked.length > 1, "there was an answer before the end");
      const before = await shown(page);
      const report = await judged(page, () => page.locator("#keyphrase").fill("olas tibias"));
      assert.deepEqual(await shown(page), expected(report));
      assert.deepEqual(page.asked.at(-1), { site: page.asked[0].site, kind: "blog", profile: "brief", format: "markdown", keyphrase: "olas tibias", content: words });
      assert.notDeepEqual(await shown(page), before, "a keyphrase that is nowhere changes the score");
      await judged(page, () => page.locator("#profile").selectOption("yoast"));
      await judged(page, () => page.locator("#synonyms").fill("mar, , agua tibia ,"));
      assert.deepEqual([page.asked.at(-1).profile, page.asked.at(-1).synonyms], ["yoast", ["mar", "agua tibia"]]);
      await close(page);
    });

    test("marks each judgement where it stands, behind whatever letters", async () => {
      for (const width of [1280, 320]) {
        const page = await editor("", { viewport: { width, height: 900 } });
        const report = await judged(page, () => text(page).fill(MIXED));
        const buffer = Buffer.from(MIXED);
        const share = (span) => (span.end - span.start) / buffer.length;
        const open = page.locator("details > summary", { hasText: "Ya está bien" });
        if (await open.count()) await open.click();
        await page.mouse.move(2, 2);
        let places = 0;
        for (const { id, message, spans } of report.assessments) {
          const wanted = spans.filter((span) => span.end > span.start && share(span) < 0.5).map(({ start, end }) => buffer.subarray(start, end).toString());
          if (!wanted.length) continue;
          await page.locator(".finding .what", { has: page.getByText(message.es, { exact: true }) }).first().focus();
          const found = await marked(page, "active");
          for (const one of wanted) assert.ok(found.includes(one), `${id}: “${one}” is not among ${JSON.stringify(found)}`);
          places += wanted.length;
        }
        assert.ok(places > 1, `${places} places`);

        const image = report.assessments.find(({ id }) => id === "imageAltTags");
        await page.locator(".finding .what", { has: page.getByText(image.message.es, { exact: true }) }).focus();
        assert.deepEqual(await marked(page, "active"), [IMAGE]);
        await page.locator("#title").focus();
        assert.deepEqual(await marked(page, "active"), [], "who goes elsewhere leaves no mark");
        await page.locator(".finding .what", { has: page.getByText(image.message.es, { exact: true }) }).hover();
        await until("the pointer marks as well", async () => (await marked(page, "active")).length === 1);
        // Where the mark is seen, the text is: a click there puts the cursor into it.
        await text(page).scrollIntoViewIfNeeded();
        const box = await page.evaluate(() => {
          const { left, top, width, height } = [...CSS.highlights.get("editor-active")][0].getBoundingClientRect();
          return { x: left + width / 2, y: top + height / 2 };
        });
        await page.mouse.click(box.x, box.y);
        const cursor = await text(page).evaluate((area) => area.selectionStart);
        const from = MIXED.indexOf(IMAGE);
        assert.ok(cursor > from && cursor < from + IMAGE.length, `${cursor} is not in the mark, which begins at ${from}`);
        const [mirror, area] = await page.evaluate(() => [document.getElementById("mirror").scrollHeight, document.getElementById("content").scrollHeight]);
        assert.equal(mirror, area, "both wrap alike");
        await close(page);
      }
    });

    test("keeps the marks where they belong while somebody types on", async () => {
      const page = await editor();
      await judged(page, () => text(page).fill(MIXED));
      await page.locator(".finding .what[aria-expanded]", { hasText: "1 imagen no tiene texto" }).click();
      assert.deepEqual(await marked(page, "active"), [IMAGE]);
      let release;
      const held = new Promise((resolve) => (release = resolve));
      await page.route(CHECK, async (route) => {
        await held;
        await route.continue().catch(() => {});
      });
      await text(page).evaluate((area) => {
        area.focus();
        area.setSelectionRange(0, 0);
      });
      const asked = page.waitForRequest(CHECK);
      await page.keyboard.type("Prólogo 👍\n\n");
      assert.deepEqual(await marked(page, "active"), [IMAGE]);
      await asked;
      await page.keyboard.type("ñ");
      release();
      await page.locator("#live.on").waitFor();
      await until("the answer is in", async () => (await text(page).inputValue()).startsWith("Prólogo 👍\n\nñ"));
      assert.deepEqual(await marked(page, "active"), [IMAGE]);
      await close(page);
    });

    test("shows the latest answer, however late an earlier one comes", async () => {
      const page = await editor();
      let count = 0;
      await page.route(CHECK, async (route) => {
        const mine = ++count;
        const answer = await route.fetch();
        if (mine === 1) await new Promise((resolve) => setTimeout(resolve, 1500));
        await route.fulfill({ response: answer }).catch(() => {});
      });
      await text(page).fill("Una palabra.");
      await until("the first question is out", () => page.asked.length === 1);
      await text(page).fill("Ahora son cuatro palabras.");
      await until("the second is told", async () => /^4 palabras/.test(await page.locator("#stats").textContent()));
      await page.waitForTimeout(1600);
      assert.match(await page.locator("#stats").textContent(), /^4 palabras/);
      await page.unroute(CHECK);
      await close(page);
    });

    test("is worked by keyboard alone", async () => {
      const page = await editor();
      await judged(page, async () => {
        await page.locator("#sample").focus();
        await page.keyboard.press("Enter");
      });
      assert.equal(await page.evaluate(() => document.activeElement.id), "content");
      await page.keyboard.press("Tab");
      assert.notEqual(await page.evaluate(() => document.activeElement.id), "content", "the text lets go");
      await page.getByRole("radio", { name: /SEO/ }).focus();
      const all = await page.locator(".finding").count();
      await page.keyboard.press("ArrowUp");
      assert.equal(await page.locator(".finding").count(), all);
      await page.keyboard.press("ArrowDown");
      await until("fewer are shown", async () => (await page.locator(".finding").count()) < all);
      await page.getByRole("radio", { name: /Total/ }).check();
      await page.mouse.move(2, 2);
      const stop = page.locator(".finding .what[aria-expanded]", { hasText: "1 imagen no tiene texto" });
      await stop.focus();
      assert.ok((await marked(page, "active")).length > 0, "the focus marks");
      await page.locator(".finding").first().dispatchEvent("pointerleave", { pointerType: "mouse" });
      assert.ok((await marked(page, "active")).length > 0, "a pointer that leaves another takes nothing from it");
      await page.keyboard.press("Enter");
      assert.equal(await stop.getAttribute("aria-expanded"), "true");
      await page.keyboard.press("ArrowDown");
      assert.equal(await page.evaluate(() => document.activeElement.className), "place");
      await page.keyboard.press("Enter");
      const selected = await text(page).evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
      assert.equal(selected, IMAGE);
      assert.equal(await page.evaluate(() => document.activeElement.id), "content");
      const inSight = await page.evaluate(() => {
        const [range] = CSS.highlights.get("editor-active");
        const [place, paper] = [range.getBoundingClientRect(), document.getElementById("paper").getBoundingClientRect()];
        return place.top >= paper.top && place.bottom <= paper.bottom;
      });
      await until("the place is in sight", () => inSight || page.evaluate(() => [...CSS.highlights.get("editor-active")][0].getBoundingClientRect().top > document.getElementById("paper").getBoundingClientRect().top));
      await page.locator(".place").first().focus();
      await page.keyboard.press("Escape");
      assert.equal(await stop.getAttribute("aria-expanded"), "false");
      assert.ok(await stop.evaluate((button) => button === document.activeElement), "the focus goes back");
      await page.getByRole("button", { name: "Marcas" }).focus();
      await page.keyboard.press("Space");
      assert.deepEqual([await marked(page, "bad"), await marked(page, "ok")], [[], []]);
      await close(page);
    });

    test("leads to the field that a judgement is about", async () => {
      const page = await editor();
      await judged(page, () => text(page).fill("Un texto sin metadescripción."));
      const report = await judged(page, () => page.locator("#keyphrase").fill("texto"));
      const { message } = report.assessments.find(({ id }) => id === "metaDescriptionLength");
      await page.locator(".finding .what", { has: page.getByText(message.es, { exact: true }) }).click();
      await page.getByRole("button", { name: "Ir al campo" }).click();
      assert.equal(await page.evaluate(() => document.activeElement.id), "meta_description");
      await close(page);
    });

    test("keeps the text through the other language, and forgets it with the tab", async () => {
      const page = await editor();
      await judged(page, () => page.getByRole("button", { name: "Prueba con un ejemplo" }).click());
      const written = await text(page).inputValue();
      const spanish = await page.locator(".finding .message").first().textContent();
      await page.getByRole("link", { name: "English" }).click();
      await page.locator("#live.on").waitFor();
      assert.match(page.url(), /\/demo\/editor\/en$/);
      assert.equal(await page.locator("html").getAttribute("lang"), "en");
      assert.equal(await text(page).inputValue(), written);
      assert.equal(await page.locator("#keyphrase").inputValue(), "clases de surf para principiantes");
      assert.match(await page.locator("#stats").textContent(), /Spanish, detected/);
      assert.notEqual(await page.locator(".finding .message").first().textContent(), spanish);
      const other = await page.context().newPage();
      await other.goto(`${site.url}/demo/editor`);
      assert.equal(await text(other).inputValue(), "");
      assert.equal(await other.evaluate(() => localStorage.length + document.cookie.length), 0);
      await close(page);
    });

    test("clears the sheet, and takes that back", async () => {
      const page = await editor();
      await judged(page, () => page.getByRole("button", { name: "Prueba con un ejemplo" }).click());
      const written = await text(page).inputValue();
      await page.getByRole("button", { name: "Borrar", exact: true }).click();
      await page.getByText("Todavía no hay texto").waitFor();
      assert.equal(await text(page).inputValue(), "");
      assert.equal(await page.locator("#score").textContent(), "–");
      await judged(page, () => page.getByRole("button", { name: "Deshacer el borrado" }).click());
      assert.equal(await text(page).inputValue(), written);
      await close(page);
    });

    test("keeps the structure of what is copied from elsewhere, and source as source", async () => {
      const page = await editor();
      const paste = (data) =>
        text(page).evaluate((area, given) => {
          area.focus();
          area.select();
          const clipboardData = new DataTransfer();
          for (const [type, value] of Object.entries(given)) clipboardData.setData(type, value);
          const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
          area.dispatchEvent(event);
          return event.defaultPrevented;
        }, data);
      const html = `<meta charset="utf-8"><b style="font-weight:normal" id="docs-internal-guid-1"><h2><span>Olas *verdes*</span></h2><p>El <span style="font-weight:700">mar</span> y <a href="https://a.example/x">su&nbsp;orilla</a><script>document.title='owned'</script></p><ul><li><p>uno</p></li><li><p>dos</p><ul><li>tres</li></ul></li></ul><p><a href="javascript:alert(1)">nada</a><img src="/a.png" alt="una ola" onerror="document.title='owned'"></p><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2|3</td></tr></table></b>`;
      assert.equal(await paste({ "text/html": html, "text/plain": "Olas verdes\nEl mar y su orilla" }), true);
      assert.equal(await text(page).inputValue(), "## Olas \\*verdes\\*\n\nEl **mar** y [su orilla](https://a.example/x)\n\n- uno\n- dos\n  - tres\n\nnada![una ola](/a.png)\n\n| a | b |\n| --- | --- |\n| 1 | 2\\|3 |");
      assert.equal(await page.locator("#format").inputValue(), "markdown");
      await paste({ "text/plain": "<h1>Olas</h1>\n<p>El mar.</p>", "text/html": "<pre>&lt;h1&gt;Olas</pre>" });
      assert.equal(await text(page).inputValue(), "<h1>Olas</h1>\n<p>El mar.</p>");
      assert.equal(await page.locator("#format").inputValue(), "html");
      assert.equal(await page.title(), "Editor · Marea");
      await close(page);
    });

    test("shows what a search shows, cut where a search cuts, and a mail as a list shows it", async () => {
      const page = await editor("/en");
      const result = page.locator("#result");
      await page.locator("#title").fill("W".repeat(20));
      assert.equal(await result.locator(".title").textContent(), "W".repeat(20));
      await page.locator("#title").fill("Surf lessons for beginners who want to stand up on a green wave within their very first week");
      assert.match(await result.locator(".title").textContent(), /^Surf lessons for beginners who want to .* …$/);
      assert.match(await page.locator("#title-size").textContent(), /^\d{3} of 600 px$/);
      assert.equal(await page.locator("#title-size.over").count(), 1);
      await page.locator("#title").fill("");
      await page.locator("#format").selectOption("html");
      await text(page).fill(`<title>From the page</title><meta name="Description" content="Of its own."><h1>A</h1><p>Text.</p>${HOSTILE}`);
      assert.equal(await result.locator(".title").textContent(), "From the page");
      assert.equal(await result.locator(".about").textContent(), "Of its own.");
      await page.locator("#kind").selectOption("email");
      assert.equal(await page.locator("#meta_description").isVisible(), false);
      const report = await judged(page, async () => {
        await page.getByLabel("Subject", { exact: true }).fill(HOSTILE);
        await page.getByLabel("Text after the subject").fill("Seven seats are left.");
      });
      assert.ok(report.score >= 0);
      assert.equal(await result.locator(".about").textContent(), "Seven seats are left.");
      assert.equal(await page.locator("main img, main script:not([type])").count(), 0, "text stays text");
      assert.equal(await page.title(), "Editor · Marea");
      await close(page);
    });

    test("says what it cannot read, and judges the rest", async () => {
      const page = await editor();
      await judged(page, () => text(page).fill("これは海についての文章です。波はゆっくりと来ます。誰も急いでいません。"));
      await page.getByText("Leemos español e inglés").waitFor();
      await close(page);
    });

    test("says what went wrong, keeps the text, and tries again by itself", async () => {
      const page = await editor();
      await judged(page, () => page.getByRole("button", { name: "Prueba con un ejemplo" }).click());
      const [written, score] = [await text(page).inputValue(), await page.locator("#score").textContent()];
      const fault = async (act, sentence) => {
        await page.route(CHECK, act);
        await text(page).press("End");
        await page.keyboard.type("a");
        await page.getByRole("alert").getByText(sentence).waitFor();
        assert.equal(await page.locator("#score").textContent(), score, "what was judged stays");
        await page.unroute(CHECK);
      };
      const problem = (status, headers) => (route) => route.fulfill({ status, headers: { "content-type": "application/problem+json", ...headers }, body: JSON.stringify({ detail: "In the server’s words." }) });
      await fault((route) => route.abort("connectionrefused"), "El servidor no responde. Tu texto sigue aquí");
      await page.getByRole("alert").getByText("El servidor no responde").waitFor({ state: "detached" });
      await fault(problem(503), "El servidor tuvo un problema");
      await judged(page, () => page.getByRole("button", { name: "Intentar ahora" }).click());
      await fault((route) => route.fulfill({ status: 200, contentType: "text/html", body: "<p>Wi-Fi" }), "El servidor tuvo un problema");
      await fault(problem(413), "Es demasiado largo");
      await fault(problem(403), "no abre su editor");
      await fault(problem(422), "In the server’s words.");
      await fault(problem(429, { "retry-after": "2" }), "Fueron muchas revisiones");
      const count = page.asked.length;
      await page.keyboard.type("bcd");
      await page.waitForTimeout(1000);
      assert.equal(page.asked.length, count, "a pause that is asked for is kept");
      await until("it goes on by itself", () => page.asked.length > count);
      await page.locator("#live.on").waitFor();
      assert.equal(await page.locator("#problem").textContent(), "");

      await page.context().setOffline(true);
      await page.keyboard.type("e");
      await page.getByText("No hay conexión").waitFor();
      await page.context().setOffline(false);
      await page.locator("#live.on").waitFor();
      assert.ok((await text(page).inputValue()).length > written.length, "nothing of it is lost");
      await close(page);
    });

    test("shows that it waits only where that takes a while", async () => {
      const page = await editor("", { reducedMotion: "reduce" });
      let release;
      const held = new Promise((resolve) => (release = resolve));
      await page.route(CHECK, async (route) => {
        await held;
        await route.continue();
      });
      await text(page).fill("Una frase.");
      const skeleton = page.locator(".skeleton");
      await skeleton.waitFor();
      const opacity = () => skeleton.evaluate((node) => Number(getComputedStyle(node).opacity));
      assert.equal(await skeleton.evaluate((node) => getComputedStyle(node).animationDelay), "0.3s");
      await until("it is seen after that", async () => (await opacity()) === 1);
      release();
      await page.locator("#live.on").waitFor();
      assert.equal(await skeleton.count(), 0);
      await close(page);
    });

    test("takes a text as long as a book chapter, and says so where it is longer than is read at once", async () => {
      const page = await editor();
      const line = "El mar llega despacio a la orilla y nadie tiene prisa. ";
      await judged(page, () => text(page).fill(line.repeat(1500)));
      assert.match(await page.locator("#stats").textContent(), /^16[.,\s]?500 palabras/);
      await text(page).fill(line.repeat(6000));
      await page.getByText("Es demasiado largo").waitFor();
      assert.equal((await text(page).inputValue()).length, line.length * 6000);
      await close(page);
    });

    for (const colorScheme of ["light", "dark"]) {
      for (const [path, language] of [["", "es"], ["/en", "en"]]) {
        test(`has nothing serious for axe and fits 320 px (${language}, ${colorScheme})`, async () => {
          for (const width of [320, 1280]) {
            const page = await editor(path, { colorScheme, viewport: { width, height: 800 }, reducedMotion: "reduce" });
            assert.deepEqual(await violations(page), []);
            assert.deepEqual(await sideways(page), []);
            await judged(page, () => page.locator("#sample").click());
            for (const summary of await page.locator("summary").all()) await summary.click();
            await page.locator(".finding .what[aria-expanded]").first().click();
            assert.deepEqual(await violations(page), []);
            assert.deepEqual(await sideways(page), []);
            await page.locator("#title").fill("Título-sin-espacios-".repeat(20));
            await page.locator("#slug").fill("x".repeat(150));
            await page.route(CHECK, (route) => route.abort("connectionrefused"));
            await text(page).fill("palabra-larguísima-".repeat(40));
            await page.locator("#problem .notice").waitFor();
            assert.deepEqual(await violations(page), []);
            assert.deepEqual(await sideways(page), []);
            await close(page);
          }
        });
      }
    }
  });
}
