import { randomUUID } from "node:crypto";
import { openConnection } from "../load/connection.ts";
import type { World } from "./lines.ts";

/**
 * Puts books on shelves and takes them off, so many commands a second over as many connections as that needs, until `stop`
 * is called, which resolves with the commands a second that were done. Rejects then if one was refused.
 */
export function startShelving(api: string, { books, readers }: World, perSecond: number) {
  const connections = 16;
  const begun = performance.now();
  let sent = 0;
  let stopping = false;
  const any = <Item>(list: readonly Item[]) => list[Math.floor(Math.random() * list.length)] as Item;
  const work = async () => {
    const connection = await openConnection(api);
    while (!stopping) {
      const due = begun + (++sent * 1000) / perSecond;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      const path = `/v1/shelf/${any(books)}`;
      const headers = { authorization: `Bearer ${any(readers).token}`, "idempotency-key": randomUUID() };
      const { status, body } = await connection.ask(Math.random() < 0.5 ? "PUT" : "DELETE", path, headers);
      if (status !== 200) throw new Error(`${path} answered ${status}: ${body}`);
    }
    connection.close();
  };
  const done = Promise.all(Array.from({ length: connections }, work));
  // Told by `stop`.
  done.catch(() => {});
  return {
    async stop(): Promise<number> {
      stopping = true;
      await done;
      return (sent * 1000) / (performance.now() - begun);
    },
  };
}
