// A stand-in for the chat's server that does as it is told: the contract of `POST /v1/chat`, `GET /v1/chat/{conversation}` and feedback,
// with a few set answers, a person who writes when a test says so, and faults in the order in which they were asked for. It serves
// web/dist and pages of its own beside that. What is said about knowledge here proves nothing about the function's.

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const DIST = fileURLToPath(new URL("../../web/dist/", import.meta.url));
const TYPES = { js: "text/javascript", css: "text/css", svg: "image/svg+xml", html: "text/html; charset=utf-8" };

export const HOSTILE = `<img src=x onerror="document.title='owned'"> **no** [x](javascript:alert(1)) https://evil.example/\n<script>document.title='owned'</script>`;

const source = (id, title, url = null, locale = "es") => ({ id, title, url, score: 0.9, locale });
/** What is answered to whom, the first that fits; what fits nothing is not known. */
const SAYINGS = [
  [/cuesta|precio/i, { action: "answer", answer: "Una cuota por instructor y mes, solo en los meses en que abres.\n\nEn invierno pausas la cuenta y conservas tus datos.", sources: [source("precio", "¿Cuánto cuesta?", "/precios#cuota")], suggestions: [{ id: "prueba", title: "¿Hay un periodo de prueba?" }] }],
  [/price/i, { action: "answer", locale: "en", answer: "A fee per instructor and month.", sources: [source("price", "What does it cost?", "https://marea.example/en/prices", "en")] }],
  [/kite/i, { action: "answer", answer: "Esta respuesta solo está en inglés:\n\nKitesurfing schools use it too.", reasons: ["other_language"], sources: [source("kite", "Other sports?", null, "en")] }],
  [/peligro/i, { action: "answer", answer: HOSTILE, sources: ["javascript:alert(1)", "data:text/html,x", "mailto:hola@marea.example", "tel:+34900000000", "https://marea.example/a", "no://x"].map((url, index) => source(`s${index}`, `<b>${url}</b>`, url)) }],
  [/largo/i, { action: "answer", answer: Array.from({ length: 60 }, (_, line) => `Línea ${line + 1} de una respuesta larga.`).join("\n"), sources: [source("largo", "¿Y todo lo demás?")] }],
  [/cambi/i, { action: "clarify", answer: "¿Te refieres a una de estas preguntas?", suggestions: [{ id: "mover", title: "¿Cómo muevo una clase de hora?" }, { id: "anular", title: "¿Qué pasa si un alumno anula?" }, { id: "bono", title: "¿Puedo cambiar un bono?" }], offers_person: true }],
  [/^gracias/i, { action: "smalltalk", answer: "De nada." }],
];
const UNKNOWN = { action: "clarify", answer: "Eso no lo sé: respondo con lo que publica Marea. Puedo pasarte con una persona.", offers_person: true };

/** A running stand-in. `hours` is when a person answers, where nobody is there; `html` is the page at `/`, in a test's own words. */
export const standIn = async () => {
  const conversations = new Map();
  const answered = new Map();
  const state = { posts: [], gets: [], ratings: [], faults: [], pause: 0, hours: undefined, html: "", headers: {}, isJson: false };

  const say = (conversation, author, text, more = {}) => {
    const message = { number: conversation.messages.length + 1, author, text, created_at: new Date().toISOString(), ...more };
    conversation.messages.push(message);
    return message;
  };
  const turn = (sent) => {
    const conversation = sent.conversation_id ? conversations.get(sent.conversation_id) : { id: randomUUID(), state: "bot", messages: [] };
    if (!conversation) return;
    conversations.set(conversation.id, conversation);
    const text = [].concat(sent.message ?? []).join("\n");
    if (text) say(conversation, "visitor", text);
    const whole = { conversation_id: conversation.id, action: "handoff", answer: "", locale: "es", confidence: 0.9, sources: [], suggestions: [], reasons: [], is_generated: false, offers_person: false };
    if (sent.want === "person" && conversation.state !== "human") {
      conversation.state = "waiting";
      whole.answer = "He pasado tu conversación a una persona del equipo.";
    } else if (sent.contact) {
      conversation.contact = sent.contact;
      whole.answer = `Gracias. Si hace falta, te escribirán a ${sent.contact.email}.`;
    } else if (conversation.state === "bot" || conversation.state === "resolved") {
      conversation.state = "bot";
      const known = sent.choice ? { action: "answer", answer: `Sobre «${text}»: arrastras la clase y el grupo confirma.`, sources: [source(sent.choice, text)] } : undefined;
      Object.assign(whole, known ?? SAYINGS.find(([words]) => words.test(text))?.[1] ?? UNKNOWN);
    }
    whole.state = conversation.state;
    if (conversation.state === "waiting" && state.hours) whole.answers_at = state.hours;
    const { sources, suggestions, locale, reasons } = whole;
    whole.number = whole.answer ? say(conversation, whole.action === "handoff" ? "notice" : "bot", whole.answer, { sources, suggestions, locale, reasons }).number : conversation.messages.length;
    return whole;
  };

  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  /** In pieces, some of them cut where a line ends or a letter has more than one byte. */
  const stream = async (response, whole, cutAfter) => {
    const { answer, number, ...start } = whole;
    const event = (name, data) => `event: ${name}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`;
    response.writeHead(200, { ...response.shared, "content-type": "text/event-stream" });
    const pieces = answer.match(/[^]{1,24}/g) ?? [];
    const events = [": hello\n\n", event("start", start), ...pieces.map((text) => event("text", { text })), event("end", whole)];
    for (const [index, text] of events.entries()) {
      if (index === cutAfter) return response.destroy();
      const bytes = Buffer.from(text);
      const half = Math.ceil(bytes.length / 2) + (index % 3);
      response.write(bytes.subarray(0, half));
      await wait(state.pause / events.length);
      response.write(bytes.subarray(half));
    }
    response.end();
  };

  const problem = (response, status, headers = {}) =>
    response.writeHead(status, { ...response.shared, ...headers, "content-type": "application/problem+json" }).end(JSON.stringify({ status, detail: "In the server's words." }));
  /** Ends within the answer: before it, a browser would ask again by itself. */
  const cut = (response) => {
    response.writeHead(200, { ...response.shared, "content-type": "application/json", "content-length": "1000" }).write("{");
    setTimeout(() => response.destroy(), 50);
  };
  const json = (response, body) => response.writeHead(200, { ...response.shared, "content-type": "application/json" }).end(JSON.stringify(body));

  const handle = async (request, response) => {
    const url = new URL(request.url, "http://stand-in");
    response.shared = { "access-control-allow-origin": request.headers.origin ?? "*", "access-control-expose-headers": "retry-after" };
    if (request.method === "OPTIONS") return response.writeHead(204, { ...response.shared, "access-control-allow-headers": "idempotency-key, content-type", "access-control-max-age": "600" }).end();
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;

    const [, id, isRating] = /^\/v1\/chat(?:\/([\w-]+)(\/feedback)?)?$/.exec(url.pathname) ?? [];
    if (!url.pathname.startsWith("/v1/")) return serve(url.pathname, response);
    if (request.method === "GET") {
      state.gets.push({ at: Date.now(), after: Number(url.searchParams.get("after")), site: url.searchParams.get("site") });
      const conversation = conversations.get(id);
      if (!conversation) return problem(response, 404);
      const messages = conversation.messages.filter(({ number }) => number > Number(url.searchParams.get("after")));
      return json(response, { conversation_id: id, state: conversation.state, locale: "es", messages, ...(conversation.state === "waiting" && state.hours && { answers_at: state.hours }) });
    }
    // What else the script tells, such as views, is heard and forgotten.
    if (!url.pathname.startsWith("/v1/chat")) return json(response, {});
    const sent = JSON.parse(body);
    if (isRating) {
      state.ratings.push(sent);
      if (state.faults[0]) return problem(response, state.faults.shift().status);
      const rated = conversations.get(id).messages.find(({ number }) => number === sent.number);
      rated.is_helpful = sent.is_helpful;
      return json(response, { number: sent.number, is_helpful: sent.is_helpful });
    }
    const key = request.headers["idempotency-key"];
    state.posts.push({ key, body, ...sent });
    const fault = state.faults.shift();
    await fault?.after;
    if (fault?.status) return problem(response, fault.status, fault.headers);
    if (fault?.isRefused) return cut(response);
    const whole = answered.get(key) ?? turn(sent);
    if (!whole) return problem(response, 404);
    answered.set(key, whole);
    if (fault?.isLost) return cut(response);
    if (fault?.page) return response.writeHead(200, { ...response.shared, "content-type": "text/html" }).end(fault.page);
    if (sent.stream && !state.isJson) return stream(response, whole, fault?.cutAfter);
    await wait(state.pause);
    json(response, whole);
  };

  const serve = async (path, response) => {
    const [, extension] = /\.(\w+)$/.exec(path) ?? [];
    if (path.endsWith(".js") || path.endsWith(".css")) {
      const file = await readFile(DIST + path.slice(1)).catch(() => undefined);
      if (file) return response.writeHead(200, { ...response.shared, "content-type": TYPES[extension] }).end(file);
      if (path !== "/host.js") return response.writeHead(404).end();
    }
    response.writeHead(200, { "content-type": TYPES.html, ...state.headers }).end(state.html);
  };

  const http = createServer((request, response) => handle(request, response).catch((error) => response.destroy(error)));
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  http.unref();
  const only = () => [...conversations.values()].at(-1);
  return Object.assign(state, {
    url: `http://127.0.0.1:${http.address().port}`,
    /** The conversation that began last. */
    conversation: only,
    /** A person takes the floor and writes. */
    writes(text) {
      only().state = "human";
      say(only(), "agent", text);
    },
    resolves() {
      only().state = "resolved";
      say(only(), "notice", "La conversación queda resuelta. Si te queda algo, escríbelo aquí.");
    },
    forgets: () => conversations.clear(),
    stop: async () => http.closeAllConnections() ?? http.close(),
  });
};
