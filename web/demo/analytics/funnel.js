// The funnel: its steps as the reader sets them, and where people were lost between them.

import { make } from "../../embed/dom.js";
import { scrolled } from "./scrolled.js";
import { counted, duration, fill, number, plural, share, words } from "./words.js";

/** As many as the API takes. */
const STEPS = { least: 2, most: 8 };
/** What the embed script sends, offered where a step is written; the site's own names join them. */
export const SENT = ["Form Started", "Form Submitted", "Outbound Link Clicked"];
/** The demo's own: a view of its page, the form begun, the form sent. */
export const FUNNEL = ["page:/demo", "Form Started", "Form Submitted"];
export const WINDOWS = Object.keys(words.windows);
/** What of `by` asks for a name after a colon. */
const NAMED = Object.keys(words.byName);

const at = (id) => document.getElementById(id);

/** Lets the reader write the question; `ask` is told of it when they are done. */
export const drawQuestion = (question, ask) => {
  const steps = [...question.steps];
  const [by, ...rest] = question.by.split(":");
  at("window").replaceChildren(...WINDOWS.map((length) => new Option(words.windows[length], length)));
  at("window").value = question.window;
  at("by").replaceChildren(...Object.entries(words.bys).map(([code, name]) => new Option(name, code)));
  at("by").value = by;
  at("by-name").value = rest.join(":");
  const drawName = () => {
    const isNamed = NAMED.includes(at("by").value);
    at("by-name-label").hidden = !isNamed;
    at("by-name").required = isNamed;
    at("by-name-label").firstElementChild.textContent = words.byName[at("by").value] ?? "";
  };
  at("by").onchange = () => {
    at("by-name").value = at("by").value === "variant" ? "demo" : "";
    drawName();
  };
  drawName();

  const inputs = () => [...at("steps").querySelectorAll("input")];
  const drawSteps = () => {
    at("steps").replaceChildren(...steps.map((step, place) => {
      const input = make("input", { value: step, required: true, autocomplete: "off", spellcheck: false, ariaLabel: fill(words.step, { place: place + 1 }) });
      input.setAttribute("list", "names");
      input.oninput = () => (steps[place] = input.value);
      const remove = make("button", { type: "button", className: "quiet", ariaLabel: fill(words.remove, { place: place + 1 }), hidden: steps.length <= STEPS.least }, "×");
      remove.onclick = () => {
        steps.splice(place, 1);
        drawSteps();
        inputs()[Math.min(place, steps.length - 1)].focus();
      };
      return make("li", {}, input, remove);
    }));
    at("add").hidden = steps.length >= STEPS.most;
  };
  drawSteps();
  at("add").onclick = () => {
    steps.push("");
    drawSteps();
    inputs().at(-1).focus();
  };
  at("funnel-form").onsubmit = (event) => {
    event.preventDefault();
    const name = NAMED.includes(at("by").value) ? `:${at("by-name").value}` : "";
    ask({ steps: steps.map((step) => step.trim()), window: at("window").value, by: at("by").value + name });
  };
};

/** The query of a question. */
export const queryOf = ({ steps, window, by }, from) => {
  const query = new URLSearchParams({ from: new Date(from).toISOString(), window });
  for (const step of steps) query.append("steps", step);
  if (by) query.set("by", by);
  return `/v1/funnels?${query}`;
};

/** What the answer looks like. */
export const funnel = (answer) => {
  const { steps, people, groups } = answer;
  if (people === 0) {
    return [make("div", { className: "empty" }, make("h3", {}, fill(words.funnelEmpty, { step: steps[0].step })), make("p", {}, words.funnelEmptyHint))];
  }
  const last = steps.at(-1);
  return [
    make("p", { className: "headline" }, fill(words.conversion, { share: share(last.of_first), last: number(last.people), first: counted(people, words.people) })),
    make("ol", { className: "funnel" }, ...steps.map((step, place) => bar(step, steps[place + 1], place))),
    ...(groups ? [breakdown(answer)] : []),
    make("details", { className: "behind" }, make("summary", {}, words.funnelTable), scrolled(words.funnelTable, table(steps))),
    make("p", { className: "note" }, words.exact),
  ];
};

const bar = (step, next, place) => {
  const track = make("i", {});
  track.style.setProperty("--share", `${100 * (step.of_first ?? 0)}%`);
  const facts = place === 0 ? [] : [fill(words.ofFirst, { share: share(step.of_first) })];
  if (place > 1) facts.push(fill(words.ofPrevious, { share: share(step.of_previous) }));
  if (step.median_s !== null) facts.push(fill(words.median, { time: duration(step.median_s) }));
  const lost = next ? step.people - next.people : 0;
  if (lost > 0) facts.push(plural(lost, words.lost));
  return make("li", {},
    make("div", {}, make("span", { className: "step" }, step.step), make("strong", {}, counted(step.people, words.people))),
    track,
    make("small", {}, facts.join(" · ") || " "));
};

const table = (steps) => make("table", {},
  make("thead", {}, make("tr", {}, ...words.funnelHeads.map((head, place) => make("th", { scope: "col", className: place ? "number" : "" }, head)))),
  make("tbody", {}, ...steps.map((step) => make("tr", {},
    make("th", { scope: "row" }, step.step),
    ...[number(step.people), share(step.of_first), share(step.of_previous), duration(step.median_s)].map((cell) => make("td", { className: "number" }, cell))))));

/** Each group's people at each step, and how much of its first. */
const breakdown = ({ by, steps, groups, groups_left_out: left }) => {
  const [kind, ...rest] = by.split(":");
  const title = fill(words.groups, { by: [words.bys[kind].toLowerCase(), rest.join(":")].filter(Boolean).join(": ") });
  const name = (group) => group ?? words.noValue;
  return make("div", { className: "groups" },
    make("h3", {}, title),
    scrolled(title, make("table", {},
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, words.bys[kind]), ...steps.map(({ step }) => make("th", { scope: "col", className: "number" }, step)))),
      make("tbody", {}, ...groups.map((group) => make("tr", {},
        make("th", { scope: "row", className: group.name ? "" : "muted" }, name(group.name || null)),
        ...group.steps.map((step, place) => make("td", { className: "number" }, number(step.people), ...(place ? [" ", make("small", {}, share(step.of_first))] : [])))))))),
    left > 0 ? make("p", { className: "note" }, plural(left, words.groupsLeftOut)) : "");
};
