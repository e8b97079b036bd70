// One request to the chat's server, and what became of it in one word. An answer may come in pieces.

/** How long a server may be silent. Chosen: longer than a generator's own time-out, shorter than a visitor's patience. */
const SILENCE_MS = 40e3;
/** Refusals that a visitor can do something about, or nothing; what else is refused has to be changed. */
const REFUSALS = { 401: "closed", 403: "closed", 404: "closed", 413: "long" };

/**
 * Reads `text/event-stream`: `heard(data)` for each event. What the stream leaves unfinished is not an event.
 *
 * Source: html.spec.whatwg.org, "Server-sent events", less what no server of ours sends: lone carriage returns, `id` and `retry`.
 */
const read = async (body, heard, alive) => {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    alive();
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split(/\r?\n/);
      const of = (name) => lines.filter((line) => line.startsWith(name + ":")).map((line) => line.slice(name.length + 1).trim()).join("\n");
      if (of("data")) heard(of("event"), JSON.parse(of("data")));
    }
  }
};

/**
 * Gets, or posts `body` under `key`, and answers what the server said. Else `failure` names the word that tells why, and `wait` the
 * seconds after which to try again. `piece(text)` hears the answer's text as it comes.
 */
export const call = async (url, body, key, piece) => {
  const stop = new AbortController();
  let timer;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), SILENCE_MS);
  };
  alive();
  try {
    const answer = await fetch(url, {
      method: body && "POST",
      // A key takes a preflight; browsers remember its answer.
      headers: key && { "Idempotency-Key": key },
      body,
      signal: stop.signal,
    });
    const { status, headers } = answer;
    if (status == 429) return { failure: "wait", wait: Math.max(1, headers.get("retry-after") | 0) };
    if (status >= 500) return { failure: "broken" };
    if (!answer.ok) return { failure: REFUSALS[status] || "refused", status };
    if (!/^text\/event-stream/.test(headers.get("content-type"))) return await answer.json();
    let whole;
    await read(answer.body, (event, data) => {
      if (event == "text") piece(data.text);
      if (event == "end") whole = data;
    }, alive);
    // A stream that was cut is no answer; under the same key it is had again.
    return whole || { failure: "offline" };
  } catch {
    return { failure: "offline" };
  } finally {
    clearTimeout(timer);
  }
};
