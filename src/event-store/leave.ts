import type { Readable } from "node:stream";

/**
 * Iterates over a stream of the client without destroying it when the loop is left. Destroyed, it would no longer take what
 * the call beneath it has received, and that call, if the server has finished it, would stay in the client for ever:
 * a leak of one call a read, and a `dispose` that never resolves.
 */
export function withoutDestroying<Item>(stream: Readable & AsyncIterable<Item>): AsyncIterable<Item> {
  return stream.iterator({ destroyOnReturn: false });
}

/** Ends a call that was left early: cancels it, and lets what has arrived run out. */
export function letGo(stream: Readable, cancel: () => Promise<void>): void {
  stream.resume();
  cancel().catch(() => {});
}
