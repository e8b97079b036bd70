// The measures themselves: each one sees red when the thing it measures is broken, so that green means something.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browser, hostPage, open, sideways, violations, watchShifts } from "./support.mjs";

describe("the browser tests' measures", () => {
  let chrome;
  before(async () => {
    chrome = await browser();
  });
  after(() => chrome?.close());

  const look = async (html, measure, prepare = async () => {}) => {
    const host = await hostPage(`<!doctype html><html lang="en"><title>x</title><main><h1>x</h1>${html}</main></html>`);
    const page = await open(chrome, { viewport: { width: 320, height: 600 } });
    try {
      await prepare(page);
      await page.goto(host.url);
      return await measure(page);
    } finally {
      await page.context().close();
      await host.stop();
    }
  };

  test("axe sees a field without a label and text too faint", async () => {
    assert.deepEqual(await look("<p>fine</p>", violations), []);
    const found = await look(`<input><p style="color:#bbb">faint</p>`, violations);
    assert.deepEqual(found.map((text) => text.split(":")[0]).sort(), ["color-contrast", "label"]);
  });

  test("sideways sees what is wider than the screen", async () => {
    assert.deepEqual(await look("<p>fine</p>", sideways), []);
    assert.match((await look(`<div style="width:500px">wide</div>`, sideways)).join(), /wide/);
  });

  test("shifts are seen when something pushes the page down", async () => {
    const seen = (page) => page.waitForTimeout(900).then(() => page.evaluate(() => globalThis.shifts.length));
    const push = (space) => `<div id="late" style="min-height:${space}px"></div><p>below</p>
      <script>setTimeout(() => (late.innerHTML = '<div style="height:200px">late</div>'), 400)</script>`;
    assert.equal(await look(push(200), seen, watchShifts), 0);
    assert.ok((await look(push(0), seen, watchShifts)) > 0);
  });

  test("a page's script errors are caught", async () => {
    const errors = await look("<script>nothing.here()</script>", async (page) => page.errors);
    assert.equal(errors.length, 1);
  });
});
