import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy between two parts, which a run disturbs. Each fault affects all connections. */
export type Link = {
  /** `api→postgres` */
  readonly name: string;
  /** The address at which the first part now finds the second one. */
  readonly url: string;
  connections(): number;
  /** Resets all connections; returns how many there were. */
  cut(): number;
  /** Lets nothing through for `ms`, then continues without losses. New connections wait too. */
  stall(ms: number): Promise<void>;
  /**
   * Drops all connections on the far side without notice to the near one, which is reset after `ms`: as when a firewall dropped
   * them and keep-alive detected it. New connections work. Returns their number.
   */
  halfOpen(ms: number): number;
  /** Resets all connections and every new one, until `accept`: as if nothing listened. */
  refuse(): void;
  accept(): void;
  /** Resets all connections and hands every new one to `to` in place of the server, until it is called with null. */
  divert(to: ((near: Socket) => void) | null): void;
  close(): Promise<void>;
};

type Pair = { readonly near: Socket; readonly far: Socket };

/** Opens a proxy to the server of a URL. */
export async function openLink(name: string, target: string): Promise<Link> {
  const [, host = "", port = ""] = /^[^/]*\/\/(?:[^@/]*@)?([^:/?]+):(\d+)/.exec(target) ?? [];
  if (port === "") throw new Error(`${name}: no host and port in the URL`);
  const pairs = new Set<Pair>();
  const orphans = new Set<Socket>();
  const diverted = new Set<Socket>();
  let refusing = false;
  let elsewhere: ((near: Socket) => void) | null = null;
  let stalled = 0;

  const server = createServer({ allowHalfOpen: true }, (near) => {
    near.on("error", () => {});
    if (refusing) return void near.resetAndDestroy();
    near.setNoDelay(true);
    if (elsewhere !== null) {
      diverted.add(near);
      near.on("close", () => diverted.delete(near));
      return elsewhere(near);
    }
    const far = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    const pair = { near, far };
    pairs.add(pair);
    far.on("error", () => near.resetAndDestroy());
    far.on("close", () => {
      if (pairs.delete(pair)) near.destroy();
    });
    near.on("close", () => {
      pairs.delete(pair);
      far.destroy();
    });
    near.pipe(far);
    far.pipe(near);
    if (stalled > 0) hold(pair);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port: ownPort } = server.address() as { port: number };

  function hold({ near, far }: Pair): void {
    near.unpipe(far);
    far.unpipe(near);
    near.pause();
    far.pause();
  }
  function cut(): number {
    const held = [...pairs];
    for (const { near, far } of held) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    return held.length;
  }

  return {
    name,
    url: target.replace(`${host}:${port}`, `127.0.0.1:${ownPort}`),
    connections: () => pairs.size,
    cut,
    async stall(ms) {
      stalled++;
      for (const pair of pairs) hold(pair);
      await new Promise((resolve) => setTimeout(resolve, ms));
      stalled--;
      if (stalled > 0) return;
      for (const { near, far } of pairs) {
        near.pipe(far);
        far.pipe(near);
      }
    },
    halfOpen(ms) {
      const held = [...pairs];
      for (const pair of held) {
        const { near, far } = pair;
        pairs.delete(pair);
        hold(pair);
        // Data of the near side is accepted and lost.
        near.resume();
        far.removeAllListeners("error").on("error", () => {});
        far.resetAndDestroy();
        orphans.add(near);
        near.on("close", () => orphans.delete(near));
        setTimeout(() => near.resetAndDestroy(), ms).unref();
      }
      return held.length;
    },
    refuse() {
      refusing = true;
      cut();
    },
    accept() {
      refusing = false;
    },
    divert(to) {
      elsewhere = to;
      cut();
      for (const near of diverted) near.resetAndDestroy();
    },
    async close() {
      cut();
      for (const near of diverted) near.destroy();
      for (const near of orphans) near.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
