// What `yoastseo` takes to judge a text, for the bench: `node tests/clients/content/cost.mjs TEXTS`. A question is a line {"id", "times"}; the text of
// this id is judged so many times anew by both assessors, readability and SEO, and the scores of the last time are the answer.
// It is GPL, so it stays a process of its own: nothing of ours reads its code or its word lists.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// The package writes warnings with `console.log`; answers alone belong on the standard output.
console.log = console.error;

const require = createRequire(import.meta.url);
const yoast = require("yoastseo");

const LOCALES = { es: "es_ES", en: "en_US" };
const researchers = Object.fromEntries(
  Object.keys(LOCALES).map((language) => [language, require(`yoastseo/build/languageProcessing/languages/${language}/Researcher`).default]),
);
const texts = new Map(
  readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line)).map((text) => [text.id, text]),
);
/** Pixels of a title: a browser measures it for Yoast, which is no work of the package's. */
const TITLE_WIDTH = 500;

const judge = ({ content, language, keyphrase, title, meta_description }) => {
  const paper = new yoast.Paper(content, { keyword: keyphrase, title, titleWidth: TITLE_WIDTH, description: meta_description, locale: LOCALES[language] });
  // It parses the text and keeps what it found: a text that is judged anew has a new one.
  const researcher = new researchers[language](paper);
  return [yoast.assessors.ContentAssessor, yoast.assessors.SEOAssessor].map((Assessor) => {
    const assessor = new Assessor(researcher, {});
    assessor.assess(paper);
    if (assessor.getValidResults().length === 0) throw new Error("it gave no verdict");
    return assessor.calculateOverallScore();
  });
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, times } = JSON.parse(line);
  let scores = [];
  for (let time = 0; time < times; time++) scores = judge(texts.get(id));
  process.stdout.write(`${JSON.stringify({ scores })}\n`);
}
