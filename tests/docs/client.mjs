// The TypeScript client as somebody has it who installs it: the packed files, its types, and what it does where a network does not.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { documents, merge } from "../../web/openapi.mjs";
import { receiver } from "../clients/support.mjs";
import { leadsOf, mailbox } from "../server.mjs";
import { ROOT } from "./world.mjs";

const web = createRequire(join(ROOT, "web/package.json"));

/** What the compiler says of files that use the package, a line for each mistake. */
const compiled = async (folder, ...files) => {
  const settings = { compilerOptions: { target: "es2022", module: "nodenext", lib: ["es2023", "dom", "dom.asynciterable"], types: [], strict: true, exactOptionalPropertyTypes: true, noEmit: true }, files };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(settings));
  return promisify(execFile)(process.execPath, [web.resolve("typescript/lib/tsc.js"), "--project", folder]).then(() => "", ({ stdout }) => stdout.replace(/\n +.*/g, ""));
};

export const client = (world) => {
  describe("@orilla/client", () => {
    let Orilla, ApiError, module;
    before(async () => {
      module = await import(pathToFileURL(join(world.folder, "node_modules/@orilla/client/dist/index.js")));
      ({ Orilla, ApiError } = module);
    });
    const orilla = (more) => new Orilla({ url: world.url, key: world.keys.admin_key, locale: "es", ...more });
    const submission = (email) => ({ path: { form: "demo" }, json: { email, consent: true, _elapsed_ms: 9000 } });
    const failure = (call) => call.then(() => assert.fail("it did not fail"), (error) => (assert.ok(error instanceof ApiError, error), error));

    test("is packed with its code, its types, its licence and nothing else", () => {
      assert.deepEqual(world.packed.toSorted(), ["LICENSE", "README.md", "dist/call.d.ts", "dist/client.d.ts", "dist/error.d.ts", "dist/index.d.ts", "dist/index.js", "dist/schema.d.ts", "package.json"]);
      assert.deepEqual(Object.keys(module).sort(), ["ApiError", "Orilla"]);
    });

    test("compiles what the document allows, and nothing that it does not", async () => {
      const folder = join(world.folder, "types");
      await mkdir(folder, { recursive: true });
      await copyFile(join(ROOT, "tests/docs/types/calls.ts"), join(folder, "calls.ts"));
      await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
      await writeFile(join(folder, "wrong.ts"), `import { Orilla } from "@orilla/client";\nawait new Orilla().get("/v1/lead", {});\n`);
      const told = (await compiled(folder, "calls.ts", "wrong.ts")).trim().split("\n");
      assert.match(told[0], /wrong\.ts\(2,24\).*"\/v1\/lead"/, "what is wrong is told");
      assert.equal(told.length, 1, told.join("\n"));
    });

    test("makes one key for a call, so that a lost answer is asked for again and nothing happens twice", async () => {
      const email = mailbox("sdk.lost");
      const keys = [];
      const losing = async (url, init) => {
        const answer = await fetch(url, init);
        keys.push(init.headers["idempotency-key"]);
        if (keys.length < 3) throw new TypeError("fetch failed");
        return answer;
      };
      const { ok, id } = await orilla({ fetch: losing }).post("/v1/forms/{form}/submissions", submission(email));
      assert.ok(ok && id);
      assert.equal(keys.length, 3);
      assert.equal(new Set(keys).size, 1);
      const [lead, ...others] = await leadsOf(world, email);
      assert.deepEqual([lead.submissions, others], [1, []]);
      await orilla({ fetch: losing }).post("/v1/forms/{form}/submissions", submission(mailbox("sdk.other")));
      assert.equal(new Set(keys).size, 2, "another call has another key");
    });

    test("sends nothing again that could happen twice", async () => {
      let tries = 0;
      const lost = async () => {
        tries++;
        throw new TypeError("fetch failed");
      };
      const merge = orilla({ fetch: lost }).post("/v1/tickets/{ticket}/merge", { path: { ticket: "7" }, json: { into: "8" } });
      const { code, status, message } = await failure(merge);
      assert.deepEqual([code, status, message, tries], ["network", 0, "No se pudo llegar al servidor.", 1]);
      assert.equal((await failure(orilla({ fetch: lost, locale: "en", retries: 1 }).get("/v1/leads"))).message, "The server could not be reached.");
      assert.equal(tries, 3);
    });

    test("knows from the document which calls take a key", async () => {
      const taken = [];
      const seen = async (url, { headers }) => {
        if (headers["idempotency-key"]) taken.push(new URL(url).pathname);
        return Response.json({});
      };
      const asking = orilla({ fetch: seen });
      const posts = Object.entries(merge(await documents()).paths).filter(([, { post }]) => post);
      for (const [path] of posts) await asking.post(path, { path: {} });
      const keyed = posts.filter(([, { post }]) => post.parameters?.some(({ name }) => name === "Idempotency-Key"));
      assert.ok(keyed.length > 5);
      assert.deepEqual(taken.sort(), keyed.map(([path]) => path.replace(/\{\w+\}/g, "undefined")).sort());
    });

    test("waits as long as it is asked to after 429 and 503, and fails at once where that is too long", async () => {
      let answers = [];
      const problem = (code) => JSON.stringify({ type: `urn:orilla:problem:${code}`, code, title: "", status: 0, detail: "Nothing was stored.", request_id: "r" });
      const times = [];
      const busy = await receiver();
      const slow = async (url, init) => {
        await fetch(busy.url, init);
        times.push(performance.now());
        return answers.shift() ?? Response.json({ ticket: 1 });
      };
      const refusal = (status, code, wait) => new Response(problem(code), { status, headers: { "retry-after": `${wait}`, "content-type": "application/problem+json" } });
      try {
        answers = [refusal(429, "too_many_requests", 1), refusal(503, "unavailable", 1)];
        const merge = { path: { ticket: "7" }, json: { into: "8" } };
        await orilla({ fetch: slow }).post("/v1/tickets/{ticket}/merge", merge);
        assert.equal(times.length, 3, "the server says that nothing was stored, so a call without a key goes again as well");
        assert.ok(times[1] - times[0] >= 990 && times[2] - times[1] >= 990, `${times}`);
        answers = [refusal(429, "too_many_requests", 3600)];
        const { code, retryAfter } = await failure(orilla({ fetch: slow }).get("/v1/leads"));
        assert.deepEqual([code, retryAfter, times.length], ["too_many_requests", 3600, 4]);
        answers = [new Response("<h1>Bad gateway</h1>", { status: 503 })];
        const { code: stranger } = await failure(orilla({ fetch: slow }).post("/v1/tickets/{ticket}/merge", merge));
        assert.deepEqual([stranger, times.length], ["unexpected", 5], "what a proxy says tells nothing of what was stored");
        assert.equal(new Set(busy.requests.map(({ headers }) => headers.authorization)).size, 1);
      } finally {
        await busy.stop();
      }
    });

    test("ends when it is told to, also while it waits", async () => {
      const stop = new AbortController();
      const busy = async () => new Response("{}", { status: 429, headers: { "retry-after": "20" } });
      const call = orilla({ fetch: busy }).get("/v1/leads", { signal: stop.signal });
      setTimeout(() => stop.abort(new Error("enough")), 20);
      await assert.rejects(call, /enough/);
      const silent = (_, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      assert.equal((await failure(orilla({ fetch: silent, timeoutMs: 30, retries: 0, locale: "en" }).get("/v1/leads"))).code, "timeout");
    });

    test("says what is wrong field by field, in the reader's language", async () => {
      const wrong = { path: { form: "demo" }, json: { email: "ana@" } };
      for (const [locale, words] of [["es", /parece incompleto/], ["en", /looks incomplete/]]) {
        const error = await failure(orilla({ locale }).post("/v1/forms/{form}/submissions", wrong));
        assert.deepEqual([error.code, error.status, error.name], ["invalid", 422, "ApiError"]);
        assert.match(error.errors.find(({ field }) => field === "email").message, words);
        assert.match(error.requestId, /^[0-9a-f-]{36}$/);
      }
      const stranger = await failure(orilla({ key: "orl_admin_nobody" }).get("/v1/leads"));
      assert.equal(stranger.code, "unauthenticated");
    });

    test("reads every page, lists as spreadsheets, and streams as they come", async () => {
      const emails = [];
      for (let number = 0; number < 3; number++) {
        emails.push(mailbox(`sdk.page${number}`));
        await orilla().post("/v1/forms/{form}/submissions", submission(emails[number]));
      }
      const seen = [];
      for await (const { leads } of orilla().pages("/v1/leads", { query: { q: "sdk.page", limit: 2 } })) seen.push(leads.map(({ email }) => email));
      assert.deepEqual(seen.map(({ length }) => length), [2, 1]);
      assert.deepEqual(seen.flat().sort(), emails.toSorted());
      const csv = await orilla().get("/v1/leads.csv", { query: { q: emails[0] } });
      assert.ok(csv.includes(emails[0]) && !csv.includes(emails[1]));
      const stream = await orilla({ key: world.keys.write_key }).post("/v1/chat", { json: { message: "¿Cuánto cuesta?", stream: true }, as: "response" });
      assert.match(stream.headers.get("content-type"), /^text\/event-stream/);
      assert.match(await stream.text(), /^event: start/);
      assert.equal(await orilla().delete("/v1/content/pages/{page}", { path: { page: "none" } }).catch(({ code }) => code), "not_found");
    });
  });
};
