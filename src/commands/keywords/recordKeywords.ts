import { keyword as asKeyword, type KeywordEvent, keywordEvents } from "../../domain/keywords/events.ts";
import { keywordKey } from "../../domain/keywords/keywordKey.ts";
import { anonymousSearches, searchStream } from "../../domain/keywords/stream.ts";
import { nameOf } from "../../domain/streamNames.ts";
import { codecOf } from "../../event-store/codec.ts";
import type { EventStore, EventToAppend } from "../../event-store/types.ts";
import type { Logger } from "../../platform/logger.ts";
import { identityOf } from "../commandIdentity.ts";
import { eventIdOf } from "../eventIds.ts";
import { ownContext } from "../ownContext.ts";
import type { VisitorOf } from "./visitors.ts";

/** An answered search. `results`: how many books matched, if known. */
export type Search = {
  readonly keyword: string;
  readonly results?: number | undefined;
  /** The reader who searched; undefined without a login: then `address` identifies the visitor. */
  readonly readerId: string | undefined;
  readonly address: string;
  readonly correlationId: string;
};

/** The result of recording: `left_out` is not a keyword (too long or invisible), `dropped` found the queue full. */
export type KeywordOutcome = "recorded" | "left_out" | "dropped" | "failed";

export type KeywordRecorder = {
  /** Never throws; fire and forget. */
  record(search: Search): void;
  /** Stops accepting searches, and gives the queued ones a short time to finish. */
  close(): Promise<void>;
};

/** Concurrent appends, and searches that may wait (some 100 KB). Further ones are dropped. */
const defaultAtOnce = 8;
const defaultMaxWaiting = 1_000;
/**
 * Searches of one stream within this time are appended together: searches without a login share a stream, and what an append costs here, in the event
 * store and in the projections is the same for one event as for fifty.
 */
const defaultGatherMs = 50;
const maxTogether = 100;
const closeMs = 1_000;

type Waiting = { readonly search: Search; readonly at: Date; readonly streamId: string };

/**
 * Records searches as `KeywordSearched`, each in a single append that is not retried: losing a search is harmless, delaying
 * one is not. While the event store does not answer, a bounded queue fills; searches beyond it are dropped and counted.
 */
export function createKeywordRecorder(options: {
  readonly eventStore: Pick<EventStore, "append">;
  readonly visitorOf: VisitorOf;
  readonly count: (outcome: KeywordOutcome) => void;
  readonly logger: Logger;
  readonly atOnce?: number;
  readonly maxWaiting?: number;
  readonly gatherMs?: number;
  readonly now?: () => Date;
}): KeywordRecorder {
  const { eventStore, visitorOf, count, logger } = options;
  const { atOnce = defaultAtOnce, maxWaiting = defaultMaxWaiting, gatherMs = defaultGatherMs } = options;
  const { now = () => new Date() } = options;
  const codec = codecOf(keywordEvents);
  let waiting: Waiting[] = [];
  let running = 0;
  let gathering: NodeJS.Timeout | undefined;
  let isClosed = false;
  let idle: (() => void) | undefined;

  async function eventOf({ search, at }: Waiting, stream: string): Promise<EventToAppend> {
    const { keyword, results, readerId, address, correlationId } = search;
    const visitor = readerId === undefined ? await visitorOf(address, at) : undefined;
    const data = {
      keyword,
      ...(results !== undefined && { results }),
      ...(visitor !== undefined && { visitor }),
      searchedAt: at.toISOString(),
    };
    const event: KeywordEvent = { type: "KeywordSearched", data };
    const context = ownContext(data, correlationId);
    const { commandId, commandHash } = identityOf(stream, "RecordKeyword", context);
    const metadata = { commandId, commandHash, correlationId, causationId: commandId, occurredAt: context.occurredAt };
    return codec.encode(event, eventIdOf(stream, { commandId, commandHash }, 0, data), metadata);
  }

  /** The searches that wait for the stream of the first one. */
  function next(): readonly Waiting[] {
    const streamId = waiting[0]?.streamId;
    const taken: Waiting[] = [];
    waiting = waiting.filter((one) => {
      const isTaken = one.streamId === streamId && taken.length < maxTogether;
      if (isTaken) taken.push(one);
      return !isTaken;
    });
    return taken;
  }

  const failed = (searches: number, error: unknown) => {
    for (let search = 0; search < searches; search++) count("failed");
    logger.debug({ err: error, searches }, "cannot record searches");
  };

  async function append(searches: readonly Waiting[]): Promise<void> {
    const stream = nameOf(searchStream, searches[0]?.streamId ?? "");
    const made = await Promise.allSettled(searches.map((search) => eventOf(search, stream)));
    const events = made.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    for (const one of made) if (one.status === "rejected") failed(1, one.reason);
    if (events.length === 0) return;
    try {
      await eventStore.append(stream, "any", events);
      for (const _ of events) count("recorded");
    } catch (error) {
      failed(events.length, error);
    }
  }

  function work(): void {
    gathering = undefined;
    while (running < atOnce && waiting.length > 0) {
      running++;
      void append(next()).then(() => {
        running--;
        if (waiting.length > 0) work();
        else if (running === 0) idle?.();
      });
    }
  }

  return {
    record(search) {
      const keyword = search.keyword.trim();
      if (isClosed || !asKeyword.safeParse(keyword).success || keywordKey(keyword) === "") return count("left_out");
      if (waiting.length >= maxWaiting) return count("dropped");
      const at = now();
      const streamId = search.readerId ?? anonymousSearches(at);
      waiting.push({ search: { ...search, keyword }, at, streamId });
      if (running < atOnce) gathering ??= setTimeout(work, gatherMs);
    },
    async close() {
      isClosed = true;
      clearTimeout(gathering);
      work();
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
