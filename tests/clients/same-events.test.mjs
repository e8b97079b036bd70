// One corpus of requests with events, on every wire, good, bad and hostile: each has a verdict that the ledger counts, none a server error;
// and the answers, the ledger and everything that is read back are the same on every host. What a host must choose itself, the time of
// arrival and what follows from it, is replaced by its kind.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { HOSTS, server } from "../server.mjs";
import { CORPUS, DAY, DEFAULTS, QUESTIONS, basic, text } from "./events/corpus.mjs";

const VERDICTS = ["accepted", "duplicate", "bot", "quarantined", "invalid"];
/** The headers that are the application's word, not the host's. */
const HEADERS = ["access-control-allow-headers", "access-control-allow-methods", "access-control-allow-origin", "access-control-expose-headers", "access-control-max-age", "allow", "cache-control", "content-type", "retry-after", "www-authenticate", "x-content-type-options", "x-orilla-reason", "x-plausible-dropped"];
/** Events of one answer: enough that the export is several. */
const PER_ANSWER = 1_000;
/** Who is erased in the end, and whom that leaves to be kept out. */
const ERASED = "ana";
const AGAIN = { batch: [{ type: "track", messageId: "again", anonymousId: "ana-phone", event: "Again" }, { type: "track", messageId: "still", anonymousId: "eva", event: "Again", timestamp: `${DAY}T09:00:00Z` }] };
/** Times nearer than this to the present are a host's own. Chosen: a run, and an event that is a minute older. */
const NEAR_MS = 12 * 3_600_000;

describe("the same corpus of events", () => {
  const recorded = new Map();
  before(async () => {
    for (const host of HOSTS) recorded.set(host, await record(host));
  });
  const everywhere = HOSTS.length > 1 ? ", and the same everywhere" : "";
  const compare = (of, what) => {
    const [[first, theirs], ...others] = recorded;
    for (const [host, it] of others) assert.deepEqual(of(it), of(theirs), `${what}: ${host} differs from ${first}`);
    return of(theirs);
  };

  for (const [number, { name, counts, status }] of CORPUS.entries()) {
    test(`${name}: its verdict is counted${everywhere}`, () => {
      const { answer, counted } = compare(({ answers }) => answers[number], name);
      assert.equal(answer.status, status, JSON.stringify(answer));
      assert.deepEqual(counted, counts, JSON.stringify(answer));
    });
  }

  test(`the export has every accepted event once${everywhere}`, () => {
    const events = compare(({ events }) => events, "the export");
    const accepted = CORPUS.reduce((sum, { counts }) => sum + (counts.accepted ?? 0), 0);
    assert.equal(events.length, accepted);
    assert.equal(new Set(events.map(({ source, id }) => `${source} ${id}`)).size, accepted, "none twice");
    compare(({ csv }) => csv, "the export as CSV");
  });

  test(`the ledger has a line for every source, and each adds up${everywhere}`, () => {
    const lines = compare(({ ledger }) => ledger, "the ledger");
    assert.deepEqual(lines.map(({ source }) => source), ["plausible", "posthog:KEY1", "rudder:KEY1", "segment:KEY1", "segment:KEY2", "umami", "umami:KEY2"]);
    const reasons = new Set(lines.flatMap((line) => Object.keys(line.reasons)));
    const known = ["bad_id", "consent_missing", "identity_missing", "malformed", "name_missing", "opted_out", "other_site", "prefetch", "spam_referrer", "too_large", "too_many", "too_many_properties", "unknown_type", "user_agent"];
    assert.deepEqual([...reasons].sort(), known, "every reason that the demo site's policy has");
  });

  for (const [number, question] of QUESTIONS.entries()) {
    test(`${question}${everywhere}`, () => {
      const answer = compare(({ questions }) => questions[number], question);
      assert.equal(answer.status, question.includes("/nobody/") ? 404 : 200, JSON.stringify(answer));
    });
  }

  test(`statistics of today add up${everywhere}`, () => {
    const { visitors, sessions, views, uncounted_views } = compare(({ today }) => today, "today's statistics").totals;
    assert.ok(visitors > 0 && sessions >= visitors && views > uncounted_views, "somebody was here");
    assert.equal(uncounted_views, 1);
  });

  test(`whoever is erased is gone and stays gone${everywhere}`, () => {
    const { receipt, again, counted, left, journey } = compare(({ erased }) => erased, "the erasure");
    assert.ok(receipt.body.rows.events >= 9 && receipt.status === 200, JSON.stringify(receipt));
    assert.deepEqual([again.body.accepted, again.body.filtered, counted], [1, [{ index: 0, code: "suppressed" }], { accepted: 1, quarantined: 1 }]);
    assert.equal(journey.status, 404);
    assert.ok(left.every(({ visitor, person }) => !/\bana\b/.test(`${visitor} ${person}`)), "nothing of theirs is exported");
  });
});

test("what is replaced hides no difference of substance", () => {
  const site = { url: "http://127.0.0.1:1", keys: {} };
  const now = new Date().toISOString();
  const seen = (value) => masks(site)(value);
  const event = (more) => ({ id: "m", source: "segment:01234567", visitor: "v", session: "0190a5b0-0000-5000-8000-000000000001", occurred_at: `${DAY}T09:00:00.000Z`, occurred_raw: null, ...more });
  assert.deepEqual(seen(event({ source: "segment:89abcdef" })), seen(event({})), "another key");
  assert.deepEqual(seen(event({ occurred_at: now, session: "s1" })), seen(event({ occurred_at: new Date(Date.now() - 5).toISOString(), session: "s2" })), "another time of arrival");
  for (const more of [{ id: "n" }, { visitor: "w" }, { source: "posthog:01234567" }, { session: "s2" }, { occurred_at: `${DAY}T09:00:00.001Z` }, { occurred_at: now }]) {
    assert.notDeepEqual(seen(event(more)), seen(event({})), JSON.stringify(more));
  }
  const [one, other] = ["0", "1"].map((digit) => digit.repeat(32));
  assert.notDeepEqual(seen([event({ visitor: one }), event({ visitor: one })]), seen([event({ visitor: one }), event({ visitor: other })]), "two visitors of a day's hash");
  assert.notDeepEqual(seen({ accepted: 1 }), seen({ accepted: 2 }));
});

/** Sends the corpus to a fresh server, one request after the other, and reads everything back. */
const record = async (host) => {
  const site = await server(host);
  try {
    const mask = masks(site);
    const start = new Date();
    const read = async (path, init) => answerOf(await ask(site, path, { key: "read_key", ...init }), mask);
    let before = await ledger(site);
    const counted = async () => {
      const [then, now] = [before, await ledger(site)];
      before = now;
      return Object.fromEntries(VERDICTS.map((verdict) => [verdict, now.sums[verdict] - then.sums[verdict]]).filter(([, count]) => count !== 0));
    };
    const answers = [];
    for (const request of CORPUS) answers.push({ answer: await send(site, request, mask), counted: await counted() });
    const events = mask(await exported(site));
    const csv = await exportedCsv(site, mask);
    const lines = mask(before.lines).sort((a, b) => (a.source < b.source ? -1 : 1));
    const questions = [];
    for (const question of QUESTIONS) questions.push(await read(question));
    const { totals, sources, pages, devices } = (await read(`/v1/stats?from=${new Date(start - NEAR_MS).toISOString()}&limit=200`)).body;
    const { mean_duration_s, median_duration_s, ...counts } = totals;
    const receipt = await read(`/v1/people/${ERASED}`, { method: "DELETE", key: "admin_key" });
    const again = await read("/v1/batch", { method: "POST", key: "write_key", body: JSON.stringify(AGAIN) });
    const erased = { receipt, again, counted: await counted(), left: mask(await exported(site)), journey: await read(`/v1/people/${ERASED}/journey`) };
    return { answers, events, csv, ledger: lines, questions, today: { totals: counts, sources, pages, devices }, erased };
  } finally {
    await site.stop();
  }
};

const ask = (site, path, { key, headers, ...init } = {}) =>
  fetch(site.url + path, { redirect: "manual", ...init, headers: { ...DEFAULTS, ...(key && { authorization: `Bearer ${site.keys[key]}` }), ...headers } });

const send = async (site, { path, method = "POST", key, basic: shown, headers, body }, mask) => {
  const init = { method, key, headers: { ...(shown && { authorization: basic(site.keys[shown]) }), ...headers }, body: text(body, site.keys) };
  return answerOf(await ask(site, text(path, site.keys), init), mask);
};

const answerOf = async (answer, mask) => {
  const body = await answer.text();
  const said = HEADERS.flatMap((name) => (answer.headers.has(name) ? [[name, answer.headers.get(name)]] : []));
  const isJson = /json$/.test(answer.headers.get("content-type")?.split(";")[0] ?? "");
  return { status: answer.status, headers: Object.fromEntries(said), body: mask(isJson ? JSON.parse(body) : body) };
};

/** The ledger, its hours added up: a run may see the next one begin. Samples are the first few of a reason in either. */
const ledger = async (site) => {
  const { lines } = await (await ask(site, "/v1/ledger", { key: "read_key" })).json();
  const bySource = new Map();
  for (const { hour, source, reasons, samples, ...counts } of lines) {
    assert.equal(counts.received, VERDICTS.reduce((sum, verdict) => sum + counts[verdict], 0), `the line of ${hour}, ${source}`);
    const line = bySource.get(source) ?? { source, counts: {}, reasons: {}, samples: {} };
    for (const [name, count] of Object.entries(counts)) line.counts[name] = (line.counts[name] ?? 0) + count;
    for (const [name, count] of Object.entries(reasons)) line.reasons[name] = (line.reasons[name] ?? 0) + count;
    for (const { reason, ...sample } of samples) line.samples[reason] = [...(line.samples[reason] ?? []), sample].slice(0, 5);
    bySource.set(source, line);
  }
  const all = [...bySource.values()];
  return { lines: all, sums: Object.fromEntries(VERDICTS.map((verdict) => [verdict, all.reduce((sum, { counts }) => sum + counts[verdict], 0)])) };
};

const pages = async function* (site, format) {
  let cursor;
  do {
    const answer = await ask(site, `/v1/events?${new URLSearchParams({ format, limit: PER_ANSWER, ...(cursor && { cursor }) })}`, { key: "read_key" });
    assert.equal(answer.status, 200);
    yield await answer.text();
    cursor = answer.headers.get("x-next-cursor");
  } while (cursor);
};

const exported = async (site) => {
  const events = [];
  for await (const page of pages(site, "ndjson")) events.push(...page.split("\n").filter(Boolean).map((line) => JSON.parse(line)));
  return events;
};

const exportedCsv = async (site, mask) => {
  let csv = "";
  for await (const page of pages(site, "csv")) csv += page;
  return mask(csv).split("\n");
};

const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const HASH = /\b[0-9a-f]{32}\b/g;
const SOURCE = /\b(segment|rudder|posthog|umami|plausible):([0-9a-f]{8})\b/g;

/**
 * What replaces the choices of one host in all that it said. Equal things stay equal, and what a client chose stays as it is: an event's
 * id and its visit are the host's only where the client gave neither its time nor its visitor.
 */
const masks = ({ url, keys }) => {
  const labels = new Map();
  const label = (kind, it) => {
    const known = labels.get(kind) ?? labels.set(kind, new Map()).get(kind);
    return known.get(it) ?? (known.set(it, `${kind}${known.size + 1}`), known.get(it));
  };
  const isNear = (time) => Math.abs(Date.parse(time) - Date.now()) < NEAR_MS;
  const time = (it) => (isNear(it) ? "TIME" : it);
  const plain = (it) =>
    Object.entries(keys)
      .reduce((it, [name, value]) => it.replaceAll(value, name === "site" || name === "url" ? value : name.toUpperCase()), it)
      .replaceAll(url, "URL")
      .replace(TIME, time)
      .replace(SOURCE, (_, family, key) => `${family}:${label("KEY", key)}`)
      .replace(/\bcontent-([0-9a-f]{32})\b/g, (_, it) => label("CONTENT", it))
      .replace(HASH, (it) => label("VISITOR", it));
  const uuids = (it) => it.replace(UUID, (it) => (it === keys.site ? it : label("UUID", it)));
  const isHash = (it) => new RegExp(`^${HASH.source}$`).test(it);
  const owned = (it, at) => isNear(at) || isHash(it.visitor);
  const object = (it) => {
    const entries = Object.entries(it).map(([name, value]) => [name, mask(value, true)]);
    const masked = Object.fromEntries(entries);
    if ("occurred_at" in it) {
      masked.session = owned(it, it.occurred_at) ? label("VISIT", it.session) : it.session;
      // Told by its content, which has a time of its own or none.
      masked.id = it.id.startsWith("content-") && (it.occurred_raw === null || isHash(it.visitor)) ? label("CONTENT", it.id) : it.id;
    } else if ("started_at" in it) {
      masked.id = owned(it, it.started_at) ? label("VISIT", it.id) : it.id;
    }
    return masked;
  };
  const mask = (it, isInside = false) => {
    if (Array.isArray(it)) return it.map((item) => mask(item, true));
    if (it && typeof it === "object") return "occurred_at" in it || "started_at" in it ? object(it) : Object.fromEntries(Object.entries(it).map(([name, value]) => [name, mask(value, isInside)]));
    if (typeof it !== "string") return it;
    return isInside ? plain(it) : uuids(plain(it));
  };
  return mask;
};
