import { seededRandom } from "../random.ts";
import { sendCommand } from "./commands.ts";
import { eraseReader } from "./erase.ts";
import type { Journal } from "./journal.ts";
import { look } from "./looks.ts";
import { type Addresses, logIn, type Reader } from "./reader.ts";
import type { KnownBook } from "./readerCommand.ts";
import { nothingSynced } from "./synced.ts";

/** One in this many readers is erased. */
const erasedOneOf = 6;

/** Logs `count` readers in, a few at a time. Rejects when that takes two minutes. */
export async function makeReaders(
  at: Addresses,
  count: number,
  { seed, lengthMs }: { readonly seed: number; readonly lengthMs: number },
  journal: Journal,
): Promise<Reader[]> {
  const until = Date.now() + 120_000;
  const patience = { isOver: () => Date.now() > until };
  const readers = Array.from({ length: count }, (_, index): Reader => {
    const random = seededRandom(seed * 1_000_003 + index);
    return {
      user: `chaos-${index}`,
      random,
      id: "",
      accessToken: "",
      recent: [],
      entries: [],
      bookmarks: [],
      synced: nothingSynced(),
      erasesAtMs: index % erasedOneOf === 1 ? lengthMs * (0.15 + 0.7 * random.next()) : Number.POSITIVE_INFINITY,
      asked: false,
      gone: false,
      written: new Map(),
      sending: false,
      looking: false,
      lost: false,
    };
  });
  const waiting = [...readers];
  const some = Array.from({ length: 8 }, async () => {
    for (let reader = waiting.pop(); reader !== undefined; reader = waiting.pop()) {
      if (!(await logIn(at, reader, journal, patience))) throw new Error(`${reader.user} could not log in`);
    }
  });
  await Promise.all(some);
  return readers;
}

export type Load = {
  /** Stops sending and resolves when all requests are answered, or `patienceMs` has passed. */
  stop(patienceMs: number): Promise<void>;
};

/** Maximum time for which a stopped load waits for its answers. */
const neverMs = 24 * 3_600_000;
const tickMs = 10;

/**
 * Sends `rate` commands and half as many queries a second, whether or not earlier ones were answered (open loop). A reader sends
 * one command after the other; when all readers wait, due commands are shed and counted.
 */
export function startLoad(
  at: Addresses,
  readers: readonly Reader[],
  books: readonly KnownBook[],
  options: { readonly rate: number; readonly seed: number },
  journal: Journal,
): Load {
  const random = seededRandom(options.seed);
  const begun = performance.now();
  const under = new Set<Promise<void>>();
  let until = Date.now() + neverMs;
  let looksDue = 0;
  const track = (work: Promise<void>) => {
    const tracked = work.finally(() => under.delete(tracked));
    under.add(tracked);
  };
  const free = (isBusy: (reader: Reader) => boolean) => {
    for (let attempt = 0; attempt < 10; attempt++) {
      const reader = random.pick(readers);
      if (!reader.lost && !reader.gone && !isBusy(reader)) return reader;
    }
    return readers.find((reader) => !reader.lost && !reader.gone && !isBusy(reader));
  };
  // The end is set while commands are under way.
  const deadline = { isOver: () => Date.now() > until };

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) * options.rate) / 1_000);
    while (journal.counts.offered < due) {
      journal.counts.offered++;
      const reader = free(({ sending }) => sending);
      if (reader === undefined) {
        journal.counts.shed++;
        continue;
      }
      reader.sending = true;
      track(
        sendCommand(at, reader, books, journal, deadline).finally(() => {
          reader.sending = false;
        }),
      );
      // While that command is under way.
      if (!reader.asked && performance.now() - begun > reader.erasesAtMs) {
        reader.asked = true;
        track(eraseReader(at, reader, journal, deadline));
      }
    }
    for (; looksDue < due / 2; looksDue++) {
      const reader = free(({ looking }) => looking);
      if (reader === undefined) continue;
      reader.looking = true;
      track(
        look(at, reader, books, journal, deadline).finally(() => {
          reader.looking = false;
        }),
      );
    }
  }, tickMs);

  return {
    async stop(patienceMs) {
      clearInterval(timer);
      until = Date.now() + patienceMs;
      while (under.size > 0) await Promise.all(under);
    },
  };
}
