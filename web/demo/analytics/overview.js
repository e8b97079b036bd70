// Visitors, visits and views beside those of the span before, over time, and what visits are counted by.

import { make } from "../../embed/dom.js";
import { chart } from "./chart.js";
import { scrolled } from "./scrolled.js";
import { change, duration, fill, moments, named, number, plural, share, words } from "./words.js";

export const METRICS = ["visitors", "sessions", "views"];
/** Names in a list; what else there is is summed up below them. */
export const LISTED = 8;
/** A day of hours has its whole width from the first on: the line grows to the right. */
const HOURS = 24;

const at = (id) => document.getElementById(id);

/** The figures, the chart and the table behind it. */
export const drawOverview = ({ stats, before, interval }, metric) => {
  for (const name of METRICS) {
    const [now, then] = [stats.totals[name], before.totals[name]];
    at(name).textContent = number(now);
    const moved = then > 0 ? make("span", { className: now > then ? "up" : now < then ? "down" : "" }, change(now, then)) : "";
    at(`${name}-before`).replaceChildren(moved, ` ${fill(words.before, { value: number(then) })}`);
  }
  at("depth").textContent = stats.totals.views_per_session === null ? "–" : number(Math.round(stats.totals.views_per_session * 100) / 100);
  at("bounce").textContent = share(stats.totals.bounce_rate);
  at("stay").textContent = duration(stats.totals.mean_duration_s);
  const { counted } = at("counted").dataset;
  const uncounted = stats.totals.uncounted_views;
  at("counted").textContent = uncounted > 0 ? `${counted} ${plural(uncounted, words.uncounted)}` : counted;

  const { axis, full } = moments(stats.time_zone, interval);
  const isEmpty = stats.totals.sessions === 0 && stats.totals.views === 0;
  const points = stats.series.map((point) => point[metric]);
  at("chart").replaceChildren(...(isEmpty || !points.length ? [empty()] : chart({
    points,
    before: before.totals[metric] > 0 ? before.series.map((point) => point[metric]) : [],
    moments: stats.series.map((point) => full(point.at)),
    axis: stats.series.map((point) => axis(point.at)),
    places: interval === "hour" ? Math.max(HOURS, points.length) : points.length,
    metric,
    interval,
  })));
  at("series").replaceChildren(scrolled(words.seriesTable, seriesTable(stats, before, metric, interval, full)));
  at("series").parentElement.hidden = isEmpty;
};

const empty = () => make("div", { className: "empty" },
  make("h3", {}, words.emptyTitle),
  make("p", {}, words.empty),
  make("pre", { tabIndex: 0 }, make("code", {}, words.command)));

const seriesTable = (stats, before, metric, interval, full) => make("table", {},
  make("thead", {}, make("tr", {},
    make("th", { scope: "col" }, words.moment[interval]),
    ...METRICS.map((name) => make("th", { scope: "col", className: "number" }, words.metrics[name])),
    make("th", { scope: "col", className: "number" }, `${words.metrics[metric]}, ${words.earlier.toLowerCase()}`))),
  make("tbody", {}, ...stats.series.map((point, place) => make("tr", {},
    make("th", { scope: "row" }, full(point.at)),
    ...METRICS.map((name) => make("td", { className: "number" }, number(point[name]))),
    make("td", { className: "number" }, before.series[place] ? number(before.series[place][metric]) : "–")))));

const NAMES = {
  devices: (code) => words.device[code] ?? code,
  countries: (code) => named("region", code),
  languages: (code) => named("language", code),
};

/** The lists, each in its place of the page. */
export const drawLists = ({ stats }) => {
  for (const name of Object.keys(words.lists)) {
    const isPages = name === "pages";
    const rows = (stats[name] ?? []).map((it) => ({ name: it.name ? (NAMES[name]?.(it.name) ?? it.name) : words.unknown[name], count: isPages ? it.views : it.sessions, isKnown: it.name !== "" }));
    at(name).replaceChildren(...list(name, rows, isPages ? stats.totals.views : stats.totals.sessions, isPages ? "views" : "sessions"));
  }
};

const list = (name, rows, total, unit) => {
  const title = words.lists[name];
  const hint = words.noneKnown[name];
  if (!rows.length || (hint && rows.every(({ isKnown }) => !isKnown))) {
    return [make("h3", {}, title), make("p", { className: "muted" }, rows.length ? hint : words.emptyList)];
  }
  const left = total - rows.reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(...rows.map(({ count }) => count));
  const all = left > 0 ? [...rows, { name: words.rest, count: left, isKnown: false }] : rows;
  return [make("table", { className: "bars" },
    make("caption", {}, title),
    make("thead", {}, make("tr", {},
      make("th", { scope: "col" }, make("span", { className: "unseen" }, title)),
      make("th", { scope: "col", className: "number" }, words.listed[unit]),
      make("th", { scope: "col", className: "number" }, words.share))),
    make("tbody", {}, ...all.map(({ name, count, isKnown }) => {
      const bar = make("span", { className: "fill" }, name);
      bar.style.setProperty("--share", `${Math.min(100, (100 * count) / most)}%`);
      return make("tr", { className: isKnown ? "" : "muted" },
        make("th", { scope: "row" }, bar),
        make("td", { className: "number" }, number(count)),
        make("td", { className: "number" }, share(count / total)));
    })))];
};
