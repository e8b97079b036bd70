// An OpenAI-compatible server that answers as real ones do on bad days: each deviation is a way that a test picks by the model's name, or by
// `?way=` in the base URL. Plain Node, no dependency; nothing here is a model.

import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

/** What is answered where a test gives no text of its own: supported by the first passage that the prompt shows, and cited. */
const firstPassage = (request) => {
  const user = request.messages?.findLast?.((message) => message.role === "user")?.content ?? "";
  const passage = /<passage n="1">\n[^\n]*\n([\s\S]*?)\n<\/passage>/.exec(user)?.[1] ?? "";
  const sentences = passage.split("\n").flatMap((line) => line.match(/[^.!?]+[.!?]+(?=\s|$)|[^.!?]+$/g) ?? []);
  return sentences.map((sentence) => `${sentence.trim().replace(/([.!?]*)$/, " [1]$1")}`).join(" ");
};

/** Words with the spaces before them: what a token roughly is. */
const tokens = (text) => text.match(/\s*\S+/g) ?? [];

const chunk = (delta, finish_reason = null, more = {}) => ({
  id: "chatcmpl-test",
  object: "chat.completion.chunk",
  created: 1_764_201_600,
  model: "upstream",
  choices: [{ index: 0, delta, finish_reason }],
  ...more,
});

const usageOf = (request, text) => {
  const prompt_tokens = Math.ceil(JSON.stringify(request.messages ?? "").length / 4);
  const completion_tokens = tokens(text).length;
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
};

const whole = (request, text) => ({
  id: "chatcmpl-test",
  object: "chat.completion",
  created: 1_764_201_600,
  model: "upstream",
  choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
  usage: usageOf(request, text),
});

const event = (json, end = "\n") => `data: ${JSON.stringify(json)}${end}${end}`;
const DONE = "data: [DONE]\n\n";

/** The parts of an answer by the book; ways put them together otherwise. */
const parts = (request, text) => ({
  role: chunk({ role: "assistant", content: "" }),
  pieces: tokens(text).map((content) => chunk({ content })),
  stop: chunk({}, "stop"),
  tail: { ...chunk({}), choices: [], usage: usageOf(request, text) },
});

/** A stream of these documents, each as an event, then `[DONE]`. */
const stream = (documents, end = "\n") => [...documents.map((json) => event(json, end)), `data: [DONE]${end}${end}`];

/** In the place of a piece: the connection breaks, or nothing more comes. */
const CUT = Symbol("cut");
const HANG = Symbol("hang");

/**
 * What is sent for each way, made of the request and the text: pieces, milliseconds to wait, `CUT` or `HANG`. Those that answer otherwise than
 * 200 with a stream give `{ status, headers, body }`.
 */
export const WAYS = {
  good: (request, text) => {
    const { role, pieces, stop, tail } = parts(request, text);
    return stream([role, ...pieces, stop, tail]);
  },
  "finish-in-last-content": (request, text) => {
    const { role, pieces, tail } = parts(request, text);
    const last = pieces.pop();
    return stream([role, ...pieces, { ...last, choices: [{ ...last.choices[0], finish_reason: "stop" }] }, tail]);
  },
  "finish-missing": (request, text) => {
    const without = ({ choices: [{ index, delta }], ...rest }) => ({ ...rest, choices: [{ index, delta }] });
    return stream(parts(request, text).pieces.map(without));
  },
  "finish-null": (request, text) => stream(parts(request, text).pieces),
  "finish-length": (request, text) => {
    const { role, pieces } = parts(request, text);
    return stream([role, ...pieces.slice(0, -2), chunk({}, "length")]);
  },
  filtered: () => stream([chunk({ role: "assistant", content: "" }), chunk({}, "content_filter")]),
  "no-usage": (request, text) => {
    const { role, pieces, stop } = parts(request, text);
    return stream([role, ...pieces, stop]);
  },
  "usage-in-every-chunk": (request, text) => {
    const { pieces, stop } = parts(request, text);
    return stream([...pieces, stop].map((json, at) => ({ ...json, usage: { prompt_tokens: 50, completion_tokens: at + 1, total_tokens: at + 51 } })));
  },
  "content-null": (request, text) => {
    const { pieces, stop } = parts(request, text);
    return stream([chunk({ role: "assistant", content: null }), ...pieces, chunk({ content: null }), { ...stop, usage: null }]);
  },
  comments: (request, text) => {
    const sent = WAYS.good(request, text);
    return [": OPENROUTER PROCESSING\n\n", ...sent.flatMap((piece) => [piece, ": keep-alive\n\n", "event: ping\nid: 7\nretry: 1000\n\n"])];
  },
  crlf: (request, text) => {
    const { role, pieces, stop, tail } = parts(request, text);
    return stream([role, ...pieces, stop, tail], "\r\n");
  },
  cr: (request, text) => {
    const { pieces, stop } = parts(request, text);
    return stream([...pieces, stop], "\r");
  },
  bom: (request, text) => ["\u{feff}", ...WAYS.good(request, text)],
  "no-space": (request, text) => WAYS.good(request, text).map((piece) => piece.replace("data: ", "data:")),
  "one-newline": (request, text) => WAYS.good(request, text).map((piece) => piece.replace("\n\n", "\n")),
  "multi-line": (request, text) => {
    const { pieces, stop } = parts(request, text);
    const spread = (json) => `${JSON.stringify(json, null, 1).split("\n").map((line) => `data: ${line}\n`).join("")}\n`;
    return [...[...pieces, stop].map(spread), DONE];
  },
  // Cut within every character that has more than one byte.
  "split-bytes": (request, text) => {
    const bytes = Buffer.from(WAYS.good(request, text).join(""));
    const cuts = [0, ...[...bytes.keys()].filter((at) => (bytes[at] & 0xc0) === 0x80), bytes.length];
    return cuts.slice(1).flatMap((end, at) => [bytes.subarray(cuts[at], end), 5]);
  },
  "done-missing": (request, text) => WAYS.good(request, text).slice(0, -1),
  "done-quoted": (request, text) => [...WAYS.good(request, text).slice(0, -1), 'data: "[DONE]"\n\n'],
  "done-lower": (request, text) => [...WAYS.good(request, text).slice(0, -1), "data:[done]\n\n"],
  "done-bare": (request, text) => [...WAYS["finish-null"](request, text).slice(0, -1), "[DONE]\n"],
  thinking: (request, text) => {
    const { role, pieces, stop } = parts(request, text);
    const thoughts = tokens("<think>\nThe passages may say more.\n</think>\n\n").map((content) => chunk({ content }));
    return stream([role, ...thoughts, ...pieces, stop]);
  },
  reasoning: (request, text) => {
    const { role, pieces, stop } = parts(request, text);
    return stream([role, chunk({ reasoning_content: "The passages may say more.", content: null }), ...pieces, stop]);
  },
  plain: (request, text) => ({ status: 200, headers: { "content-type": "application/json" }, body: [JSON.stringify(whole(request, text))] }),
  "plain-pretty": (request, text) => ({ status: 200, headers: { "content-type": "application/json" }, body: [JSON.stringify(whole(request, text), null, 2)] }),
  "error-first": () => [event({ error: { message: "the engine is dead", type: "server_error", code: 500 } }), DONE],
  "error-inside": (request, text) => [...WAYS.good(request, text).slice(0, 3), event({ error: { message: "the engine is dead", code: 500 } }), DONE],
  "error-bare": (request, text) => [...WAYS.good(request, text).slice(0, 3), '{"object":"error","message":"the engine is dead","code":50001}\n'],
  garbage: () => ["\u{0}\u{1}garbage\n\n", "data: <html>\n\n", "data: 7\n\n", "data: {\"choices\": \"none\"}\n\n"],
  html: () => ({ status: 200, headers: { "content-type": "text/html" }, body: ["<!doctype html><title>502 Bad Gateway</title>"] }),
  empty: () => [],
  401: () => ({ status: 401, body: ['{"error":{"message":"no such key"}}'] }),
  429: () => ({ status: 429, headers: { "retry-after": "2" }, body: ['{"error":{"message":"slow down"}}'] }),
  500: () => ({ status: 500, body: ["Internal Server Error"] }),
  503: () => ({ status: 503, body: ['{"error":{"message":"loading the model"}}'] }),
  redirect: () => ({ status: 307, headers: { location: "http://127.0.0.1:1/" }, body: [] }),
  timeout: () => ({ status: null }),
  "no-first-byte": () => [HANG],
  "keep-alive-only": function* () {
    for (;;) yield* [": ping\n\n", 50];
  },
  "slow-drip": (request, text) => WAYS.good(request, text).flatMap((piece) => [piece, 40]),
  endless: function* (request, text) {
    for (;;) yield event(chunk({ content: `${text} ` }));
  },
  reset: () => [CUT],
  "cut-early": (request, text) => [...WAYS.good(request, text).slice(0, 3), CUT],
  "cut-late": (request, text) => [...WAYS["finish-null"](request, text).slice(0, -3), CUT],
  "cut-in-event": (request, text) => [...WAYS.good(request, text).slice(0, 4), 'data: {"choices":[{"delta":{"content":"¿Y', CUT],
  "end-early": (request, text) => WAYS.good(request, text).slice(0, 4),
  invents: () => ["The plan costs 4711 € a day [1]. ", "El plan cuesta 4711 € al día [1]."].flatMap((text) => [event(chunk({ content: text }))]).concat(DONE),
  nothing: () => stream([chunk({ content: "NADA" }), chunk({}, "stop")]),
};

const send = async (outgoing, way, request, text) => {
  const made = WAYS[way](request, text);
  const { status, headers, body } = Symbol.iterator in made ? { status: 200, headers: {}, body: made } : made;
  // Not even a status line.
  if (status === null) return;
  outgoing.writeHead(status, { "content-type": status === 200 ? "text/event-stream; charset=utf-8" : "application/json", ...headers });
  outgoing.flushHeaders();
  const left = once(outgoing, "close");
  for (const piece of body) {
    if (outgoing.destroyed || piece === HANG) return;
    // What was written is to arrive before the connection breaks.
    if (piece === CUT) return void setTimeout(() => outgoing.destroy(), 20);
    if (typeof piece === "number") await pause(piece);
    else if (!outgoing.write(piece)) await Promise.race([once(outgoing, "drain"), left]);
  }
  outgoing.end();
};

/**
 * Starts one on a free port. `text` is what it answers, or a function of the request; `way` what a model's name that is no way gets.
 *
 * Gives `url` (the base URL, ending in `/v1`), `host` (for ALLOWED_PRIVATE_HOSTS), `requests` (each with `way`, `headers` and the parsed
 * `body`), `count(way)`, `use(way)` and `stop()`.
 */
export const upstream = async ({ text = firstPassage, way: usual = "good" } = {}) => {
  const requests = [];
  let otherwise = usual;
  const http = createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const piece of incoming) chunks.push(piece);
    const { pathname, searchParams } = new URL(incoming.url, "http://localhost");
    let body = null;
    try {
      body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    } catch {
      // Told below as any server would.
    }
    if (incoming.method !== "POST" || pathname !== "/v1/chat/completions" || body === null) {
      outgoing.writeHead(body === null ? 400 : 404, { "content-type": "application/json" }).end('{"error":{"message":"no such route or no JSON"}}');
      return;
    }
    const way = [searchParams.get("way"), body.model].find((name) => Object.hasOwn(WAYS, String(name))) ?? otherwise;
    requests.push({ way: String(way), headers: incoming.headers, body });
    await send(outgoing, way, body, typeof text === "function" ? text(body) : text);
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${http.address().port}`;
  const stop = () => {
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  };
  const use = (way) => {
    if (!Object.hasOwn(WAYS, way)) throw new Error(`no such way: ${way}`);
    otherwise = way;
  };
  return { url: `http://${host}/v1`, host, requests, count: (way) => requests.filter((request) => way === undefined || request.way === way).length, use, stop };
};
