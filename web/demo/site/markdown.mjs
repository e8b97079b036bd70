// The Markdown of Marea's articles, as HTML: headings, paragraphs, lists, quotations, pictures, links, bold and italics. What it does not know it
// refuses, so that nothing comes out as it was never meant.

/** What HTML would take for itself. */
export const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

const inline = (text) =>
  escape(text)
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, '<a href="$2">$1</a>')
    .replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>")
    .replace(/\*(.+?)\*/g, "<em>$1</em>");

const item = (line) => /^(?:[-*]|\d+\.) (.*)$/.exec(line)?.[1];
/** A heading's place on the page. */
export const slug = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

/** One block between empty lines. */
const block = (text) => {
  const lines = text.split("\n");
  const [, marks, heading] = /^(#{2,3}) (.+)$/.exec(text) ?? [];
  if (marks) return `<h${marks.length} id="${slug(heading)}">${inline(heading)}</h${marks.length}>`;
  const [, alt, src, caption] = /^!\[([^\]]*)\]\((\S+)\)\n?(.*)$/.exec(text) ?? [];
  if (src) return `<figure><img src="${src}" alt="${escape(alt)}" width="720" height="300">${caption ? `<figcaption>${inline(caption)}</figcaption>` : ""}</figure>`;
  if (lines.every((line) => item(line) !== undefined)) {
    const tag = /^\d/.test(text) ? "ol" : "ul";
    return `<${tag}>${lines.map((line) => `<li>${inline(item(line))}</li>`).join("")}</${tag}>`;
  }
  if (lines.every((line) => line.startsWith("> "))) return `<blockquote><p>${inline(lines.map((line) => line.slice(2)).join(" "))}</p></blockquote>`;
  if (/^[#>|`<]|^ {4}|^[-*] |^\d+\. /m.test(text)) throw new Error(`Markdown that is not known: ${text.slice(0, 80)}`);
  return `<p>${inline(lines.join(" "))}</p>`;
};

export const html = (markdown) => markdown.trim().split(/\n{2,}/).map(block).join("\n");

/** The same as plain text, for search engines. */
export const plain = (markdown) => markdown.trim().replace(/^#+ .*$/gm, "").replace(/\[([^\]]+)\]\([^)]+\)/g, "$1").replace(/[*>]/g, "").replace(/\s+/g, " ").trim();

/**
 * The front matter of a file, one value a line, and its text. Lists in brackets are lists; of what is indented, links with a title are read, and the rest
 * belongs to whoever reads YAML.
 */
export const split = (file, name) => {
  const [, head, text] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(file) ?? [];
  if (text === undefined) throw new Error(`${name} has no front matter`);
  const about = {};
  for (const line of head.split("\n")) {
    const [, key, value] = /^(\w+): *(.*)$/.exec(line) ?? [];
    if (!key || !value) continue;
    about[key] = value.startsWith("[") ? value.slice(1, -1).split(",").map((it) => it.trim()) : value.replace(/^"(.*)"$/, "$1");
  }
  const links = [...head.matchAll(/^  - title: (.+)\n    url: "(.+)"$/gm)].map(([, title, url]) => ({ title, url }));
  return { ...about, links, text: text.trim() };
};
