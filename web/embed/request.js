// One request that survives a bad network: it repeats itself while that can help, and always settles.

const TIMEOUT_MS = 15e3;
/** Pauses of 1, 2 and 4 s, so four attempts in all. */
const LAST_PAUSE_S = 4;
/** A server that asks for a longer wait than this has the visitor told instead. */
const PATIENCE_S = 30;

/** Answers what the server said, or `{}` if no attempt got a word that is meant for visitors. */
export const request = async (url, init, pause = 1) => {
  let wait = pause, body = {};
  try {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    wait = Math.max(wait, answer.headers.get("retry-after"));
    if (answer.status < 500) {
      body = await answer.json();
      if (answer.status != 429) return body;
    }
  } catch {}
  if (pause <= LAST_PAUSE_S && wait < PATIENCE_S) {
    await new Promise((wake) => setTimeout(wake, wait * 1e3));
    return request(url, init, pause * 2);
  }
  return body;
};
