import { keyword as asKeyword, type KeywordEvent, keywordEvents } from "../../domain/keywords/events.ts";
import { keywordKey } from "../../domain/keywords/keywordKey.ts";
import { anonymousSearches, searchStream } from "../../domain/keywords/stream.ts";
import { nameOf } from "../../domain/streamNames.ts";
import { codecOf } from "../../event-store/codec.ts";
import type { EventStore } from "../../event-store/types.ts";
import type { Logger } from "../../platform/logger.ts";
import { identityOf } from "../commandIdentity.ts";
import { eventIdOf } from "../eventIds.ts";
import { ownContext } from "../ownContext.ts";
import type { VisitorOf } from "./visitors.ts";

/** An answered search. `results`: how many books matched, if known. */
export type Search = {
  readonly keyword: string;
  readonly results?: number | undefined;
  /** Who searched: the reader, or the address if there is no login. */
  readonly readerId: string | undefined;
  readonly address: string;
  readonly correlationId: string;
};

/** The result of recording: `left_out` is not a keyword (too long or invisible), `dropped` found the queue full. */
export type KeywordOutcome = "recorded" | "left_out" | "dropped" | "failed";

export type KeywordRecorder = {
  /** Never throws; fire and forget. */
  record(search: Search): void;
  /** Accepts no more searches, and gives the queued ones a short time to finish. */
  close(): Promise<void>;
};

/** Concurrent appends, and searches that may wait (some 100 KB). Further ones are dropped. */
const defaultAtOnce = 8;
const defaultMaxWaiting = 1_000;
const closeMs = 1_000;

/**
 * Records searches as `KeywordSearched`, each with a single append that is not retried: losing a search is harmless, delaying
 * one is not. While the event store does not answer, a bounded queue fills; searches beyond it are dropped and counted.
 */
export function createKeywordRecorder(options: {
  readonly eventStore: Pick<EventStore, "append">;
  readonly visitorOf: VisitorOf;
  readonly count: (outcome: KeywordOutcome) => void;
  readonly logger: Logger;
  readonly atOnce?: number;
  readonly maxWaiting?: number;
  readonly now?: () => Date;
}): KeywordRecorder {
  const { eventStore, visitorOf, count, logger } = options;
  const { atOnce = defaultAtOnce, maxWaiting = defaultMaxWaiting, now = () => new Date() } = options;
  const codec = codecOf(keywordEvents);
  const waiting: { readonly search: Search; readonly at: Date }[] = [];
  let running = 0;
  let isClosed = false;
  let idle: (() => void) | undefined;

  async function append({ search, at }: (typeof waiting)[number]): Promise<void> {
    const { keyword, results, readerId, address, correlationId } = search;
    const visitor = readerId === undefined ? await visitorOf(address, at) : undefined;
    const stream = nameOf(searchStream, readerId ?? anonymousSearches(at));
    const data = { keyword, ...(results !== undefined && { results }), ...(visitor !== undefined && { visitor }) };
    const event: KeywordEvent = { type: "KeywordSearched", data };
    const context = ownContext(data, correlationId);
    const { commandId, commandHash } = identityOf(stream, "RecordKeyword", context);
    const metadata = { commandId, commandHash, correlationId, causationId: commandId, occurredAt: context.occurredAt };
    const id = eventIdOf(stream, { commandId, commandHash }, 0);
    await eventStore.append(stream, "any", [codec.encode(event, id, metadata)]);
  }

  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await append(next);
        count("recorded");
      } catch (error) {
        count("failed");
        logger.debug({ err: error }, "a search was not recorded");
      }
    }
    running--;
    if (running === 0) idle?.();
  }

  return {
    record(search) {
      const keyword = search.keyword.trim();
      if (isClosed || !asKeyword.safeParse(keyword).success || keywordKey(keyword) === "") return count("left_out");
      if (waiting.length >= maxWaiting) return count("dropped");
      waiting.push({ search: { ...search, keyword }, at: now() });
      if (running >= atOnce) return;
      running++;
      setImmediate(() => void work());
    },
    async close() {
      isClosed = true;
      if (running === 0) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        idle = resolve;
        timer = setTimeout(resolve, closeMs);
      });
      clearTimeout(timer);
      for (const _ of waiting.splice(0)) count("dropped");
    },
  };
}
