// The demo's editor: what somebody writes, judged as they write it. The text goes to the page's own server to be judged, and is kept in this tab
// only, which the page says; a lost server leaves text and judgement where they are and says so.

import { make } from "../../embed/dom.js";
import { counted, duration, fill, language, number, words } from "../analytics/words.js";
import { asking } from "./asking.js";
import { findings } from "./findings.js";
import { paper } from "./paper.js";
import { calibrate, drawResult } from "./result.js";
import { pasted } from "./rich.js";

/** A screen reader hears the score once it stands still. Chosen: longer than a pause between words. */
const SAID_MS = 1500;
const SHELF = "orilla-editor";
const FIELDS = ["kind", "profile", "format", "locale", "keyphrase", "synonyms", "title", "meta_description", "slug", "preview", "content"];
const PARTS = ["seo", "readability", "structure", "persuasion"];

const at = (id) => document.getElementById(id);
const content = at("content");
const sheet = paper(at("paper"), content, at("mirror"));
const state = { report: undefined, judged: [], part: "", score: undefined, cleared: undefined };

const read = () => Object.fromEntries(FIELDS.map((id) => [id, at(id).value]));
const write = (fields) => {
  for (const id of FIELDS) if (id in fields) at(id).value = fields[id];
  sheet.read();
};

/** What is asked: what is empty is left out. */
const question = () => {
  const fields = read();
  if (!fields.content.trim()) return undefined;
  const isMail = fields.kind === "email";
  const said = Object.entries(fields).filter(([id, value]) => value.trim() && id !== "synonyms" && !(isMail ? ["meta_description", "slug"] : ["preview"]).includes(id));
  const synonyms = fields.synonyms.split(",").map((it) => it.trim()).filter(Boolean);
  return { site: document.body.dataset.site, ...Object.fromEntries(said), ...(synonyms.length && { synonyms }) };
};

const keep = () => {
  try {
    sessionStorage.setItem(SHELF, JSON.stringify(read()));
  } catch {}
};
const recall = () => {
  try {
    return JSON.parse(sessionStorage.getItem(SHELF)) ?? {};
  } catch {
    return {};
  }
};

const drawLive = (className, text) => {
  at("live").className = className;
  at("live").textContent = text;
};

/** What the paper says without a server: which fields there are, what others will see, what may be done. */
const drawPaper = () => {
  const fields = read();
  const isMail = fields.kind === "email";
  document.body.classList.toggle("mail", isMail);
  at("title").previousSibling.textContent = `${isMail ? words.subject : words.title} `;
  at("found-label").textContent = isMail ? words.arrives : words.found;
  at("paper").classList.toggle("code", fields.format === "html");
  at("sample").hidden = fields.content !== "";
  at("marks").hidden = at("clear").hidden = fields.content === "";
  at("undo").hidden = !state.cleared;
  drawResult(at("result"), fields);
};

const drawMarks = () => {
  const isOn = at("marks").ariaPressed === "true";
  for (const kind of ["ok", "bad"]) sheet.mark(kind, isOn ? state.judged.filter(({ rating, part }) => rating === kind && (!state.part || part === state.part)).flatMap(({ ranges }) => ranges) : []);
};

const drawFindings = findings(at("findings"), sheet, (id) => at(id).focus());

const drawStats = ({ stats, language: spoken }) => {
  const tongue = words.languages[spoken.main] ?? spoken.main;
  const told = [
    counted(stats.words, words.counts.words),
    counted(stats.sentences, words.counts.sentences),
    fill(words.reads, { time: duration(stats.reading_seconds < 60 ? stats.reading_seconds : Math.round(stats.reading_seconds / 60) * 60) }),
    fill(spoken.is_mixed ? words.mixed : spoken.is_detected ? words.detected : "{language}", { language: tongue }),
  ];
  const rows = stats.formulas.map(({ id, value, band }) => make("div", {}, make("dt", {}, words.formulas[id] ?? id), make("dd", {}, make("b", {}, number(Math.round(value * 10) / 10)), band ? ` ${words.bands[band] ?? band}` : "")));
  const isOpen = at("stats").querySelector("details")?.open;
  at("stats").replaceChildren(
    make("p", {}, told.join(" · ")),
    ...(spoken.is_supported ? [] : [make("p", { className: "notice" }, words.unsupported)]),
    ...(rows.length ? [make("details", { open: Boolean(isOpen) }, make("summary", {}, words.readable), make("dl", {}, ...rows))] : []));
};

const drawScore = ({ score, grade, ...report }) => {
  at("score").textContent = number(score);
  at("grade").textContent = grade;
  at("now").replaceChildren(`${number(score)} `, make("b", {}, grade));
  at("parts").classList.add("told");
  for (const part of PARTS) {
    const value = report[part] ?? null;
    at(part).textContent = value === null ? "–" : number(value);
    at(part).parentElement.style.setProperty("--share", `${value ?? 0}%`);
  }
  const by = state.score === undefined ? 0 : score - state.score;
  if (by || state.score === undefined) {
    at("moved").textContent = by ? `${by > 0 ? "+" : "−"}${number(Math.abs(by))}` : "";
    at("moved").className = by > 0 ? "up" : "down";
  }
  state.score = score;
};

let saidTimer;
const say = ({ score, grade }) => {
  clearTimeout(saidTimer);
  saidTimer = setTimeout(() => (at("said").textContent = fill(words.said, { score: number(score), grade })), SAID_MS);
};

const drawReport = (report, asked) => {
  state.report = report;
  // All spans in one walk through the text.
  const ranges = sheet.ranges(asked.content, report.assessments.flatMap(({ spans }) => spans));
  let taken = 0;
  state.judged = report.assessments.map((it) => ({ ...it, ranges: ranges.slice(taken, (taken += it.spans.length)).filter(Boolean) }));
  const width = report.assessments.find(({ id }) => id === "titleWidth");
  if (width && asked.title) {
    calibrate(asked.title, width.value);
    drawResult(at("result"), read());
  }
  drawScore(report);
  drawStats(report);
  drawFindings(state.judged, state.part);
  drawMarks();
  say(report);
};

/** The page before anything is judged. */
const drawNothing = (isWaiting) => {
  Object.assign(state, { report: undefined, judged: [], score: undefined });
  for (const id of ["score", ...PARTS]) at(id).textContent = "–";
  for (const part of PARTS) at(part).parentElement.style.removeProperty("--share");
  at("parts").classList.remove("told");
  for (const id of ["grade", "moved", "now", "said"]) at(id).textContent = "";
  clearTimeout(saidTimer);
  at("stats").replaceChildren();
  drawFindings([], "");
  drawMarks();
  at("findings").replaceChildren(isWaiting
    ? make("div", { className: "skeleton", ariaBusy: "true", ariaLabel: words.waiting, role: "img" })
    : make("div", { className: "empty" }, make("h2", {}, words.emptyTitle), make("p", {}, words.empty)));
};

/** What went wrong, what was kept, and what to do. */
const explain = ({ failure, detail, wait }) => {
  const isAlone = failure === "offline" && !navigator.onLine;
  const sentence = words.failures[isAlone ? "alone" : failure];
  return fill(sentence, { detail: detail ?? "", wait: number(wait ?? 0) });
};

const told = ({ waits, answer, question: asked, took, failure, ...more }) => {
  at("verdict").ariaBusy = waits ? "true" : null;
  if (waits) {
    if (!state.report) drawNothing(true);
    return drawLive(at("live").className === "off" ? "off" : "wait", words.waiting);
  }
  at("verdict").classList.toggle("stale", Boolean(failure));
  if (failure) {
    if (!state.report) at("findings").replaceChildren();
    drawLive("off", words.stopped);
    return at("problem").replaceChildren(make("div", { className: "notice bad" }, make("p", {}, explain({ failure, ...more })), make("button", { type: "button", className: "quiet", onclick: ask.now }, words.retry)));
  }
  at("problem").replaceChildren();
  if (!answer) {
    drawLive("", "");
    return drawNothing();
  }
  drawLive("on", fill(words.current, { time: number(Math.max(1, Math.round(took))) }));
  drawReport(answer, asked);
};

const ask = asking("/v1/content/check", question, told);

const changed = () => {
  sheet.read();
  drawPaper();
  keep();
  ask.changed();
};

/** Puts another text on the paper, as if typed, so that the browser's own undo knows it. */
const replace = (text) => {
  content.focus();
  if (!document.execCommand("insertText", false, text)) content.setRangeText(text, content.selectionStart, content.selectionEnd, "end");
};

for (const id of FIELDS) at(id).oninput = changed;
content.addEventListener("input", () => {
  state.cleared = undefined;
});
content.addEventListener("paste", (event) => {
  const isWhole = content.selectionEnd - content.selectionStart === content.value.length;
  const { text, format } = pasted(event.clipboardData, isWhole ? undefined : at("format").value);
  if (text === undefined) return;
  if (isWhole) at("format").value = format;
  event.preventDefault();
  replace(text);
  changed();
});
at("sample").onclick = () => {
  write(words.example);
  changed();
  ask.now();
  content.setSelectionRange(0, 0);
  content.focus();
  at("paper").scrollTop = 0;
};
at("clear").onclick = () => {
  state.cleared = read();
  write(Object.fromEntries(FIELDS.filter((id) => !["kind", "profile", "format", "locale"].includes(id)).map((id) => [id, ""])));
  changed();
  ask.now();
  at("undo").focus();
};
at("undo").onclick = () => {
  write(state.cleared);
  state.cleared = undefined;
  changed();
  ask.now();
  content.focus();
};
at("marks").onclick = () => {
  at("marks").ariaPressed = String(at("marks").ariaPressed !== "true");
  drawMarks();
};
for (const input of document.getElementsByName("part")) {
  input.onchange = () => {
    state.part = input.value;
    if (!state.report) return;
    drawFindings(state.judged, state.part);
    drawMarks();
  };
}
at("editor").onsubmit = (event) => event.preventDefault();
addEventListener("pageshow", ({ persisted }) => persisted && ask.now());

write({ ...recall() });
drawNothing();
drawPaper();
ask.now();
