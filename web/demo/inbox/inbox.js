// The development inbox: leads as they arrive, newest first, one of them in full. It reads with the development server's
// keys and asks every two seconds while the page is in sight; a lost server leaves what was there and says so.

import { make } from "../../embed/dom.js";
import { keys, reader, writer } from "../api.js";
import { detail } from "./detail.js";
import { WORDS } from "./words.js";

/** Chosen: soon enough to feel live, seldom enough to be cheap. */
const POLL_MS = 2000;
const PAGE = 50;
/** The API lists a site's deliveries together; a lead's own are among the newest of a development server. */
const DELIVERIES = 100;

const at = (id) => document.getElementById(id);
const state = {
  language: new URLSearchParams(location.search).get("lang") ?? (navigator.language.startsWith("en") ? "en" : "es"),
  keys: undefined,
  leads: undefined,
  next: null,
  extra: [],
  known: new Set(),
  isFailing: false,
  shown: "",
};
if (!WORDS[state.language]) state.language = "es";

const words = () => WORDS[state.language];
const format = {
  get language() {
    return state.language;
  },
  number: (value) => new Intl.NumberFormat(state.language).format(value),
  moment: (time) => new Intl.DateTimeFormat(state.language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time)),
  count: (value, [one, many]) => `${format.number(value)} ${new Intl.PluralRules(state.language).select(value) === "one" ? one : many}`,
  ago: (time) => {
    const seconds = Math.round((new Date(time) - Date.now()) / 1000);
    const relative = new Intl.RelativeTimeFormat(state.language, { numeric: "auto", style: "short" });
    if (seconds > -60) return relative.format(Math.min(0, seconds), "second");
    if (seconds > -3600) return relative.format(Math.round(seconds / 60), "minute");
    if (seconds > -86400) return relative.format(Math.round(seconds / 3600), "hour");
    return relative.format(Math.round(seconds / 86400), "day");
  },
};

const chosen = () => decodeURIComponent(location.hash.slice(1));

/** How many reasons a row names; the lead's own panel names them all. */
const REASONS = 3;

/** The weightiest reasons of a score, in the reader's language. */
const why = ({ contributions = [] }) => contributions
  .filter(({ points }) => points)
  .sort((a, b) => Math.abs(b.points) - Math.abs(a.points))
  .slice(0, REASONS)
  .map(({ points, label, rule }) => `${points > 0 ? "+" : "−"}${format.number(Math.abs(points))} ${label?.[state.language] ?? rule}`)
  .join(" · ");

const row = (lead) => {
  const isNew = state.known.size > 0 && !state.known.has(lead.id);
  const what = [lead.name && lead.email, lead.fields?.company, lead.fields?.role].filter(Boolean).join(" · ");
  const item = make("a", { className: isNew ? "row new" : "row", href: `#${lead.id}` },
    make("span", { className: "score" }, format.number(lead.score), make("span", { className: "band" }, lead.band)),
    make("span", { className: "who" }, lead.name || lead.email),
    make("time", { dateTime: lead.created_at }, format.ago(lead.created_at)),
    make("span", { className: "what" },
      lead.verdict === "quarantine" ? make("span", { className: "held" }, words().verdicts.quarantine) : "",
      lead.verdict === "quarantine" && what ? " · " : "",
      what),
    make("span", { className: "why" }, why(lead)));
  if (lead.id === chosen()) item.ariaCurrent = "true";
  return make("li", {}, item);
};

const notice = (title, text, link) => make("div", { className: "empty" }, make("h2", {}, title), make("p", {}, text), link ? make("p", {}, link) : "");

/** The list as it should be now; rebuilt only when something in it changed, so focus and selection stay. */
const drawList = () => {
  const { leads, keys: found } = state;
  const all = leads && [...leads, ...state.extra];
  const isFiltered = at("search").value || at("verdict").value;
  const picture = JSON.stringify([state.language, found === null, all, isFiltered, chosen(), state.next, Math.floor(Date.now() / 30_000)]);
  if (picture === state.shown) return;
  state.shown = picture;
  const focused = document.activeElement?.getAttribute("href");
  let content;
  if (found === null) content = [notice(words().keysTitle, words().keys)];
  else if (!all) content = [make("div", { className: "skeleton", ariaBusy: "true", ariaLabel: words().loading, role: "img" })];
  else if (!all.length && isFiltered) content = [notice(words().noneTitle, words().none)];
  else if (!all.length) content = [notice(words().emptyTitle, words().empty, make("a", { href: landing() }, words().landing))];
  else {
    content = [make("ul", { className: "rows" }, ...all.map(row))];
    if (state.next) content.push(make("button", { type: "button", className: "quiet", onclick: more }, words().more));
    for (const lead of all) state.known.add(lead.id);
  }
  at("list").replaceChildren(...content);
  at("tools").hidden = !(all?.length || isFiltered);
  if (focused?.startsWith("#")) at("list").querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
};

const landing = () => (state.language === "en" ? "/demo/en" : "/demo");

const drawFrame = () => {
  const text = words();
  document.documentElement.lang = state.language;
  document.title = `${text.title} · Marea`;
  at("title").textContent = text.title;
  at("language").textContent = text.language;
  at("language").lang = state.language === "en" ? "es" : "en";
  at("landing").textContent = text.landing;
  at("landing").href = landing();
  at("search-label").textContent = text.search;
  at("verdict-label").textContent = text.verdict;
  const { value } = at("verdict");
  at("verdict").replaceChildren(...Object.entries(text.verdicts).map(([code, label]) => new Option(label, code)));
  at("verdict").value = value;
};

const drawLive = () => {
  const live = at("live");
  const [className, text] = state.isFailing ? ["off", words().failed] : state.leads ? ["on", words().live] : ["", state.keys === null ? "" : words().loading];
  if (live.textContent !== text) live.textContent = text;
  live.className = className;
};

const query = () => ({ limit: PAGE, q: at("search").value || undefined, verdict: at("verdict").value || undefined });

const poll = async () => {
  try {
    if (state.keys === undefined) {
      state.keys = await keys();
      if (state.keys) [state.read, state.write] = [reader(state.keys.read_key), writer(state.keys.admin_key)];
    }
    if (state.keys) {
      const asked = query();
      const page = await state.read.get("/v1/leads", { query: asked });
      if (JSON.stringify(asked) === JSON.stringify(query())) {
        state.leads = page.leads;
        if (!state.extra.length) state.next = page.next;
      }
    }
    state.isFailing = false;
  } catch {
    state.isFailing = true;
  }
  drawList();
  drawLive();
};

const more = async () => {
  const page = await state.read.get("/v1/leads", { query: { ...query(), cursor: state.next } });
  const known = new Set(state.leads.map(({ id }) => id));
  state.extra.push(...page.leads.filter(({ id }) => !known.has(id)));
  state.next = page.next;
  drawList();
};

const release = async (button, lead) => {
  if (button.ariaDisabled) return;
  button.ariaDisabled = "true";
  button.textContent = words().releasing;
  try {
    for (const { id, verdict } of lead.history) {
      if (verdict === "quarantine") await state.write.post("/v1/submissions/{submission}/release", { path: { submission: id } });
    }
    await Promise.all([open(), poll()]);
  } catch {
    button.ariaDisabled = null;
    button.textContent = words().release;
    button.after(make("p", { className: "bad", role: "alert" }, words().releaseFailed));
  }
};

const close = () => {
  const left = location.hash;
  history.pushState(null, "", location.pathname + location.search);
  open();
  at("list").querySelector(`a[href="${CSS.escape(left)}"]`)?.focus();
};

const labelled = new Map();

/** What the form calls its fields in the language shown; nothing where the form is gone or was never ours (an import). */
const labelsOf = async (form) => {
  const key = `${form} ${state.language}`;
  if (!labelled.has(key)) {
    const view = await state.read.get("/v1/forms/{form}", { path: { form }, query: { locale: state.language } }).catch(() => ({ fields: [] }));
    labelled.set(key, Object.fromEntries(view.fields.map(({ name, label }) => [name, label])));
  }
  return labelled.get(key);
};

/** Shows the lead that the address names, or none. */
const open = async (moveFocus) => {
  const id = chosen();
  document.body.classList.toggle("open", !!id);
  drawList();
  if (!id || !state.keys) {
    at("lead").hidden = true;
    return;
  }
  try {
    const lead = await state.read.get("/v1/leads/{lead}", { path: { lead: id } });
    const [labels, sent] = await Promise.all([
      labelsOf(lead.form),
      state.read.get("/v1/deliveries", { query: { limit: DELIVERIES } }),
    ]);
    if (id !== chosen()) return;
    const about = sent.deliveries.filter(({ subject }) => subject === id);
    at("lead").replaceChildren(...detail(lead, about, labels, words(), format, { close, release: (button) => release(button, lead) }));
  } catch (error) {
    if (id !== chosen()) return;
    const [title, text] = error.status === 404 ? [words().goneTitle, words().gone] : [words().title, words().failed];
    at("lead").replaceChildren(make("button", { type: "button", className: "quiet close", onclick: close }, words().close), notice(title, text));
  }
  at("lead").hidden = false;
  if (moveFocus) at("lead").focus({ preventScroll: matchMedia("(min-width: 60rem)").matches });
};

const narrow = () => {
  state.leads = undefined;
  state.extra = [];
  state.next = null;
  poll();
};

at("language").onclick = () => {
  state.language = state.language === "en" ? "es" : "en";
  const address = new URL(location);
  address.searchParams.set("lang", state.language);
  history.replaceState(null, "", address);
  drawFrame();
  drawLive();
  open();
};
at("verdict").onchange = narrow;
let typing;
at("search").oninput = () => {
  clearTimeout(typing);
  typing = setTimeout(narrow, 250);
};
addEventListener("hashchange", () => open(true));

drawFrame();
drawLive();
drawList();
await poll();
open();
const tick = async () => {
  if (!document.hidden && state.keys !== null) await poll();
  setTimeout(tick, POLL_MS);
};
setTimeout(tick, POLL_MS);
