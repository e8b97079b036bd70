// What others will see before they open it: a result in a search, or a message in a list, cut where those cut it.

import { make } from "../../embed/dom.js";
import { fill, number, words } from "../analytics/words.js";

/** Where a title is cut, in pixels of 20 px Arial. Source: Yoast's `titleWidth`; a result's column has been as wide since 2016. */
const TITLE_PX = 600;
/** Where a description is cut. Source: the brief's limit; Yoast's is one more. */
const META_CHARS = 155;
/** Where lists of mail cut a subject, and what follows it. Chosen: what a phone held upright shows of both. */
const SUBJECT_CHARS = 60;
const PREVIEW_CHARS = 110;

const canvas = document.createElement("canvas").getContext("2d");
canvas.font = "20px Arial, 'Liberation Sans', Helvetica, sans-serif";
/** What the server's Arial is to the one that this browser has, or has not. */
let scale = 1;
const pixels = (text) => Math.round(canvas.measureText(text).width * scale);

/** Measures as the server did, who measured `title`. */
export const calibrate = (title, width) => {
  const own = canvas.measureText(title.trim()).width;
  if (own > 0 && width > 0) scale = width / own;
};

/** The text as far as it fits, cut between words where there are any. */
const cut = (text, fits) => {
  if (fits(text)) return text;
  const letters = [...text];
  let [from, to] = [0, letters.length];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if (fits(`${letters.slice(0, middle).join("")} …`)) from = middle;
    else to = middle;
  }
  const whole = letters.slice(0, from).join("");
  const space = whole.lastIndexOf(" ");
  return `${(space > whole.length / 2 ? whole.slice(0, space) : whole).trimEnd()} …`;
};
const within = (most) => (text) => [...text].length <= most;

/** What the page says of itself, where it is written in HTML. Nothing of it is run or loaded. */
const headOf = ({ format, content }) => {
  if (format !== "html") return {};
  const page = new DOMParser().parseFromString(content, "text/html");
  return { title: page.querySelector("title")?.textContent.trim(), meta_description: page.querySelector('meta[name="description" i]')?.getAttribute("content")?.trim() };
};

/** How much of its room a text takes. */
const size = (id, taken, room, sentence) => {
  const place = document.getElementById(`${id}-size`);
  place.textContent = taken ? fill(sentence, { taken: number(taken), room: number(room) }) : "";
  place.style.setProperty("--taken", Math.min(1, taken / room));
  place.className = taken > room ? "over" : "";
};

/** Draws it for the fields as they are. */
export const drawResult = (place, fields) => {
  const own = headOf(fields);
  const title = fields.title || own.title || "";
  const meta = fields.meta_description || own.meta_description || "";
  const missing = (text) => make("span", { className: "missing" }, text);
  if (fields.kind === "email") {
    size("title", [...title].length, SUBJECT_CHARS, words.ofChars);
    size("preview", [...(fields.preview ?? "")].length, PREVIEW_CHARS, words.ofChars);
    const preview = fields.preview || fields.content.trim().replace(/\s+/g, " ").slice(0, 400);
    return place.replaceChildren(
      make("p", { className: "site" }, words.sender),
      make("p", { className: "subject" }, title ? cut(title, within(SUBJECT_CHARS)) : missing(words.noSubject)),
      make("p", { className: "about" }, preview ? cut(preview, within(PREVIEW_CHARS)) : missing(words.noPreview)));
  }
  size("title", pixels(title), TITLE_PX, words.ofPixels);
  size("meta_description", [...meta].length, META_CHARS, words.ofChars);
  const path = fields.slug?.split("/").filter(Boolean) ?? [];
  place.replaceChildren(
    make("p", { className: "site" }, ["marea.example", ...path].join(" › ")),
    make("p", { className: "title" }, title ? cut(title, (text) => pixels(text) <= TITLE_PX) : missing(words.noTitle)),
    make("p", { className: "about" }, meta ? cut(meta, within(META_CHARS)) : missing(words.noMeta)));
};
