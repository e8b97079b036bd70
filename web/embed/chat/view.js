// What the chat looks like and how it is used: the button, the panel, the turns in it. It knows nothing of servers; what a visitor does,
// it tells through `on`. Every text is put in as text.

import { make } from "../dom.js";

const SVG = "http://www.w3.org/2000/svg";
/** Pixels from the end of the conversation within which somebody is reading along. Chosen: two lines. */
const NEAR_PX = 48;
/** Where the panel would leave little of the page, it takes the whole screen. Chosen: phones, and pages enlarged to four times. */
const SMALL = "(max-width: 30rem), (max-height: 30rem)";
/** What a source may lead to. */
const SAFE = /^(https?|mailto|tel):$/;

const BUBBLE = "M4 5h16v12h-8l-5 4v-4H4z";
const UP = "M12 19V5M6 11l6-6 6 6";
const CROSS = "M6 6l12 12M18 6L6 18";
const WAVE = "M0 6c4 0 4-4 8-4s4 4 8 4 4-4 8-4 4 4 8 4 4-4 8-4 4 4 8 4 4-4 8-4 4 4 8 4";

const picture = (d, viewBox = "0 0 24 24") => {
  const [svg, path] = ["svg", "path"].map((name) => document.createElementNS(SVG, name));
  svg.ariaHidden = "true";
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("preserveAspectRatio", "none");
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
};
const wave = () => picture(WAVE, "0 0 64 8");

/** An address as the page understands it, if it is one that a link may have. */
const safe = (url) => {
  try {
    const { protocol, href } = new URL(url, document.baseURI);
    return SAFE.test(protocol) && href;
  } catch {}
};

/** The button and the panel in these words. `on` is filled by whoever listens. */
export const panel = (words, locale) => {
  const on = {};
  const button = (className, onclick, ...children) => make("button", { className, type: "button", onclick }, ...children);
  const symbol = (label, button, d) => {
    button.ariaLabel = label;
    button.append(picture(d));
    return button;
  };
  /** Only what differs from the widget's own language has to be said. */
  const foreign = (spoken) => (spoken && spoken != locale ? { lang: spoken } : 0);
  /** A form that is answered here. */
  const asking = (className, act, ...children) => make("form", { className, onsubmit(event) {
    event.preventDefault();
    act();
  } }, ...children);

  const badge = make("span", { className: "badge", hidden: true });
  const launch = button("launch", () => open(), picture(BUBBLE), words.launch, badge, make("span", { className: "unseen" }, words.open));
  launch.ariaHasPopup = "dialog";

  const status = make("p", 0, words.bot);
  const choices = make("div", { className: "choices", role: "group", ariaLabel: words.also, hidden: true });
  const failure = make("div", { className: "failure", hidden: true });
  const email = make("input", { type: "email", required: true, autocomplete: "email" });
  const contact = asking("contact", () => {
    on.contact(email.value);
    home();
  }, make("label", 0, words.email, email), make("button", 0, words.leave));
  const log = make("div", { className: "log", role: "log", ariaLive: "polite", ariaLabel: words.log, tabIndex: 0 }, make("p", 0, words.hello), choices, failure, contact);
  const input = make("textarea", { rows: 1, placeholder: words.ask, ariaLabel: words.ask, enterKeyHint: "send", onkeydown(event) {
    // An Enter that ends a composition of letters is not meant for us.
    if (event.key != "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    compose.requestSubmit();
  } });
  const compose = asking("compose", () => {
    const text = input.value.trim();
    input.value = "";
    if (text) on.say(text);
    // Who writes goes on writing.
    input.focus();
  }, input, symbol(words.send, make("button"), UP));
  const askPerson = () => {
    on.person();
    home();
  };
  const person = button("person", askPerson, words.person);

  const dialog = make("dialog", { onclose: () => dialog.open || shut(), onkeydown(event) {
    if (event.key != "Escape" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    dismiss();
  } },
    make("header", 0, make("div", 0, make("h2", { id: "title" }, words.title), status), symbol(words.close, button("", () => dismiss()), CROSS), wave()),
    log, compose, person);
  dialog.setAttribute("aria-labelledby", "title");
  const news = make("p", { className: "unseen", role: "status" });

  const small = matchMedia(SMALL);
  let opener;

  /** Where the focus goes when what had it is gone. On a phone the field would bring up the keyboard, over what is to be read. */
  const home = () => (small.matches ? log : input).focus();

  const open = (takesFocus = true) => {
    if (!dialog.open) {
      opener = document.activeElement;
      launch.hidden = true;
      // Only a dialog that takes the whole screen keeps the focus to itself.
      small.matches ? dialog.showModal() : (dialog.open = true);
      log.scrollTop = log.scrollHeight;
      on.opened();
    }
    if (takesFocus) home();
  };
  const dismiss = () => {
    dialog.close();
    // A dialog tells of its end later than keys come.
    shut();
  };
  const shut = () => {
    if (!launch.hidden) return;
    launch.hidden = false;
    opener.focus();
    // The button is in a tree of its own: from outside, its host had the focus. The body takes none.
    if (document.activeElement != opener || opener.shadowRoot || opener == document.body) launch.focus();
    on.closed();
  };
  small.onchange = () => {
    if (!dialog.open) return;
    const isUsed = dialog.matches(":focus-within");
    dialog.close();
    open(isUsed);
  };
  // The keyboard of a phone covers what it does not move; a page that is enlarged by hand stays as it is.
  visualViewport.onresize = () => visualViewport.scale < 1.01 && dialog.style.setProperty("--seen", visualViewport.height + "px");

  /** Changes the conversation; who reads along goes on reading along, and a long answer is shown from its beginning. */
  const change = (act, from, isOwn) => {
    const isNear = isOwn || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
    act();
    if (isNear) log.scrollTop = from ? from.offsetTop - 12 : log.scrollHeight;
  };

  const cited = ({ title, url, locale }) => {
    const href = url && safe(url);
    return make("li", foreign(locale), href ? make("a", { href, rel: "noopener" }, title) : title);
  };

  const rated = (number, given) => {
    const said = make("span", 0, given == null ? words.helpful : words.thanks);
    const thumbs = [words.no, words.yes].map((label, value) => {
      const thumb = button("", async () => {
        const isKept = await on.rate(number, !!value);
        said.textContent = isKept ? words.thanks : words.unrated;
        if (isKept) thumbs.forEach((other) => (other.ariaPressed = other == thumb));
      }, label);
      thumb.ariaPressed = given == value;
      return thumb;
    });
    return make("div", { className: "rating", role: "group", ariaLabel: words.helpful }, said, thumbs[1], thumbs[0]);
  };

  return {
    nodes: [launch, dialog, news],
    on,
    words,
    open,
    isSmall: () => small.matches,
    isOpen: () => dialog.open,
    /** One turn as it stands in the conversation. `isRated`: whether it is an answer that may have helped. */
    turn({ author, text, number, locale: spoken, sources = [], reasons = [], is_helpful }, isRated) {
      const [head, ...rest] = reasons.includes("other_language") ? text.split("\n\n") : [text];
      return make("div", { className: "turn " + author },
        make("b", { className: author == "agent" ? "" : "unseen" }, words.by[author] || ""),
        make("p", { dir: "auto", ...foreign(spoken) }, head, rest[0] ? "\n\n" : "", make("span", foreign(sources[0]?.locale), rest.join("\n\n"))),
        make("ul", { ariaLabel: words.sources }, ...sources.map(cited)),
        isRated ? rated(number, is_helpful) : "");
    },
    /** What was typed and not sent; what comes back stands before it. */
    draft: (text) => (input.value = [text, input.value].filter(Boolean).join("\n")),
    /** Puts a turn before another, or at the end. */
    place: (element, before, isOwn) => change(() => (before || choices).before(element), element, isOwn),
    /** Shows that an answer is on its way. Answers what hears its pieces, and what puts the whole in their place, or nothing. */
    writing() {
      const text = make("p", { dir: "auto" });
      const element = make("div", { className: "turn writing" }, text, make("div", 0, wave()));
      // Read aloud once it is whole, not word by word.
      log.ariaBusy = true;
      change(() => choices.before(element), 0, true);
      return {
        element,
        piece: (piece) => change(() => text.append(piece), element),
        restart: () => text.replaceChildren(),
        done(whole = "") {
          change(() => element.replaceWith(whole), whole);
          log.ariaBusy = false;
        },
      };
    },
    /** What can be chosen now. */
    choose(list, label, offersPerson) {
      change(() => {
        choices.replaceChildren(label || "", ...list.map((choice) => button("choice", () => {
          on.choose(choice);
          home();
        }, choice.title)), offersPerson ? button("choice", askPerson, words.person) : "");
        choices.hidden = !choices.firstElementChild;
      });
    },
    /** Why something has not arrived, or nothing. */
    fail(text, canRetry) {
      // Told once, however often it is found again.
      if (failure.firstChild?.data == text) return;
      const had = failure.matches(":focus-within");
      change(() => {
        failure.replaceChildren(text, canRetry ? button("choice", () => on.retry(), words.retry) : "");
        failure.hidden = !text;
      });
      if (had) home();
    },
    /** Does what is not to be read aloud. */
    quietly(act) {
      log.ariaLive = "off";
      act();
      setTimeout(() => (log.ariaLive = "polite"), 500);
    },
    /** Who has the floor, and whether an address is asked for. */
    floor(state, until, wantsAddress) {
      const isServed = state == "waiting" || state == "human";
      status.textContent = state == "waiting" && until ? words.later.replace("{}", until) : words[isServed ? state : "bot"];
      if (person.matches(":focus") && isServed) home();
      person.hidden = isServed;
      // Nobody's address goes while it is being written.
      if (!contact.matches(":focus-within")) change(() => (contact.hidden = !wantsAddress));
    },
    /** How much is new behind the button. */
    unread(count) {
      badge.hidden = !count;
      badge.textContent = count;
      news.textContent = count ? words.unread + count : "";
    },
  };
};
