// Marea's site: its pages in both languages from one template each, with shared parts, and its help centre from the articles that the chat answers from.
//
// In a template `{{word}}` is a word of the page's or of `common.json`, escaped; `{{>part}}` a file of `partials`; `{{=value}}` HTML that is made here. A word that
// is missing or left over is an error, not a gap on the page.

import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { escape, html, plain, split } from "./markdown.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const KB = join(here, "../../../sites/demo/kb");

export const LOCALES = ["es", "en"];

/** Where Marea's own pages would stand: what addresses them as a whole names it. Source: `sites/demo/site.toml`. */
const ORIGIN = "https://marea.example";

/** Where each page stands, by language. */
export const PAGES = {
  landing: { es: "/demo", en: "/demo/en" },
  pricing: { es: "/demo/precios", en: "/demo/en/pricing" },
  post: { es: "/demo/blog/llenar-tu-escuela-de-surf", en: "/demo/en/blog/fill-your-surf-school" },
  help: { es: "/demo/ayuda", en: "/demo/en/help" },
  tour: { es: "/demo/tour", en: "/demo/en/tour" },
};
/** Which entry of the menu a page belongs to, where it has one. */
const MENU = ["pricing", "post", "help"];

/** Sections of the help centre, in order, and the Spanish tags that belong to them; an article stands in the first that has its first tag. */
const SECTIONS = {
  start: ["alta", "ventas", "producto"],
  agenda: ["agenda", "mareas"],
  money: ["pagos", "reservas", "devoluciones", "precio"],
  beach: ["playa", "alumnos", "avisos", "material"],
  team: ["equipo", "acceso"],
  account: ["cuenta", "datos", "integraciones", "informes", "ayuda"],
};
/** What people ask about prices before they pay one. */
const PRICE_QUESTIONS = ["trial", "seasonal-instructors", "pause-winter", "card-fees", "cancel"];
/** Articles beside an article. Chosen: what one reads at a glance. */
const NEAR = 5;

const file = (...path) => readFile(join(here, ...path), "utf8");
const words = async (locale, name) => JSON.parse(await file(locale, `${name}.json`));

/** JSON inside a page, where `</script>` would end it. */
const data = (value) => `<script type="application/ld+json">${JSON.stringify({ "@context": "https://schema.org", ...value }).replaceAll("<", "\\u003c")}</script>`;
const questions = (list) => ({
  "@type": "FAQPage",
  mainEntity: list.map(({ question, text }) => ({ "@type": "Question", name: question, acceptedAnswer: { "@type": "Answer", text: plain(text) } })),
});

/** The articles of the help centre, by id and language, each with its section. */
const articles = async () => {
  const all = {};
  for (const name of (await readdir(KB)).sort()) {
    const [, id, locale] = /^(.+)\.(es|en)\.md$/.exec(name) ?? [];
    if (!id) throw new Error(`${name} is no article`);
    const article = split(await readFile(join(KB, name), "utf8"), name);
    (all[id] ??= {})[locale] = { ...article, id, question: escape(article.question), title: article.question };
  }
  for (const [id, { es, en }] of Object.entries(all)) {
    if (!es || !en) throw new Error(`the article ${id} stands in one language only`);
    const section = Object.keys(SECTIONS).find((name) => SECTIONS[name].includes(es.tags[0]));
    if (!section) throw new Error(`the tag ${es.tags[0]} of ${id} belongs to no section`);
    es.section = en.section = section;
  }
  return all;
};

/** Every page of the site, by its place in the built folder. `style` gives the style sheet of a page as text. */
export const site = async (style) => {
  const partials = {};
  for (const name of await readdir(join(here, "partials"))) partials[name.replace(/\.html$/, "")] = await file("partials", name);
  const known = await articles();
  const files = {};
  const used = new Set();

  const fill = async (template, own, values, name, locale) => {
    const common = await words(locale, "common");
    const left = new Set(Object.keys(own));
    const put = (text, depth = 0) =>
      text.replace(/\{\{([>=]?)([\w.-]+)\}\}/g, (_, kind, key) => {
        if (kind === ">") {
          if (!(key in partials) || depth > 3) throw new Error(`${name} wants the part "${key}"`);
          return put(partials[key].trim(), depth + 1);
        }
        if (kind === "=") {
          if (!(key in values)) throw new Error(`${name} wants the value "${key}"`);
          return values[key];
        }
        left.delete(key);
        if (key in own) return escape(own[key]);
        if (!(key in common)) throw new Error(`${name} (${locale}) lacks "${key}"`);
        used.add(`${locale} ${key}`);
        return escape(common[key]);
      });
    const page = put(template);
    if (left.size) throw new Error(`${name} (${locale}) has words that the page does not use: ${[...left].join(", ")}`);
    // Indentation and comments are for whoever reads the templates.
    return Buffer.from(page.replace(/^[ \t]+/gm, "").replace(/^\/\/ .*\n/gm, "").replace(/\n{2,}/g, "\n"));
  };

  /** Values that every page has: where the others stand, in its language and in the other one. */
  const frame = (locale, paths, name) => {
    const other = LOCALES.find((it) => it !== locale);
    const values = { origin: ORIGIN, locale, other, here: paths[locale], "other.href": paths[other], es: paths.es, en: paths.en, jsonld: "", robots: "" };
    for (const [page, at] of Object.entries(PAGES)) values[`href.${page}`] = at[locale];
    for (const page of MENU) values[`current.${page}`] = page === name ? ' aria-current="page"' : "";
    for (const page of ["analytics", "desk", "editor"]) values[`href.${page}`] = `/demo/${page}${locale === "en" ? "/en" : ""}`;
    return values;
  };
  const link = (locale) => ({ id, question }) => `<li><a href="${PAGES.help[locale]}/${id}">${question}</a></li>`;
  const details = ({ question, text }) => `<details><summary>${question}</summary>${html(text)}</details>`;

  for (const locale of LOCALES) {
    const of = (ids) => ids.map((id) => known[id][locale]);
    const add = async (name, paths, template, own, values = {}) => {
      const all = { ...frame(locale, paths, name), style: style[template], ...values };
      files[`${paths[locale].slice(1)}/index.html`] = await fill(await file(`${template}.html`), own, all, name, locale);
    };

    const front = await words(locale, "landing");
    await add("landing", PAGES.landing, "landing", front, {
      jsonld: data({ "@type": "Organization", name: "Marea", url: `${ORIGIN}${PAGES.landing[locale]}`, logo: `${ORIGIN}/demo/mark.svg`, description: front.description }),
    });

    const asked = of(PRICE_QUESTIONS);
    await add("pricing", PAGES.pricing, "pricing", await words(locale, "pricing"), {
      questions: asked.map(details).join("\n    "),
      jsonld: data({
        "@graph": [
          {
            "@type": "SoftwareApplication", name: "Marea", applicationCategory: "BusinessApplication", operatingSystem: "Web",
            offers: [19, 9.5].map((price) => ({ "@type": "Offer", price, priceCurrency: "EUR" })),
          },
          questions(asked),
        ],
      }),
    });

    const post = split(await file(locale, "post.md"), `${locale}/post.md`);
    const { text, date, title, description, links: _, ...said } = post;
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    await add("post", PAGES.post, "post", { ...(await words(locale, "post")), ...said, title, description }, {
      date,
      day: new Date(date).toLocaleDateString(locale, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }),
      text: html(text),
      contents: headings.map((heading) => `<li>${html(`## ${heading}`).replace(/^<h2 id="(.+?)">(.+)<\/h2>$/, '<a href="#$1">$2</a>')}</li>`).join(""),
      jsonld: data({
        "@type": "BlogPosting", headline: said.headline, description, inLanguage: locale, datePublished: date,
        dateModified: date, image: `${ORIGIN}/demo/plazas.svg`, author: { "@type": "Organization", name: "Marea", url: `${ORIGIN}${PAGES.landing[locale]}` }, wordCount: plain(text).split(" ").length,
      }),
    });

    const ids = Object.keys(known);
    const inSection = (section) => of(ids).filter((article) => article.section === section);
    const titles = await words(locale, "sections");
    const list = Object.keys(SECTIONS).map((section) => {
      const items = inSection(section).map(link(locale)).join("\n        ");
      return `<section><h2 id="${section}">${escape(titles[section])}</h2><ul>${items}</ul></section>`;
    });
    await add("help", PAGES.help, "help", await words(locale, "help"), { sections: list.join("\n    "), count: ids.length });

    for (const article of of(ids)) {
      const paths = Object.fromEntries(LOCALES.map((it) => [it, `${PAGES.help[it]}/${article.id}`]));
      const near = inSection(article.section).filter(({ id }) => id !== article.id);
      const at = near.findIndex(({ id }) => id > article.id);
      const shown = [...near.slice(Math.max(at, 0)), ...near.slice(0, Math.max(at, 0))].slice(0, NEAR);
      const description = plain(article.text);
      await add("help", paths, "article", await words(locale, "article"), {
        question: article.question,
        text: html(article.text),
        also: article.links.map(({ title, url }) => `<p class="also"><a class="cta quiet" href="${url}">${escape(title)}</a></p>`).join(""),
        description: escape(description.length > 155 ? `${description.slice(0, description.lastIndexOf(" ", 152))} …` : description),
        section: escape(titles[article.section]),
        anchor: article.section,
        near: shown.map(link(locale)).join("\n      "),
        jsonld: data({
          "@graph": [
            questions([{ ...article, question: article.title }]),
            {
              "@type": "BreadcrumbList",
              itemListElement: [{ "@type": "ListItem", position: 1, name: titles[article.section], item: `${ORIGIN}${PAGES.help[locale]}` }, { "@type": "ListItem", position: 2, name: article.title }],
            },
          ],
        }),
      });
    }

    await add("tour", PAGES.tour, "tour", await words(locale, "tour"));
    const left = Object.keys(await words(locale, "common")).filter((key) => !used.has(`${locale} ${key}`));
    if (left.length) throw new Error(`common.json (${locale}) has words that no page uses: ${left.join(", ")}`);
  }
  return files;
};
