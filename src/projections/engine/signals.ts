import type { Redis } from "../../platform/redis.ts";

/**
 * A partition committed its checkpoint at `position`. Of what stood after `after`, only rows of the partition keys in `keys` can
 * have changed; undefined: any.
 */
export type Advanced = {
  readonly kind: "advanced";
  readonly build: string;
  readonly partition: number;
  readonly position: bigint;
  readonly after: bigint;
  readonly keys: readonly string[] | undefined;
};

/**
 * What workers tell dispatchers and API processes through Redis publish/subscribe. Every signal may be lost: each is
 * only quicker than the look at the checkpoints that stands behind it.
 */
export type Signal =
  | Advanced
  /** A batch of `epoch` met a gap: the build must be opened again from its lowest checkpoint. */
  | { readonly kind: "rewind"; readonly build: string; readonly epoch: string };

const channelOf = (kind: Signal["kind"]) => `heima:${kind}`;

/** Publishes a signal; resolves also when Redis is away. */
export async function publish(redis: Redis, signal: Signal): Promise<void> {
  const text =
    signal.kind === "advanced"
      ? JSON.stringify({ ...signal, position: String(signal.position), after: String(signal.after) })
      : JSON.stringify(signal);
  await redis.publish(channelOf(signal.kind), text).catch(() => undefined);
}

/** Calls `listener` for each signal of one kind; the connection becomes a subscriber and takes no other commands. */
export function listen<Kind extends Signal["kind"]>(
  subscriber: Redis,
  kind: Kind,
  listener: (signal: Extract<Signal, { kind: Kind }>) => void,
): void {
  subscriber.on("message", (channel: string, text: string) => {
    if (channel !== channelOf(kind)) return;
    const signal = JSON.parse(text);
    if (kind === "advanced") {
      signal.position = BigInt(signal.position);
      signal.after = BigInt(signal.after);
    }
    listener(signal);
  });
  // ioredis subscribes again by itself whenever the connection comes back.
  subscriber.subscribe(channelOf(kind)).catch(() => undefined);
}
