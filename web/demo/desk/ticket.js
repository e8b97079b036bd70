// What is told of one ticket: what was said in it, what happened to it, and why it is where it is. Text only ever becomes text.

import { make } from "../../embed/dom.js";
import { fill, number, share, words } from "../analytics/words.js";

/** Whether somebody said it, rather than did it. */
export const said = ({ kind }) => kind === "opened" || kind === "comment";

const who = (actor, ticket, names) => {
  if (actor === "customer") return ticket.requester.name || ticket.requester.email || words.someone;
  return actor === "system" ? words.system : names.agent(actor.replace(/^agent:/, ""));
};

export const message = (event, ticket, names, moment) => {
  const side = event.actor === "customer" ? "customer" : event.is_public === false ? "private" : "agent";
  return make("li", { className: `said ${side}` },
    make("p", { className: "by" }, make("b", {}, who(event.actor, ticket, names)), side === "private" ? make("span", { className: "kind" }, words.note) : "", make("time", { dateTime: event.created_at }, moment(event.created_at))),
    make("p", { className: "text" }, event.text ?? ""));
};

/** Whom an alarm was for, and what of it was told; its key is the clock, its turn and the occasion. */
const alarm = ({ key = "", metric, target }) => {
  const told = { metric: words.metrics[metric] ?? metric, target: words.targets[target] ?? target };
  const occasion = key.split(":").at(-1);
  if (!(metric in words.metrics)) return fill(words.events.unanswered, { target: told.target ?? words.targets.team_lead });
  return fill(words.events[target ? "escalated" : occasion] ?? "{metric}", told);
};

const happened = (event, by, names) => {
  const { kind, to } = event;
  const sentence = words.events;
  switch (kind) {
    case "alarm": return alarm(event);
    case "assigned": {
      // Who takes a ticket by hand has taken it.
      const how = event.actor === `agent:${to}` ? "claim" : !to && event.why === "hand" ? "dropped" : event.why;
      return fill(sentence[how] ?? (to ? sentence.plan : sentence.dropped), { who: by, to: names.agent(to) });
    }
    case "tags": return fill(sentence.tags, { who: by, to: to.join(", ") || "–" });
    case "status": return fill(sentence.status, { who: by, to: words.statuses[to] ?? to });
    case "priority": return fill(sentence.priority, { who: by, to: words.priorities[to] ?? to });
    case "category": return fill(sentence.category, { who: by, to: words.categories[to] ?? to });
    case "macro": return fill(sentence.macro, { who: by, name: event.id });
    case "rated": return fill(sentence.rated, { score: number(event.score) });
    default: return fill(sentence[kind] ?? kind, { who: by, to });
  }
};

/** A small line for what happened between the words. */
export const audit = (event, ticket, names, moment) =>
  make("li", { className: event.kind === "alarm" ? "done alarm" : "done" },
    make("span", {}, happened(event, who(event.actor, ticket, names), names), make("time", { dateTime: event.created_at }, moment(event.created_at))));

const reason = ({ by, text }) => make("li", {}, by === "rule" ? fill(words.rule, { text }) : by === "meaning" ? words.meaning : make("q", {}, text.trim()));

const part = (title, ...children) => make("div", {}, make("dt", {}, title), make("dd", {}, ...children));

/** A label as it was predicted: how sure, by what; and what it is now where somebody knew better. */
const labelled = (title, { label, probability, confidence, reasons }, labels, current) =>
  part(title,
    make("p", {}, make("b", {}, labels[label] ?? label), ` · ${share(probability)} · ${words.confidence[confidence] ?? confidence}`, current === label ? "" : ` · ${fill(words.now, { label: labels[current] ?? current })}`),
    make("ul", { className: "reasons" }, ...reasons.map(reason)));

const person = ({ assignee, routing, events }, names) => {
  const name = names.agent(assignee);
  if (!assignee) return [make("p", {}, words.why[routing?.why] ?? words.unrouted)];
  if (events.findLast(({ kind }) => kind === "assigned")?.why === "hand") return [make("p", {}, fill(words.byHand, { name }))];
  if (!routing?.reasons) return [make("p", {}, fill(words.claimed, { name }))];
  const points = routing.reasons.map((it) => make("li", {}, `${words.points[it.kind] ?? it.kind} ${it.points < 0 ? "−" : "+"}${number(Math.abs(it.points))}`));
  return [make("p", {}, make("b", {}, name)), make("ul", { className: "reasons" }, ...points)];
};

export const why = (ticket, names) => {
  const { verdict } = ticket;
  return [
    labelled(words.labels.category, verdict.category, words.categories, ticket.category),
    labelled(words.labels.priority, verdict.priority, words.priorities, ticket.priority),
    verdict.signals?.length ? part(words.signalsTitle, make("ul", { className: "reasons" }, ...verdict.signals.map(([signal, text]) => make("li", {}, `${words.signals[signal] ?? signal} `, make("q", {}, text))))) : "",
    part(words.person, verdict.is_unsure ? make("p", {}, words.unsure) : "", ...person(ticket, names)),
  ];
};
