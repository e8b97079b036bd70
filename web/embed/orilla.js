// The script that a page embeds: finds this deployment's forms, renders `<div data-orilla-form>` from the form's
// definition and enhances plain `<form action=".../f/ID">`. It validates nothing itself: every rule and every text
// is the server's. It touches the page only inside those elements and in `window.orilla`; with a key it also watches what visitors do.

import { make } from "./dom.js";
import { request } from "./request.js";
import { enhance } from "./enhance.js";
import { dataset, origin } from "./script.js";
import { consent, identify, track } from "./track.js";

/** Loads one of our files, a style sheet or a script, and settles even where that fails. What is the other's means nothing to either. */
const load = (tag, name, src = origin + "/orilla" + name) =>
  new Promise((done) => document.head.append(make(tag, { rel: "stylesheet", href: src, src, onload: done, onerror: done })));

const styled = load("link", ".css");

/** Fetches the form's definition and puts it to use; until then, and if that fails, the element's own content stands. */
const take = async (element) => {
  const { orillaForm, orillaLocale, orillaVariant } = element.dataset;
  // The mark keeps an address that merely contains ours, in its query say, from matching.
  const id = orillaForm || `|${element.action}`.split(`|${origin}/f/`)[1];
  if (!id || element.ariaBusy) return;
  element.ariaBusy = true;
  if (orillaForm) element.className += " orilla";
  const url = origin + "/v1/forms/" + id;
  // Beside the definition, not after it.
  const loaded = orillaForm && load("script", "-form.js");
  // Without a language of the page's, the server goes by the browser's.
  const view = await request(`${url}?variant=${orillaVariant || ""}&locale=${orillaLocale || element.closest("[lang]")?.lang || ""}`);
  if (view.challenge) await load("script", "-challenge.js");
  await loaded;
  await styled;
  if (view.fields) (orillaForm ? orilla.render : enhance)?.(element, view, url, orillaVariant, enhance);
  element.ariaBusy = false;
};

/** Takes up every form that it has not taken up yet; a page that adds forms later calls it again. */
const scan = () => document.querySelectorAll("[data-orilla-form],form").forEach(take);

window.orilla = { scan, track, identify, consent };
scan();
addEventListener("DOMContentLoaded", scan);
"orillaChat" in dataset && load("script", "-chat.js");
document.querySelector("[data-orilla-survey]") && load("script", "-survey.js");
