import { join } from "node:path";
import { type Duck, literal, openDuck } from "../duck/database.ts";
import type { DuckLimits } from "../duck/limits.ts";
import { fileOf } from "./published.ts";

/** Time for which the file of a snapshot stays open after a query, in milliseconds: opening it takes about as long as a page. */
const openForMs = 30_000;

type Attached = { readonly name: string; readonly ready: Promise<void>; users: number; closing?: NodeJS.Timeout };

/** Queries a snapshot, by its id; `query` gets the name under which its tables are. Rejects with DuckDB's message, also without the file. */
export type QuerySnapshot = <Row>(id: string, query: (name: string) => string) => Promise<readonly Row[]>;

/**
 * Queries the files of snapshots, attached to one DuckDB, so that the limits are for all together. A file that was deleted is closed too, and so
 * gone, half a minute after its last query.
 */
export function openSnapshots(folder: string, limits: DuckLimits | undefined, openFor = openForMs): QuerySnapshot {
  let opening: Promise<Duck> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let attachments = 0;
  const attached = new Map<string, Attached>();

  const open = (): Promise<Duck> => {
    opening ??= openDuck({ threads: 1, limits }).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  // A file cannot be attached twice: a further query waits until it is detached.
  const inTurn = (duck: Duck, sql: string): Promise<void> => {
    const turn = last.then(() => duck.run(sql));
    last = turn.catch(() => {});
    return turn;
  };
  const attach = (duck: Duck, id: string): Attached => {
    const name = `snapshot${attachments++}`;
    const ready = inTurn(duck, `ATTACH ${literal(join(folder, fileOf({ id })))} AS ${name} (READ_ONLY)`);
    const one = { name, ready, users: 0 };
    attached.set(id, one);
    ready.catch(() => attached.delete(id));
    return one;
  };
  const close = (duck: Duck, id: string, { name, users }: Attached): void => {
    if (users > 0) return;
    attached.delete(id);
    inTurn(duck, `DETACH ${name}`).catch(() => {});
  };

  return async (id, query) => {
    const duck = await open();
    const one = attached.get(id) ?? attach(duck, id);
    one.users++;
    clearTimeout(one.closing);
    try {
      await one.ready;
      return await duck.rows(query(one.name));
    } finally {
      one.users--;
      if (one.users === 0 && attached.get(id) === one)
        one.closing = setTimeout(() => close(duck, id, one), openFor).unref();
    }
  };
}
