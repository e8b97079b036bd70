// How often two judges of the same pages come to the same rating, assessment by assessment.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Source: Yoast's own bands. */
export const rating = (score) => (score === 0 ? "feedback" : score <= 4 ? "bad" : score <= 7 ? "ok" : "good");

/** What `yoastseo` says of the pages: `Map` from a page's id to its verdicts. */
export const yoast = (pages) =>
  new Promise((resolve, reject) => {
    const oracle = spawn(process.execPath, [new URL("oracle.mjs", import.meta.url).pathname], { stdio: ["pipe", "pipe", "inherit"] });
    const verdicts = new Map();
    createInterface({ input: oracle.stdout }).on("line", (line) => {
      const { id, ...verdict } = JSON.parse(line);
      verdicts.set(id, verdict);
    });
    oracle.once("error", reject);
    oracle.once("close", (code) => (code === 0 ? resolve(verdicts) : reject(new Error(`yoastseo ended with ${code}`))));
    oracle.stdin.on("error", reject);
    oracle.stdin.end(pages.map((page) => `${JSON.stringify(page)}\n`).join(""));
  });

/** What a page is asked for with, in the words of `POST /v1/content/score`. */
export const question = ({ content, language, keyphrase, title, meta_description, slug, url }, profile = "yoast") => {
  const said = Object.entries({ keyphrase, title, meta_description, slug, url }).filter(([, value]) => value);
  return { content, format: "html", locale: language, profile, ...Object.fromEntries(said) };
};

/**
 * Compares where both give a rating: for each assessment how many pages, how many alike, and where not.
 *
 * `theirs` maps a page's id to `{ scores: { id: score } }`, `ours` to a report.
 */
export const compare = (pages, theirs, ours) => {
  const table = new Map();
  for (const { id: page } of pages) {
    const mine = new Map(ours.get(page).assessments.map((found) => [found.id, found]));
    for (const [assessment, score] of Object.entries(theirs.get(page).scores)) {
      const row = table.get(assessment) ?? { assessment, pages: 0, alike: 0, onlyTheirs: 0, differ: [] };
      table.set(assessment, row);
      const found = mine.get(assessment);
      if (!found) {
        row.onlyTheirs += 1;
        continue;
      }
      row.pages += 1;
      if (found.rating === rating(score)) row.alike += 1;
      else row.differ.push({ page, theirs: score, ours: found.score, value: found.value });
    }
  }
  return [...table.values()].sort((one, other) => share(one) - share(other));
};

export const share = ({ pages, alike }) => (pages === 0 ? 1 : alike / pages);

/** The comparison as lines to read, the least agreement first. */
export const readable = (rows) =>
  rows
    .map((row) => {
      const kinds = new Map();
      for (const { theirs, ours } of row.differ) kinds.set(`${theirs}→${ours}`, (kinds.get(`${theirs}→${ours}`) ?? 0) + 1);
      const listed = [...kinds].map(([kind, count]) => `${kind} ×${count}`).join(", ");
      return `${row.assessment.padEnd(26)} ${(100 * share(row)).toFixed(1).padStart(5)} %  of ${String(row.pages).padStart(3)}${row.onlyTheirs ? `, ${row.onlyTheirs} only theirs` : ""}  ${listed}`;
    })
    .join("\n");
