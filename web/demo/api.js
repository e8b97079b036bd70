// The view that inbox, analytics and desk have of the API: the development keys once, then plain requests with a deadline.

const TIMEOUT_MS = 8000;

/** What `/demo/keys.json` gave, or null where this is no development server. */
export const keys = async () => {
  const answer = await fetch("/demo/keys.json", { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
  return answer.ok ? answer.json() : null;
};

/** One request. Throws an `Error` with `status`, and with the server's own words in `detail`, where the answer is not a success. */
export const call = async (key, path, init) => {
  const answer = await fetch(path, {
    ...init,
    cache: "no-store",
    headers: { accept: "application/json", authorization: `Bearer ${key}`, ...init?.headers },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) {
    const { detail } = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(`${answer.status} for ${path}`), { status: answer.status, detail });
  }
  return answer.status === 204 ? null : answer.json();
};
