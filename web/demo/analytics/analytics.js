// The demo's analytics: what the read side answers, as figures, a chart, lists, a funnel and a retention table. The question
// stands in the address, so that a link shows what its sender saw. It reads with the development server's key.

import { make } from "../../embed/dom.js";
import { keys } from "../api.js";
import { FUNNEL, SENT, WINDOWS, drawQuestion, funnel, queryOf } from "./funnel.js";
import { LISTED, METRICS, drawLists, drawOverview } from "./overview.js";
import { PERIODS, drawRetentionQuestion, retention, retentionQuery } from "./retention.js";
import { fill, time, words } from "./words.js";
import { spanOf } from "./zone.js";

const SPANS = ["1", "7", "30", "90"];
/** What the server takes for `from` when nobody says. */
const DEFAULT_SPAN = "7";
const TIMEOUT_MS = 8000;
/** Of how many events the names are offered as steps. */
const EVENTS = 300;

const at = (id) => document.getElementById(id);
const given = new URLSearchParams(location.search);
const oneOf = (name, values, otherwise) => (values.includes(given.get(name)) ? given.get(name) : otherwise);
const steps = given.getAll("step").filter(Boolean);
const state = {
  span: oneOf("span", SPANS, DEFAULT_SPAN),
  metric: oneOf("metric", METRICS, METRICS[0]),
  funnel: { steps: steps.length > 1 ? steps : FUNNEL, window: oneOf("window", WINDOWS, "7d"), by: given.get("by") ?? "" },
  retention: { period: oneOf("period", PERIODS, "week"), cohort: given.get("cohort") ?? "", returning: given.get("returning") ?? "" },
  keys: undefined,
  zone: undefined,
  from: undefined,
  overview: undefined,
};

const remember = () => {
  const query = new URLSearchParams({ span: state.span, metric: state.metric });
  for (const step of state.funnel.steps) query.append("step", step);
  for (const [name, value] of Object.entries({ window: state.funnel.window, by: state.funnel.by, ...state.retention })) if (value) query.set(name, value);
  history.replaceState(null, "", `?${query}`);
  at("language").search = query;
};

/** One question. It reads only and asks seldom, so it does without the client, which weighs more than all that it would save here. */
const ask = async (path) => {
  const headers = { accept: "application/json", authorization: `Bearer ${state.keys.read_key}` };
  const answer = await fetch(path, { cache: "no-store", headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (answer.ok) return answer.json();
  const { detail } = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(`${answer.status} for ${path}`), { status: answer.status, detail });
};

/** What went wrong, in words, and what to do next. */
const explain = ({ status, detail }) => {
  if (status === 401 || status === 403) return words.errors.key;
  if (status === 429) return words.errors.often;
  if (status >= 400 && status < 500) return fill(words.errors.question, { detail: detail ?? status });
  return words.errors.server;
};

/** A part of the page that asks for itself: the latest question wins, and a failure leaves what was there. */
const part = (name, question, draw) => {
  const [place, alert] = [at(name), at(`${name}-alert`)];
  let turn = 0;
  const load = async () => {
    const mine = ++turn;
    place.ariaBusy = "true";
    try {
      const answer = await question();
      if (mine !== turn) return;
      draw(answer);
      alert.replaceChildren();
    } catch (error) {
      if (mine !== turn) return;
      // What stands there answered another question.
      if (error.status === 400) place.replaceChildren();
      alert.replaceChildren(make("div", { className: "notice bad" }, make("p", {}, explain(error)), make("button", { type: "button", className: "quiet", onclick: load }, words.retry)));
    } finally {
      if (mine === turn) place.ariaBusy = null;
    }
  };
  return load;
};

const stats = (query) => ask(`/v1/stats?${new URLSearchParams(query)}`);

/** The span's statistics and those of the span before. The zone is the site's; the first answer names it. */
const askOverview = async () => {
  const interval = state.span === "1" ? "hour" : "day";
  const first = state.zone ? undefined : await stats({ limit: LISTED });
  state.zone ??= first.time_zone;
  const now = Date.now();
  const { from, before } = spanOf(state.zone, Number(state.span), now);
  state.from = from;
  const iso = (moment) => new Date(moment).toISOString();
  const [current, earlier] = await Promise.all([
    first && state.span === DEFAULT_SPAN ? first : stats({ from: iso(from), interval, limit: LISTED }),
    stats({ from: iso(before.from), until: iso(before.until), interval, limit: 1 }),
  ]);
  return { stats: current, before: earlier, interval, asked: now };
};

const loadOverview = part("overview", askOverview, (answer) => {
  state.overview = answer;
  drawOverview(answer, state.metric);
  drawLists(answer);
  at("asked").textContent = fill(words.asked, { zone: state.zone, time: time(answer.asked, state.zone) });
  offer(answer.stats.pages.map(({ name }) => `page:${name}`));
  tellInvented();
});
const loadFunnel = part("funnel", () => ask(queryOf(state.funnel, state.from)), (answer) => at("funnel").replaceChildren(...funnel(answer)));
const loadRetention = part("retention", () => ask(retentionQuery(state.retention)), (answer) => at("retention").replaceChildren(...retention(answer)));

const offered = new Set();
const offer = (names) => {
  for (const name of names) if (name) offered.add(name);
  at("names").replaceChildren(...[...offered].map((name) => new Option("", name)));
};

/** The names that the site's own events have; asked for once somebody is about to write one. */
const offerNames = async () => {
  const answer = await fetch(`/v1/events?limit=${EVENTS}`, { headers: { authorization: `Bearer ${state.keys.read_key}` } });
  if (!answer.ok) return;
  const lines = (await answer.text()).split("\n").filter(Boolean);
  offer(lines.map((line) => JSON.parse(line).name));
};

/** Says so where the demo's invented visitors are among those counted. */
const tellInvented = async () => {
  const { groups = [] } = await ask(queryOf({ steps: ["page:/demo", "page:/demo"], window: "1d", by: "property:demo" }, state.from)).catch(() => ({}));
  at("notices").replaceChildren(...(groups.some(({ name }) => name === "true") ? [make("p", { className: "note" }, words.invented)] : []));
};

const loadAll = async () => {
  await loadOverview();
  if (state.from) await Promise.all([loadFunnel(), loadRetention()]);
};

const start = async () => {
  try {
    state.keys ??= await keys();
  } catch {
    at("notices").replaceChildren(make("div", { className: "notice bad", role: "alert" }, make("p", {}, words.errors.server), make("button", { type: "button", className: "quiet", onclick: start }, words.retry)));
    return;
  }
  if (!state.keys) {
    document.body.classList.add("keyless");
    at("notices").replaceChildren(make("div", { className: "notice", role: "alert" }, make("h2", {}, words.errors.keysTitle), make("p", {}, words.errors.keys)));
    return;
  }
  at("notices").replaceChildren();
  await loadAll();
};

at("counted").dataset.counted = at("counted").textContent;
for (const name of ["span", "metric"]) for (const input of document.getElementsByName(name)) input.checked = input.value === state[name];
for (const input of document.getElementsByName("span")) {
  input.onchange = () => {
    state.span = input.value;
    remember();
    loadOverview().then(loadFunnel);
  };
}
for (const input of document.getElementsByName("metric")) {
  input.onchange = () => {
    state.metric = input.value;
    remember();
    if (state.overview) drawOverview(state.overview, state.metric);
  };
}
drawQuestion(state.funnel, (question) => {
  state.funnel = question;
  remember();
  loadFunnel();
});
drawRetentionQuestion(state.retention, (question) => {
  state.retention = question;
  remember();
  loadRetention();
});
at("tools").onsubmit = (event) => event.preventDefault();
at("refresh").onclick = start;
at("steps").addEventListener("focusin", () => state.keys && offerNames().catch(() => {}), { once: true });
offer([...SENT, ...FUNNEL]);
remember();
start();
