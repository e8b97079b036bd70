// The second file, loaded only where a form has a challenge: shows Turnstile's widget above the button and sends its token along.
// Whether the token is good, the server finds out.

import { make } from "./dom.js";

/** How long a send waits for a token that is on its way. Chosen: most take a second or two, and a person is watching. */
const PATIENCE_MS = 8e3;
/** Source: developers.cloudflare.com/turnstile, "Widget sizes": the least width of all but `compact`, and the two heights. */
const LEAST_WIDTH_PX = 300;
const HEIGHT = "65px";
const COMPACT_HEIGHT = "140px";

let loading;

/** Turnstile's own script, once for all forms of the page; asked for again after a failure. */
const load = (src) => loading ??= new Promise((done, failed) => {
  if (window.turnstile) return done();
  document.head.append(make("script", { src: src + "?render=explicit", onload: done, onerror: failed }));
}).catch((reason) => {
  loading = null;
  throw reason;
});

/** By itself the widget takes the system's colours; a form takes its page's. */
const themeOf = (form) => {
  const scheme = getComputedStyle(form).colorScheme;
  return !scheme.includes("dark") ? "light" : scheme.includes("light") ? "auto" : "dark";
};

/**
 * Gives `form` its widget, and answers what sends in `request`'s place. Answers nothing for a form without a challenge, and for a
 * page's own form with the page's own widget, whose token is a field like any other.
 *
 * Every form loads this file; the first copy stays, or each would load Turnstile for itself.
 */
window.orilla.challenge ??= (form, { challenge, locale }, request) => {
  if (!challenge || form.querySelector(".cf-turnstile")) return;

  const isNarrow = form.clientWidth < LEAST_WIDTH_PX;
  const place = make("div");
  // Room for the widget, so that nothing moves when it comes.
  place.style.minHeight = isNarrow ? COMPACT_HEIGHT : HEIGHT;
  [...form.elements].find(({ type }) => type == "submit")?.before(place);

  let widget, token, isAsking, settle;
  // Why there is no token, as its text is called.
  let lack = "unavailable";
  const change = (state) => {
    ({ token, isAsking, lack = "unsolved" } = state);
    if (token || isAsking || state.lack) settle?.();
  };

  const show = async () => {
    await load(challenge.script);
    if (widget) return;
    change({});
    widget = turnstile.render(place, {
      sitekey: challenge.site_key,
      language: locale,
      theme: themeOf(form),
      size: isNarrow ? "compact" : "flexible",
      // Not as a field: a new token is no new content, and takes no new idempotency key.
      "response-field": false,
      callback: (token) => change({ token }),
      "expired-callback": () => change({}),
      "error-callback": () => change({ lack: "unavailable" }),
      "before-interactive-callback": () => change({ isAsking: true }),
    });
  };

  /** Settles with a token, or once waiting for one is no use: the visitor has to act first, or Turnstile is out of reach. */
  const settled = () => token || isAsking || new Promise((done) => {
    settle = done;
    setTimeout(done, PATIENCE_MS);
    show().catch(done);
  });

  // What fails here is tried again, and told, when the form is sent.
  show().catch(() => {});

  return async (url, content) => {
    await settled();
    if (!token) return { detail: challenge[lack] };
    const answer = await request(url, { ...content, _challenge: token });
    if (answer.ok) {
      turnstile.remove(widget);
    } else if (!answer.errors && answer.failure != "offline") {
      // A token is good once. Violations are found before it is looked at, and what never arrived has spent none.
      change({});
      turnstile.reset(widget);
    }
    return answer;
  };
};
