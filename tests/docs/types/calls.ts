// What must compile, and what must not: each line below `@ts-expect-error` is an error to the compiler, or the compiler says that it is none.

import { ApiError, Orilla, type components } from "@orilla/client";

const orilla = new Orilla({ url: "https://forms.example.com", key: "orl_admin_…", locale: "es" });

// Answers have the document's types.
const { leads, next } = await orilla.get("/v1/leads", { query: { verdict: "quarantine", limit: 20 } });
const score: number = leads[0]!.score;
const cursor: string | null = next;
const csv: string = await orilla.get("/v1/leads.csv");
const gone: components["schemas"]["ContentScoreErased"] = await orilla.delete("/v1/content/documents/{document}", { path: { document: "home" } });
const nothing: undefined = await orilla.delete("/v1/destinations/{destination}", { path: { destination: "crm" } });
const raw: Response = await orilla.get("/v1/events", { as: "response" });
for await (const page of orilla.pages("/v1/tickets")) page.tickets.map(({ number }) => number.toFixed());

// Bodies as JSON, or as what else the operation takes.
await orilla.post("/v1/forms/{form}/submissions", { path: { form: "demo" }, json: { email: "ana@escuela.example", consent: true }, idempotencyKey: "order-7" });
await orilla.post("/v1/forms/{form}/submissions", { path: { form: "demo" }, body: new FormData() });
await orilla.post("/v1/kb/import", { body: "question,answer", type: "text/csv" });

// A failure has one of the document's codes, or one of the client's own.
const told = (error: unknown) => (error instanceof ApiError && error.code === "too_many_requests" ? error.retryAfter : undefined);

// @ts-expect-error: there is no such path
await orilla.get("/v1/lead");
// @ts-expect-error: the path takes no such method
await orilla.patch("/v1/leads");
// @ts-expect-error: its path has a parameter
await orilla.get("/v1/leads/{lead}");
// @ts-expect-error: the parameter has another name
await orilla.get("/v1/leads/{lead}", { path: { id: "1" } });
// @ts-expect-error: no such verdict
await orilla.get("/v1/leads", { query: { verdict: "maybe" } });
// @ts-expect-error: no such question
await orilla.get("/v1/leads", { query: { verdicts: "accept" } });
// @ts-expect-error: a subject is a text
await orilla.post("/v1/tickets", { json: { subject: 7, text: "Me habéis cobrado dos veces" } });
// @ts-expect-error: it takes no body
await orilla.get("/v1/stats", { json: {} });
// @ts-expect-error: it takes no such media type
await orilla.post("/v1/kb/import", { body: "question,answer", type: "application/pdf" });
// @ts-expect-error: nobody remembers a key here
await orilla.post("/v1/tickets/{ticket}/merge", { path: { ticket: "7" }, json: { into: "8" }, idempotencyKey: "merge-7" });
// @ts-expect-error: its answer is no list of pages
orilla.pages("/v1/stats");
// @ts-expect-error: a lead has no such member
leads[0]!.points;
// @ts-expect-error: no such code
told({}) === undefined && new ApiError("teapot", "");

export { csv, cursor, gone, nothing, raw, score };
