// The judgements as a list: what to mend first, what could be better, what is well. One of them at a time may be open, with its places.

import { make } from "../../embed/dom.js";
import { duration, fill, language, number, words } from "../analytics/words.js";

/** The groups in their order, by rating. */
const GROUPS = ["bad", "ok", "feedback", "good"];
/** Of one judgement so many places are listed; all of them are marked. */
const PLACES = 12;
const EXCERPT_CHARS = 90;
/** A pointer that only passes marks nothing. Chosen: what a hand on its way elsewhere takes for a row. */
const HOVER_MS = 100;

/** Which field a judgement is about, where it is about one. */
const FIELDS = {
  textTitle: "title", titleWidth: "title", keyphraseInSEOTitle: "title", subjectLength: "title",
  metaDescriptionLength: "meta_description", metaDescriptionKeyword: "meta_description",
  slugKeyword: "slug", keyphraseLength: "keyphrase", functionWordsInKeyphrase: "keyphrase", previewText: "preview",
};

/** In what a judgement measures; what is not named here is a plain number. */
const UNITS = {
  titleWidth: "pixels", metaDescriptionLength: "chars", subjectLength: "chars", previewText: "chars",
  textLength: "words", textParagraphTooLong: "words", subheadingsTooLong: "words", keyphraseLength: "words",
  keyphraseDensity: "percent", textSentenceLength: "percent", textTransitionWords: "percent", passiveVoice: "percent",
  lexicalDiversity: "percent", readerAddress: "percent", subheadingsKeyword: "percent", imageKeyphrase: "percent", textPresence: "chars", wordComplexity: "percent", keyphraseDistribution: "percent",
};

const inUnit = (id, value) => id === "readingTime" ? duration(value) : fill(words.units[UNITS[id]] ?? "{n}", { n: number(Math.round(value * 10) / 10) });

/** What is good, as a person would write it. */
const wanted = (id, { min, max }) => {
  const isOpen = (limit) => limit === null || limit === undefined;
  if (isOpen(min) && isOpen(max)) return "";
  if (max === 0) return fill(words.exactly, { min: inUnit(id, 0) });
  if (isOpen(max)) return fill(words.atLeast, { min: inUnit(id, min) });
  if (isOpen(min)) return fill(words.atMost, { max: inUnit(id, max) });
  if (min === max) return fill(words.exactly, { min: inUnit(id, min) });
  return fill(words.between, { min: number(min), max: inUnit(id, max) });
};

const measured = ({ id, value, target }) => {
  const good = target ? wanted(id, target) : "";
  return [
    value === null || value === undefined ? "" : make("b", {}, inUnit(id, value)),
    good ? make("span", {}, good) : "",
  ].filter(Boolean);
};

const excerpt = (range) => {
  const text = range.toString().trim().replace(/\s+/g, " ");
  return text.length > EXCERPT_CHARS ? `${text.slice(0, EXCERPT_CHARS).replace(/[\ud800-\udbff]$/, "").trimEnd()}…` : text;
};

/**
 * Draws into `place`. `paper` marks and shows; `toField(id)` goes to a field.
 *
 * Answers `draw(judgements, part)`, where each judgement has its `ranges`.
 */
export const findings = (place, paper, toField) => {
  /** By key: the one that is open, the one that has the focus, and the one that a pointer rests on. */
  let opened, focused, hovered, hoverTimer;
  let known = new Map();

  const light = () => paper.mark("active", [hovered, focused, opened].map((key) => known.get(key)?.ranges ?? []).find(({ length }) => length) ?? []);
  const look = (key) => {
    light();
    const [first] = known.get(key)?.ranges ?? [];
    if (first) paper.show(first);
  };
  const open = (key) => {
    opened = key;
    for (const item of place.querySelectorAll(".finding[data-key]")) {
      const isOpen = item.dataset.key === key;
      item.querySelector("button").ariaExpanded = String(isOpen);
      const inside = item.querySelector(".places");
      inside.hidden = !isOpen;
      inside.replaceChildren(...(isOpen ? places(known.get(key)) : []));
    }
    light();
  };

  const places = ({ id, ranges }) => {
    const rest = ranges.length - PLACES;
    return [
      ...(FIELDS[id] ? [make("li", {}, make("button", { type: "button", className: "quiet", onclick: () => toField(FIELDS[id]) }, words.toField))] : []),
      ...ranges.slice(0, PLACES).map((range) => make("li", {}, make("button", { type: "button", className: "place", onclick: () => paper.select(range), onfocus: () => paper.show(range) }, excerpt(range) || words.here))),
      ...(rest > 0 ? [make("li", { className: "muted" }, fill(words.morePlaces, { count: number(rest) }))] : []),
    ];
  };

  const item = (key, judgement) => {
    const { id, message, rating, ranges } = judgement;
    const hasPlaces = ranges.length > 0 || id in FIELDS;
    const measures = measured(judgement);
    const inside = [make("span", { className: "message" }, message[language] ?? message.en ?? id), ...(measures.length ? [make("span", { className: "measure" }, ...measures)] : [])];
    const body = hasPlaces
      ? [make("button", { type: "button", className: "what", ariaExpanded: "false" }, ...inside), make("ul", { className: "places", hidden: true })]
      : [make("div", { className: "what" }, ...inside)];
    const element = make("li", { className: `finding ${rating}` }, ...body);
    if (!hasPlaces) return element;
    element.dataset.key = key;
    const [button] = body;
    button.onclick = () => open(opened === key ? undefined : key);
    button.onfocus = () => {
      clearTimeout(hoverTimer);
      [focused, hovered] = [key];
      look(key);
    };
    button.onblur = () => {
      focused = undefined;
      light();
    };
    element.onpointerenter = ({ pointerType }) => {
      if (pointerType !== "mouse") return;
      hoverTimer = setTimeout(() => {
        // Where keys lead, the list scrolls under a pointer that does not move.
        if (place.querySelector(":focus-visible")) return;
        hovered = key;
        look(key);
      }, HOVER_MS);
    };
    element.onpointerleave = () => {
      clearTimeout(hoverTimer);
      hovered = undefined;
      light();
    };
    return element;
  };

  const group = (rating, items) => {
    if (!items.length) return [];
    const title = [words.groups[rating], " ", make("small", {}, number(items.length))];
    const list = make("ul", {}, ...items);
    if (rating !== "good") return [make("section", {}, make("h3", {}, ...title), list)];
    const whole = make("details", { open: isWellOpen, ontoggle: () => (isWellOpen = whole.open) }, make("summary", {}, make("h3", {}, ...title)), list);
    return [whole];
  };
  let isWellOpen = false;

  place.onkeydown = (event) => {
    const { key, target } = event;
    if (key === "Escape" && opened) {
      const back = target.closest(".finding")?.querySelector(".what");
      open();
      return back?.focus();
    }
    if (key !== "ArrowDown" && key !== "ArrowUp") return;
    const stops = [...place.querySelectorAll(".finding button, summary")].filter((stop) => stop.checkVisibility());
    const at = stops.indexOf(target);
    if (at < 0) return;
    event.preventDefault();
    stops[at + (key === "ArrowDown" ? 1 : -1)]?.focus();
  };

  return (judgements, part) => {
    const held = place.contains(document.activeElement) && document.activeElement.closest(".finding")?.dataset.key;
    const times = new Map();
    known = new Map();
    const groups = Object.fromEntries(GROUPS.map((rating) => [rating, []]));
    for (const judgement of judgements) {
      const time = (times.get(judgement.id) ?? 0) + 1;
      times.set(judgement.id, time);
      const key = `${judgement.id} ${time}`;
      known.set(key, judgement);
      if (part && judgement.part !== part) continue;
      (groups[judgement.rating] ?? groups.feedback).push(item(key, judgement));
    }
    const toMend = groups.bad.length + groups.ok.length;
    place.replaceChildren(...(toMend ? [] : [make("p", { className: "empty" }, words.allWell)]), ...GROUPS.flatMap((rating) => group(rating, groups[rating])));
    clearTimeout(hoverTimer);
    [focused, hovered] = [];
    open(known.has(opened) ? opened : undefined);
    if (held) place.querySelector(`[data-key="${CSS.escape(held)}"] .what`)?.focus({ preventScroll: true });
  };
};
