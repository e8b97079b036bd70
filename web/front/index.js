// The front Worker: one origin for everything. It picks a function by path and passes the request on as it came; the rest is
// static files. No business rule, no authentication: those are the functions' own.

/** Path to service binding; the first match wins. */
const ROUTES = [
  [/^\/(v1|f)\//, "LEAD_CAPTURE"],
  [/^\/(healthz|openapi\.json)$/, "LEAD_CAPTURE"],
];

/** Pages that exist only where the development server binds DEV_KEYS. */
const DEV_ONLY = /^\/demo\/(inbox(\/|\/index(\.html)?)?|keys\.json)$/;

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (DEV_ONLY.test(pathname)) {
      if (!env.DEV_KEYS) return notFound();
      if (pathname.endsWith("/keys.json")) return env.DEV_KEYS.fetch(request);
    }
    const [, binding] = ROUTES.find(([pattern]) => pattern.test(pathname)) ?? [];
    return binding ? env[binding].fetch(request) : env.ASSETS.fetch(request);
  },
};

function notFound() {
  return new Response("Not found\n", { status: 404, headers: { "content-type": "text/plain; charset=utf-8" } });
}
