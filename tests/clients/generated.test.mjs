// Answers that a model writes, on every host: a server that deviates as real ones do stands behind the function, and whatever it does the
// visitor gets sentences that the site's articles support, and a valid end.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { HOSTS, server } from "../server.mjs";
import { upstream } from "../upstream.mjs";
import { events, say } from "./chat/native.mjs";

/** Spans two articles, and is another question each time: an answer that was written once is not written again. */
const question = (number) => `¿Cuánto cuesta una clase de surf y puedo cancelar mi reserva? (${number})`;
/** Those whose answer is used, and those that leave the articles' own words; after each of these a good one closes the circuit again. */
const USED = ["good", "finish-in-last-content", "finish-null", "comments", "crlf", "split-bytes", "done-missing", "plain"];
const UNUSED = ["garbage", "500", "reset", "cut-late", "timeout", "invents"];

for (const host of HOSTS) {
  describe(`on ${host}`, () => {
    let site, model;
    let asked = 0;
    before(async () => {
      model = await upstream();
      const variables = { GENERATOR_URL: model.url, GENERATOR_MODEL: "tiny", GENERATOR_TIMEOUT_SECONDS: "2" };
      site = await server(host, { site: join(import.meta.dirname, "chat/site"), articles: true, variables });
    });
    after(() => Promise.all([site?.stop(), model?.stop()]));

    const ask = async (way) => {
      model.use(way);
      const { status, text } = await say(site, { message: question(asked++), locale: "es", stream: true });
      assert.equal(status, 200, `${way}: ${text}`);
      const pieces = events(text);
      assert.deepEqual([pieces[0].name, pieces.at(-1).name], ["start", "end"], way);
      const words = pieces.filter(({ name }) => name === "text").map(({ data }) => data.text).join("");
      assert.equal(words, pieces.at(-1).data.answer, `${way}: what came in pieces is what counts`);
      return { ...pieces.at(-1).data, pieces: pieces.length - 2 };
    };

    test("what a server deviates in makes no difference to the visitor", async () => {
      for (const way of USED) {
        const answer = await ask(way);
        assert.deepEqual([answer.is_generated, answer.action], [true, "answer"], way);
        assert.match(answer.answer, /45 euros|24 horas/, way);
        assert.ok(answer.sources.length > 0, way);
      }
    });

    test("what is no answer, or says what no article says, leaves the articles' own words", async () => {
      for (const way of UNUSED) {
        const answer = await ask(way);
        assert.equal(answer.is_generated, false, way);
        assert.doesNotMatch(answer.answer, /4711/, way);
        assert.ok(answer.answer.length > 10, way);
        assert.equal((await ask("good")).is_generated, true, `after ${way}`);
      }
    });

    test("a client of OpenAI's reads the same as it is written", async () => {
      model.use("good");
      const client = new OpenAI({ baseURL: `${site.url}/v1`, apiKey: site.keys.write_key, maxRetries: 0 });
      const stream = await client.chat.completions.create({ model: "orilla", messages: [{ role: "user", content: question(asked++) }], stream: true });
      const pieces = [];
      let last;
      for await (const chunk of stream) {
        if (chunk.choices[0]?.delta.content) pieces.push(chunk.choices[0].delta.content);
        last = chunk;
      }
      assert.match(pieces.join(""), /45 euros|24 horas/);
      assert.deepEqual([last.action, last.choices[0].finish_reason], ["answer", "stop"]);
      assert.ok(last.sources.length > 0);
    });

    test("the prompt holds passages of the site and nothing of its orders", async () => {
      const { body } = model.requests.at(-1);
      const text = JSON.stringify(body);
      assert.match(text, /45 euros/);
      assert.doesNotMatch(text, /lessons are free/, "an article's order to a machine is left out");
    });

    test("a server that wants to be left alone for a while is", async () => {
      assert.equal((await ask("429")).is_generated, false);
      const before = model.count();
      assert.equal((await ask("good")).is_generated, false);
      assert.equal(model.count(), before, "nobody asks it");
    });
  });
}
