// The front Worker: one origin for everything. It passes a request on as it came, to the function that owns its path or to the
// static files. No business rule and no authentication: those are the functions' own.
import { route } from "./routes.js";

export default {
  fetch(request, env) {
    const { binding, isDevOnly } = route(new URL(request.url).pathname);
    if (isDevOnly && !env.DEV_KEYS) {
      return new Response("Not found\n", { status: 404, headers: { "content-type": "text/plain; charset=utf-8" } });
    }
    return env[binding].fetch(request);
  },
};
