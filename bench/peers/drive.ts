import { randomUUID } from "node:crypto";
import { nextMove, type Reader } from "../commands/workload.ts";
import { openConnection } from "../load/connection.ts";
import { percentiles } from "../load/percentiles.ts";

/** The answers that a system's readers received in all turns. */
export type Told = {
  /** Changes that were acknowledged, by reader. */
  readonly acknowledged: Map<string, number>;
  /** Readers with a command of unknown outcome: they send no more. */
  readonly unsure: Set<string>;
};

export type Driven = {
  readonly commands: number;
  readonly seconds: number;
  /** In milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly errors: Readonly<Record<string, number>>;
};

/**
 * Shelves and unshelves over this many connections for `forMs`, each sending after its last answer; never two commands of one
 * reader at once. With `isBlind` answers are not checked, since the system has no shelves.
 */
export async function drive(
  url: string,
  readers: Reader[],
  books: readonly string[],
  told: Told,
  { connections, forMs, isBlind }: { connections: number; forMs: number; isBlind: boolean },
): Promise<Driven> {
  const times: number[] = [];
  const errors: Record<string, number> = {};
  const busy = new Set<Reader>();
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = await openConnection(url);
      while (performance.now() - begun < forMs) {
        if (readers.length < 2 * connections) throw new Error(`too few readers are left: ${JSON.stringify(errors)}`);
        const { reader, method, book, changes } = nextMove(readers, books.length, busy);
        busy.add(reader);
        const headers = { authorization: `Bearer ${reader.token}`, "idempotency-key": randomUUID() };
        const asked = performance.now();
        const { status, body } = await connection.ask(method, `/v1/shelf/${books[book]}`, headers);
        times.push(performance.now() - asked);
        busy.delete(reader);
        const changed = status === 200 && !body.includes('"events":[]');
        if (changed) told.acknowledged.set(reader.id, (told.acknowledged.get(reader.id) ?? 0) + 1);
        if (status === 200 && (isBlind || changed === changes)) {
          if (changes) reader.shelf[method === "PUT" ? "add" : "delete"](book);
          continue;
        }
        const what = status === 200 ? "wrong answer" : `status ${status}: ${body.slice(0, 80)}`;
        errors[what] = (errors[what] ?? 0) + 1;
        if (status !== 200) told.unsure.add(reader.id);
        // The contents of that shelf are unknown.
        const index = readers.indexOf(reader);
        if (index >= 0) readers.splice(index, 1);
      }
      connection.close();
    }),
  );
  const [p50 = Number.NaN, p99 = Number.NaN] = percentiles(times, 50, 99);
  return { commands: times.length, seconds: (performance.now() - begun) / 1_000, p50, p99, errors };
}
