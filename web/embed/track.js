// What a visitor does on a page, told to the site's own collector. Nothing is kept in the browser: who a visitor is, for one day, the
// server knows by network and browser. Without a key nothing is watched, noted or sent.

import { request, unique } from "./request.js";
import { dataset, origin } from "./script.js";

const { orillaKey, orillaCollect = origin + "/v1/batch", orillaConsent } = dataset;

/** What waits at most, the newest left out: what a page that closes may leave behind, less the envelope. */
const WAITING_BYTES = 6e4;
/** Until the next attempt, unless the server asks for more, the network comes back or the page is left. Chosen. */
const PAUSE_S = 30;

/** Events as JSON: as they were when they happened, and nothing that JSON cannot say. */
let queue = [];
let page = {}, timer, latest = 0;
/** Whether the visitor agreed. Undefined was not asked for, and what else is falsy holds everything back until the answer. */
let given = orillaConsent && 0;

/** Sends all that waits. What gets no answer waits on under its ids: told twice, it is stored once. */
const flush = async () => {
  const batch = queue;
  timer = 0;
  if (!batch[0] || document.prerendering || !(given ?? 1)) return;
  queue = [];
  const { wait } = await request(orillaCollect, {
    writeKey: orillaKey,
    sentAt: Date.now(),
    context: { cookieless: true, consent: { given } },
    batch: batch.map(JSON.parse),
  }, PAUSE_S);
  if (wait) {
    queue = batch.concat(queue);
    timer ||= setTimeout(flush, wait * 1e3);
  }
};

const note = (event) => {
  try {
    // No two at one time, so that their order stays.
    latest = Math.max(Date.now(), latest + 1);
    const noted = queue.concat(JSON.stringify({ ...event, messageId: unique(), timestamp: latest, context: { page } }));
    if (orillaKey && given !== false && new Blob(noted).size < WAITING_BYTES) queue = noted;
    // Nobody comes back to a page that closes; what it tells then does not wait.
    if (!timer || document.hidden) flush();
  } catch {}
};

export const track = (event, properties) => note({ type: "track", event, properties });

/** Says who the visitor is: what they did before is then that person's too. */
export const identify = (userId, traits) => note({ type: "identify", userId, traits });

/** Lets go of what waited for consent, or throws it away and notes no more. */
export const consent = (answer = true) => {
  given = !!answer;
  if (!answer) queue = [];
  flush();
};

/** Another place on the page is no other page. */
const view = () => {
  const [url] = location.href.split("#");
  if (url == page.url) return;
  page = { url, referrer: page.url || document.referrer, title: document.title };
  note({ type: "page" });
};

/** What is clicked or sent, before the page's own code may stop it; and what happens to the page as a whole. */
const act = ({ type, button, target }) => {
  view();
  if (!target.closest) return flush();
  // The other button opens a menu.
  if (button > 1) return;
  const named = target.closest("[data-orilla-event]"), link = target.closest("a");
  if (named && (type == "submit") == (named.localName == "form")) {
    const properties = {};
    for (const { name, value } of named.attributes) properties[name.split("data-orilla-prop-")[1]] = value;
    // Under this name stand all others, and JSON leaves it out.
    track(named.dataset.orillaEvent, { ...properties, undefined });
  }
  if (link?.host && link.host != location.host) track("Outbound Link Clicked", { url: link.href });
};

if (orillaKey) {
  view();
  for (const name of ["pushState", "replaceState"]) {
    const own = history[name];
    history[name] = (...state) => {
      own.apply(history, state);
      view();
    };
  }
  "click auxclick submit popstate online prerenderingchange visibilitychange".split(" ").forEach((name) => addEventListener(name, act, true));
}
