// The front Worker's routing: which binding answers a path, and what only a development server shows. Not the functions behind it.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import test from "node:test";
import front from "../../web/front/index.js";
import { route } from "../../web/front/routes.js";

/** Bindings that answer with their own name. */
function bindings(...names) {
  return Object.fromEntries(names.map((name) => [name, { fetch: async () => new Response(name) }]));
}

async function ask(path, env) {
  const answer = await front.fetch(new Request(`https://example.test${path}`), env);
  return answer.ok ? answer.text() : answer.status;
}

test("functions own their paths, and static files the rest", async () => {
  const env = bindings("LEAD_CAPTURE", "TRACK_EVENTS", "FAQ_CHAT", "TICKET_ROUTE", "CONTENT_SCORE", "ASSETS");
  for (const path of ["/v1/batch", "/v1/t/", "/v1/projects/k/settings", "/v1/functions/track-events/healthz", "/api/send", "/e/", "/i/v0/e/", "/batch", "/o/olas"]) {
    assert.equal(await ask(path, env), "TRACK_EVENTS", path);
  }
  for (const path of ["/v1/chat", "/v1/chat/completions", "/v1/kb/articles/x", "/v1/conversations", "/v1/models", "/mcp", "/v1/tick/faq-chat"]) {
    assert.equal(await ask(path, env), "FAQ_CHAT", path);
  }
  for (const path of ["/v1/tickets", "/v1/tickets/7/comments", "/v1/agents/ana", "/v1/routing/quality", "/v1/inbound/x", "/v1/tick/ticket-route", "/api/v2/tickets.json", "/api/v2/tickets/1.json"]) {
    assert.equal(await ask(path, env), "TICKET_ROUTE", path);
  }
  for (const path of ["/v1/content/score", "/v1/content/documents/home", "/v1/content/pages/home", "/v1/tick/content-score", "/v1/functions/content-score/healthz"]) {
    assert.equal(await ask(path, env), "CONTENT_SCORE", path);
  }
  for (const path of ["/v1/forms/demo", "/f/demo", "/f/demo/thanks?locale=en", "/healthz", "/metrics", "/v1/forms%2fb", "/v1/tick/lead-capture"]) {
    assert.equal(await ask(path, env), "LEAD_CAPTURE", path);
  }
  for (const path of ["/", "/demo", "/orilla.js", "/openapi.json", "/v1x", "/healthz/x", "/metrics/x", "/favicon.ico", "/%zz", "/es", "/tracking"]) {
    assert.equal(await ask(path, env), "ASSETS", path);
  }
});

test("the inbox, the analytics, the desk and the keys exist on a development server only", async () => {
  const paths = ["/demo/inbox", "/demo/inbox/", "/demo/inbox.html", "/demo/%69nbox/index.html", "/demo/analytics", "/demo/analytics/en", "/demo/desk", "/demo/desk/en/", "/demo/keys.json", "/demo/keys%2Ejson"];
  for (const path of paths) assert.equal(await ask(path, bindings("LEAD_CAPTURE", "ASSETS")), 404, path);
  const dev = bindings("LEAD_CAPTURE", "ASSETS", "DEV_KEYS");
  assert.equal(await ask("/demo/inbox", dev), "ASSETS");
  assert.equal(await ask("/demo/analytics/en", dev), "ASSETS");
  assert.equal(await ask("/demo/desk/en", dev), "ASSETS");
  assert.equal(await ask("/demo/keys.json", dev), "DEV_KEYS");
});

test("Spin routes to a component exactly what the front routes to a function", async () => {
  const manifest = await readFile(new URL("../../spin.toml", import.meta.url), "utf8");
  const routes = [...manifest.matchAll(/^route = "(.+)"\ncomponent = "(.+)"$/gm)];
  assert.ok(routes.length > 0, "spin.toml names no route");
  for (const [, pattern, component] of routes) {
    const sample = pattern.replace("...", "sample");
    assert.equal(route(sample).binding, component.toUpperCase().replaceAll("-", "_"), pattern);
  }
  const answersOnSpin = (path) => routes.some(([, pattern]) => (pattern.endsWith("/...") ? path.startsWith(pattern.slice(0, -3)) : path === pattern));
  for (const path of ["/v1/leads", "/f/demo", "/healthz", "/metrics"]) assert.ok(answersOnSpin(path), path);
  for (const path of ["/demo", "/orilla.js", "/openapi.json", "/"]) assert.ok(!answersOnSpin(path), path);
});

test("the editor is there for visitors too", async () => {
  for (const path of ["/demo/editor", "/demo/editor/en", "/demo/editor/editor.js"]) assert.equal(await ask(path, bindings("LEAD_CAPTURE", "ASSETS")), "ASSETS", path);
});

test("what pages embed is served before the front is asked, and nothing else is", async () => {
  const config = await readFile(new URL("../../wrangler.toml", import.meta.url), "utf8");
  const rules = JSON.parse(config.match(/^run_worker_first = (.+)$/m)[1]);
  const unasked = rules.filter((rule) => rule.startsWith("!")).map((rule) => new RegExp(`^${rule.slice(1).split("*").map((part) => part.replaceAll(".", "\\.")).join(".*")}$`));
  const isUnasked = (path) => unasked.some((rule) => rule.test(path));
  const files = (await readdir(new URL("../../web/dist", import.meta.url))).filter((name) => name.startsWith("orilla"));
  assert.ok(files.includes("orilla.js"), files.join());
  for (const name of files) assert.ok(isUnasked(`/${name}`), name);
  assert.ok(rules.includes("/*"), "everything else is asked of the front");
  for (const path of ["/demo/inbox", "/demo/keys.json", "/o/olas", "/v1/forms/orilla.js", "/f/orilla.js", "/v1/batch"]) assert.ok(!isUnasked(path), path);
});
