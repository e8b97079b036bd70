// Builds web/dist: the embed script with its style sheet, the demo pages, and the one OpenAPI document. Prints what each weighs and fails where
// one is above its budget. It watches nothing and serves nothing; `cargo xtask dev` does.

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { PAGES, site } from "./demo/site/site.mjs";
import { documents, merge } from "./openapi.mjs";

/** Brotli. What every page loads: forms, tracking, experiments. Chosen: 2,000, and the line that loads the chat. */
const SCRIPT_BUDGET_BYTES = 2048;
/** Brotli. Chosen: what only pages with a form from its definition load is a quarter of that at most. */
const FORM_BUDGET_BYTES = 500;
/** Brotli. Chosen: what only forms with a challenge load is half as much again at most. */
const CHALLENGE_BUDGET_BYTES = 800;
/**
 * Brotli: the chat with its style and the words of both languages, which only pages with a chat load. Chosen: 6 KiB for one language in a
 * network that works; what goes beyond that is the second language, and that nothing is lost or said twice where it does not.
 */
const CHAT_BUDGET_BYTES = 7400;
/** Brotli: a page of Marea's site with its style sheets and scripts, as a visitor's first view transfers them. */
const PAGE_BUDGET_BYTES = 50_000;
/** Brotli: the question to visitors with its style and the words of both languages, which only pages that ask one load. Chosen: less than half of the chat. */
const SURVEY_BUDGET_BYTES = 3000;
/** Brotli: page, style sheet and script of the analytics together. Chosen: a quarter of the landing page's. */
const ANALYTICS_BUDGET_BYTES = 12_500;
/** Brotli: page, style sheet and script of the editor together. Chosen: as for the analytics, and an example text. */
const EDITOR_BUDGET_BYTES = 14_000;
/** As it is: page and script of the desk. Chosen: what one reads through in an evening. */
const DESK_BUDGET_BYTES = 30_000;

const web = dirname(fileURLToPath(import.meta.url));
const dist = join(web, "dist");

const source = (...path) => join(web, ...path);
const target = (...path) => join(dist, ...path);

/** One minified file. */
const bundle = async (path, options = {}) => {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    charset: "utf8",
    legalComments: "none",
    // Style sheets keep nesting and light-dark(): what is older than those shows an unstyled form that works.
    target: "es2022",
    supported: { nesting: true },
    write: false,
    ...options,
  });
  return Buffer.from(outputFiles[0].contents);
};

/** A style sheet that a script carries as text: the chat's, which stands in a shadow root. */
const styleAsText = {
  name: "style as text",
  setup: ({ onLoad }) => onLoad({ filter: /\.css$/ }, async ({ path }) => ({ contents: (await bundle(path)).toString().trim(), loader: "text" })),
};

/** Puts a language's words into a page. A word that is missing or left over is an error, not a gap on the page. */
const translate = (page, words, name) => {
  const left = new Set(Object.keys(words));
  const text = page.replace(/\{\{([\w.]+)\}\}/g, (_, key) => {
    if (!(key in words)) throw new Error(`${name} lacks "${key}"`);
    left.delete(key);
    return words[key].replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  });
  if (left.size) throw new Error(`${name} has words that the page does not use: ${[...left].join(", ")}`);
  return Buffer.from(text);
};

/** Where a word of one language has no word of the other. */
const unmatched = (one, other, path = "") =>
  Object.keys({ ...one, ...other }).flatMap((key) => {
    const [left, right] = [one?.[key], other?.[key]];
    if (typeof left !== typeof right || Array.isArray(left) !== Array.isArray(right)) return [path + key];
    return typeof left === "object" ? unmatched(left, right, `${path}${key}.`) : [];
  });

await rm(dist, { recursive: true, force: true });

const words = async (name) => JSON.parse(await readFile(source("demo", name), "utf8"));

/** A page with a script, in both languages: what stands in the page, and what its script says, as data. */
const scripted = async (folder) => {
  const page = await readFile(source("demo", folder, "index.html"), "utf8");
  const [spanish, english] = [await words(`${folder}/es.json`), await words(`${folder}/en.json`)];
  const missing = unmatched(spanish.script, english.script);
  if (missing.length) throw new Error(`es.json and en.json of ${folder} differ in: ${missing.join(", ")}`);
  const told = ({ page: said, script }, name) => translate(page.replace("{{words}}", () => JSON.stringify(script).replaceAll("<", "\\u003c")), said, `${folder}/${name}`);
  return {
    [`demo/${folder}/index.html`]: told(spanish, "es.json"),
    [`demo/${folder}/en/index.html`]: told(english, "en.json"),
    [`demo/${folder}/${folder}.js`]: await bundle(source("demo", folder, `${folder}.js`), { format: "esm" }),
    [`demo/${folder}/${folder}.css`]: await bundle(source("demo", folder, `${folder}.css`)),
  };
};

/** The style sheets of Marea's site stand in its pages, so that a first paint waits for one answer only. */
const styles = {};
for (const name of ["landing", "pricing", "post", "help", "tour"]) styles[name] = (await bundle(source("demo/site", `${name}.css`))).toString().trim();
styles.article = styles.help;

const files = {
  "orilla.js": await bundle(source("embed/orilla.js"), { format: "iife" }),
  "orilla-form.js": await bundle(source("embed/render.js"), { format: "iife" }),
  "orilla-challenge.js": await bundle(source("embed/challenge.js"), { format: "iife" }),
  "orilla-chat.js": await bundle(source("embed/chat.js"), { format: "iife", plugins: [styleAsText] }),
  "orilla-survey.js": await bundle(source("embed/survey.js"), { format: "iife", plugins: [styleAsText] }),
  "orilla.css": await bundle(source("embed/orilla.css")),
  ...(await site(styles)),
  "openapi.json": Buffer.from(JSON.stringify(merge(await documents()))),
  // For Cloudflare's assets, what the other hosts say by themselves; tools on other origins may read the document, as from a function itself.
  _headers: Buffer.from("/*\n  x-content-type-options: nosniff\n/openapi.json\n  access-control-allow-origin: *\n  cache-control: no-cache\n"),
  "demo/inbox/index.html": await readFile(source("demo/inbox/index.html")),
  "demo/inbox/inbox.js": await bundle(source("demo/inbox/inbox.js"), { format: "esm" }),
  "demo/inbox/inbox.css": await bundle(source("demo/inbox/inbox.css")),
  ...(await scripted("analytics")),
  ...(await scripted("desk")),
  ...(await scripted("editor")),
};

const packed = new Map();
const brotli = (name) => packed.get(name) ?? packed.set(name, brotliCompressSync(files[name]).length).get(name);
/** Pages of the help centre, of which only the heaviest is told. */
const isArticle = (name) => /^demo\/(ayuda|en\/help)\/./.test(name) && dirname(name) !== "demo/ayuda" && dirname(name) !== "demo/en/help";
for (const name in files) {
  await mkdir(dirname(target(name)), { recursive: true });
  await writeFile(target(name), files[name]);
  if (isArticle(name)) continue;
  console.log(`${name.padEnd(48)} raw ${String(files[name].length).padStart(6)} B  gzip ${String(gzipSync(files[name], { level: 9 }).length).padStart(5)} B  brotli ${String(brotli(name)).padStart(5)} B`);
}
await copyFile(source("demo/mark.svg"), target("demo/mark.svg"));
await copyFile(source("demo/site/plazas.svg"), target("demo/plazas.svg"));

const check = (what, bytes, budget) => {
  console.log(`${what}: ${bytes} B of ${budget} B`);
  if (bytes > budget) {
    console.error(`${what} is ${bytes - budget} B over its budget.`);
    process.exitCode = 1;
  }
};
check("orilla.js, brotli", brotli("orilla.js"), SCRIPT_BUDGET_BYTES);
check("orilla-form.js, brotli", brotli("orilla-form.js"), FORM_BUDGET_BYTES);
check("orilla-challenge.js, brotli", brotli("orilla-challenge.js"), CHALLENGE_BUDGET_BYTES);
check("orilla-chat.js, brotli", brotli("orilla-chat.js"), CHAT_BUDGET_BYTES);
/** What every page of Marea's loads beside itself; those of the help centre have no form. */
const beside = ["orilla.css", "orilla.js", "orilla-form.js", "orilla-chat.js", "orilla-survey.js"].reduce((sum, name) => sum + brotli(name), 0);
for (const [page, at] of Object.entries(PAGES)) {
  check(`${page}, page and scripts, brotli`, beside + Math.max(...Object.values(at).map((path) => brotli(`${path.slice(1)}/index.html`))), PAGE_BUDGET_BYTES);
}
check("heaviest article, page and scripts, brotli", beside + Math.max(...Object.keys(files).filter(isArticle).map(brotli)), PAGE_BUDGET_BYTES);
check("orilla-survey.js, brotli", brotli("orilla-survey.js"), SURVEY_BUDGET_BYTES);
check("analytics, brotli", ["demo/analytics/index.html", "demo/analytics/analytics.js", "demo/analytics/analytics.css"].reduce((sum, name) => sum + brotli(name), 0), ANALYTICS_BUDGET_BYTES);
check("editor, brotli", ["demo/editor/index.html", "demo/editor/editor.js", "demo/editor/editor.css"].reduce((sum, name) => sum + brotli(name), 0), EDITOR_BUDGET_BYTES);
check("desk, page and script", Math.max(...["demo/desk/index.html", "demo/desk/en/index.html"].map((name) => files[name].length)) + files["demo/desk/desk.js"].length, DESK_BUDGET_BYTES);
