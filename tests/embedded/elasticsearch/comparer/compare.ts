import { difference, normalize } from "../player/normalize.ts";
import type { Request } from "../player/request.ts";
import { createSender, type Sender } from "../player/send.ts";
import { bulkBody, mappings, settings } from "./documents.ts";
import { createRandom } from "./random.ts";
import { request } from "./requests.ts";

export type Difference = {
  readonly seed: number;
  readonly request: Request;
  readonly real: string;
  readonly embedded: string;
};

/** Requests that share their documents. */
const perRound = 250;
const index = "compared";

/** The requests of one seed: an index, its documents in a few refreshes, then what is asked of it. */
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

/** Sends `count` random requests to both servers and tells each difference as it is found. */
export async function compare(
  realUrl: string,
  embeddedUrl: string,
  seed: number,
  count: number,
  tell: (difference: Difference) => void,
): Promise<number> {
  const [real, embedded] = [createSender(realUrl), createSender(embeddedUrl)];
  let different = 0;
  for (let sent = 0; sent < count; sent += perRound) {
    const roundSeed = seed * 1000 + sent / perRound;
    for (const one of round(roundSeed, Math.min(perRound, count - sent))) {
      const found = await differs(real, embedded, one);
      if (found === undefined) continue;
      different += 1;
      tell({ seed: roundSeed, request: one, real: found.one, embedded: found.other });
    }
  }
  await Promise.all([real.close(), embedded.close()]);
  return different;
}

async function differs(real: Sender, embedded: Sender, one: Request): Promise<ReturnType<typeof difference>> {
  const [a, b] = await Promise.all([real.send(one), embedded.send(one)]);
  return difference(normalize(a), normalize(b));
}
