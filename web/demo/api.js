// The view that inbox and desk have of the API: the development keys once, then the typed client with a deadline. Analytics takes the keys alone.

import { Orilla } from "../sdk/src/client.ts";

const TIMEOUT_MS = 8000;

/** What `/demo/keys.json` gave, or null where this is no development server. */
export const keys = async () => {
  const answer = await fetch("/demo/keys.json", { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
  return answer.ok ? answer.json() : null;
};

/** A client that reads: the pages ask again by themselves, and say at once that a server is lost. */
export const reader = (key) => new Orilla({ key, retries: 0, timeoutMs: TIMEOUT_MS });

/** A client that writes: what somebody did once is sent until it is confirmed, for some seconds. */
export const writer = (key, locale) => new Orilla({ key, locale, timeoutMs: TIMEOUT_MS });
