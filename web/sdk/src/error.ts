// What a call fails with: what the server said where it answered, and our own words, in Spanish and English, where it did not.

import type { components } from "./schema.js";

/** The server's own words about a failure (RFC 9457). */
export type Problem = components["schemas"]["Problem"];

/**
 * Why a call failed: the server's code; `network` or `timeout` where no answer came; `unexpected` for an answer that is none of Orilla's,
 * such as a proxy's.
 */
export type Code = Problem["code"] | "network" | "timeout" | "unexpected";

/** The languages that Orilla speaks. */
export type Locale = "es" | "en";

/** A call that did not succeed. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: Code;
  /** The answer's status; 0 where there was none. */
  readonly status: number;
  /** What the server said about it, as it stands; undefined where no answer of Orilla's came. */
  readonly problem: Problem | undefined;
  /** What is wrong with what was sent, field by field. */
  readonly errors: NonNullable<Problem["errors"]>;
  /** By which the server's log knows the request. */
  readonly requestId: string | undefined;
  /** In how many seconds the server wants to be asked again. */
  readonly retryAfter: number | undefined;

  constructor(code: Code, message: string, { status = 0, problem, requestId, retryAfter, cause }: Details = {}) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.errors = problem?.errors ?? [];
    this.requestId = requestId ?? problem?.request_id;
    this.retryAfter = retryAfter;
  }
}

interface Details {
  status?: number | undefined;
  problem?: Problem | undefined;
  requestId?: string | undefined;
  retryAfter?: number | undefined;
  cause?: unknown;
}

const WORDS = {
  es: { network: "No se pudo llegar al servidor.", timeout: "El servidor no respondió a tiempo.", unexpected: "El servidor respondió {status}, y no como Orilla." },
  en: { network: "The server could not be reached.", timeout: "The server did not answer in time.", unexpected: "The server answered {status}, and not as Orilla does." },
};

/** A failure that never got an answer. */
export const unanswered = (locale: Locale, cause: unknown): ApiError => {
  const code = cause instanceof DOMException && cause.name === "TimeoutError" ? "timeout" : "network";
  return new ApiError(code, WORDS[locale][code], { cause });
};

/** The failure that an answer tells of. */
export const refused = async (locale: Locale, answer: Response): Promise<ApiError> => {
  const { status, headers } = answer;
  const said: unknown = await answer.json().catch(() => undefined);
  const problem = isProblem(said) ? said : undefined;
  const seconds = Number.parseInt(headers.get("retry-after") ?? "", 10);
  const details = { status, problem, requestId: headers.get("x-request-id") ?? undefined, retryAfter: Number.isNaN(seconds) ? undefined : seconds };
  return new ApiError(problem?.code ?? "unexpected", problem?.detail ?? WORDS[locale].unexpected.replace("{status}", `${status}`), details);
};

const isProblem = (said: unknown): said is Problem => typeof said === "object" && said !== null && "code" in said && "detail" in said && "request_id" in said;
