// The pages that two judges are asked about: written ones, assembled ones, and what becomes of them by known faults. The same every time.

import { readFileSync, readdirSync } from "node:fs";

const here = new URL(".", import.meta.url);
const root = new URL("../../../", import.meta.url);
const rows = (url) => readFileSync(url, "utf8").trim().split("\n").map((line) => JSON.parse(line));
const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** Every page of one language, as both judges take it: `id`, `language`, `content` in HTML, and what is said about it elsewhere. */
export const corpus = (language) => {
  const bases = [...written(language), ...documents(language), ...help(language)];
  const worse = bases.flatMap((page, index) => (page.isWorse ? [] : faultsFor(index).map((fault) => faulty(page, fault))));
  return [...bases, ...worse].map(({ isWorse, ...page }) => page);
};

/** Our own landing pages, posts, e-mails, help articles and case studies, good and bad. */
const written = (language) =>
  rows(new URL("benches/content/groups.jsonl", root))
    .filter((row) => row.lang === language)
    .map((row) => page(`${row.group}/${row.rank}`, language, row.keyphrase, row.title, row.meta, row.html, row.rank > 1));

/** Pages put together from Microsoft's documentation; see `documents.md`. */
const documents = (language) =>
  rows(new URL("documents.jsonl", here))
    .filter((row) => row.lang === language)
    .map((row) => {
      const html = row.sections.map(([question, ...paragraphs]) => `<h2>${escape(question)}</h2>\n${paragraphs.map((text) => `<p>${escape(text)}</p>`).join("\n")}`);
      const [first] = row.sections[0].slice(1);
      return page(`documents/${row.id}`, language, row.keyphrase, row.sections[0][0], first.slice(0, 150), html.join("\n"));
    });

/** Chosen: so many articles of the demo site's help centre make a page. */
const ARTICLES = 6;

const help = (language) => {
  const folder = new URL("sites/demo/kb/", root);
  const articles = readdirSync(folder).filter((name) => name.endsWith(`.${language}.md`)).sort().map((name) => {
    const [, head, body] = readFileSync(new URL(name, folder), "utf8").split(/^---$/m);
    return { question: /^question: (.*)$/m.exec(head)[1].replace(/^"|"$/g, ""), paragraphs: body.trim().split(/\n\n+/).map(plain) };
  });
  const pages = [];
  for (let at = 0; at < articles.length; at += ARTICLES) {
    const part = articles.slice(at, at + ARTICLES);
    const html = part.map(({ question, paragraphs }) => `<h2>${escape(question)}</h2>\n${paragraphs.map((text) => `<p>${escape(text)}</p>`).join("\n")}`).join("\n");
    const keyphrase = { es: ["reservas", "alumnos", "pago", "clases"], en: ["bookings", "students", "payment", "lessons"] }[language][(at / ARTICLES) % 4];
    pages.push(page(`help/${at / ARTICLES}`, language, keyphrase, part[0].question, part[0].paragraphs[0].slice(0, 140), html));
  }
  return pages;
};

/** Markdown's marks taken away: what they do is no part of this comparison. */
const plain = (text) => text.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[*_`]/g, "").replace(/^\s*(?:[-•]|\d+\.)\s+/gm, "").replace(/\s+/g, " ");

const page = (id, language, keyphrase, title, meta_description, content, isWorse = false) => ({
  id: `${language}/${id}`,
  language,
  keyphrase,
  title,
  meta_description,
  slug: slug(`${keyphrase} ${id.split("/").at(-2)}`),
  url: `https://orilla.example/${id}`,
  content,
  isWorse,
});

const slug = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

const faulty = (base, [name, change]) => ({ ...base, ...change(base), id: `${base.id}+${name}` });

const paragraphs = (html, change) => {
  let at = -1;
  return html.replace(/<p>(.*?)<\/p>/gs, (_, inner) => `<p>${change(inner, (at += 1))}</p>`);
};

const WORDS = {
  es: {
    joint: " y ", passive: ["El informe fue entregado por la empresa.", "Las cuentas han sido revisadas por un perito.", "El plazo será ampliado por la dirección."],
    transitions: ["Por lo tanto, ", "Además, ", "Sin embargo, ", "Por ejemplo, ", "En cambio, "], same: "Este", filler: "Este texto sigue igual. Este texto no cambia. Este texto se repite. Este texto termina.",
  },
  en: {
    joint: " and ", passive: ["The report was delivered by the company.", "The accounts have been checked by an expert.", "The deadline will be extended by the board."],
    transitions: ["Therefore, ", "In addition, ", "However, ", "For example, ", "On the other hand, "], same: "This", filler: "This text stays the same. This text does not change. This text comes again. This text ends.",
  },
};

const withoutKeyphrase = (page, text) => text.replace(new RegExp(page.keyphrase.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi"), page.language === "es" ? "esto" : "this");

/** Each makes one known difference, good or bad. */
const FAULTS = {
  "no headings": ({ content }) => ({ content: content.replace(/<h[1-6]>.*?<\/h[1-6]>\n?/gs, "") }),
  "long sentences": ({ content, language }) => ({ content: paragraphs(content, (text) => text.replace(/[.!?] +(?=\p{Lu})/gu, WORDS[language].joint)) }),
  "no keyphrase": (page) => ({ content: withoutKeyphrase(page, page.content), title: withoutKeyphrase(page, page.title), meta_description: withoutKeyphrase(page, page.meta_description) }),
  stuffed: (page) => ({ content: paragraphs(page.content, (text) => `${text} ${page.keyphrase}, ${page.keyphrase}.`), meta_description: `${page.keyphrase}, ${page.keyphrase}, ${page.keyphrase}` }),
  "more keyphrase": (page) => ({ content: paragraphs(page.content, (text, at) => (at % 3 ? text : `${text} ${capital(page.keyphrase)}.`)), title: `${capital(page.keyphrase)}: ${page.title}` }),
  links: (page) => ({
    content: paragraphs(page.content, (text, at) => [`${text} <a href="https://elsewhere.example/${at}" rel="nofollow">${page.keyphrase}</a>`, `${text} <a href="https://elsewhere.example/${at}">${at}</a>`, `${text} <a href="/inside/${at}">${at}</a>`][at % 3]),
  }),
  "nofollow links": ({ content }) => ({ content: paragraphs(content.replace(/<a [^>]*>(.*?)<\/a>/gs, "$1"), (text, at) => (at ? text : `${text} <a rel="nofollow" href="https://elsewhere.example/">?</a>`)) }),
  "long meta": (page) => ({ meta_description: `${page.meta_description} ${page.meta_description} ${page.title}`.slice(0, 220), title: `${page.title} ${page.title}` }),
  "no meta": () => ({ meta_description: "", title: "", slug: "" }),
  images: (page) => ({ content: paragraphs(page.content, (text, at) => (at < 6 ? `${text} <img src="/${at}.jpg" alt="${at % 2 ? page.keyphrase : "foto"}">` : text)) }),
  "images without text": ({ content }) => ({ content: paragraphs(content, (text, at) => (at < 3 ? `${text} <img src="/${at}.jpg">` : text)) }),
  passive: ({ content, language }) => ({ content: paragraphs(content, (text, at) => `${text} ${WORDS[language].passive[at % 3]}`) }),
  transitions: ({ content, language }) => ({ content: paragraphs(content, (text, at) => text.replace(/^(\p{Lu})(?=\p{Ll})/u, (letter) => WORDS[language].transitions[at % 5] + letter.toLowerCase())) }),
  "wall of text": ({ content }) => ({ content: content.replace(/<\/p>\s*<p>/g, " ").replace(/<h[2-6]>.*?<\/h[2-6]>\s*/gs, "").replace(/<\/p>\s*<p>/g, " ") }),
  "same beginnings": ({ content, language }) => ({ content: paragraphs(content, (text, at) => (at === 1 ? `${text} ${WORDS[language].filler}` : text)) }),
  "two titles": (page) => ({ content: `<h1>${escape(page.title)}</h1>\n${page.content}\n<h1>${escape(page.keyphrase)}</h1>` }),
  "long keyphrase": (page) => ({ keyphrase: `${page.keyphrase} ${page.title.replace(/[^\p{L} ]/gu, "")}`.split(/\s+/).slice(0, 9).join(" ") }),
  "a third": ({ content }) => ({ content: content.slice(0, content.indexOf("</p>", content.length / 3) + 4) }),
  "keyphrase late": (page) => ({ content: `<p>${WORDS[page.language].filler}</p>\n${page.content}` }),
  subheadings: (page) => ({ content: page.content.replace(/<h2>.*?<\/h2>/gs, `<h2>${capital(page.keyphrase)}</h2>`) }),
};

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Chosen: every page gets three of the faults, and every fault pages of each kind. */
const faultsFor = (index) => {
  const all = Object.entries(FAULTS);
  return [0, 7, 13].map((step) => all[(index + step) % all.length]);
};
