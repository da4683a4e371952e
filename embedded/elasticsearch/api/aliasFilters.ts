import type { Index } from "../indices/index.ts";
import { glob } from "../json/filterPath.ts";
import type { Clause } from "../queries/context.ts";
import { all, bool } from "../scoring/query.ts";

/** The query of a search, with the filters of the aliases through which it reaches an index. */
export function withAliasFilters<Request extends { query: Clause | undefined }>(
  request: Request,
  index: Index,
  expression: string,
): Request {
  const names = expression.split(",");
  if (names.some((name) => name === "" || name === "_all" || glob(name, index.name))) return request;
  const clauses = names.flatMap((name) =>
    [...index.aliases].filter(([alias]) => glob(name, alias)).map(([, { clause }]) => clause),
  );
  if (clauses.length === 0 || clauses.some((clause) => clause === undefined)) return request;
  const { query } = request;
  const filtered: Clause = (target) =>
    bool({ must: [query?.(target) ?? all], filter: [bool({ should: clauses.map((clause) => clause!(target)) })] });
  return { ...request, query: filtered };
}
