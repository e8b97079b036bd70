// Formspree's published clients, unchanged but for the address they post to.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { initForm } from "@formspree/ajax";
import { createClient, isSubmissionError } from "@formspree/core";
import { useForm, ValidationError } from "@formspree/react";
import { createElement as element } from "react";
import { createRoot } from "react-dom/client";
import { api, leadsOf, mailbox } from "../server.mjs";
import { eventually, inPage } from "./support.mjs";

/** A page of the demo site's; and one of nobody's. */
const PAGE = "http://localhost:3000";
const STRANGER = "https://stranger.example";

export const formspreeClients = (site) => {
  const only = async (email) => {
    const leads = await leadsOf(site, email);
    assert.equal(leads.length, 1, `leads of ${email}`);
    return leads[0];
  };

  describe("@formspree/core", () => {
    const submit = (data) => createClient().submitForm("demo", data, { endpoint: site.url });

    test("sends JSON", async () => {
      const email = mailbox("core.json");
      const result = await submit({ email, name: "Núria Ö.", consent: true, plan: "anual" });
      assert.equal(result.kind, "success", JSON.stringify(result));
      assert.match(new URL(result.next).pathname, /^\/f\/demo\/thanks$/);
      assert.match(await (await fetch(result.next)).text(), /<h1/);
      const lead = await only(email);
      assert.equal(lead.fields.name, "Núria Ö.");
      const { history } = await api(site, `/v1/leads/${lead.id}`);
      assert.deepEqual(history.map(({ extra }) => extra), [{ plan: "anual" }], "a field that the form does not know is kept");
    });

    test("sends a FormData", async () => {
      const email = mailbox("core.multipart");
      const data = new FormData();
      for (const [name, value] of Object.entries({ email, name: "Iñaki", consent: "on", _subject: "Hola", _gotcha: "" })) data.append(name, value);
      const result = await submit(data);
      assert.equal(result.kind, "success", JSON.stringify(result));
      const lead = await only(email);
      assert.deepEqual(lead.fields, { email, name: "Iñaki" }, "no reserved name among the fields");
      assert.equal(lead.verdict, "accept");
    });

    test("is told every error in its own codes", async () => {
      const result = await submit({ email: "nobody" });
      assert.ok(isSubmissionError(result));
      assert.deepEqual(result.getFormErrors(), []);
      assert.deepEqual(result.getFieldErrors("email").map(({ code }) => code), ["TYPE_EMAIL"]);
      assert.deepEqual(result.getFieldErrors("consent").map(({ code }) => code), ["REQUIRED_FIELD_MISSING"]);
      for (const [, errors] of result.getAllFieldErrors()) assert.ok(errors.every(({ message }) => message.length > 5));
    });

    test("is told of a form that is not there", async () => {
      const result = await createClient().submitForm("nothing-here", { email: mailbox("core.lost") }, { endpoint: site.url });
      assert.ok(isSubmissionError(result));
      assert.deepEqual(result.getFormErrors().map(({ code }) => code), ["FORM_NOT_FOUND"]);
    });

    test("in a page passes the preflight, and tells when the page was loaded", async () => {
      const email = mailbox("core.page");
      const result = await inPage("", PAGE, () => submit({ email, consent: true }));
      assert.equal(result.kind, "success", JSON.stringify(result));
      const lead = await only(email);
      assert.deepEqual([lead.verdict, lead.reasons], ["quarantine", ["too_fast"]], "sent as soon as it was loaded");
    });

    test("of a stranger's page learns nothing and leaves nothing", async () => {
      const email = mailbox("core.stranger");
      const result = await inPage("", STRANGER, () => submit({ email, consent: true }));
      assert.ok(isSubmissionError(result));
      assert.match(result.getFormErrors()[0].message, /CORS/);
      assert.deepEqual(await leadsOf(site, email), []);
    });
  });

  test("@formspree/react shows the errors, then the thanks", async () => {
    const email = mailbox("react");
    const Form = () => {
      const [state, submit] = useForm("demo", { endpoint: site.url });
      if (state.succeeded) return element("p", { id: "thanks" }, "sent");
      return element(
        "form",
        { onSubmit: submit },
        element("input", { name: "email" }),
        element(ValidationError, { field: "email", errors: state.errors, id: "wrong" }),
        element("input", { name: "consent", type: "checkbox" }),
      );
    };
    await inPage(`<div id="root"></div>`, PAGE, async ({ document, Event }) => {
      const root = createRoot(document.getElementById("root"));
      const shown = (selector) => eventually(selector, () => document.querySelector(selector));
      root.render(element(Form));
      const form = await shown("form");
      const send = () => form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
      send();
      assert.ok((await shown("#wrong")).textContent.length > 5);
      document.querySelector("[name=email]").value = email;
      document.querySelector("[name=consent]").checked = true;
      send();
      await shown("#thanks");
      root.unmount();
    });
    assert.equal((await only(email)).email, email);
  });

  test("@formspree/ajax shows the errors, then the thanks", async () => {
    const email = mailbox("ajax");
    const html = `<div data-fs-success></div><div data-fs-error></div><form id="form"><input name="email" data-fs-field>
      <span data-fs-error="email"></span><input type="checkbox" name="consent" checked><button type="submit">Send</button></form>`;
    await inPage(html, PAGE, async ({ document, Event }) => {
      const form = document.getElementById("form");
      const handle = initForm({ formElement: form, formId: "demo", origin: site.url });
      const send = () => form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
      const shown = (selector) => eventually(selector, () => document.querySelector(`${selector}[data-fs-active]`));
      send();
      assert.ok((await shown(`[data-fs-error="email"]`)).textContent.length > 5);
      assert.equal(form.elements.namedItem("email").getAttribute("aria-invalid"), "true");
      await eventually("the button is free again", () => !document.querySelector("button").disabled);
      form.elements.namedItem("email").value = email;
      send();
      assert.equal((await shown("[data-fs-success]")).textContent, "Thank you!");
      assert.equal(document.querySelector(`[data-fs-error=""][data-fs-active]`), null);
      handle.destroy();
    });
    assert.equal((await only(email)).email, email);
  });
};
