// The conversation itself: what was said and is still to be sent, who has the floor, and what came meanwhile.
//
// Kept in `sessionStorage`: it lasts from page to page of one visit and ends with the tab. The next person at a shared computer does not
// find somebody else's questions, and nothing stays that would need consent; before the visitor writes, nothing is kept at all.

import { unique } from "../request.js";
import { call } from "./wire.js";

/** Between two looks while a person is awaited; each look in vain makes it longer. Chosen: a person types for longer than that. */
const LOOK_S = 3;
const LONGEST_LOOK_S = 30;
const SLOWER = 1.4;
/** Pauses before what failed is sent again unasked and untold; then it is told. Chosen as for forms. */
const PAUSES_S = [1, 3];
/** Until it is tried again after that. */
const LATER_S = 30;
/** How long somebody waits before an address is asked for. Chosen: who is there answers sooner. */
const ALONE_MS = 45e3;
/** Texts of one burst. Source: what the server takes as one turn. */
const BURST = 20;
const PUBLIC_ID = /^[\da-f]{8}-[-\da-f]{27}$/i;

/** Starts the conversation of `key` (a site's write key or public id) at the deployment `base`. Answers what opens the panel, and asks what it is given. */
export const talk = (base, key, locale, view) => {
  const { on } = view;
  const site = PUBLIC_ID.test(key) ? key : undefined;
  const at = (path) => `${base}/v1/chat${path}?${site ? "site" : "write_key"}=${encodeURIComponent(key)}`;
  const shelf = "orilla-chat " + key;
  /** `queue`: what was not confirmed yet, the oldest first. `seen`: the highest number that the visitor has seen. */
  let kept = { queue: [], seen: 0 };
  try {
    kept = { ...kept, ...JSON.parse(sessionStorage.getItem(shelf)) };
  } catch {}
  const { queue } = kept;
  /** What stands in the panel, in its order. What is not confirmed has the key of its item instead of a number. */
  const turns = [];
  /** `cursor`: up to where the server's own list was read. `isWhole`: whether all that was said before stands in the panel. */
  let cursor = 0, isWhole = !kept.conversation, isSending, lookTimer, sendTimer, lookPause = 0, waitsSince, until, notBefore = 0;

  const save = () => {
    try {
      if (kept.conversation || queue[0]) sessionStorage.setItem(shelf, JSON.stringify(kept));
    } catch {}
  };
  const isAwaited = () => kept.state == "waiting" || kept.state == "human";
  const add = (turn, index, element) => turns.splice(index < 0 ? turns.length : index, 0, { ...turn, element });
  const place = (turn, index, isRated) => {
    const element = view.turn(turn, isRated);
    view.place(element, turns[index]?.element, turn.key);
    add(turn, index, element);
  };
  const show = () => view.floor(kept.state, until, kept.state == "waiting" && !kept.hasAddress && !!(until || Date.now() - waitsSince > ALONE_MS));
  const count = () => {
    if (view.isOpen()) kept.seen = Math.max(kept.seen, ...turns.map(({ number }) => number || 0));
    view.unread(turns.filter(({ author, number }) => author != "visitor" && number > kept.seen).length);
    save();
  };
  const offer = ({ suggestions = [], sources = [], offers_person }) => view.choose(suggestions, sources[0] && view.words.also, offers_person);

  /** Takes over the state that an answer tells. */
  const settle = ({ conversation_id, state, answers_at }) => {
    kept.conversation = conversation_id;
    kept.state = state;
    waitsSince ||= Date.now();
    if (state != "waiting") waitsSince = 0;
    until = answers_at && new Date(answers_at).toLocaleString([navigator.language, locale].find((it) => it.startsWith(locale)), { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit" });
    show();
  };

  /** Puts what the server tells among what stands there already. */
  const merge = (messages) => {
    for (const message of messages) {
      cursor = message.number;
      if (turns.some(({ number }) => number == cursor)) continue;
      place(message, turns.findIndex(({ number }) => !(number < cursor)), message.author == "bot" && message.sources?.[0]);
    }
    const last = turns.at(-1);
    if (last?.author == "bot" && last.number == cursor) offer(last);
  };

  /** Asks for what came, and goes on asking while a person is awaited and somebody may be looking. */
  const look = async () => {
    clearTimeout(lookTimer);
    if (!kept.conversation || isSending) return;
    const { messages, failure, status, ...state } = await call(`${at("/" + kept.conversation)}&after=${cursor}`);
    // The answer to what is being sent tells the numbers of what stands here; after it, this is asked again.
    if (isSending) return;
    if (status == 404) return forget();
    if (messages) {
      settle(state);
      if (isWhole) merge(messages);
      else {
        // What was said before is not news.
        view.quietly(() => merge(messages));
        view.fail("");
      }
      isWhole = true;
      count();
    } else if (!isWhole && view.isOpen()) view.fail(view.words.lost, true);
    lookPause = messages?.[0] ? LOOK_S : Math.min(LONGEST_LOOK_S, Math.max(LOOK_S, lookPause * SLOWER));
    if (isAwaited() && !document.hidden) lookTimer = setTimeout(look, lookPause * 1e3);
  };
  /** The server knows the conversation no more: what is still to be sent begins another. */
  const forget = () => {
    delete kept.conversation;
    delete kept.state;
    cursor = kept.seen = 0;
    isWhole = true;
    for (const item of queue) delete item.body;
    // Its numbers begin anew; what stands here keeps its place.
    for (const turn of turns) turn.number &&= 0;
    show();
  };

  /** Sends what waits, in order, and each under a key of its own until it is confirmed: told twice, it is done once. */
  const send = async () => {
    clearTimeout(sendTimer);
    if (isSending || !queue[0]) return;
    isSending = true;
    let tries = 0, isRefused, bubble;
    while (queue[0]) {
      const [item] = queue;
      const { key, message } = item;
      // What was sent once stays as it was: a key stands for one content.
      item.body ??= JSON.stringify({ ...item, key: undefined, site, message: message?.[1] ? message : message?.[0], conversation_id: kept.conversation, locale, page: location.href, stream: true });
      save();
      bubble ??= view.writing();
      bubble.restart();
      const answer = await call(at(""), item.body, key, bubble.piece);
      const { failure, wait, number } = answer;
      const own = turns.filter((turn) => turn.key == key);
      if (!failure) {
        if (!isRefused) view.fail("");
        queue.shift();
        if (item.contact) kept.hasAddress = true;
        // The visitor's own stands right before its answer, or is the last that was said.
        for (const turn of own) turn.number = number - !!answer.answer;
        take(answer, bubble);
        tries = 0;
        bubble = null;
      } else if (answer.status == 404 && item.body.includes(kept.conversation)) {
        forget();
      } else if (navigator.onLine && /offline|broken/.test(failure) && tries < PAUSES_S.length) {
        await new Promise((done) => setTimeout(done, PAUSES_S[tries++] * 1e3));
      } else {
        isRefused = /long|refused/.test(failure);
        view.fail(view.words[failure].replace("{}", wait), !isRefused);
        if (!isRefused) {
          notBefore = wait && Date.now() + wait * 1e3;
          if (failure != "closed") sendTimer = setTimeout(send, (wait || LATER_S) * 1e3);
          break;
        }
        // What has to be changed goes back to where it can be.
        queue.shift();
        for (const turn of own) turns.splice(turns.indexOf(turn), 1)[0].element.remove();
        view.draft(message?.join("\n"));
      }
    }
    bubble?.done();
    isSending = false;
    lookPause = 0;
    if (isAwaited() || !isWhole) look();
  };
  const take = (answer, bubble) => {
    const { action, answer: text, number } = answer;
    settle(answer);
    if (text && !turns.some((turn) => turn.number == number)) {
      const turn = { ...answer, author: action == "handoff" ? "notice" : "bot", text };
      const element = view.turn(turn, action == "answer");
      bubble.done(element);
      add(turn, turns.findIndex((turn) => turn.element == element.nextSibling), element);
    } else bubble.done();
    if (!queue[0]) offer(answer);
    count();
  };

  const restore = ({ key, message = [] }) => message.forEach((text) => place({ author: "visitor", text, key }, -1));
  /** Puts something into the queue. Texts that wait anyway are one turn: several short messages are one question. */
  const push = (content) => {
    view.choose([]);
    const last = queue.at(-1);
    const joins = last?.message && content.message && !last.body && !last.choice && !content.choice && last.message.length < BURST;
    if (joins) last.message.push(...content.message);
    else queue.push({ key: unique(), ...content });
    restore({ ...content, key: queue.at(-1).key });
    save();
    // Whom a server asked to wait waits; what is said meanwhile goes along.
    if (Date.now() < notBefore) return;
    view.fail("");
    send();
  };

  on.say = (text) => push({ message: [text] });
  on.choose = ({ id, title }) => push({ choice: id, message: [title] });
  on.person = () => queue.some(({ want }) => want) || push({ want: "person" });
  on.contact = (email) => push({ contact: { email } });
  on.retry = () => {
    view.fail("");
    send();
    look();
  };
  on.rate = async (number, isHelpful) => !(await call(at(`/${kept.conversation}/feedback`), JSON.stringify({ site, number, is_helpful: isHelpful }))).failure;
  on.opened = () => {
    kept.isOpen = true;
    count();
    if (!isWhole) look();
  };
  on.closed = () => {
    kept.isOpen = false;
    save();
  };
  addEventListener("online", send);
  addEventListener("pagehide", () => {
    kept.draft = view.draft();
    save();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && isAwaited()) look();
  });

  view.draft(kept.draft);
  queue.forEach(restore);
  show();
  // Who was talking goes on talking on the next page; on a phone the page is what they came for.
  if (kept.isOpen && !view.isSmall()) view.open(false);
  else if (isAwaited()) look();
  send();
  return (text) => {
    view.open();
    // A page may name this as a listener.
    if (text?.trim?.()) on.say(text.trim());
  };
};
