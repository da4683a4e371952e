import type { Request } from "../player/request.ts";

type Json = Record<string, unknown>;

/** The maximum number of orders of one request. */
const maxOrders = 200;

/**
 * The same request with the clauses of each `dis_max`, and the fields of each `multi_match`, in other orders. Lucene keeps the clauses of
 * both in a hash table whose hashes begin with the clock, so which of two weights of a term a highlight has varies with each start
 * of Elasticsearch. None if the request has no highlight.
 */
export function* otherOrders(request: Request): Generator<Request> {
  const body = parsed(request.body);
  if (body?.highlight === undefined) return;
  const lists = listsIn(body);
  const orders = lists.map((list) => permutations(list.length));
  const total = orders.reduce((product, { length }) => product * length, 1);
  const originals = lists.map((list) => [...list]);
  for (let number = 1; number < Math.min(total, maxOrders); number++) {
    let rest = number;
    for (const [at, list] of lists.entries()) {
      const choices = orders[at]!;
      const order = choices[rest % choices.length]!;
      rest = Math.floor(rest / choices.length);
      list.splice(0, list.length, ...order.map((place) => originals[at]![place]));
    }
    yield { ...request, body: JSON.stringify(body) };
  }
}

function parsed(body: string | undefined): Json | undefined {
  try {
    return JSON.parse(body ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** The lists of clauses and fields whose order Lucene does not keep. */
function listsIn(value: unknown): unknown[][] {
  if (Array.isArray(value)) return value.flatMap(listsIn);
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value as Json).flatMap(([key, inner]) => {
    const name = { dis_max: "queries", multi_match: "fields" }[key];
    const list = name === undefined ? undefined : (inner as Json)[name];
    return [...(Array.isArray(list) && list.length > 1 ? [list] : []), ...listsIn(inner)];
  });
}

/** All permutations, the given order first. */
function permutations(count: number): readonly (readonly number[])[] {
  if (count <= 1) return [Array.from({ length: count }, (_, place) => place)];
  return permutations(count - 1).flatMap((shorter) =>
    Array.from({ length: count }, (_, from) => [
      ...shorter.slice(0, count - 1 - from),
      count - 1,
      ...shorter.slice(count - 1 - from),
    ]),
  );
}
