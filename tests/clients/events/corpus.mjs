// Requests with events, good, bad and hostile, on every wire, and what the ledger must count of each: no more than the bytes that a
// client might send. What the hosts make of them is compared by same-events.test.mjs.

import { gzipSync } from "node:zlib";

/** A person's browser. */
const BROWSER = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";
/** The day on which whatever has a time of its own happened. Chosen: long ago on any machine that runs this. */
export const DAY = "2025-03-10";
const at = (time) => `${DAY}T${time}Z`;

const json = (value) => JSON.stringify(value);
const batch = (...events) => `{"batch":[${events.map((event) => (typeof event === "string" ? event : json(event))).join(",")}]}`;
/** A track event in Segment's words. */
const track = (messageId, more = {}) => ({ type: "track", messageId, anonymousId: "corpus", event: "Told", timestamp: at("12:00:00"), ...more });
/** A text of that many `x`. */
const long = (length) => "x".repeat(length);
const nested = (depth) => `${"[".repeat(depth)}1${"]".repeat(depth)}`;
const properties = (count) => Object.fromEntries(Array.from({ length: count }, (_, number) => [`p${number}`, 1]));
const numbered = (count, one) => Array.from({ length: count }, (_, number) => one(number));
/** Half a surrogate pair, as JSON writes one. */
const HALF = "\\ud83c";
const basic = (key) => `Basic ${Buffer.from(`${key}:`).toString("base64")}`;
const urlencoded = (fields) => new URLSearchParams(fields).toString();

// ---- How each wire wraps what it sends. `counts` says what the ledger grows by.

const post = (name, path, body, counts, more = {}) => ({ name, path, body, counts, status: 200, ...more });
/** With the write key in a header. */
const segment = (name, body, counts, more = {}) => post(`segment: ${name}`, "/v1/batch", body, counts, { key: "write_key", ...more });
const browser = (name, path, body, counts, more = {}) =>
  post(`segment in a browser: ${name}`, path, body, counts, { basic: "write_key", headers: { "content-type": "text/plain", origin: "http://localhost:3000" }, ...more });
/** As RudderStack's Node client: gzip under the content type of a form. */
const rudder = (name, body, counts, more = {}) =>
  post(`rudder: ${name}`, "/v1/batch", (keys) => gzipSync(text(body, keys)), counts, { basic: "write_key", headers: { "content-type": "application/x-www-form-urlencoded", "content-encoding": "gzip" }, ...more });
const beacon = (name, body, counts, more = {}) => post(`rudder's beacon: ${name}`, ({ write_key }) => `/beacon/v1/batch?writeKey=${write_key}`, body, counts, more);
const pixel = (name, fields, counts, more = {}) =>
  post(`rudder's pixel: ${name}`, ({ write_key }) => `/pixel/v1/track?${urlencoded({ ...fields, writeKey: write_key })}`, undefined, counts, { method: "GET", ...more });
const umami = (name, body, counts, more = {}) => post(`umami: ${name}`, "/api/send", body, counts, more);
/** With a secret key its times are believed, so that they are the same everywhere. */
const umamiServer = (name, body, counts, more = {}) => umami(name, body, counts, { key: "read_key", ...more });
const umamiBatch = (name, body, counts, more = {}) => post(`umami's batch: ${name}`, "/api/batch", body, counts, { key: "read_key", ...more });
const plausible = (name, body, counts, more = {}) => post(`plausible: ${name}`, "/api/event", body, counts, { status: 202, headers: { "content-type": "text/plain" }, ...more });
const posthog = (name, path, body, counts, more = {}) => post(`posthog: ${name}`, path, body, counts, more);

export const text = (body, keys) => (typeof body === "function" ? body(keys) : body);

const payload = (more = {}) => ({ website: "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90", hostname: "marea.example", url: "/umami", language: "es-MX", timestamp: Date.parse(at("13:00:00")) / 1000, userAgent: BROWSER, ip: "192.0.2.9", ...more });
const told = (more, type = "event") => json({ type, payload: payload(more) });
const goal = (more = {}) => json({ n: "Goal", u: "https://marea.example/plausible?utm_source=plausible", d: "marea.example", r: null, ...more });
const captured = (uuid, more = {}) => ({ uuid, event: "Captured", distinct_id: "corpus-ph", timestamp: at("14:00:00"), properties: { plan: "pro" }, ...more });
const capture = (...events) => (keys) => `{"api_key":"${keys.write_key}","batch":[${events.map((event) => (typeof event === "string" ? event : json(event))).join(",")}]}`;
const form = (fields) => (keys) => urlencoded(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, text(value, keys)])));
const one = (event) => (keys) => json({ token: keys.write_key, ...event });
const base64 = (body) => (keys) => Buffer.from(text(body, keys)).toString("base64");
const gzip = (body) => (keys) => gzipSync(text(body, keys));
/** Without its last bytes. */
const truncated = (body) => (keys) => gzip(body)(keys).subarray(0, -9);
const BOMB = gzipSync(" ".repeat(8_000_000));

/** What every client may write for a time, and what none should. */
const TIMES = [
  at("12:01:00.170"), `${DAY}T12:02:00.170+00:00`, `${DAY}T13:03:00.170+01:00`, `${DAY}T13:04:00.170+0100`, `${DAY} 12:05:00.170`, `${DAY}T12:06:00.170`, ` ${DAY} 12:07:00.170Z `,
  `${DAY}T12:08`, DAY, "Mon, 10 Mar 2025 12:09:00 GMT", 1741608600170, 1741608660.17, "1741608720170", 1741608780170000, "1741608840",
  "1970-01-01T00:00:00Z", 0, -1, "2038-01-19T03:14:07Z", 2147483648, "9999-12-31T23:59:59Z", "+275760-09-13T00:00:00Z", "0000-00-00", "2025-02-30", "24:00", "soon", "", 1e300, 4e18, true, null, [], {},
];
/** What stands where an id should. */
const IDS = [42, 4.5, true, false, null, "", " ", [], ["a"], {}, { a: 1 }, "ñ🌊", long(200), long(201)];

/** Two people who do one thing after another: what funnels, retention and journeys are asked about. */
const VISIT = [
  { type: "page", messageId: "visit-1", anonymousId: "ana-phone", timestamp: at("09:00:00"), context: { page: { url: "https://marea.example/?utm_source=news&utm_medium=email", referrer: "https://www.example.org/" }, locale: "es-MX" } },
  { type: "page", messageId: "visit-2", anonymousId: "ana-phone", timestamp: at("09:01:00"), properties: { url: "https://marea.example/precios" } },
  { type: "track", messageId: "visit-3", anonymousId: "ana-phone", event: "Viewed", timestamp: at("09:02:00"), properties: { plan: "pro", n: 3, list: [1, "dos", null], note: "ana@olas.example" } },
  { type: "identify", messageId: "visit-4", anonymousId: "ana-phone", userId: "ana", timestamp: at("09:03:00"), traits: { email: "Ana@Olas.example", plan: "pro" } },
  { type: "track", messageId: "visit-5", userId: "ana", event: "Added", timestamp: at("09:04:00"), properties: { plan: "pro" } },
  { type: "group", messageId: "visit-6", userId: "ana", groupId: 7, traits: { name: "Norte" }, timestamp: at("09:05:00") },
  { type: "screen", messageId: "visit-7", anonymousId: "ana-desk", name: "Inicio", timestamp: at("10:00:00") },
  { type: "alias", messageId: "visit-8", userId: "ana", previousId: "ana-desk", timestamp: at("10:01:00") },
  { type: "track", messageId: "visit-9", anonymousId: "ana-desk", event: "Signup", timestamp: at("10:02:00"), properties: { plan: "pro" } },
  { type: "page", messageId: "visit-10", anonymousId: "eva", timestamp: `2025-03-29T23:30:00Z`, properties: { url: "https://marea.example/" } },
  { type: "track", messageId: "visit-11", anonymousId: "eva", event: "Viewed", timestamp: `2025-03-30T01:30:00Z`, properties: { plan: "free" } },
];

export const CORPUS = [
  // What clients ask before they send.
  post("a preflight of a page", "/v1/t", undefined, {}, { method: "OPTIONS", status: 204, headers: { origin: "http://localhost:3000", "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" } }),
  post("segment's settings", ({ write_key }) => `/v1/projects/${write_key}/settings`, undefined, {}, { method: "GET" }),
  post("segment's settings of a stranger", "/v1/projects/guess/settings", undefined, {}, { method: "GET", status: 404 }),
  post("rudder's configuration", "/sourceConfig/?p=npm&v=3.34.1", undefined, {}, { method: "GET", basic: "write_key" }),
  post("rudder's configuration without a key", "/sourceConfig/", undefined, {}, { method: "GET", status: 401 }),
  post("posthog's configuration", ({ write_key }) => `/array/${write_key}/config`, undefined, {}, { method: "GET" }),
  post("posthog's configuration as a script", ({ write_key }) => `/array/${write_key}/config.js`, undefined, {}, { method: "GET" }),
  post("posthog's flags", "/flags/?v=2", one({ distinct_id: "corpus" }), {}),
  post("posthog's older flags, gzipped", "/decide/?v=3", gzip(one({ distinct_id: "corpus" })), {}),
  post("posthog's flags of nobody", "/flags/?v=2", "{}", {}, { status: 401 }),
  post("a method that is none", "/v1/batch", undefined, {}, { method: "GET", status: 405 }),
  post("rudder's merge, which is not answered", "/v1/merge", json({ mergeProperties: [] }), {}, { key: "write_key", status: 404 }),

  // Good ones.
  segment("two people's visits", batch(...VISIT), { accepted: 11 }),
  segment("the same again, and one more", batch(...VISIT, track("visit-12")), { accepted: 1, duplicate: 11 }),
  // A moment later: events of one moment are in the order of their sources, which are a host's own keys.
  segment("the same id by another key is another source", batch({ ...VISIT[0], timestamp: at("09:00:30") }), { accepted: 1 }, { key: "read_key" }),
  segment("one id twice in a request", batch(track("twice"), track("twice", { event: "Other" })), { accepted: 1, duplicate: 1 }),
  segment("the key in the body", (keys) => json({ writeKey: keys.write_key, batch: [track("key-in-body")] }), { accepted: 1 }, { key: undefined }),
  segment("an import", batch(track("imported")), { accepted: 1 }, { path: "/v1/import" }),
  segment("a batch's own context", json({ context: { locale: "pt-BR", page: { url: "https://marea.example/shared" } }, batch: [{ type: "page", messageId: "shared", anonymousId: "corpus", timestamp: at("12:00:00") }] }), { accepted: 1 }),
  segment("events without an id, one of them twice", batch(track(undefined), track(undefined), track(undefined, { event: "Other" })), { accepted: 2, duplicate: 1 }),
  segment("order by sequence within a moment", batch(...[3, 1, 2].map((sequence) => track(`sequence-${sequence}`, { anonymousId: "ordered", context: { orilla: { sequence } } }))), { accepted: 3 }),
  ...["track", "page", "screen", "identify", "group", "alias"].map((type) =>
    post(`segment: a ${type} by its path`, `/v1/${type}`, json({ messageId: `path-${type}`, userId: "path", anonymousId: "path-v", previousId: "path-before", groupId: "g", event: "Told", name: "Named", timestamp: at("12:10:00") }), { accepted: 1 }, { key: "write_key" })),
  browser("one event", "/v1/t", (keys) => json({ ...track("browser-t", { anonymousId: "browser" }), writeKey: keys.write_key, sentAt: at("12:00:01") }), { accepted: 1 }),
  browser("a batch", "/v1/b", json({ batch: [track("browser-b", { anonymousId: "browser" })], sentAt: at("12:00:01") }), { accepted: 1 }),
  browser("a page of a stranger's", "/v1/p", json(track("stranger")), {}, { status: 403, headers: { origin: "https://stranger.example" } }),
  rudder("two events", batch(track("rudder-1", { timestamp: undefined, originalTimestamp: at("12:00:00") }), { type: "identify", messageId: "rudder-2", userId: "rudder", originalTimestamp: at("12:00:01"), context: { traits: { plan: "anual" } } }), { accepted: 2 }),
  beacon("two events", batch(track("rudder-1"), track("beacon-2")), { accepted: 2 }),
  pixel("an event", { event: "Opened", anonymousId: '"corpus"', messageId: "pixel-1", originalTimestamp: at("12:00:00"), "properties.mail": "welcome", "context.page.url": "https://marea.example/es" }, { accepted: 1 }),
  umami("a page of somebody unknown", told({ timestamp: undefined, userAgent: undefined, ip: undefined }), { accepted: 1 }),
  umamiServer("a page", told({ vid: "corpus-um" }), { accepted: 1 }),
  umamiServer("an event, an identity and a measurement", told({ vid: "corpus-um", name: "Told", data: { plan: "pro" }, tag: "b" }), { accepted: 1 }),
  umamiServer("an identity", told({ vid: "corpus-um", id: "umami-user", data: { plan: "pro" } }, "identify"), { accepted: 1 }),
  umamiServer("a measurement", told({ vid: "corpus-um", lcp: 1200, cls: 0.1 }, "performance"), { accepted: 1 }),
  umamiServer("the same page again", told({ vid: "corpus-um" }), { duplicate: 1 }),
  umamiBatch("three events, one of them twice", `[${[told({ vid: "b", name: "A" }), told({ vid: "b", name: "A" }), told({ vid: "b", name: "B" })]}]`, { accepted: 2, duplicate: 1 }),
  plausible("a page", goal({ n: "pageview", v: 36 }), { accepted: 1 }),
  plausible("a goal with its worth", goal({ p: { plan: "pro" }, $: { amount: 10, currency: "EUR" } }), { accepted: 1 }),
  plausible("long names and an object as text", json({ name: "Other", url: "https://marea.example/plausible", domain: "nobody.example,www.marea.example", props: '{"plan":"pro"}', referrer: "https://www.example.org/" }), { accepted: 1 }),
  posthog("a batch", "/batch/", capture(captured("0190a5b0-0000-7000-8000-000000000002"), captured("0190a5b0-0000-7000-8000-000000000001")), { accepted: 2 }),
  posthog("the same id by another wire is another source", "/batch/", capture(captured("visit-1")), { accepted: 1 }),
  posthog("one event, gzipped without a word", "/e/?compression=gzip-js", gzip(one(captured("ph-e"))), { accepted: 1 }, { headers: { "content-type": "text/plain" } }),
  posthog("a form with base64", "/e/?compression=base64", form({ data: base64(one(captured("ph-form"))) }), { accepted: 1 }, { headers: { "content-type": "application/x-www-form-urlencoded" } }),
  posthog("a list", "/i/v0/e/", (keys) => `[${json({ token: keys.write_key, ...captured("ph-list") })}]`, { accepted: 1 }),
  posthog("a page, an identity, a group and properties of a person", "/capture/", capture(
    captured("ph-page", { event: "$pageview", properties: { $current_url: "https://marea.example/posthog", title: "Posthog", $device_id: "ph-device", $session_id: "ph-session" }, distinct_id: "ph-device" }),
    captured("ph-identify", { event: "$identify", distinct_id: "ph-user", properties: { $anon_distinct_id: "ph-device", $session_id: "ph-session" }, $set: { plan: "pro" } }),
    captured("ph-group", { event: "$groupidentify", distinct_id: "$company_5", properties: { $group_type: "company", $group_key: "5", $group_set: { size: 3 } } }),
    captured("ph-node-alias", { event: "$create_alias", distinct_id: "ph-user", properties: { alias: "ph-before", $lib: "posthog-node" } }),
    captured("ph-python-alias", { event: "$create_alias", distinct_id: "ph-before", properties: { alias: "ph-user", $lib: "posthog-python" } }),
  ), { accepted: 5 }),
  posthog("what is known of a person", "/engage/", one({ $distinct_id: "ph-user", uuid: "ph-engage", timestamp: at("14:01:00"), $set: { plan: "free" } }), { accepted: 1 }),

  // Times, on each wire that has one.
  segment("times of every kind", batch(...TIMES.map((timestamp, index) => track(`time-${index}`, { anonymousId: `time-${index}`, timestamp }))), { accepted: TIMES.length }),
  rudder("times of every kind", batch(...TIMES.map((originalTimestamp, index) => track(`rudder-time-${index}`, { anonymousId: `time-${index}`, timestamp: at("12:00:00"), originalTimestamp }))), { accepted: TIMES.length }),
  posthog("times of every kind", "/batch/", capture(...TIMES.map((timestamp, index) => captured(`ph-time-${index}`, { distinct_id: `time-${index}`, timestamp }))), { accepted: TIMES.length }),
  umamiBatch("times of every kind", `[${TIMES.map((timestamp, index) => told({ vid: `um-time-${index}`, name: "Timed", timestamp }))}]`, { accepted: TIMES.length }),
  segment("a clock in 1970", json({ sentAt: "1970-01-01T00:10:00Z", batch: [track("old", { anonymousId: "in-1970", timestamp: "1970-01-01T00:09:00Z" })] }), { accepted: 1 }),
  segment("a clock in 2038", json({ sentAt: "2038-01-19T03:14:00Z", batch: [track("new", { anonymousId: "in-2038", timestamp: "2038-01-19T03:13:00Z" })] }), { accepted: 1 }),
  posthog("a clock in 1970", "/batch/", (keys) => json({ api_key: keys.write_key, sent_at: 600, batch: [captured("ph-old", { distinct_id: "ph-1970", timestamp: "1970-01-01T00:09:00Z" })] }), { accepted: 1 }),
  posthog("an offset instead of a time", "/e/", one({ uuid: "ph-offset", event: "Offset", distinct_id: "ph-offset", offset: 60_000 }), { accepted: 1 }),
  posthog("offsets that are none", "/batch/", capture(...[9223372036854775807n, -9223372036854775808n, '"x"', "[]"].map((offset, index) => `{"uuid":"ph-offset-${index}","event":"Offset","distinct_id":"ph-offset-${index}","offset":${offset}}`)), { accepted: 4 }),

  // Ids of every kind.
  segment("message ids of every kind", batch(...IDS.map((messageId, index) => track(messageId, { event: `Id ${index}` }))), { accepted: IDS.length - 1, invalid: 1 }),
  segment("visitors of every kind", batch(...IDS.map((anonymousId, index) => track(`visitor-${index}`, { anonymousId }))), { accepted: 7, invalid: 7 }),
  segment("users of every kind", batch(...IDS.map((userId, index) => track(`user-${index}`, { userId, anonymousId: "corpus-u" }))), { accepted: IDS.length - 1, invalid: 1 }),
  segment("NULs in ids, names, addresses and words", batch(track("nul\u0000id"), track("nul-visitor", { anonymousId: "a\u0000b" }), track("nul-name", { event: "a\u0000b" }), track("nul-word", { properties: { "a\u0000b": "c\u0000d", url: "https://marea.example/a\u0000b" } })), { accepted: 2, invalid: 2 }),
  umamiBatch("ids of every kind", `[${IDS.map((vid, index) => told({ vid, name: `Id ${index}` }))}]`, { accepted: IDS.length - 1, invalid: 1 }),
  posthog("ids of every kind", "/batch/", capture(...IDS.map((id, index) => captured(id, { event: `Id ${index}` })), ...IDS.map((distinct_id, index) => captured(`ph-id-${index}`, { distinct_id }))), { accepted: IDS.length - 1 + 7, invalid: 8 }),
  posthog("no person at all", "/batch/", capture(captured("ph-cookieless", { distinct_id: "$posthog_cookieless" })), { accepted: 1 }),

  // Half pairs, bytes that are no text, names of every script.
  segment("half a surrogate pair anywhere", `{"batch":[{"type":"track","messageId":"half-${HALF}","anonymousId":"half-${HALF}","event":"a ${HALF} b","timestamp":"${at("12:00:00")}","properties":{"${HALF}":"${HALF}\\ud83c\\udf0a","fine":"\\\\ud83c"}}]}`, { accepted: 1 }),
  posthog("half a surrogate pair", "/e/", (keys) => `{"token":"${keys.write_key}","uuid":"ph-half","event":"a ${HALF} b","distinct_id":"v","timestamp":"${at("14:00:00")}"}`, { accepted: 1 }),
  umamiServer("half a surrogate pair", told({ vid: "half", name: "HALF" }).replace("HALF", HALF), { accepted: 1 }),
  plausible("half a surrogate pair", goal({ n: "HALF" }).replace("HALF", HALF), { accepted: 1 }),
  pixel("what no percent sign stands for", { event: "\u{fffd}", anonymousId: "corpus", messageId: "pixel-half", originalTimestamp: at("12:00:00") }, { accepted: 1 }),
  segment("bytes that are no UTF-8", Buffer.concat([Buffer.from('{"batch":[{"type":"track","messageId":"bytes","anonymousId":"corpus","event":"'), Buffer.from([0xff, 0xc3, 0x28]), Buffer.from(`","timestamp":"${at("12:00:00")}"}]}`)]), { accepted: 1 }),
  segment("every script, and what spreadsheets run", batch(...["ñ 🌊 日本語 עברית", "=1+1", "+1", "-1", "@x", "a\tb\r\nc", '"quoted", 1', "'", "\u2028\u0001"].map((event, index) => track(`script-${index}`, { event, properties: { [event]: event } }))), { accepted: 9 }),
  segment("numbers of every size", `{"batch":[${[12345678901234567890n, -9223372036854775808n, "1e308", "-0.0", "0.1", "1e-320", "123456789012345678901234567890"].map((n, index) => `{"type":"track","messageId":"number-${index}","anonymousId":"corpus","event":"N","timestamp":"${at("12:00:00")}","properties":{"n":${n}}}`)}]}`, { accepted: 7 }),
  segment("a number beyond every size", `{"batch":[{"type":"track","messageId":"infinite","anonymousId":"corpus","event":"N","properties":{"n":1e400}}]}`, { invalid: 1 }),
  segment("a name told twice", `{"batch":[{"type":"track","messageId":"double","anonymousId":"corpus","event":"First","event":"Second","timestamp":"${at("12:00:00")}"}]}`, { accepted: 1 }),
  segment("a byte order mark", `\ufeff${batch(track("bom"))}`, { accepted: 1 }),

  // Events that are none, one by one in a batch that is fine.
  segment("events that are none", batch("null", "[]", "7", '"text"', "{}", "true", track("type-none", { type: "dance" }), track("type-absent", { type: undefined }), track("type-number", { type: 7 }), track("name-none", { event: "" }), track("name-blank", { event: "  " }), track("name-number", { event: 7 }), track("name-object", { event: {} }), track("name-long", { event: long(501) }), track("nobody", { anonymousId: undefined }), track("fine")), { accepted: 2, invalid: 14 }),
  segment("one that is too long, one that has too much, one that is too deep", batch(track("long", { properties: { p: long(33_000) } }), track("many", { properties: properties(1_001) }), track("most", { properties: properties(1_000) }), `{"type":"track","messageId":"deep","anonymousId":"corpus","event":"Deep","properties":{"p":${nested(5_000)}}}`, `{"type":"track","messageId":"shallow","anonymousId":"corpus","event":"Deep","timestamp":"${at("12:00:00")}","properties":{"p":${nested(100)}}}`), { accepted: 2, invalid: 3 }),
  segment("ten thousand properties", batch(track("ten-thousand", { properties: properties(10_000) })), { invalid: 1 }),
  segment("members of the wrong kind", batch(track("wrong", { properties: [1], context: "x", timestamp: {}, integrations: 7 }), track("wrong-2", { properties: null, context: { page: [], campaign: 7, library: "x", locale: {} } })), { accepted: 2 }),
  segment("2,501 events", batch(...numbered(2_501, (number) => track(`m${number}`, { anonymousId: `many-${number % 50}`, event: "Many" }))), { accepted: 2_500, invalid: 1 }),
  segment("none", batch(), {}),
  umamiBatch("events that are none", `[null,[],7,{},${told({}, "dance")},${told({ name: long(51) })},${told({ url: long(2_001) })},${told({ data: [1], name: "A" })},${told({ data: { p: long(33_000) }, name: "A" })},${json({ type: "event", payload: null })},${json({ type: "event", payload: payload({ website: "0190a8c0-0000-7000-8000-000000000002" }) })},${told({ vid: "fine", data: properties(10_000), name: "A" })},${told({ vid: "fine", data: properties(1_001), name: "A" })},${told({ vid: "fine", name: "Fine" })}]`, { accepted: 1, invalid: 13 }),
  umami("an event that is too long", told({ name: long(51) }), { invalid: 1 }, { status: 400 }),
  umami("an unknown type", told({}, "dance"), { invalid: 1 }, { status: 400 }),
  ...[{ n: null }, { n: {} }, { n: long(121) }, { u: null }, { u: "data:text/html,x" }, { u: `https://marea.example/${long(2_001)}` }, { r: `https://x.example/${long(2_001)}` }, { p: "no object" }, { p: [1] }, { p: properties(31) }, { p: { p: long(2_001) } }, { p: { [long(301)]: 1 } }, { p: { p: long(33_000) } }].map((more, index) =>
    plausible(`an event that is none (${index})`, goal(more), { invalid: 1 })),
  plausible("ten thousand properties", goal({ p: properties(10_000) }), {}, { status: 413 }),
  plausible("too deep", goal({ p: "DEEP" }).replace('"DEEP"', nested(5_000)), {}, { status: 400 }),
  posthog("events that are none", "/batch/", capture("null", "[]", "7", "{}", captured("a", { event: null }), captured("b", { event: {} }), captured("c", { distinct_id: null }), captured("d", { distinct_id: undefined }), captured("e", { properties: properties(10_000) }), `{"uuid":"f","event":"Deep","distinct_id":"v","properties":{"p":${nested(5_000)}}}`, captured("g", { token: "another" }), captured("ph-fine", { properties: null })), { accepted: 2, invalid: 10 }),
  posthog("an event of nearly a megabyte", "/e/", gzip(one(captured("ph-large", { properties: { p: long(930_000) } }))), { invalid: 1 }, { key: "write_key" }),

  // Bodies of which nothing can be told. Whoever shows a key has them counted.
  ...["", " ", "null", "7", '"text"', "true", "[]", "{", '{"batch":', '{"batch":{}}', '{"batch":null}', "batch=1", "<xml/>", "\u0000"].map((body) =>
    segment(`a body that is no batch: ${json(body)}`, body, { invalid: 1 }, { status: 400 })),
  segment("a gzip bomb", BOMB, { invalid: 1 }, { status: 413 }),
  segment("a gzip bomb that says what it is", BOMB, { invalid: 1 }, { status: 413, headers: { "content-encoding": "gzip" } }),
  segment("a truncated gzip", truncated(batch(track("cut"))), { invalid: 1 }, { status: 400 }),
  segment("the beginning of a gzip", Buffer.from([0x1f, 0x8b, 8]), { invalid: 1 }, { status: 400 }),
  segment("a body that is too long", batch(...numbered(20, (number) => track(`big-${number}`, { properties: { p: long(30_000) } }))), { invalid: 1 }, { status: 413 }),
  segment("a coding that is unknown", batch(track("br")), { invalid: 1 }, { status: 400, headers: { "content-encoding": "br" } }),
  segment("a damaged batch without a key", "{", {}, { status: 400, key: undefined }),
  segment("a key that nobody issued", batch(track("guess")), {}, { status: 401, key: undefined, headers: { authorization: "Bearer guess" } }),
  segment("no key", batch(track("keyless")), {}, { status: 401, key: undefined }),
  ...["", "null", "[]", "7", "{", '"x"'].map((body) => post(`segment: one event that is none: ${json(body)}`, "/v1/track", body, { invalid: 1 }, { key: "write_key", status: 400 })),
  post("segment: one event that is too long", "/v1/track", json(track("one-long", { properties: { p: long(33_000) } })), { invalid: 1 }, { key: "write_key" }),
  post("segment: one event beyond the route's limit", "/v1/track", json(track("one-longer", { properties: { p: long(70_000) } })), { invalid: 1 }, { key: "write_key", status: 413 }),
  post("segment: one event without anybody", "/v1/track", json({ event: "A" }), { invalid: 1 }, { key: "write_key" }),
  beacon("a body that is none", "null", { invalid: 1 }, { status: 400 }),
  beacon("a truncated gzip", truncated(batch(track("cut"))), { invalid: 1 }, { status: 400 }),
  pixel("no event", {}, { invalid: 1 }),
  pixel("dots without end", { [`a${".b".repeat(300)}`]: "1", event: "Dots", anonymousId: "corpus", messageId: "dots", originalTimestamp: at("12:00:00"), "anonymousId.x": "y" }, { accepted: 1 }),
  rudder("a body that is none", "null", { invalid: 1 }, { status: 400 }),
  ...["", "null", "[]", "7", "{}", '{"type":"event"}', '{"type":"event","payload":{"website":"x"}}', '{"type":"event","payload":{"website":7}}', '{"type":'].map((body) => umami(`a body that is none: ${json(body)}`, body, {}, { status: 400 })),
  umami("a site that is not here", told({ website: "00000000-0000-7000-8000-000000000000" }), {}, { status: 404 }),
  umami("a truncated gzip", truncated(told({})), {}, { status: 400 }),
  umami("a gzip bomb", BOMB, {}, { status: 413 }),
  umamiServer("a body that is none, by a site's own server", "null", { invalid: 1 }, { status: 400 }),
  umamiServer("a gzip bomb, by a site's own server", BOMB, { invalid: 1 }, { status: 413 }),
  ...["", "null", "[]", "7", "{}", '{"n":'].map((body) => plausible(`a body that is none: ${json(body)}`, body, {}, { status: 400 })),
  plausible("a domain that is not here", goal({ d: "nobody.example" }), {}, { status: 404 }),
  plausible("a truncated gzip", truncated(goal()), {}, { status: 400 }),
  plausible("a gzip bomb", BOMB, {}, { status: 413 }),
  ...["", "null", "7", "data=", "data=%%%", "data=bm8gSlNPTg%3D%3D", '{"batch":7}', '{"event":"A",'].map((body) => posthog(`a body that is none: ${json(body)}`, "/batch/", body, {}, { status: 400 })),
  posthog("a body that is none, with a key", "/batch/", "null", { invalid: 1 }, { status: 400, key: "write_key" }),
  posthog("a truncated gzip, with a key", "/batch/", truncated(capture(captured("cut"))), { invalid: 1 }, { status: 400, key: "write_key" }),
  posthog("a gzip bomb, with a key", "/batch/", BOMB, { invalid: 1 }, { status: 413, key: "write_key" }),
  posthog("a gzip bomb in base64 in a form", "/e/", form({ data: base64(BOMB) }), {}, { status: 413 }),
  posthog("a truncated gzip in base64 in a form", "/e/", form({ data: (keys) => truncated(one(captured("cut")))(keys).toString("base64") }), {}, { status: 400 }),
  posthog("nobody's key", "/batch/", json({ api_key: "guess", batch: [captured("x")] }), {}, { status: 401 }),
  posthog("nobody's", "/batch/", "[]", {}, { status: 401 }),

  // Content types that are wrong.
  ...["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "image/png", "application/xml", "text/html; charset=utf-16", "nonsense"].flatMap((type, index) => [
    segment(`JSON as ${type}`, batch(track(`type-${index}`)), { accepted: 1 }, { headers: { "content-type": type } }),
    umamiServer(`JSON as ${type}`, told({ vid: `type-${index}` }), { accepted: 1 }, { headers: { "content-type": type } }),
    plausible(`JSON as ${type}`, goal({ n: `Typed ${index}` }), { accepted: 1 }, { headers: { "content-type": type } }),
    posthog(`JSON as ${type}`, "/e/", one(captured(`ph-type-${index}`)), { accepted: 1 }, { headers: { "content-type": type } }),
  ]),
  segment("plain text that says it is gzip", batch(track("no-gzip")), { accepted: 1 }, { headers: { "content-encoding": "gzip" } }),
  segment("gzip of two parts", (keys) => Buffer.concat([gzipSync('{"batch":['), gzipSync(`${json(track("parts"))}]}`)]), { accepted: 1 }),

  // What is kept out.
  segment("a robot", batch(track("robot")), { bot: 1 }, { headers: { "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" } }),
  segment("a page seen ahead", batch({ type: "page", messageId: "ahead", anonymousId: "ahead", properties: { url: "https://marea.example/ahead" } }), { bot: 1 }, { headers: { purpose: "prefetch" } }),
  segment("a referrer that sends nobody", batch({ type: "page", messageId: "spam", anonymousId: "spam", context: { page: { url: "https://marea.example/", referrer: "https://semalt.com/" } } }), { bot: 1 }),
  segment("a browser that does not want it", batch({ type: "page", messageId: "gpc", anonymousId: "gpc", properties: { url: "https://marea.example/unwanted" } }), { quarantined: 1 }, { headers: { "sec-gpc": "1" } }),
  segment("a visitor who did not agree", batch(track("disagreed", { context: { consent: { given: false } } })), { quarantined: 1 }),
  umami("a robot", told({ timestamp: undefined, userAgent: undefined, ip: undefined }), { bot: 1 }, { headers: { "user-agent": "curl/8.5.0" } }),
  plausible("a robot", goal(), { bot: 1 }, { headers: { "user-agent": "curl/8.5.0" } }),
  posthog("a robot", "/e/", one(captured("ph-robot")), { bot: 1 }, { headers: { "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" } }),
  pixel("a robot", { event: "Opened", anonymousId: "robot", messageId: "pixel-robot" }, { bot: 1 }, { headers: { "user-agent": "Mozilla/5.0 (compatible; bingbot/2.0)" } }),
];

/** What is asked once everything was sent; each answer must be the same everywhere. `span` is what the fixed times lie in. */
const SPAN = "from=2025-03-01T00:00:00Z&until=2025-04-10T00:00:00Z";
export const QUESTIONS = [
  `/v1/stats?${SPAN}&limit=200`,
  "/v1/stats?from=2025-03-29T00:00:00Z&until=2025-03-31T00:00:00Z&interval=hour",
  "/v1/stats?from=1970-01-01T00:00:00Z&until=1970-01-02T00:00:00Z",
  `/v1/funnels?steps=page:/&steps=Viewed&steps=Added&steps=Signup&${SPAN}`,
  `/v1/funnels?steps=Viewed&steps=Signup&by=property:plan&${SPAN}`,
  `/v1/funnels?steps=Viewed&steps=Signup&by=source&${SPAN}`,
  `/v1/funnels?steps=Many&steps=Many&window=1d&${SPAN}`,
  `/v1/retention?period=week&periods=4&${SPAN}`,
  `/v1/retention?cohort=Viewed&period=day&periods=7&${SPAN}`,
  ...["ana", "ana@olas.example", "ana-desk", "eva", "ph-user", "ph-before", "path-before", "umami-user", "corpus", "half-\u{fffd}", "nobody"].map((id) => `/v1/people/${encodeURIComponent(id)}/journey?limit=200`),
];

export const DEFAULTS = { "user-agent": BROWSER, "content-type": "application/json" };
export { basic };
