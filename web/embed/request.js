// One request that survives a bad network: it repeats itself while that can help, and always settles.

const TIMEOUT_MS = 15e3;
/** Pauses of 1, 2 and 4 s, so four attempts in all. */
const LAST_PAUSE_S = 4;
/** A server that asks for a longer wait than this has the visitor told instead. */
const PATIENCE_S = 30;

/** Answers the parsed body, or `{}` once no attempt got an answer that ends the matter. */
export const request = async (url, init, pause = 1) => {
  let wait = pause;
  try {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (answer.status != 429 && answer.status < 500) return await answer.json();
    wait = Math.max(wait, answer.headers.get("retry-after"));
  } catch {}
  if (pause <= LAST_PAUSE_S && wait < PATIENCE_S) {
    await new Promise((wake) => setTimeout(wake, wait * 1e3));
    return request(url, init, pause * 2);
  }
  return {};
};
