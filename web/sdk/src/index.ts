// What the package offers. The types in `schema` are written from the one OpenAPI document by the build.

export { Orilla, type Options } from "./client.js";
export { ApiError, type Code, type Locale, type Problem } from "./error.js";
export type { Answer, As, Method, OperationOf, PagedPaths, PathsOf, Raw, Wish } from "./call.js";
export type { components, operations, paths } from "./schema.js";
