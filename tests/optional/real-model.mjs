// The FAQ chat before a real server of a language model that nobody here wrote, for whoever has one running; see tiny-model.py. Not part of
// `cargo xtask test`: it needs PyTorch and a server.
//
// A model of random weights says noise: the gate must cut all of it, the visitor must have the articles' own words and a valid end, and the
// server must be counted as one that answers. A model that can write is welcome too: then what it writes must be supported.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { events, say } from "../clients/chat/native.mjs";
import { server } from "../server.mjs";

test("a real server's stream is read to its end", async () => {
  const { GENERATOR_URL, GENERATOR_MODEL } = process.env;
  assert.ok(GENERATOR_URL && GENERATOR_MODEL, "set GENERATOR_URL and GENERATOR_MODEL to a running server's");
  const variables = { GENERATOR_URL, GENERATOR_MODEL, GENERATOR_TIMEOUT_SECONDS: "60" };
  const site = await server("native", { site: join(import.meta.dirname, "../clients/chat/site"), articles: true, variables });
  try {
    const { status, text } = await say(site, { message: "¿Cuánto cuesta una clase de surf y puedo cancelar mi reserva?", locale: "es", stream: true });
    assert.equal(status, 200, text);
    const pieces = events(text);
    const { data: answer } = pieces.at(-1);
    assert.deepEqual([pieces[0].name, pieces.at(-1).name], ["start", "end"]);
    console.log(`generated: ${answer.is_generated}\n${answer.answer}`);
    assert.ok(answer.is_generated ? answer.sources.length > 0 : answer.suggestions.length > 0);
  } finally {
    await site.stop();
  }
});
