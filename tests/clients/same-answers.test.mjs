// One corpus of requests, good, bad and hostile, has the same answers on every host: status, headers that say something, body.
// What must differ is replaced by its kind: ids, times, tokens, the server's own address.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { HOSTS, server } from "../server.mjs";

const CORPUS = JSON.parse(await readFile(new URL("corpus.json", import.meta.url), "utf8"));
/** The headers that are the application's word, not the host's. */
const HEADERS = ["access-control-allow-headers", "access-control-allow-methods", "access-control-allow-origin", "access-control-expose-headers", "access-control-max-age", "allow", "cache-control", "content-disposition", "content-security-policy", "content-type", "location", "referrer-policy", "www-authenticate", "x-content-type-options", "x-frame-options"];

describe("the same corpus", () => {
  const recorded = new Map();
  before(async () => {
    for (const host of HOSTS) recorded.set(host, await record(host));
  });

  for (const [number, { name }] of CORPUS.entries()) {
    test(`${name}: no server error${HOSTS.length > 1 ? ", and the same everywhere" : ""}`, () => {
      const [first, ...others] = [...recorded].map(([host, answers]) => ({ host, answer: answers[number] }));
      assert.ok(first.answer.status < 500, JSON.stringify(first.answer));
      for (const { host, answer } of others) assert.deepEqual(answer, first.answer, `${host} differs from ${first.host}`);
    });
  }

  test("has answers of every kind", () => {
    const statuses = new Set(recorded.get(HOSTS[0]).map(({ status }) => status));
    for (const status of [200, 201, 204, 303, 400, 401, 403, 404, 405, 413, 422]) assert.ok(statuses.has(status), `none is ${status}: ${[...statuses]}`);
  });
});

test("what is replaced hides no difference of substance", () => {
  const url = "http://127.0.0.1:1";
  const id = (last) => `0190a5b0-0000-7000-8000-00000000000${last}`;
  assert.equal(normal(`{"id":"${id(1)}","at":"2026-01-31T09:00:00.123Z"}`, url), normal(`{"id":"${id(2)}","at":"2026-02-01T10:00:00.456Z"}`, url));
  assert.equal(normal(`${url}/x`, url), normal("http://127.0.0.1:2/x", "http://127.0.0.1:2"));
  for (const [one, other] of [["2026-01-31", "2026-02-01"], ["score: 12", "score: 13"], ["id-1", "id-2"], [`["${id(1)}","${id(1)}"]`, `["${id(1)}","${id(2)}"]`]]) {
    assert.notEqual(normal(one, url), normal(other, url), one);
  }
});

/** Sends the corpus to a fresh server, one request after the other. */
const record = async (host) => {
  const site = await server(host);
  try {
    const answers = [];
    for (const request of CORPUS) answers.push(await ask(site, request));
    return answers;
  } finally {
    await site.stop();
  }
};

const ask = async (site, request) => {
  const body = bodyOf(request);
  const headers = {
    ...(request.json && { "content-type": "application/json" }),
    ...(request.key && { authorization: `Bearer ${site.keys[request.key]}` }),
    "user-agent": "corpus",
    ...request.headers,
  };
  const answer = await fetch(site.url + request.path, { method: request.method ?? (body ? "POST" : "GET"), headers, body, redirect: "manual" });
  const text = normal(await answer.text(), site.url);
  const said = HEADERS.flatMap((name) => (answer.headers.has(name) ? [[name, normal(answer.headers.get(name), site.url)]] : []));
  return { status: answer.status, headers: Object.fromEntries(said), body: text };
};

const bodyOf = ({ json, text, base64, repeat, gzip }) => {
  const plain = json ? JSON.stringify(json) : (text ?? (base64 ? Buffer.from(base64, "base64") : repeat?.[0].repeat(repeat[1])));
  return gzip ? gzipSync(plain) : plain;
};

/** A text with ids, times, tokens and the server's address replaced; equal ids stay equal. */
const normal = (text, url) => {
  const ids = new Map();
  return text
    .replaceAll(url, "URL")
    .replaceAll(url.replace("http://", ""), "HOST")
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, (id) => ids.get(id) ?? (ids.set(id, `ID${ids.size + 1}`), ids.get(id)))
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME")
    .replace(/\b(token=)[\w-]+\.\d+\.[\w-]+/g, "$1TOKEN");
};
