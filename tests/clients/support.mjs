// What the client tests share: a receiver of webhooks, and a page for clients that expect a browser. Nothing here patches a client.

import { createServer } from "node:http";
import { JSDOM } from "jsdom";

/** Chosen: the outbox is nudged at once and swept every second; a busy machine takes its time. */
const PATIENCE_MS = 30_000;

/** Asks again until something is found; fails with `what` otherwise. */
export const eventually = async (what, look, patience = PATIENCE_MS) => {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ${patience} ms: ${what}`);
    await pause(50);
  }
};

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A server of a customer's: keeps every request, and answers as told. */
export const receiver = async (answer = () => ({ status: 204 })) => {
  const requests = [];
  const http = createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const request = { method: incoming.method, path: incoming.url, headers: incoming.headers, body: Buffer.concat(chunks).toString("utf8") };
    requests.push(request);
    const { status, body = "" } = answer(request);
    outgoing.writeHead(status).end(body);
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  };
  return { url: `http://127.0.0.1:${http.address().port}`, requests, stop };
};

/** The globals that a client looks for in a browser. */
const BROWSER = ["window", "document", "navigator", "HTMLElement", "HTMLFormElement", "Node", "Event"];

/**
 * Runs `use` with the globals of a page at an origin. `FormData` reads the page's forms, and `fetch` keeps the rules of a browser:
 * what CORS forbids fails as there.
 */
export const inPage = async (html, origin, use) => {
  const { window } = new JSDOM(html, { url: `${origin}/`, pretendToBeVisual: true });
  const nodes = { FormData, fetch };
  class PageFormData extends nodes.FormData {
    constructor(form) {
      super();
      if (form) for (const [name, value] of new window.FormData(form)) this.append(name, value);
    }
  }
  const globals = { ...Object.fromEntries(BROWSER.map((name) => [name, window[name]])), FormData: PageFormData, fetch: browserFetch(origin, nodes.fetch) };
  const before = new Map(Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  try {
    return await use(window);
  } finally {
    // A client's last timers still look for the page.
    await pause(50);
    for (const [name, descriptor] of before) descriptor ? Object.defineProperty(globalThis, name, descriptor) : delete globalThis[name];
    window.close();
  }
};

/** Source: Fetch Standard, CORS-safelisted request headers and content types. */
const SAFE_HEADERS = ["accept", "accept-language", "content-language"];
const SAFE_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/** `fetch` as a page of this origin has it: asks first where a browser asks first, and hides what it hides. */
export const browserFetch = (origin, send) => async (url, init = {}) => {
  const request = new Request(url, init);
  const unsafe = [...request.headers].filter(([name, value]) => !SAFE_HEADERS.includes(name) && !(name === "content-type" && SAFE_TYPES.includes(value.split(";")[0])));
  if (unsafe.length > 0) {
    const names = unsafe.map(([name]) => name).sort();
    const asked = { origin, "access-control-request-method": request.method, "access-control-request-headers": names.join(",") };
    const preflight = await send(url, { method: "OPTIONS", headers: asked });
    const allowed = (preflight.headers.get("access-control-allow-headers") ?? "").toLowerCase().split(/\s*,\s*/);
    const refused = names.filter((name) => !allowed.includes(name));
    if (!preflight.ok || !isAllowed(preflight, origin) || refused.length > 0) throw new TypeError(`CORS: the preflight (${preflight.status}) refuses ${refused.join(", ") || origin}`);
  }
  const answer = await send(url, { ...init, headers: { ...Object.fromEntries(new Headers(init.headers)), origin } });
  if (!isAllowed(answer, origin)) throw new TypeError(`CORS: ${origin} may not read the answer (${answer.status})`);
  return answer;
};

const isAllowed = (answer, origin) => ["*", origin].includes(answer.headers.get("access-control-allow-origin"));
