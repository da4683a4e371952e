import { difference, normalize } from "../player/normalize.ts";
import type { Request } from "../player/request.ts";
import { type Answer, createSender, type Sender } from "../player/send.ts";
import { bulkBody, mappings, settings } from "./documents.ts";
import { otherOrders } from "./orders.ts";
import { createRandom } from "./random.ts";
import { request } from "./requests.ts";

/**
 * `different`: of the embedded server. `failed`: Elasticsearch answered 500, its own fault. `undecided`: the embedded server gives
 * this answer to the same request with its clauses in another order, which Elasticsearch does not keep.
 */
export type Verdict = "different" | "failed" | "undecided";

export type Difference = {
  readonly verdict: Verdict;
  readonly seed: number;
  readonly request: Request;
  readonly real: string;
  readonly embedded: string;
};

/** Requests that share their documents. */
const perRound = 250;
const index = "compared";

/** The requests of one seed: an index, its documents in a few refreshes, then the searches. */
export function round(seed: number, count: number): Request[] {
  const random = createRandom(seed);
  const bulks = random.some(
    1,
    3,
    (): Request => ({
      method: "POST",
      path: `/${index}/_bulk?refresh=true`,
      body: bulkBody(random, 10 + random.below(40), 60),
    }),
  );
  return [
    { method: "DELETE", path: `/${index}?ignore_unavailable=true` },
    { method: "PUT", path: `/${index}`, body: JSON.stringify({ settings, mappings }) },
    ...bulks,
    ...Array.from({ length: count }, () => request(random, index)),
  ];
}

/** Sends `count` random requests to both servers and reports each difference as it is found. Resolves with the numbers of each kind. */
export async function compare(
  realUrl: string,
  embeddedUrl: string,
  seed: number,
  count: number,
  tell: (difference: Difference) => void,
): Promise<Readonly<Record<Verdict, number>>> {
  const [real, embedded] = [createSender(realUrl), createSender(embeddedUrl)];
  const found = { different: 0, failed: 0, undecided: 0 };
  for (let sent = 0; sent < count; sent += perRound) {
    const roundSeed = seed * 1000 + sent / perRound;
    for (const one of round(roundSeed, Math.min(perRound, count - sent))) {
      const [answer, own] = (await Promise.all([real.send(one), embedded.send(one)])).map(normalize) as [
        Answer,
        Answer,
      ];
      const where = difference(answer, own);
      if (where === undefined) continue;
      const verdict = await judge(embedded, one, answer);
      found[verdict] += 1;
      tell({ verdict, seed: roundSeed, request: one, real: where.one, embedded: where.other });
    }
  }
  await Promise.all([real.close(), embedded.close()]);
  return found;
}

async function judge(embedded: Sender, one: Request, answer: Answer): Promise<Verdict> {
  if (answer.status === 500) return "failed";
  for (const other of otherOrders(one)) {
    if (difference(answer, normalize(await embedded.send(other))) === undefined) return "undecided";
  }
  return "different";
}
