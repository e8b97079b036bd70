// A question to visitors, a file of its own: asked once in a visit, after a while, in a card in the page's corner or in an element of the page's.
// The server knows who was asked today; the browser keeps nothing. `/orilla.js` loads it where a page has `data-orilla-survey`.

import { make } from "./dom.js";
import { request } from "./request.js";
import { card } from "./survey/view.js";
import style from "./survey/survey.css";

const base = document.currentScript.src.split("/orilla-survey.js")[0];
/** Seconds on a page before it asks, unless the page says otherwise. Chosen: who left before has nothing to say yet. */
const AFTER = "30";

/** Settles once so many seconds went by, or so much of the page was scrolled: `30`, `60%`, or both, whichever comes first. */
const due = (after) =>
  new Promise((done) => {
    for (const part of after.split(/\s+/)) {
      const amount = parseFloat(part) || 0;
      if (!part.endsWith("%")) setTimeout(done, amount * 1e3);
      else {
        const look = () => {
          const { scrollTop, scrollHeight, clientHeight } = document.scrollingElement;
          if (scrollTop + clientHeight >= (scrollHeight * amount) / 100) done();
        };
        addEventListener("scroll", look, { passive: true });
        look();
      }
    }
  });

/** Whoever looks elsewhere is asked when they are back. */
const seen = () =>
  new Promise((done) => {
    const look = () => document.hidden || done();
    addEventListener("visibilitychange", look);
    look();
  });

const ask = async (element) => {
  const isCard = element.tagName == "SCRIPT";
  const script = document.querySelector("script[data-orilla-key],script[data-orilla-chat]")?.dataset || {};
  const { orillaSurvey, orillaSurveyAfter = isCard ? AFTER : "0", orillaSurveyVisitor: visitor, orillaSurveyEmail: email, orillaKey, orillaLocale } = {
    ...script,
    ...element.dataset,
  };
  const site = orillaKey || script.orillaChat;
  const survey = orillaSurvey || "nps";
  if (!site || element.orillaAsked) return;
  element.orillaAsked = true;
  await due(orillaSurveyAfter);
  await seen();
  const spoken = orillaLocale || element.closest("[lang]")?.lang || navigator.language;
  const locale = /^es/i.test(spoken) ? "es" : "en";
  const url = `${base}/v1/surveys/${survey}`;
  // A write key stands in the address, which takes no preflight; a site's public id among the rest.
  const key = /^orl_/.test(site) ? `?write_key=${site}` : "";
  const who = { site: key ? undefined : site, visitor, email };
  const { ask, words, locale: told } = await request(`${url}/invitations${key}`, { ...who, locale });
  if (!ask) return;

  const host = make("orilla-survey", { lang: told, className: isCard ? "card" : "" });
  const root = host.attachShadow({ mode: "open" });
  // Unlike a style element, a sheet that a script makes needs no leave of the page's Content-Security-Policy.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const send = async (score, comment) =>
    "is_change" in (await request(url + key, { ...who, score, comment, locale: told, page: location.href }));
  const shown = card(survey, words, told, isCard, send, () => host.remove());
  root.append(shown.node);
  (isCard ? document.body : element).append(host);
  shown.begin();
};

const start = () => document.querySelectorAll("[data-orilla-survey]").forEach(ask);
document.readyState == "loading" ? addEventListener("DOMContentLoaded", start) : start();
