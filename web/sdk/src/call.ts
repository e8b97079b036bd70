// The types of a call, read off the document: which paths a method has, what each wants, and what it answers.

import type { paths } from "./schema.js";

export type Method = "get" | "put" | "post" | "delete" | "patch";

/** The paths that answer a method. */
export type PathsOf<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never }[keyof paths];

/** The lists that come page by page: they say where the next page begins, and take that. */
export type PagedPaths = { [P in PathsOf<"get">]: IsPaged<OperationOf<"get", P>> extends true ? P : never }[PathsOf<"get">];

type IsPaged<Operation> = Asks<Operation, "cursor"> extends true ? Says<Operation, "next"> : Asks<Operation, "offset"> extends true ? Says<Operation, "next_offset"> : false;
type Asks<Operation, Name> = [Place<Operation, "query">] extends [never] ? false : Name extends keyof Place<Operation, "query"> ? true : false;
type Says<Operation, Name> = Name extends keyof Answer<Operation> ? true : false;

/** The operation behind a method and a path. */
export type OperationOf<M extends Method, P extends PathsOf<M>> = paths[P][M & keyof paths[P]];

type Place<Operation, Name extends string> = Operation extends { parameters: infer Parameters } ? (Name extends keyof Parameters ? NonNullable<Parameters[Name]> : never) : never;

/** The media types of a request's body, with what each holds. */
type Content<Operation> = Operation extends { requestBody: { content: infer Content } } ? Content : never;

/** What a body may be that is no JSON. */
export type Raw = string | Blob | ArrayBuffer | Uint8Array<ArrayBuffer> | URLSearchParams | FormData;

type Body<Operation> = [Content<Operation>] extends [never]
  ? { json?: never; body?: never; type?: never }
  : "application/json" extends keyof Content<Operation>
    ? { json: Content<Operation>["application/json" & keyof Content<Operation>]; body?: never; type?: never } | RawBody<Exclude<keyof Content<Operation>, "application/json">>
    : RawBody<keyof Content<Operation>>;

type RawBody<Type> = [Type] extends [never] ? never : { json?: never; body: Raw; /** The body's media type; left out, what the body itself implies. */ type?: Type };

type Wants<Name extends string, Value> = [Value] extends [never] ? { [N in Name]?: never } : Partial<Value> extends Value ? { [N in Name]?: Value } : { [N in Name]: Value };

type Key<Operation> = [Place<Operation, "header">] extends [never] ? never : "Idempotency-Key" extends keyof Place<Operation, "header"> ? string : never;

/** How an answer is read: as what it is, JSON or a text; always as a text; or not at all, for streams and headers. */
export type As = "json" | "text" | "response";

interface Common<A extends As> {
  /** How the answer is read; `json` unless said otherwise. */
  as?: A;
  /** Ends the call, with its own reason. */
  signal?: AbortSignal;
  /** Another key than the client's. */
  key?: string;
}

/** What a call wants to know. */
export type Wish<Operation, A extends As = "json"> = Common<A> &
  Wants<"path", Place<Operation, "path">> &
  Wants<"query", Place<Operation, "query">> &
  Body<Operation> &
  ([Key<Operation>] extends [never] ? { idempotencyKey?: never } : { /** A key of your own: the same one and the same body do a thing once. */ idempotencyKey?: string });

type Success = 200 | 201 | 202 | 204;

type Bodies<Responses> = { [S in keyof Responses & Success]: Responses[S] extends { content: infer Content } ? Read<Content> : undefined }[keyof Responses & Success];

type Read<Content> = [Content] extends [never] ? undefined : "application/json" extends keyof Content ? Content["application/json" & keyof Content] : string;

/** What a call answers. */
export type Answer<Operation, A extends As = "json"> = A extends "response" ? Response : A extends "text" ? string : Operation extends { responses: infer Responses } ? Bodies<Responses> : never;

/** The arguments after a path: the wish may be left out where nothing in it must be there. */
export type Rest<Operation, A extends As> = Partial<Wish<Operation, A>> extends Wish<Operation, A> ? [wish?: Wish<Operation, A>] : [wish: Wish<Operation, A>];
