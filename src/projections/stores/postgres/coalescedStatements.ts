import { coalesce } from "../../../platform/coalesce.ts";
import type { ConcurrencyLimit } from "../../../platform/concurrencyLimit.ts";

/** Requests for more rows than this run alone, on their own connection, so that they do not delay small ones. */
const maxRows = 200;
/**
 * The maximum number of requests in a statement: Postgres limits a result to 1,664 columns, and the text grows with the
 * square of the requests.
 */
const maxRequests = 12;
/**
 * The maximum number of prepared shapes per connection, as each takes memory of the server; further shapes are parsed
 * each time.
 */
const maxShapes = 200;

/**
 * A statement for several requests. `name` determines its text; `run` sends it, prepared or not, and resolves with one
 * result per request.
 */
export type Statement<Result> = {
  readonly name: string;
  readonly run: (mayPrepare: boolean) => Promise<readonly Result[]>;
};

/**
 * Runs the small requests of one turn of the event loop in one statement; `statementOf` receives them in the order of
 * `orderBy`. If a shared statement fails, each request runs alone, so that one failure does not affect the others.
 * Statements of large requests run within `limit`; small ones do not wait for them.
 */
export function coalesceStatements<Request, Result>(options: {
  readonly rowsOf: (request: Request) => number;
  readonly orderBy: (request: Request) => string;
  readonly statementOf: (requests: readonly Request[]) => Statement<Result>;
  readonly limit: ConcurrencyLimit;
}): (request: Request) => Promise<Result> {
  const { rowsOf, orderBy, statementOf, limit } = options;
  const shapes = new Set<string>();

  const mayPrepare = (name: string) => {
    if (shapes.size < maxShapes) shapes.add(name);
    return shapes.has(name);
  };
  const isSmall = (request: Request) => rowsOf(request) <= maxRows;
  const runAlone = async (request: Request) => {
    const run = () => statementOf([request]).run(true);
    return (await (isSmall(request) ? run() : limit(run)))[0] as Result;
  };
  const runShared = async (requests: readonly Request[]) => {
    const { name, run } = statementOf(requests);
    return run(mayPrepare(name));
  };
  /** For each request the function that gets its result; no request waits for the statement of another. */
  const ask = coalesce(async (requests: readonly Request[]) => {
    const small = requests.filter(isSmall);
    small.sort((a, b) => (orderBy(a) < orderBy(b) ? -1 : 1));
    const results = new Map<Request, () => Promise<Result>>();
    for (let first = 0; first < small.length; first += maxRequests) {
      const some = small.slice(first, first + maxRequests);
      if (some.length < 2) continue;
      const shared = runShared(some);
      for (const [index, request] of some.entries())
        results.set(request, () => shared.then((all) => all[index] as Result).catch(() => runAlone(request)));
    }
    return requests.map((request) => results.get(request) ?? (() => runAlone(request)));
  });
  return async (request) => (await ask(request))();
}
