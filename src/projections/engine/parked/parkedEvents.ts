import type { Logger } from "../../../platform/logger.ts";
import { workerDiedError } from "../apply/workerDiedError.ts";
import type { Build } from "../core/build.ts";
import type { ReadModel } from "../core/declaration.ts";
import { lowestPosition } from "../core/positions.ts";
import { findSkip } from "../log/skips.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import type { ParkedKey, ParkedPage, ReadModelStore } from "../ports/readModelStore.ts";
import { openKeylessEvents } from "./keylessEvents.ts";
import { type Retried, type RetryDependencies, retryParked } from "./retry.ts";
import { findRefusal } from "./tryFold.ts";

/** A parked key of a build. */
export type ParkedInBuild = ParkedKey & { readonly readModel: string; readonly build: string };

/** The end of a page: a build number and a parked key in that build. */
export type ParkedListCursor = { readonly build: number; readonly position: bigint; readonly partition: number };
export type ParkedListPage = { readonly after: ParkedListCursor | null; readonly limit: number };
/** `next`: where the next page starts; null on the last page. */
export type ParkedList = { readonly rows: readonly ParkedInBuild[]; readonly next: ParkedListCursor | null };

/** `refused` and `accepted`: the result of applying the event now; `skipped`: it is skipped. */
export type ParkedEventState =
  | { readonly state: "refused" | "accepted" | "skipped"; readonly position: bigint }
  | undefined;

/** The operations on parked events, in all live and building builds of a read model. Methods reject for an unknown read model. */
export type ParkedEvents = {
  /** A page of parked keys, by build and then by the position of their first event. */
  list(readModel: string, page: ParkedListPage): Promise<ParkedList>;
  /** Retries a key, or all keys: see `retryParked`. Empty if nothing is parked. */
  retry(readModel: string, key?: string): Promise<readonly Retried[]>;
  /** The state of a key's first parked event; undefined if no key is parked because of the event and it is not skipped. */
  stateOf(readModel: string, eventId: string): Promise<ParkedEventState>;
  /** Retries, in every build, the keys that are parked because of a skipped event. */
  retrySkipped(readModel: string, eventId: string): Promise<readonly Retried[]>;
};

export function createParkedEvents(
  dependencies: RetryDependencies & {
    readonly readModels: readonly ReadModel[];
    readonly catalog: Pick<BuildCatalog, "buildsOf">;
    readonly logger: Logger;
    /** Whether this process may retry an event at which workers died, and die too. */
    readonly mayDie: boolean;
  },
): ParkedEvents {
  const { readModels, store, catalog, eventStore, codec, logger, mayDie } = dependencies;

  const buildsOf = (name: string) => {
    const readModel = readModels.find((candidate) => candidate.name === name);
    if (readModel === undefined) throw new Error(`there is no read model ${name}`);
    return catalog.buildsOf(readModel);
  };

  /** The live build comes last, so that its successor never parks more than it does (rule 18). */
  const parkedOf = async (name: string) => {
    const builds = [...(await buildsOf(name))].sort((a, b) => Number(a.state === "live") - Number(b.state === "live"));
    const found: (readonly [Build, ParkedKey])[] = [];
    for (const { build } of builds) for await (const key of allParked(store, build)) found.push([build, key]);
    return found;
  };

  const retryAll = async (keys: readonly (readonly [Build, ParkedKey])[]) => {
    const retried: Retried[] = [];
    // A key may be parked in several partitions of a build: one retry covers all.
    const once = new Map(keys.map(([build, parked]) => [`${build.name} ${parked.key}`, { build, parked }]));
    const [first] = once.values();
    if (first === undefined) return retried;
    // All are builds of one read model.
    const keyless = openKeylessEvents(eventStore, first.build.readModel, {
      first: lowestPosition(keys.map(([, key]) => key)),
    });
    for (const { build, parked } of once.values()) {
      const { key, partition, events: left, error, eventId } = parked;
      const deadly = error === workerDiedError && !mayDie;
      if (deadly && (await findSkip(eventStore, codec, build.readModel.name, eventId)) === undefined) {
        const refused = `${error}: retry it with heima projections retry, which may die of it`;
        retried.push({ build: build.name, partition, key, folded: 0, skipped: 0, left, error: refused });
      } else retried.push(...(await retryParked(dependencies, build, key, keyless)));
    }
    for (const result of retried) logger.info(result, "retried a parked key");
    return retried;
  };

  return {
    async list(readModel, { after, limit }) {
      const rows: ParkedInBuild[] = [];
      let last = after;
      for (const { build } of await buildsOf(readModel)) {
        if (build.number < (after?.build ?? 0) || rows.length === limit) continue;
        const page = { limit: limit - rows.length, after: build.number === after?.build ? after : undefined };
        for (const key of await store.parked(build, page)) {
          rows.push({ readModel, build: build.name, ...key });
          last = { build: build.number, position: key.position, partition: key.partition };
        }
      }
      return { rows, next: rows.length === limit ? last : null };
    },

    async retry(readModel, key) {
      const found = await parkedOf(readModel);
      return retryAll(key === undefined ? found : found.filter(([, parked]) => parked.key === key));
    },

    async stateOf(readModel, eventId) {
      const skip = await findSkip(eventStore, codec, readModel, eventId);
      if (skip !== undefined) return { state: "skipped", position: skip };
      const found = (await parkedOf(readModel)).filter(([, parked]) => parked.eventId === eventId);
      for (const [build, { partition, key }] of found) {
        const parked = await store.inPartition(build, partition, (session) => session.parked(key));
        const [first] = parked;
        if (first?.event.id !== eventId) continue;
        if (first.error === workerDiedError) return { state: "refused", position: first.event.position };
        const refusal = await findRefusal(dependencies, build, partition, [first.event]);
        if (refusal !== undefined) return { state: "refused", position: first.event.position };
      }
      const [known] = found;
      return known && { state: "accepted", position: known[1].position };
    },

    async retrySkipped(readModel, eventId) {
      const found = await parkedOf(readModel);
      const waiting: (typeof found)[number][] = [];
      for (const [build, parked] of found) {
        const events = await store.inPartition(build, parked.partition, (session) => session.parked(parked.key));
        if (events.some(({ event }) => event.id === eventId)) waiting.push([build, parked]);
      }
      return retryAll(waiting);
    },
  };
}

async function* allParked(store: Pick<ReadModelStore, "parked">, build: Build): AsyncGenerator<ParkedKey> {
  let after: ParkedPage["after"];
  do {
    const page = await store.parked(build, { after, limit: keysAtOnce });
    yield* page;
    after = page.length < keysAtOnce ? undefined : page.at(-1);
  } while (after !== undefined);
}

const keysAtOnce = 100;
