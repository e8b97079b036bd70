// The script that a page embeds: finds this deployment's forms, renders `<div data-orilla-form>` from the form's
// definition and enhances plain `<form action=".../f/ID">`. It validates nothing itself: every rule and every text
// is the server's. It touches the page only inside those elements and in `window.orilla`.

import { make } from "./dom.js";
import { request } from "./request.js";
import { render } from "./render.js";
import { enhance } from "./enhance.js";

const { src, dataset } = document.currentScript;
const origin = dataset.orillaUrl || new URL(src).origin;
const styled = new Promise((done) => document.head.append(make("link", { rel: "stylesheet", href: origin + "/orilla.css", onload: done, onerror: done })));

/** Fetches the form's definition and puts it to use; until then, and if that fails, the element's own content stands. */
const take = async (element) => {
  const { orillaForm, orillaLocale, orillaVariant } = element.dataset;
  // The mark keeps an address that merely contains ours, in its query say, from matching.
  const id = orillaForm || `|${element.action}`.split(`|${origin}/f/`)[1];
  if (!id || element.ariaBusy) return;
  element.ariaBusy = true;
  if (orillaForm) element.className += " orilla";
  const url = origin + "/v1/forms/" + id;
  const view = await request(`${url}?variant=${orillaVariant || ""}&locale=${orillaLocale || element.closest("[lang]")?.lang || navigator.language}`);
  await styled;
  if (view.fields) (orillaForm ? render : enhance)(element, view, url, orillaVariant);
  element.ariaBusy = false;
};

/** Takes up every form that it has not taken up yet; a page that adds forms later calls it again. */
const scan = () => document.querySelectorAll("[data-orilla-form],form").forEach(take);

window.orilla = { scan };
scan();
addEventListener("DOMContentLoaded", scan);
