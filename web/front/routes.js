// Which binding answers a path: the one table that every front reads, deployed or local.

/** The first match wins; what matches none is a static file. */
const FUNCTIONS = [
  // Zendesk's, before what else begins with `/api`.
  [/^\/api\/v2\/tickets(\.json|\/)/, "TICKET_ROUTE"],
  [/^\/v1\/(batch|b|import|track|t|page|p|screen|s|identify|i|group|g|alias|a|projects|events|ledger|stats|funnels|retention|people)(\/|$)/, "TRACK_EVENTS"],
  [/^\/v1\/(functions|tick)\/track-events(\/|$)/, "TRACK_EVENTS"],
  // By a word of the site's own.
  [/^\/o\//, "TRACK_EVENTS"],
  // RudderStack's, Umami's, Plausible's and PostHog's own.
  [/^\/(sourceConfig|beacon|pixel|api|batch|e|i|capture|track|engage|flags|decide|array)(\/|$)/, "TRACK_EVENTS"],
  [/^\/v1\/(chat|conversations|kb|models)(\/|$)/, "FAQ_CHAT"],
  [/^\/v1\/(functions|tick)\/faq-chat(\/|$)/, "FAQ_CHAT"],
  [/^\/mcp(\/|$)/, "FAQ_CHAT"],
  [/^\/v1\/(tickets|agents|routing|inbound|satisfaction|surveys)(\/|$)/, "TICKET_ROUTE"],
  [/^\/v1\/(functions|tick)\/ticket-route(\/|$)/, "TICKET_ROUTE"],
  [/^\/v1\/content(\/|$)/, "CONTENT_SCORE"],
  [/^\/v1\/(functions|tick)\/content-score(\/|$)/, "CONTENT_SCORE"],
  [/^\/(v1|f)\//, "LEAD_CAPTURE"],
  [/^\/(healthz|metrics)$/, "LEAD_CAPTURE"],
];

/** Pages that exist only on a development server, which binds DEV_KEYS. */
const DEV_ONLY = /^\/demo\/((inbox|analytics|desk)(\/.*|\.html)?|keys\.json)$/;

export function route(pathname) {
  const path = decoded(pathname);
  const [, owner] = FUNCTIONS.find(([pattern]) => pattern.test(path)) ?? [];
  return { binding: path === "/demo/keys.json" ? "DEV_KEYS" : (owner ?? "ASSETS"), isDevOnly: DEV_ONLY.test(path) };
}

/** The path with its percent-encoding resolved, or as it came where that is malformed. */
export function decoded(pathname) {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
