// OpenAI's published clients: the base URL and the key are all that is changed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import OpenAI from "openai";
import { python } from "../events/support.mjs";

const QUESTION = { role: "user", content: "¿Cuánto cuesta una clase de surf?" };

export const openaiClients = (site) => {
  const client = (apiKey = site.keys.write_key) => new OpenAI({ baseURL: `${site.url}/v1`, apiKey, maxRetries: 0 });

  describe("openai (npm)", () => {
    test("gets an answer with its source", async () => {
      const completion = await client().chat.completions.create({ model: "orilla", messages: [{ role: "system", content: "Be brief." }, QUESTION] });
      assert.match(completion.choices[0].message.content, /45 euros/);
      assert.equal(completion.choices[0].finish_reason, "stop");
      assert.equal(completion.sources[0].url, "https://bahia.example/es/price");
      assert.ok(completion.usage.total_tokens > 0);
    });

    test("gets it in pieces, with the usage at the end", async () => {
      const stream = await client().chat.completions.create({ model: "orilla", messages: [QUESTION], stream: true, stream_options: { include_usage: true } });
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      assert.match(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join(""), /45 euros/);
      assert.equal(chunks[0].choices[0].delta.role, "assistant");
      assert.equal(chunks.at(-2).choices[0].finish_reason, "stop");
      assert.deepEqual(chunks.at(-1).choices, []);
      assert.ok(chunks.at(-1).usage.completion_tokens > 0);
    });

    test("its helper for streams makes the same of it", async () => {
      const runner = client().chat.completions.stream({ model: "orilla", messages: [QUESTION] });
      assert.match(await runner.finalContent(), /45 euros/);
    });

    test("reads choices as a list where the answer is not known, and follows up", async () => {
      const lost = await client().chat.completions.create({ model: "orilla", messages: [{ role: "user", content: "¿Quién ganó el mundial de fútbol de 1982?" }] });
      assert.equal(lost.action, "clarify");
      const parts = [{ type: "text", text: "How much does a surf lesson cost?" }];
      const answered = await client().chat.completions.create({ model: "any", messages: [{ role: "user", content: "hello" }, { role: "assistant", content: "hi" }, { role: "user", content: parts }] });
      assert.match(answered.choices[0].message.content, /45 euros a person/);
    });

    test("lists the model, and raises its own errors", async () => {
      const models = await client().models.list();
      assert.deepEqual(models.data.map(({ id }) => id), ["orilla"]);
      const ask = (key, messages) => client(key).chat.completions.create({ model: "orilla", messages });
      await assert.rejects(ask("orl_write_nobody", [QUESTION]), OpenAI.AuthenticationError);
      await assert.rejects(ask(undefined, []), OpenAI.UnprocessableEntityError);
      await assert.rejects(ask(undefined, [{ role: "user", content: "a".repeat(17_000) }]), OpenAI.UnprocessableEntityError);
    });
  });

  describe("openai (PyPI)", () => {
    test("gets the same, plain and in pieces", async () => {
      const { plain, streamed, source, error } = await python(new URL("openai-python.py", import.meta.url), site.url, site.keys.write_key);
      assert.match(plain, /45 euros/);
      assert.equal(streamed, plain);
      assert.equal(source, "price");
      assert.equal(error, "AuthenticationError");
    });
  });
};
