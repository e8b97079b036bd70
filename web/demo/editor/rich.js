// What is pasted: a text that was written elsewhere keeps its headings, lists, links and emphasis, as Markdown; source stays source.

const ESCAPED = /[\\`*_[\]]/g;

/** Whether it reads as HTML's source: it begins with a tag, or has those of blocks. */
const looksLikeHtml = (text) => /^\s*<(?:!doctype|[a-z][a-z0-9]*[\s>/])/i.test(text) || /<\/(?:p|h[1-6]|li|div|section|article|table)>/i.test(text);
const looksLikeMarkdown = (text) => /^#{1,6} \S|^ {0,3}[-*+] \S|^ {0,3}\d+\. \S|\[[^\]\n]+\]\([^)\s]+\)|\*\*\S/m.test(text);

/** What a text is written in, by its looks. */
export const formatOf = (text) => (looksLikeHtml(text) ? "html" : looksLikeMarkdown(text) ? "markdown" : "text");

const collapse = (text) => text.replace(/[\s\u00a0]+/g, " ");

const wrap = (mark, inside) => {
  const [, before, core, after] = /^(\s*)([^]*?)(\s*)$/.exec(inside);
  return core ? `${before}${mark}${core}${mark}${after}` : inside;
};

const isWeb = (address) => /^(https?:|mailto:|tel:|\/|#|\.)/i.test(address ?? "");

/** What stands within a line. */
const inline = (node) => {
  if (node.nodeType === Node.TEXT_NODE) return collapse(node.data).replace(ESCAPED, "\\$&");
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  const inside = () => [...node.childNodes].map(inline).join("");
  const { fontWeight, fontStyle } = node.style ?? {};
  switch (node.localName) {
    case "script": case "style": case "template": case "head": return "";
    case "br": return "\n";
    case "img": return node.getAttribute("src") ? `![${collapse(node.alt).replace(ESCAPED, "\\$&")}](${node.getAttribute("src").startsWith("data:") ? "" : node.getAttribute("src")})` : "";
    case "a": return isWeb(node.getAttribute("href")) ? `[${inside()}](${node.getAttribute("href")})` : inside();
    // What Google's documents wrap a whole copy in is bold by name only.
    case "b": case "strong": return fontWeight === "normal" || fontWeight === "400" ? inside() : wrap("**", inside());
    case "i": case "em": return fontStyle === "normal" ? inside() : wrap("*", inside());
    case "code": return wrap("`", node.textContent);
    case "span": return Number(fontWeight) >= 600 || fontWeight === "bold" ? wrap("**", inside()) : fontStyle === "italic" ? wrap("*", inside()) : inside();
    default: return inside();
  }
};

const BLOCKS = "address,article,aside,blockquote,body,dd,div,dl,dt,figcaption,figure,footer,form,h1,h2,h3,h4,h5,h6,header,hr,li,main,nav,ol,p,pre,section,table,ul".split(",");
const isBlock = (node) => node.nodeType === Node.ELEMENT_NODE && (BLOCKS.includes(node.localName) || [...node.children].some(isBlock));

const indented = (text, first, rest) => text.split("\n").map((line, index) => (index ? line && rest + line : first + line)).join("\n");

const row = (cells) => `| ${cells.map((cell) => inline(cell).trim().replace(/\n+/g, " ").replaceAll("|", "\\|")).join(" | ")} |`;

/** Blocks, one after the other. */
const blocks = (parent) => {
  const found = [];
  let line = [];
  const end = () => {
    const text = line.map(inline).join("").trim();
    if (text) found.push(text);
    line = [];
  };
  for (const node of parent.childNodes) {
    if (!isBlock(node)) {
      line.push(node);
      continue;
    }
    end();
    found.push(...block(node));
  }
  end();
  return found;
};

const block = (node) => {
  const name = node.localName;
  if (/^h[1-6]$/.test(name)) {
    const text = inline(node).trim().replace(/\n+/g, " ").replace(/^\*\*([^*]+)\*\*$/, "$1");
    return text ? [`${"#".repeat(Number(name[1]))} ${text}`] : [];
  }
  if (name === "ul" || name === "ol") {
    const items = [...node.children].map((item, index) => {
      const mark = name === "ol" ? `${index + 1}. ` : "- ";
      return indented(blocks(item).join("\n"), mark, " ".repeat(mark.length));
    });
    return items.length ? [items.join("\n")] : [];
  }
  if (name === "blockquote") return [indented(blocks(node).join("\n\n"), "> ", "> ")];
  if (name === "pre") return [`\`\`\`\n${node.textContent.trimEnd()}\n\`\`\``];
  if (name === "hr") return ["---"];
  if (name === "table") {
    const [head, ...rest] = [...node.rows].map(({ cells }) => [...cells]);
    return head ? [[row(head), `|${" --- |".repeat(head.length)}`, ...rest.map(row)].join("\n")] : [];
  }
  return blocks(node);
};

/** A page's or a document's text as Markdown. Nothing of it is run or loaded. */
export const toMarkdown = (html) => blocks(new DOMParser().parseFromString(html, "text/html").body).join("\n\n");

/**
 * What to put on the paper, and in which format; no `text` where the browser's own paste is right. `held` is the format of what stands
 * around it, if anything does.
 */
export const pasted = (clipboard, held) => {
  const [plain, html] = [clipboard.getData("text/plain"), clipboard.getData("text/html")];
  const looks = formatOf(plain);
  // An editor of source puts coloured source beside the plain one.
  if (html && looks === "text" && (!held || held === "markdown")) {
    const text = toMarkdown(html);
    if (formatOf(text) === "markdown") return { text, format: "markdown" };
  }
  return held ? {} : { text: plain, format: looks };
};
