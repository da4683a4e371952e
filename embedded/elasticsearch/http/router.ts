import { PlainFailure } from "../json/failure.ts";
import type { Answer, Exchange } from "./exchange.ts";

export type Handler = (exchange: Exchange) => Answer | Promise<Answer>;
/** Methods, a path with `{names}`, and a handler. The methods of one path are listed in the order in which a 405 names them. */
export type Route = readonly [methods: string, path: string, handler: Handler];

type Entry = { readonly methods: readonly string[]; readonly segments: readonly string[]; readonly handler: Handler };

export function createRouter(
  routes: readonly Route[],
): (method: string, path: string) => { handler: Handler; at: Record<string, string> } {
  // Literal paths come before those with parameters.
  const entries = routes
    .map(([methods, path, handler]): Entry => ({ methods: methods.split(" "), segments: split(path), handler }))
    .toSorted((a, b) => named(a) - named(b) || firstNamed(b) - firstNamed(a));

  return (method, path) => {
    const segments = split(path);
    const fitting = entries.filter((entry) => fits(entry.segments, segments));
    const same = fitting.filter(({ segments: pattern }) => pattern.join("/") === fitting[0]!.segments.join("/"));
    const best = same.find(({ methods }) => methods.includes(method));
    if (best === undefined || path.startsWith("//")) throw noHandler(same, method, path);
    const at = Object.fromEntries(
      best.segments.flatMap((segment, index) =>
        segment.startsWith("{") ? [[segment.slice(1, -1), decode(segments[index]!)]] : [],
      ),
    );
    return { handler: best.handler, at };
  };
}

const split = (path: string) =>
  path.split("/").filter((part, index, all) => part !== "" || (index > 0 && index < all.length - 1));
const fits = (pattern: readonly string[], given: readonly string[]) =>
  pattern.length === given.length &&
  pattern.every((part, at) => part === given[at] || (part.startsWith("{") && !(at === 0 && given[at] === "")));
const named = ({ segments }: Entry) => segments.filter((part) => part.startsWith("{")).length;
const firstNamed = ({ segments }: Entry) => segments.findIndex((part) => part.startsWith("{"));
const decode = (segment: string) => decodeURIComponent(segment);

function noHandler(fitting: readonly Entry[], method: string, path: string): PlainFailure {
  if (fitting.length === 0 || path.startsWith("//")) {
    return new NoHandler(`no handler found for uri [${path}] and method [${method}]`);
  }
  const allowed = [...new Set(fitting.flatMap(({ methods }) => methods))];
  const order = ["GET", "POST", "PUT", "DELETE", "HEAD"];
  const sorted = allowed.toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
  return new WrongMethod(
    `Incorrect HTTP method for uri [${path}] and method [${method}], allowed: [${sorted.join(", ")}]`,
    sorted,
  );
}

/** The answer for an unknown path; its body has no status. */
export class NoHandler extends PlainFailure {
  constructor(sentence: string) {
    super(400, sentence);
  }
}

export class WrongMethod extends PlainFailure {
  readonly allowed: readonly string[];

  constructor(sentence: string, allowed: readonly string[]) {
    super(405, sentence);
    this.allowed = allowed;
  }
}
