// What `yoastseo` says of pages: one JSON object a line on the standard input, one on the standard output, in the same order.
// It is GPL, so it stays a process of its own: nothing of ours reads its code or its word lists, only its verdicts. A process judges one
// language: it remembers what it made of a keyphrase, and would take the first language's word for it in the second.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// The package writes warnings with `console.log`; verdicts alone belong on the standard output.
console.log = console.error;

const require = createRequire(import.meta.url);
const yoast = require("yoastseo");
const { build } = require("yoastseo/build/parse/build");
const LanguageProcessor = require("yoastseo/build/parse/language/LanguageProcessor").default;

const LOCALES = { es: "es_ES", en: "en_US" };
const researchers = Object.fromEntries(
  Object.keys(LOCALES).map((language) => [language, require(`yoastseo/build/languageProcessing/languages/${language}/Researcher`).default]),
);

/** Those that its assessors leave out and that need nothing but the free package; `keyphraseDistribution` and `wordComplexity` do need more. */
const { readability, seo } = yoast.assessments;
const FURTHER = [readability.ListAssessment, readability.TextAlignmentAssessment, seo.ImageAltTagsAssessment];

/** The verdicts on one page, as `{ id: score }`, where it gives any. */
const judge = ({ content, language, keyphrase = "", title = "", meta_description = "", slug = "", url = "" }) => {
  const paper = new yoast.Paper(content, {
    keyword: keyphrase,
    title,
    titleWidth: width(title),
    description: meta_description,
    slug,
    permalink: url,
    locale: LOCALES[language],
  });
  const researcher = remembering(new researchers[language](paper));
  paper.setTree(build(paper, new LanguageProcessor(researcher)));
  const scores = {};
  const totals = {};
  for (const [name, Assessor] of [["readability", yoast.assessors.ContentAssessor], ["seo", yoast.assessors.SEOAssessor]]) {
    const assessor = new Assessor(researcher, {});
    assessor.assess(paper);
    for (const result of assessor.getValidResults()) scores[result.getIdentifier()] = result.getScore();
    totals[name] = assessor.calculateOverallScore();
  }
  for (const Assessment of FURTHER) {
    const assessment = new Assessment();
    if (assessment.isApplicable && !assessment.isApplicable(paper, researcher)) continue;
    const result = assessment.getResult(paper, researcher);
    if (result?.hasScore()) scores[assessment.identifier] = result.getScore();
  }
  return { scores, totals };
};

/** Its researcher, which else looks for the same again for each assessment that asks. */
const remembering = (researcher) => {
  const found = new Map();
  const look = researcher.getResearch.bind(researcher);
  researcher.getResearch = (name) => found.get(name) ?? found.set(name, look(name)).get(name);
  return researcher;
};

/**
 * The width of a title as a browser draws it in Arial at 20 pixels; Yoast's plugin asks a browser.
 *
 * Source: Adobe's published font metrics of Helvetica, which Arial's widths are made to match; accents leave a letter's width alone.
 */
const width = (title) => {
  const thousandths = [...title.normalize("NFD")].reduce((sum, letter) => sum + (/\p{M}/u.test(letter) ? 0 : (WIDTHS.get(letter) ?? 556)), 0);
  return Math.round((thousandths * 20) / 1000);
};

const WIDTHS = new Map(
  Object.entries({
    191: "'", 222: "ijl‘’", 260: "|", 278: " !,./:;I[]\\ft·", 333: "()-`r¡“”", 334: "{}", 355: '"', 365: "ºª", 389: "*",
    469: "^", 500: "cJksvxyz", 556: "#$0123456789?L_abdeghnopqu€«»–", 584: "+<=>~", 611: "FTZ¿", 667: "&ABEKPSVXY", 722: "CDHNRUw", 778: "GOQ",
    833: "Mm", 889: "%", 944: "W", 1000: "—…", 1015: "@",
  }).flatMap(([width, letters]) => [...letters].map((letter) => [letter, Number(width)])),
);

let spoken;
for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) continue;
  const page = JSON.parse(line);
  spoken ??= page.language;
  if (page.language !== spoken) throw new Error(`this process judges ${spoken}`);
  process.stdout.write(`${JSON.stringify({ id: page.id, ...judge(page) })}\n`);
}
