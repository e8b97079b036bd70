// The demo's desk: what waits, the nearest deadline first, and one ticket in full: what was said, why it is here, and what an agent may do
// with it. It asks every few seconds while the page is in sight; a lost server leaves what was there and says so. What people are asked to
// send is theirs: a suggestion only fills the box.

import { make } from "../../embed/dom.js";
import { keys, reader, writer } from "../api.js";
import { duration, fill, language, number, words } from "../analytics/words.js";
import { audit, message, said, why } from "./ticket.js";

/** Chosen: soon enough to feel live, seldom enough to be cheap. */
const POLL_MS = 3000;
/** From so many seconds before a breach on the time is amber, and from so many on it counts seconds. The first is the policies' own warning. */
const SOON_S = 1800;
const SECONDS_S = 600;
/** Of the customer's words the articles are asked with so many characters at most; the wire takes 16,000 bytes. */
const ASKED_CHARS = 4000;

const at = (id) => document.getElementById(id);
const radios = (name) => [...document.getElementsByName(name)];
const given = new URLSearchParams(location.search);
const state = {
  keys: undefined,
  agents: [],
  me: given.get("agent") ?? "",
  show: ["all", "mine", "nobody"].includes(given.get("show")) ? given.get("show") : "all",
  pages: 1,
  tickets: undefined,
  next: null,
  ticket: undefined,
  drafts: new Map(),
  isFailing: false,
  isBusy: false,
  pictures: {},
};

const chosen = () => /^#\d+$/.exec(location.hash)?.[0].slice(1) ?? "";
const names = { agent: (id) => state.agents.find((it) => it.id === id)?.name ?? id };
const moment = (time) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));

/** Draws a part of the page only where what it shows has changed, so that focus and selection stay. */
const draw = (id, shows, children) => {
  const picture = JSON.stringify(shows);
  if (state.pictures[id] === picture) return;
  state.pictures[id] = picture;
  at(id).replaceChildren(...children());
};

const remember = () => {
  const query = new URLSearchParams({ agent: state.me, show: state.show });
  history.replaceState(null, "", `?${query}${location.hash}`);
  at("language").search = query;
  at("language").hash = location.hash;
};

/** Time until a moment, or since, for people: seconds only where they matter. */
const span = (seconds) => duration(seconds < SECONDS_S ? seconds : Math.floor(seconds / 60) * 60);

const due = (time) => {
  const [big, small] = [make("b", {}), make("small", {})];
  const element = time ? make("time", { className: "due", dateTime: time, title: moment(time) }, big, small) : make("span", { className: "due" }, make("b", {}, "–"), make("small", {}, words.noClock));
  if (time) count(element);
  return element;
};

const count = (element) => {
  const left = Math.round((new Date(element.dateTime) - Date.now()) / 1000);
  const [big, small] = element.children;
  const text = span(Math.abs(left));
  if (big.textContent === text) return;
  big.textContent = text;
  small.textContent = left < 0 ? words.late : words.left;
  element.className = `due ${left < 0 ? "late" : left < SOON_S ? "soon" : ""}`;
};

const row = (ticket) => {
  const item = make("a", { className: "row", href: `#${ticket.number}` },
    due(ticket.due_at),
    make("span", { className: "subject" }, ticket.subject),
    make("span", { className: "what" },
      make("span", { className: ticket.priority }, words.priorities[ticket.priority] ?? ticket.priority),
      ` · ${ticket.requester.name || ticket.requester.email || words.someone} · ${words.categories[ticket.category] ?? ticket.category}`),
    make("span", { className: ticket.assignee ? "holds" : "holds none" }, ticket.assignee ? names.agent(ticket.assignee) : words.noOne));
  if (String(ticket.number) === chosen()) item.ariaCurrent = "true";
  return make("li", {}, item);
};

const notice = (title, text) => make("div", { className: "empty" }, make("h2", {}, title), make("p", {}, text));

const drawList = () => {
  const { tickets, next } = state;
  const focused = document.activeElement?.getAttribute("href");
  draw("list", [state.keys === null, tickets, next, state.show, state.agents.map(({ name }) => name), chosen()], () => {
    if (state.keys === null) return [notice(words.keysTitle, words.keys)];
    if (!tickets) return [make("div", { className: "skeleton", ariaBusy: "true", ariaLabel: words.loading, role: "img" })];
    if (!tickets.length) return [state.show === "all" ? notice(words.emptyTitle, words.empty) : notice(words.noneTitle, words.none)];
    const more = () => {
      state.pages++;
      poll();
    };
    return [make("ul", { className: "rows" }, ...tickets.map(row)), next === null ? "" : make("button", { type: "button", className: "quiet more", onclick: more }, words.more)];
  });
  if (focused?.startsWith("#")) at("list").querySelector(`a[href="${focused}"]`)?.focus();
};

const drawSelf = () => {
  const { agents } = state;
  if (!agents.some(({ id }) => id === state.me)) state.me = agents[0]?.id ?? "";
  draw("me", agents.map(({ id, name }) => [id, name]), () => agents.map(({ id, name }) => new Option(name ?? id, id)));
  at("me").value = state.me;
  const mine = agents.find(({ id }) => id === state.me);
  at("presence").ariaChecked = String(mine?.presence === "online");
  at("load").textContent = mine ? [fill(words.load, { load: number(mine.load), capacity: number(mine.capacity) }), mine.is_working ? "" : words.offHours].filter(Boolean).join(" · ") : words.nobodyThere;
  at("presence").hidden = at("reply").hidden = !mine;
};

const drawLive = () => {
  const [className, text] = state.isFailing ? ["off", words.failed] : state.tickets ? ["on", words.live] : ["", state.keys === null ? "" : words.loading];
  if (at("live").textContent !== text) at("live").textContent = text;
  at("live").className = className;
};

const clock = ({ state: stands, at: when, due_at: end, left_seconds: left, spent_seconds: spent }) => {
  if (stands === "running" && end) return due(end);
  const time = stands === "breached" ? (Date.now() - new Date(when)) / 1000 : stands === "met" ? spent : left;
  return make("span", { className: stands === "breached" ? "late" : stands === "met" ? "good" : "muted" }, fill(words.clocks[stands] ?? stands, { time: span(Math.max(0, Math.round(time))) }));
};

/** Broken promises first, then what runs, the nearest first; what is over last. */
const inOrder = (clocks) => {
  const rank = ({ state: stands, due_at: end }) => [["breached", "running", "paused", "met", "cancelled"].indexOf(stands), end ?? ""].join();
  return [...clocks].sort((a, b) => rank(a).localeCompare(rank(b)));
};

/** What there is to choose from; what a ticket has is always among it. */
const choice = (id, labels, value) => {
  const codes = value in labels ? labels : { ...labels, [value]: value };
  draw(id, codes, () => Object.entries(codes).map(([code, label]) => new Option(label, code)));
  at(id).value = value;
};

const drawTicket = () => {
  const { ticket } = state;
  const { requester } = ticket;
  const isDone = ["solved", "closed"].includes(ticket.status);
  at("subject").textContent = ticket.subject;
  at("about").textContent = [`#${ticket.number}`, requester.name, requester.email, words.sources[ticket.source] ?? ticket.source, moment(ticket.created_at)].filter(Boolean).join(" · ");
  for (const [id, labels] of [["status", words.statuses], ["priority", words.priorities], ["category", words.categories]]) choice(id, labels, ticket[id]);
  at("holder").textContent = ticket.assignee ? names.agent(ticket.assignee) : words.noOne;
  at("claim").textContent = ticket.assignee ? words.takeOver : words.claim;
  at("claim").hidden = !state.me || isDone || ticket.assignee === state.me;
  at("resolve").dataset.done = isDone ? "yes" : "";
  draw("clocks", [ticket.clocks, Math.floor(Date.now() / 60_000)], () =>
    inOrder(ticket.clocks).map((it) => make("div", {}, make("dt", {}, words.metrics[it.metric] ?? it.metric), make("dd", {}, clock(it)))));
  draw("why", [ticket.verdict, ticket.routing, ticket.category, ticket.priority, ticket.assignee, state.agents.length], () => why(ticket, names));
  draw("talk", [ticket.events, state.agents.length], () => ticket.events.map((event) => (said(event) ? message : audit)(event, ticket, names, moment)));
  label();
};

/** What the buttons would do with what stands in the box. */
const label = () => {
  const kind = radios("kind").find(({ checked }) => checked).value;
  const isWritten = at("text").value.trim() && kind === "public";
  at("send").textContent = words.send[kind];
  at("reply").className = kind === "private" ? "noting" : "";
  at("resolve").textContent = at("resolve").dataset.done ? words.reopen : isWritten ? words.sendResolve : words.resolve;
};

const tell = (...children) => at("draft").replaceChildren(...children);

/** Reads what is shown; an address that names no ticket shows none. */
const load = async () => {
  const name = chosen();
  if (!name || !state.keys) return;
  const found = await state.read.get("/v1/tickets/{ticket}", { path: { ticket: name } }).catch((error) => (error.status === 404 ? null : Promise.reject(error)));
  // What was asked for before something was done may come after it.
  const isOld = found && found.number === state.ticket?.number && found.events.length < state.ticket.events.length;
  if (name === chosen() && !state.isBusy && !isOld) show(found);
};

const show = (ticket) => {
  state.ticket = ticket;
  at("ticket").hidden = false;
  at("whole").hidden = !ticket;
  if (ticket) return drawTicket();
  [at("subject").textContent, at("about").textContent] = [words.goneTitle, words.gone];
};

const open = async (moveFocus) => {
  const name = chosen();
  const left = String(state.ticket?.number ?? "");
  document.body.classList.toggle("open", !!name);
  remember();
  drawList();
  if (name !== left) {
    if (left) state.drafts.set(left, at("text").value);
    at("text").value = state.drafts.get(name) ?? "";
    at("problem").textContent = "";
    tell();
    state.ticket = undefined;
    at("ticket").hidden = true;
  }
  try {
    await load();
  } catch {
    state.isFailing = true;
    drawLive();
  }
  if (moveFocus && state.ticket) at("ticket").focus({ preventScroll: matchMedia("(min-width: 60rem)").matches });
};

const poll = async () => {
  try {
    if (state.keys === undefined) {
      state.keys = await keys();
      if (state.keys) [state.read, state.write] = [reader(state.keys.read_key), writer(state.keys.admin_key)];
    }
    if (state.keys) {
      const asked = [state.show, state.me].join();
      const [{ agents }, list] = await Promise.all([state.read.get("/v1/agents"), tickets()]);
      state.agents = agents;
      if (asked === [state.show, state.me].join() || !state.tickets) Object.assign(state, list);
      drawSelf();
      await load();
    }
    state.isFailing = false;
  } catch {
    state.isFailing = true;
  }
  at("tools").hidden = !state.tickets;
  drawList();
  drawLive();
};

/** Every page that was asked for, so that nothing which was read goes away. */
const tickets = async () => {
  const found = [];
  let next = 0;
  for (let page = 0; page < state.pages && next !== null; page++) {
    const assignee = { mine: state.me, nobody: "nobody" }[state.show];
    const answer = await state.read.get("/v1/tickets", { query: { order: "due", status: "unsolved", offset: next, assignee } });
    found.push(...answer.tickets);
    next = answer.next_offset;
  }
  return { tickets: found, next };
};

/** Does one thing to the ticket, once, and shows what came of it. */
const act = async (deed, done) => {
  if (state.isBusy || !state.ticket) return;
  const { number: name } = state.ticket;
  state.isBusy = true;
  at("ticket").ariaBusy = "true";
  at("problem").textContent = "";
  try {
    const ticket = await deed({ ticket: name });
    if (String(name) === chosen()) {
      show(ticket);
      done?.();
    }
  } catch ({ status, problem }) {
    at("problem").textContent = status === 409 ? words.errors.taken : status === 429 ? words.errors.often : status >= 400 && status < 500 ? fill(words.errors.refused, { detail: problem?.detail ?? status }) : words.errors.server;
    if (state.ticket) drawTicket();
  } finally {
    state.isBusy = false;
    at("ticket").ariaBusy = null;
  }
  poll();
};

const change = (what, done) => act((path) => state.write.patch("/v1/tickets/{ticket}", { path, json: { ...(state.me && { agent: state.me }), ...what } }), done);

const write = (status) => {
  const text = at("text").value.trim();
  if (!text) return at("text").focus();
  const isPublic = radios("kind").find(({ checked }) => checked).value === "public";
  const name = String(state.ticket?.number);
  const deed = async (path) => {
    const ticket = await state.write.post("/v1/tickets/{ticket}/comments", { path, json: { text, is_public: isPublic, agent: state.me, ...(status && { status }) } });
    // Whoever reads another ticket by now must not find it unsent.
    state.drafts.delete(name);
    return ticket;
  };
  return act(deed, () => {
    if (at("text").value.trim() === text) at("text").value = "";
    label();
    tell(status ? words.solved : isPublic ? words.sent : words.kept);
  });
};

/** Where an article may lead: nowhere but to the web. */
const isWeb = (url) => /^https?:\/\//.test(url ?? "");

/** Asks the articles what they say to the customer's last words, or to a question of theirs that was chosen. */
const suggest = async (question) => {
  const { ticket } = state;
  const last = ticket.events.findLast(({ kind, actor, text, is_thanks: isThanks }) => actor === "customer" && text && !isThanks && ["opened", "comment"].includes(kind));
  const content = (question ?? [last?.kind === "opened" ? ticket.subject : "", last?.text ?? ""].join("\n").trim()).slice(0, ASKED_CHARS);
  tell(words.asking);
  let answer;
  try {
    answer = await writer(state.keys.admin_key, ticket.locale).post("/v1/chat/completions", { json: { model: "orilla", messages: [{ role: "user", content }] } });
  } catch {
    return tell(make("span", { className: "bad" }, words.errors.suggest));
  }
  if (ticket.number !== state.ticket?.number) return;
  const [source] = answer.sources ?? [];
  if (answer.action === "answer" && source) {
    const box = at("text");
    box.value = [box.value.trim(), answer.choices[0].message.content].filter(Boolean).join("\n\n");
    tell(fill(words.draft, { title: source.title }), isWeb(source.url) ? make("a", { href: source.url, target: "_blank", rel: "noopener" }, words.source) : "");
    radios("kind")[0].checked = true;
    label();
    box.focus();
    return;
  }
  const choices = answer.action === "clarify" ? answer.suggestions : [];
  if (!choices.length) return tell(words.unknown);
  tell(make("p", {}, words.choices), ...choices.map(({ title }) => make("button", { type: "button", className: "quiet", onclick: () => suggest(title) }, title)));
};

const close = () => {
  const left = location.hash;
  history.pushState(null, "", location.pathname + location.search);
  open();
  at("list").querySelector(`a[href="${left}"]`)?.focus();
};

for (const input of radios("show")) {
  input.checked = input.value === state.show;
  input.onchange = () => {
    Object.assign(state, { show: input.value, pages: 1, tickets: undefined });
    remember();
    poll();
  };
}
for (const input of radios("kind")) input.onchange = label;
for (const id of ["status", "priority", "category"]) at(id).onchange = () => change({ [id]: at(id).value });
at("me").onchange = () => {
  state.me = at("me").value;
  remember();
  poll();
  if (state.ticket) drawTicket();
};
at("presence").onclick = async () => {
  const presence = at("presence").ariaChecked === "true" ? "offline" : "online";
  at("presence").ariaChecked = String(presence === "online");
  await state.write.patch("/v1/agents/{agent}", { path: { agent: state.me }, json: { presence } }).catch(() => {});
  poll();
};
at("claim").onclick = () => (state.ticket.assignee ? change({ assignee: state.me }) : act((path) => state.write.post("/v1/tickets/{ticket}/claim", { path, json: { agent: state.me } })));
at("text").oninput = label;
at("suggest").onclick = () => suggest();
at("reply").onsubmit = (event) => {
  event.preventDefault();
  write();
};
at("resolve").onclick = () => {
  if (at("resolve").dataset.done) return change({ status: "open" }, () => tell());
  if (at("resolve").textContent === words.sendResolve) return write("solved");
  return change({ status: "solved" }, () => tell(words.solved));
};
at("close").onclick = close;
at("tools").onsubmit = (event) => event.preventDefault();
addEventListener("hashchange", () => open(true));

drawLive();
drawList();
await poll();
if (state.keys) {
  // The site's own categories beside the usual ones.
  const { categories = [] } = await state.read.get("/v1/routing/desk").catch(() => ({}));
  for (const code of categories) words.categories[code] ??= code;
}
open();
setInterval(() => document.querySelectorAll("time.due").forEach(count), 1000);
const turn = async () => {
  if (!document.hidden && state.keys !== null) await poll();
  setTimeout(turn, POLL_MS);
};
setTimeout(turn, POLL_MS);
