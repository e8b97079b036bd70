// The retention table: those who began together, and how many of them were there in each period that followed.

import { make } from "../../embed/dom.js";
import { scrolled } from "./scrolled.js";
import { day, fill, number, plural, share, words } from "./words.js";

export const PERIODS = Object.keys(words.periods);
/** Columns of a table. Chosen: as many as stand side by side on a laptop. */
const LATER = { day: 7, week: 8, month: 6 };

const at = (id) => document.getElementById(id);

/** Lets the reader write the question; `ask` is told of it when they are done. */
export const drawRetentionQuestion = (question, ask) => {
  at("period").replaceChildren(...PERIODS.map((period) => new Option(words.periods[period], period)));
  for (const name of ["period", "cohort", "returning"]) at(name).value = question[name];
  const asked = () => ask({ period: at("period").value, cohort: at("cohort").value.trim(), returning: at("returning").value.trim() });
  at("period").onchange = asked;
  at("retention-form").onsubmit = (event) => {
    event.preventDefault();
    asked();
  };
};

/** The query of a question. */
export const retentionQuery = ({ period, cohort, returning }) => {
  const query = new URLSearchParams({ period, periods: LATER[period] });
  if (cohort) query.set("cohort", cohort);
  if (returning) query.set("returning", returning);
  return `/v1/retention?${query}`;
};

/** What the answer looks like. */
export const retention = ({ period, periods, cohorts }) => {
  if (cohorts.every(({ size }) => size === 0)) {
    return [make("div", { className: "empty" }, make("h3", {}, words.retentionEmpty), make("p", {}, words.retentionEmptyHint))];
  }
  const later = Array.from({ length: periods }, (_, place) => place + 1);
  const most = Math.max(...cohorts.flatMap(({ rates }) => rates.slice(1)));
  const label = fill(words.retentionLabel, { period: words.periods[period] });
  return [
    scrolled(label, make("table", { className: "cohorts" },
      make("caption", { className: "unseen" }, label),
      make("thead", {}, make("tr", {},
        make("th", { scope: "col" }, words.began[period]),
        make("th", { scope: "col", className: "number" }, words.size),
        ...later.map((count) => make("th", { scope: "col", className: "number" }, plural(count, words.later[period]))))),
      make("tbody", {}, ...cohorts.map((cohort, place) => make("tr", {},
        make("th", { scope: "row" }, day(cohort.start, period === "month")),
        make("td", { className: "number" }, number(cohort.size)),
        ...later.map((count) => cell(cohort, count, count === cohorts.length - 1 - place, most))))),
      make("tfoot", {}, make("tr", {},
        make("th", { scope: "row" }, words.all),
        make("td", { className: "number" }, number(cohorts.reduce((sum, { size }) => sum + size, 0))),
        ...later.map((count) => make("td", { className: "number" }, share(together(cohorts, count)))))))),
    make("p", { className: "note" }, words.running),
  ];
};

/** Shaded by how it stands beside the table's highest. */
const cell = ({ size, returned, rates }, later, isRunning, most) => {
  if (later >= returned.length) return make("td", { className: "number" });
  if (size === 0) return make("td", { className: "number muted" }, "–");
  const cell = make("td", { className: isRunning ? "number shade running" : "number shade" }, share(rates[later]), make("small", {}, number(returned[later])));
  cell.style.setProperty("--deep", `${most > 0 ? (100 * rates[later]) / most : 0}%`);
  return cell;
};

/** The share of all who can have come back by then: of cohorts whose period is over. */
const together = (cohorts, later) => {
  const over = cohorts.filter((_, place) => later < cohorts.length - 1 - place);
  const sum = (of) => over.reduce((total, cohort) => total + of(cohort), 0);
  const size = sum((cohort) => cohort.size);
  return size > 0 ? sum((cohort) => cohort.returned[later]) / size : null;
};
