// The chat, a file of its own: a button in the page's corner, and behind it a panel that answers from the site's knowledge and passes
// the visitor to a person. It stands in a shadow root, so that the page's style and its own do not meet. `/orilla.js` loads it where its
// tag has `data-orilla-chat`.

import { make } from "./dom.js";
import { talk } from "./chat/talk.js";
import { panel } from "./chat/view.js";
import { WORDS } from "./chat/words.js";
import style from "./chat/chat.css";

const base = document.currentScript.src.split("/orilla-chat.js")[0];
const { orillaChat, orillaKey, orillaLocale } = document.querySelector("script[data-orilla-chat]")?.dataset || {};
const site = orillaChat || orillaKey;

const start = () => {
  const page = orillaLocale || document.documentElement.lang || navigator.language;
  const locale = /^es/i.test(page) ? "es" : "en";
  const host = make("orilla-chat", { lang: locale });
  const root = host.attachShadow({ mode: "open" });
  // Unlike a style element, a sheet that a script makes needs no leave of the page's Content-Security-Policy.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];

  const view = panel(WORDS[locale], locale);
  root.append(...view.nodes);
  // Pages that go on without a load put a new body in the old one's place, or empty it.
  const observer = new MutationObserver(() => stay());
  const stay = () => {
    if (!host.isConnected) document.body.append(host);
    observer.observe(document.body, { childList: true });
  };
  stay();
  observer.observe(document.documentElement, { childList: true });

  (window.orilla ||= {}).chat = talk(base, site, locale, view);
};

if (site && !document.querySelector("orilla-chat")) document.readyState == "loading" ? addEventListener("DOMContentLoaded", start) : start();
