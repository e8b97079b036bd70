// Runs a block of a document as its reader would, and says what came of it: a program in Node.js, a shell, a page in Chromium, a file of a
// site. What runs nothing here is an answer, which is compared with what the block before it said.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { build, transform } from "../../web/node_modules/esbuild/lib/main.js";
import { hostPage } from "../browser/support.mjs";
import { exported } from "../clients/events/support.mjs";
import { eventually } from "../clients/support.mjs";
import { submitTo } from "../clients/webhooks.mjs";
import { api, leadsOf, mailbox } from "../server.mjs";
import { holds, lacks } from "./blocks.mjs";

/** Chosen: several times what a published client takes to send what it holds back. */
const PATIENCE_MS = 20_000;

/** `curl` that fails where the server refuses, unless the block says that it will; and our own commands without compiling them. */
const SHELL = `set -euo pipefail
curl() {
  command curl -sS -D "$HEADERS" "$@"
  local status; status=$(awk '/^HTTP/ { status = $2 } END { print status }' "$HEADERS")
  if [ -n "$REFUSED" ]; then [ "$status" = "$REFUSED" ] || { echo "the answer is $status, not $REFUSED" >&2; return 22; }
  elif [ "$status" -ge 400 ]; then echo "the answer is $status" >&2; return 22; fi
}
cargo() {
  [ "$1" = xtask ] || { command cargo "$@"; return; }
  case "$2" in
    dev) echo "ready $URL" ;; # It runs: it is the server that all blocks talk to.
    test) "$ORILLA_XTASK" test --list ;; # It runs: this is one of its tests.
    *) "$ORILLA_XTASK" "\${@:2}" ;;
  esac
}
`;

const BASE = (id, number) => `id = "${id}"
name = "Bahía"
domain = "bahia-${number}.example"
default_locale = "es"
locales = ["es", "en"]
origins = ["http://localhost:*"]
`;

const PAGE = (body) => `<!doctype html><html lang="es"><meta charset="utf-8"><title>Precios</title><link rel="icon" href="data:,"><main id="root">${body}</main></html>`;

const ended = (child) =>
  new Promise((resolve, reject) => {
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => chunks.push(chunk));
    const late = setTimeout(() => child.kill("SIGKILL"), 3 * PATIENCE_MS);
    child.once("error", reject).once("close", (code) => {
      clearTimeout(late);
      resolve({ code, text: Buffer.concat(chunks).toString("utf8") });
    });
  });

const free = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** One document's snippets, run in order: in a folder of their own, and with a site of their own for the files that it shows. */
export const reader = async (world, number) => {
  const folder = join(world.folder, `document-${number}`);
  const site = join(folder, "site");
  await mkdir(site, { recursive: true });
  await symlink(join(world.folder, "sites"), join(folder, "sites"));
  await writeFile(join(site, "site.toml"), BASE(randomUUID(), number));
  let last;
  let began;
  let programs = 0;

  const environment = (more) => ({ ...process.env, URL: world.url, OPERATOR_KEY: world.operatorKey, ...more });

  const program = async (code, loader) => {
    const file = join(folder, `program-${++programs}.mjs`);
    await writeFile(file, (await transform(code, { loader })).code);
    return file;
  };

  const inNode = async (block, code) => {
    const file = await program(code, block.language);
    const serves = block.after.find((it) => it.startsWith("serves "));
    if (serves) return served(file, serves.slice("serves ".length), block);
    const { code: status, text } = await ended(spawn(process.execPath, [file], { cwd: folder, env: environment() }));
    assert.equal(status, 0, text);
    return text;
  };

  /** A receiver of webhooks, which is told of a new lead. */
  const served = async (file, type, block) => {
    const port = await free();
    const target = `http://127.0.0.1:${port}/`;
    const { id, secret } = await api(world, "/v1/destinations", { key: "admin_key", method: "POST", body: { kind: "webhook", target, events: [type] } });
    const child = spawn(process.execPath, [file], { cwd: folder, env: environment({ PORT: `${port}`, WEBHOOK_SECRET: secret }) });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    try {
      await eventually(`${type} listens`, () => fetch(target, { method: "POST" }).then(() => true, () => false), PATIENCE_MS);
      await submitTo(world, { email: mailbox("docs.webhook") });
      await eventually(`${type} is believed`, () => text && lacks(text, block.expected) === undefined, PATIENCE_MS).catch((error) => assert.fail(`${error.message}; it said: ${text}`));
      return text;
    } finally {
      child.kill();
      await api(world, `/v1/destinations/${id}`, { key: "admin_key", method: "DELETE" });
    }
  };

  const inShell = async (block, code) => {
    const [refused = ""] = block.expected.filter((it) => /^\d{3}$/.test(it)).slice(-1);
    const env = environment({ HEADERS: join(folder, "headers"), REFUSED: refused, ORILLA_XTASK: process.env.ORILLA_XTASK });
    const child = spawn("bash", ["-c", SHELL + code], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const { code: status, text } = await ended(child);
    assert.equal(status, 0, text);
    block.expected = block.expected.filter((it) => it !== refused);
    return text;
  };

  const inBrowser = async (block, code) => {
    const { chrome } = await world.browser();
    const isPage = block.language === "html";
    const web = await hostPage(isPage ? (code.includes("<html") ? code : PAGE(code)) : PAGE(""));
    // Each block is read by somebody else: without a cookie, a visitor is a network and a browser.
    const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Block/${block.file}:${block.line}`;
    const context = await chrome.newContext({ locale: "es-MX", userAgent });
    const [faults, said] = [[], []];
    try {
      context.on("weberror", (error) => faults.push(String(error.error())));
      context.on("console", (message) => said.push(message.text()));
      context.on("response", (answer) => answer.url().startsWith(world.url) && answer.status() >= 400 && faults.push(`${answer.status()} ${answer.url()}`));
      const page = await context.newPage();
      await page.goto(web.url);
      if (!isPage) {
        const bundled = await build({ stdin: { contents: code, resolveDir: folder, loader: "jsx" }, bundle: true, format: "esm", mainFields: ["module", "browser", "main"], jsx: "automatic", write: false, define: { "process.env.NODE_ENV": '"production"' } });
        await page.addScriptTag({ type: "module", content: bundled.outputFiles[0].text });
      }
      for (const step of block.after) {
        const [verb, what] = /^(\w+) (.+)$/.exec(step).slice(1);
        if (verb === "shows") await page.locator(what).first().waitFor({ timeout: PATIENCE_MS });
        if (verb === "click") await page.locator(what).first().click({ timeout: PATIENCE_MS });
        if (verb === "fill") await fill(page, what);
      }
      await outcomes(block);
      await eventually("what it says", () => lacks(said.join("\n"), block.expected) === undefined, PATIENCE_MS);
      assert.deepEqual(faults, []);
    } catch (error) {
      throw new Error(`${error.message}; the page said ${JSON.stringify([...faults, ...said])}`);
    } finally {
      await context.close();
      await web.stop();
    }
  };

  /** Fills the page's form in as a person does, and sends it. */
  const fill = async (page, email) => {
    await page.locator("[name=email]").fill(email);
    await page.locator("[name=consent]").check();
    // What is sent sooner than two seconds after it was shown is held back as a machine's.
    await page.waitForTimeout(2100);
    await page.locator("form button:not([type=button])").first().click();
  };

  /** A file of a site: put beside those that the document has shown before, and all of them applied. */
  const asFile = async (block, code) => {
    const name = block.words[0] ?? /^# (\S+\.toml)$/m.exec(code.split("\n")[0])?.[1];
    assert.ok(name, "its first line is no comment with the file's name");
    const file = join(site, name);
    await mkdir(dirname(file), { recursive: true });
    const isMore = name === "site.toml" && !/^id = /m.test(code.split(/^\[/m)[0]);
    await (isMore ? appendFile : writeFile)(file, `\n${code}\n`);
    if (name.endsWith(".md")) await writeFile(file, `${code}\n`);
    const { code: status, text } = await ended(spawn(process.env.ORILLA_XTASK, ["apply", site, "--to", world.url, "--operator-key", world.operatorKey], { env: environment() }));
    assert.equal(status, 0, text);
    return text;
  };

  /** What came of it in the store. */
  const outcomes = async (block) => {
    for (const [, name] of named(block, "event")) await eventually(`the event ${name}`, async () => (await exported(world, began, 200)).some((event) => event.name === name || event.path === name), PATIENCE_MS);
    for (const [, email] of named(block, "lead")) await eventually(`the lead ${email}`, async () => (await leadsOf(world, email)).length === 1, PATIENCE_MS);
  };

  const compared = (block, code) => {
    assert.ok(last !== undefined, "no block before it was run, so there is nothing that this could be the answer of");
    const isThere = block.language === "json" ? holds(JSON.parse(last), JSON.parse(code)) : lacks(last, [code]) === undefined;
    assert.ok(isThere, `the block before it answered ${last}`);
    return last;
  };

  const RUNNERS = { js: inNode, ts: inNode, sh: inShell, html: inBrowser, jsx: inBrowser, toml: asFile, md: asFile, json: compared, text: compared, csv: compared };

  /** Runs a block; throws where something else came of it than it says. */
  return async (block) => {
    const runner = block.words[0] === "browser" ? inBrowser : RUNNERS[block.language];
    assert.ok(runner, `no test knows how to run ${block.language || "a block without a language"}; say above it why it is not run: *Not run by our tests: …*`);
    began = new Date();
    last = await runner(block, world.real(block.code));
    if (runner === inBrowser) return;
    assert.equal(lacks(last, [...block.expected, ...named(block, "prints").map(([, text]) => text)].map(world.real)), undefined, `it said: ${last}`);
    await outcomes(block);
  };
};

const named = (block, name) => block.after.filter((it) => it.startsWith(`${name} `)).map((it) => [name, it.slice(name.length + 1)]);
