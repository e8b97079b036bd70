// One lead in full: score with every reason, verdict, data, journey, consents, deliveries. Text only ever becomes text.

import { make } from "../../embed/dom.js";

const table = (heads, rows, foot) =>
  make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map(([text, className = ""]) => make("th", { scope: "col", className }, text)))),
    make("tbody", {}, ...rows.map((cells) => make("tr", {}, ...cells.map((cell, at) => make("td", { className: heads[at][1] ?? "" }, cell))))),
    foot ? make("tfoot", {}, make("tr", {}, ...foot.map((cell, at) => make("td", { className: heads[at][1] ?? "" }, cell)))) : "");

const pairs = (entries) => make("dl", { className: "pairs" }, ...entries.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));

/** What the form asks comes first, as it asks it; then whatever else was sent. */
const inOrder = (fields, labels) => {
  const place = Object.keys(labels);
  const rank = ([name]) => (place.includes(name) ? place.indexOf(name) : place.length);
  return Object.entries(fields).sort((a, b) => rank(a) - rank(b));
};

const section = (title, ...children) => make("section", {}, make("h3", {}, title), ...children);

const plain = (value) => (Array.isArray(value) ? value.join(", ") : typeof value === "object" && value ? JSON.stringify(value) : String(value));

export const signed = (points, format) => (points > 0 ? "+" : points < 0 ? "−" : "") + format.number(Math.abs(points));

const meter = (name, value, className, format) => {
  const bar = make("i", {});
  bar.style.setProperty("--share", `${Math.max(0, Math.min(100, value))}%`);
  return make("div", { className: `meter ${className}` }, make("span", {}, name), make("span", {}, format.number(value)), bar);
};

const score = (lead, words, format) => {
  const contributions = lead.contributions ?? [];
  const label = ({ label, rule }) => (typeof label === "object" && label ? (label[format.language] ?? Object.values(label)[0]) : label) || rule;
  return [
    make("div", { className: "sums" },
      make("p", { className: "total" }, format.number(lead.score), make("span", { className: "band" }, `${words.band} ${lead.band}`)),
      make("div", { className: "meters" }, meter(words.fit, lead.fit, "fit", format), meter(words.engagement, lead.engagement, "engagement", format))),
    section(words.why, contributions.length
      ? table([[words.rule], [words.group], [words.points, "number"]],
          contributions.map((it) => [label(it), [words[it.side ?? it.part], it.group].filter(Boolean).join(" · "), signed(it.points, format)]),
          [words.sum, "", format.number(contributions.reduce((sum, { points }) => sum + points, 0))])
      : make("p", { className: "muted" }, words.noRules)),
  ];
};

const verdict = (lead, words, release) => {
  const isHeld = lead.verdict === "quarantine";
  const reasons = lead.reasons ?? [];
  return make("div", { className: `verdict ${lead.verdict}` },
    make("strong", {}, isHeld ? words.quarantined : words.accepted),
    reasons.length
      ? make("div", {}, words.seen, make("ul", {}, ...reasons.map((reason) => make("li", {}, words.reasons[reason] ?? reason))))
      : make("p", { className: "muted" }, words.clean),
    isHeld ? make("button", { type: "button", onclick: (event) => release(event.target) }, words.release) : "");
};

/** In the order a marketer reads them. */
const UTM = ["source", "medium", "campaign", "term", "content"];

const touch = (it, words) => {
  if (!it || typeof it !== "object") return words.direct;
  const utm = UTM.map((name) => it.utm?.[name]).filter(Boolean).join(" / ");
  return [utm, it.referrer, it.page, it.variant && `${words.variant} ${it.variant}`].filter(Boolean).join("\n") || words.direct;
};

/** Only a form with double opt-in has anything to say here. */
const confirmation = ({ is_confirmed: isConfirmed, consents }, words) => {
  if (isConfirmed && !consents.some(({ confirmed_at: at }) => at)) return "";
  return make("p", { className: "muted" }, isConfirmed ? words.confirmed : words.unconfirmed);
};

const journey = (lead, words, format) => {
  const steps = [
    ...(lead.history ?? []).flatMap((it) => [
      { at: it.received_at, text: [words.sent, it.form, it.variant && `${words.variant} ${it.variant}`].filter(Boolean).join(" · ") },
      ...(it.released_at ? [{ at: it.released_at, text: words.released }] : []),
    ]),
    ...(lead.conversations ?? []).map((it) => ({ at: it.created_at, text: [`${words.talked} (${format.count(it.messages, words.messages)})`, it.page].filter(Boolean).join(" · ") })),
    ...(lead.tickets ?? []).map((it) => ({
      at: it.created_at,
      text: [make("a", { href: `/demo/desk${format.language === "en" ? "/en" : ""}#${it.number}` }, `${words.ticket} ${it.number}`), ` · ${it.subject}${it.due_at ? ` · ${words.due} ${format.moment(it.due_at)}` : ""}`],
    })),
    ...(lead.events ?? []).map((it) => ({ at: it.occurred_at, text: [it.name || it.type, it.url].filter(Boolean).join(" · ") })),
  ].sort((a, b) => (a.at < b.at ? 1 : -1));
  return make("ol", { className: "steps" }, ...steps.map(({ at, text }) => make("li", {}, make("time", { dateTime: at }, format.moment(at)), make("div", {}, ...[text].flat()))));
};

const deliveries = (rows, words, format) => rows.length
  ? table([[words.destination], [words.status], [words.attempts, "number"]],
      rows.map((it) => [
        [it.kind, it.destination, it.event].filter(Boolean).join(" · "),
        make("span", { className: { delivered: "good", failed: "bad" }[it.status] ?? "" },
          [words.statuses[it.status] ?? it.status, it.last_status, it.last_error,
            it.status === "pending" && it.next_at && it.attempts ? `${words.next} ${format.moment(it.next_at)}` : ""].filter(Boolean).join(" · ")),
        format.number(it.attempts),
      ]))
  : make("p", { className: "muted" }, words.noDeliveries);

/**
 * The lead's whole panel. `labels` are the form's own words for its fields; `act.release` is told the button that asked,
 * `act.close` leaves the panel.
 */
export const detail = (lead, sent, labels, words, format, act) => [
  make("button", { type: "button", className: "quiet close", onclick: act.close }, words.close),
  make("h2", {}, lead.name || lead.email),
  make("p", { className: "muted" }, [lead.name && lead.email, `${words.form} ${lead.form}`, format.count(lead.submissions, words.submissions), format.moment(lead.created_at)].filter(Boolean).join(" · ")),
  ...score(lead, words, format),
  verdict(lead, words, act.release),
  section(words.data, pairs([
    ...inOrder(lead.fields ?? {}, labels).map(([name, value]) => [labels[name] ?? name, plain(value)]),
    ...(lead.tags?.length ? [[words.tags, lead.tags.join(", ")]] : []),
  ])),
  section(words.origin, pairs([[words.first, touch(lead.first_touch, words)], [words.last, touch(lead.last_touch, words)]])),
  section(words.journey, journey(lead, words, format)),
  section(words.consents,
    pairs((lead.consents ?? []).map((it) => [labels[it.item] ?? it.item, `${it.is_given ? words.given : words.refused} · ${words.version} ${it.form_version} (${it.locale}) · ${format.moment(it.given_at)}`])),
    confirmation(lead, words)),
  section(words.deliveries, deliveries(sent, words, format)),
];
