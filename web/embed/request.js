// One request that survives a bad network: it repeats itself while that can help, and always settles.

const TIMEOUT_MS = 15e3;
/** Pauses of 1, 2 and 4 s, so four attempts in all. */
const LAST_PAUSE_S = 4;
/** A server that asks for a longer wait than this has the visitor told instead. */
const PATIENCE_S = 30;
/** Source: the Fetch standard lets a page that closes leave 64 KiB behind. */
const KEEPALIVE_BYTES = 65536;

/** What nobody else has called anything. It has to be unique, not secret; `crypto.randomUUID` is missing on pages without TLS. */
export const unique = () => `${Date.now()}${Math.random()}`;

/**
 * Posts `content` as JSON, or gets where there is none. Answers what the server said; where no attempt got a word that is meant for
 * visitors, `failure` names the text that tells why, and `wait` the seconds after which to try again.
 */
export const request = async (url, content, pause = 1) => {
  const body = JSON.stringify(content);
  let failure = "offline", wait = pause;
  try {
    const answer = await fetch(url, {
      method: body && "POST",
      keepalive: new Blob([body]).size < KEEPALIVE_BYTES,
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { status } = answer;
    if (status < 500 && status != 429) return await answer.json();
    failure = status < 500 && "wait";
    wait = Math.max(wait, answer.headers.get("retry-after") | 0);
  } catch {}
  if (pause > LAST_PAUSE_S || wait >= PATIENCE_S) return { failure, wait };
  await new Promise((wake) => setTimeout(wake, wait * 1e3));
  return request(url, content, pause * 2);
};
