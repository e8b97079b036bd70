// A client for one deployment of Orilla: one typed call per method, which waits where the server asks it to, and sends again only what may be
// sent again.

import type { Answer, As, Method, OperationOf, PagedPaths, PathsOf, Raw, Rest } from "./call.js";
import { ApiError, type Locale, refused, unanswered } from "./error.js";

export interface Options {
  /** The deployment's origin, such as `https://forms.example.com`; a path of the page's own origin where it is left out. */
  url?: string;
  /** The site's write, read or admin key; calls that visitors may make do without. */
  key?: string;
  /** The language of answers and errors; else the browser's, and English. */
  locale?: Locale;
  /** How often a call is sent again. Chosen: 3, some seconds of patience. */
  retries?: number;
  /** How long one try may take. Chosen: 10,000 ms. */
  timeoutMs?: number;
  /** The longest wait that a server may ask for; beyond it the call fails at once and says so. Chosen: 30,000 ms. */
  longestWaitMs?: number;
  /** What sends requests, if not the global `fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** The first pause before a call without a `Retry-After` is sent again; each further one doubles. Chosen: what one hardly notices. */
const PAUSE_MS = 300;

/** Posts that take an `Idempotency-Key`, so that a lost answer may be asked for again. A test holds them against the document. */
export const KEYED: readonly string[] = [
  "/f/{form}",
  "/v1/chat",
  "/v1/content/score",
  "/v1/forms/{form}/submissions",
  "/v1/surveys/csat",
  "/v1/surveys/nps",
  "/v1/tickets",
  "/v1/tickets/{ticket}/comments",
  "/v1/tickets/{ticket}/macro",
];

/** Methods that do the same however often they are sent. Source: RFC 9110 §9.2.2. */
const REPEATABLE: readonly Method[] = ["get", "put", "delete"];

interface AnyWish {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  json?: unknown;
  body?: Raw;
  type?: string;
  as?: As;
  signal?: AbortSignal;
  key?: string;
  idempotencyKey?: string;
}

/** A client of one site. */
export class Orilla {
  readonly #options: Options;

  constructor(options: Options = {}) {
    this.#options = options;
  }

  get<P extends PathsOf<"get">, A extends As = "json">(path: P, ...rest: Rest<OperationOf<"get", P>, A>): Promise<Answer<OperationOf<"get", P>, A>> {
    return this.#call("get", path, rest[0] as AnyWish);
  }

  post<P extends PathsOf<"post">, A extends As = "json">(path: P, ...rest: Rest<OperationOf<"post", P>, A>): Promise<Answer<OperationOf<"post", P>, A>> {
    return this.#call("post", path, rest[0] as AnyWish);
  }

  put<P extends PathsOf<"put">, A extends As = "json">(path: P, ...rest: Rest<OperationOf<"put", P>, A>): Promise<Answer<OperationOf<"put", P>, A>> {
    return this.#call("put", path, rest[0] as AnyWish);
  }

  patch<P extends PathsOf<"patch">, A extends As = "json">(path: P, ...rest: Rest<OperationOf<"patch", P>, A>): Promise<Answer<OperationOf<"patch", P>, A>> {
    return this.#call("patch", path, rest[0] as AnyWish);
  }

  delete<P extends PathsOf<"delete">, A extends As = "json">(path: P, ...rest: Rest<OperationOf<"delete", P>, A>): Promise<Answer<OperationOf<"delete", P>, A>> {
    return this.#call("delete", path, rest[0] as AnyWish);
  }

  /** Every page of a list, the first one first. */
  async *pages<P extends PagedPaths>(path: P, ...rest: Rest<OperationOf<"get", P>, "json">): AsyncGenerator<Answer<OperationOf<"get", P>>, void, undefined> {
    const wish = (rest[0] ?? {}) as AnyWish;
    for (let place = {}; ; ) {
      const page = await this.#call<Answer<OperationOf<"get", P>>>("get", path, { ...wish, query: { ...wish.query, ...place } });
      yield page;
      // Most lists go on behind an entry; a desk's, whose order changes all the time, at a number.
      const { next: cursor, next_offset: offset } = page as { next?: string | null; next_offset?: number | null };
      if ((cursor ?? offset ?? null) === null) return;
      place = cursor ? { cursor } : { offset };
    }
  }

  async #call<T>(method: Method, template: string, wish: AnyWish = {}): Promise<T> {
    const { retries = 3, timeoutMs = 10_000, longestWaitMs = 30_000, fetch: send = globalThis.fetch } = this.#options;
    const locale = this.#options.locale ?? (globalThis.navigator?.language?.startsWith("es") ? "es" : "en");
    const url = (this.#options.url ?? "").replace(/\/$/, "") + fill(template, wish);
    const isKeyed = method === "post" && KEYED.includes(template);
    // Once for the call, not for each try: that is what makes trying again safe.
    const headers = this.#headers(wish, isKeyed ? (wish.idempotencyKey ?? crypto.randomUUID()) : undefined);
    const body = wish.json === undefined ? wish.body : JSON.stringify(wish.json);
    const isSafe = isKeyed || REPEATABLE.includes(method);
    for (let tries = 0; ; tries++) {
      wish.signal?.throwIfAborted();
      const ends = [AbortSignal.timeout(timeoutMs), ...(wish.signal ? [wish.signal] : [])];
      let failure: ApiError;
      try {
        const answer = await send(url, { method: method.toUpperCase(), headers, cache: "no-store", signal: AbortSignal.any(ends), ...(body !== undefined && { body }) });
        if (answer.ok) return (await read(answer, wish.as)) as T;
        failure = await refused(locale, answer);
      } catch (cause) {
        wish.signal?.throwIfAborted();
        failure = unanswered(locale, cause);
      }
      const wait = failure.retryAfter === undefined ? PAUSE_MS * 2 ** tries * (0.5 + Math.random() / 2) : failure.retryAfter * 1000;
      if (tries >= retries || wait > longestWaitMs || !mayAgain(failure, isSafe)) throw failure;
      await pause(wait, wish.signal);
    }
  }

  #headers({ json, type, as, key = this.#options.key }: AnyWish, idempotencyKey: string | undefined): Record<string, string> {
    const { locale } = this.#options;
    return {
      accept: as === undefined || as === "json" ? "application/json, */*;q=0.5" : "*/*",
      ...(key && { authorization: `Bearer ${key}` }),
      ...(locale && { "accept-language": locale }),
      ...(json !== undefined ? { "content-type": "application/json" } : type && { "content-type": type }),
      ...(idempotencyKey && { "idempotency-key": idempotencyKey }),
    };
  }
}

/** After 429 and 503 nothing was stored, says the server. Where nobody knows what became of a request, only what is safe goes again. */
const mayAgain = ({ status, code, problem }: ApiError, isSafe: boolean): boolean => {
  if (status === 429 || (status === 503 && problem)) return true;
  return isSafe && (code === "network" || code === "timeout" || [502, 503, 504].includes(status));
};

const fill = (template: string, { path = {}, query = {} }: AnyWish): string => {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== null) asked.append(name, String(one));
  }
  return asked.size ? `${filled}?${asked}` : filled;
};

const read = async (answer: Response, as: As = "json"): Promise<unknown> => {
  if (as === "response") return answer;
  if (as === "text") return answer.text();
  if (answer.status === 204) return undefined;
  return answer.headers.get("content-type")?.startsWith("application/json") ? answer.json() : answer.text();
};

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((done, ended) => {
    const stop = () => {
      clearTimeout(timer);
      ended(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      done();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
