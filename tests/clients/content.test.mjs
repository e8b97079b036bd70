// Content scores beside `yoastseo`, over pages in both languages, and the formulas of readability beside the packages that have them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { api, server } from "../server.mjs";
import { compare, question, readable, share, yoast } from "./content/agreement.mjs";
import { corpus } from "./content/corpus.mjs";
import { apart, corrected, readability, textstat } from "./content/formulas.mjs";

/** Of the issue that asked for this: so many ratings in a hundred, in each assessment. */
const ALIKE = 0.95;

/** Chosen: an assessment that hardly any page has proves nothing. */
const ENOUGH = 30;

const LANGUAGES = { es: "Spanish", en: "English" };

describe("a content score", () => {
  let site;
  before(async () => void (site = await server("native")));
  after(() => site?.stop());

  const reports = async (pages, language) => {
    const found = new Map();
    for (const page of pages) found.set(page.id, await api(site, "/v1/content/score", { body: { ...question(page), ...(language && { locale: language }), meaning: false }, method: "POST" }));
    return found;
  };

  for (const [language, name] of Object.entries(LANGUAGES)) {
    test(`is Yoast's, assessment by assessment, on ${name} pages`, async () => {
      const pages = corpus(language);
      assert.ok(pages.length >= 200, `only ${pages.length} pages`);
      const rows = compare(pages, await yoast(pages), await reports(pages));
      console.log(`${name}, ${pages.length} pages:\n${readable(rows)}`);
      for (const row of rows) assert.ok(row.pages >= ENOUGH, `${row.assessment}: both judge only ${row.pages} pages`);
      const apart = rows.filter((row) => share(row) < ALIKE);
      assert.deepEqual(apart.map(({ assessment, alike, pages, differ }) => ({ assessment, alike, pages, differ: differ.slice(0, 5) })), []);
    });
  }

  test("is found out when it takes Spanish for English", async () => {
    const pages = corpus("es").slice(0, 60);
    const rows = compare(pages, await yoast(pages), await reports(pages, "en"));
    const transitions = rows.find((row) => row.assessment === "textTransitionWords");
    assert.ok(share(transitions) < ALIKE, `${share(transitions)} alike`);
  });

  const measured = async (language) => {
    const pages = corpus(language).slice(0, 63);
    const stats = [...(await reports(pages)).values()].map((report) => report.stats).filter(({ sentences }) => sentences >= 3);
    assert.ok(stats.length >= 50, `only ${stats.length} pages`);
    return stats.map(({ words, sentences, syllables, letters, long_words, formulas }) => ({
      counts: { lang: language, words, sentences, syllables, letters, long_words },
      ours: Object.fromEntries(formulas.map(({ id, value }) => [id, value])),
    }));
  };

  test("has the formulas that textstat has, given the same counts", async () => {
    for (const [language, formulas] of [["en", 6], ["es", 4]]) {
      const pages = await measured(language);
      const theirs = await textstat(pages.map(({ counts }) => counts));
      for (const [at, { counts, ours }] of pages.entries()) {
        assert.equal(Object.keys(theirs[at]).length, formulas);
        const difference = apart(corrected(theirs[at], counts, { isTextstat: true }), ours);
        assert.ok(difference < 0.001, JSON.stringify({ counts, ours, theirs: theirs[at] }));
      }
    }
  });

  test("has the formulas that text-readability has, given the same counts", async () => {
    for (const { counts, ours } of await measured("en")) {
      const theirs = readability(counts);
      // It rounds grades to a tenth.
      assert.ok(apart(corrected(theirs, counts, { isTextstat: false }), ours) < 0.11, JSON.stringify({ counts, ours, theirs }));
    }
  });

  test("is found out when a formula takes letters for syllables", async () => {
    const [{ counts, ours }] = await measured("en");
    assert.ok(apart(readability({ ...counts, syllables: counts.letters }), ours) > 10);
  });
});
