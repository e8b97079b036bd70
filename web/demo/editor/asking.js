// When the server is asked, and which answer counts: soon after a pause, now and then while somebody types on, one question at a time, and the
// latest wins. What fails is asked again by itself where that can help; the text never leaves the page's own server.

/** Between the last key and the question. Chosen: a short pause of somebody who types. */
const PAUSE_MS = 250;
/** Somebody who types without a pause is answered so often. Chosen: what one still feels as "as I type". */
const LONGEST_MS = 1000;
const TIMEOUT_MS = 10_000;
/** Pauses before a question that got no answer is asked again; the last one stays. */
const AGAIN_S = [1, 3, 10, 30];

/**
 * Answers `changed()`, to be called with every change, and `now()`. `question()` gives what to send, or nothing where there is nothing to ask.
 * `told` hears, in this order, `{ waits }`, then `{ answer, question, took }` or `{ failure, detail, wait }`.
 */
export const asking = (url, question, told) => {
  let [pauseTimer, againTimer, turn, failures] = [0, 0, 0, 0];
  let since, running, last, notBefore = 0;

  const again = (seconds) => {
    againTimer = setTimeout(now, seconds * 1000);
  };

  const fail = (failure, more = {}) => {
    const wait = more.wait ?? (failure === "offline" || failure === "broken" ? AGAIN_S[Math.min(failures++, AGAIN_S.length - 1)] : undefined);
    last = undefined;
    // A server that asks for a pause has it, however much is typed.
    if (failure === "often") notBefore = performance.now() + wait * 1000;
    told({ failure, ...more, wait });
    if (wait) again(wait);
  };

  const now = async () => {
    clearTimeout(pauseTimer);
    clearTimeout(againTimer);
    since = undefined;
    const asked = question();
    const body = asked && JSON.stringify(asked);
    if (body && body === last) return;
    running?.abort();
    last = body;
    const mine = ++turn;
    if (!body) return told({});
    const stop = (running = new AbortController());
    const began = performance.now();
    told({ waits: true });
    let response, content;
    try {
      response = await fetch(url, { method: "POST", headers: { "content-type": "application/json", accept: "application/json" }, body, cache: "no-store", signal: AbortSignal.any([stop.signal, AbortSignal.timeout(TIMEOUT_MS)]) });
      content = await response.json();
    } catch {
      if (mine !== turn) return;
      // An answer that is no JSON is no answer of ours.
      return fail(response ? "broken" : "offline");
    }
    if (mine !== turn) return;
    const { status, headers } = response;
    if (response.ok) {
      failures = 0;
      return told({ answer: content, question: asked, took: performance.now() - began });
    }
    if (status === 429) return fail("often", { wait: Math.max(1, Number(headers.get("retry-after")) || 1) });
    if (status >= 500) return fail("broken");
    if (status === 413) return fail("long");
    fail([401, 403, 404].includes(status) ? "closed" : "refused", { detail: content?.detail });
  };

  const changed = () => {
    clearTimeout(pauseTimer);
    since ??= performance.now();
    const left = since + LONGEST_MS - performance.now();
    pauseTimer = setTimeout(now, Math.max(0, notBefore - performance.now(), Math.min(PAUSE_MS, left)));
  };

  addEventListener("online", now);
  return { changed, now };
};
