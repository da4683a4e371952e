import { bigintAsText } from "../../../platform/bigintAsText.ts";
import type { Redis } from "../../../platform/redis.ts";
import { withTimeout } from "../../../platform/withTimeout.ts";

/**
 * A partition committed its checkpoint at `position`. Of what stood after `after`, only rows of the partition keys in `keys` can
 * have changed; undefined: any.
 */
export type Advanced = {
  readonly kind: "advanced";
  readonly build: string;
  readonly partition: number;
  readonly position: bigint;
  /** Of the event at `position`; releases before do not tell it. */
  readonly eventId?: string;
  readonly after: bigint;
  readonly keys: readonly string[] | undefined;
  /** The keys that are parked in the partition as of this commit. */
  readonly parkedKeys: readonly string[];
};

/**
 * Parked events of a partition were folded or left out while its checkpoint stood at `position`; `keys` and `parkedKeys` as
 * above. Who knows of a later position knows of later parked keys too.
 */
export type Changed = Omit<Advanced, "kind" | "after"> & { readonly kind: "changed" };

/**
 * A message of workers to dispatchers and API processes over Redis publish/subscribe. Every signal may be lost: the
 * checkpoints are also polled, which is slower but does not depend on signals.
 */
export type Signal =
  | Advanced
  | Changed
  /** A batch of `epoch` met a gap: the build must be opened again from its lowest checkpoint. */
  | { readonly kind: "rewind"; readonly build: string; readonly epoch: string }
  /** A build of this read model was added, became live, or ended: the catalog has its state. */
  | { readonly kind: "builds"; readonly readModel: string };

const publishMs = 1_000;

const channelOf = (kind: Signal["kind"]) => `heima:${kind}`;

/** Publishes a signal; resolves after a second at most, also when Redis is away: then the signal is late or lost. */
export function publish(redis: Redis, signal: Signal): Promise<void> {
  return publishText(redis, signal.kind, signal);
}

/** Publishes that several partitions advanced, as one message; otherwise as `publish`. */
export async function publishAdvanced(redis: Redis, signals: readonly Advanced[]): Promise<void> {
  const [first] = signals;
  if (first !== undefined) await publishText(redis, "advanced", signals.length === 1 ? first : signals);
}

async function publishText(redis: Redis, kind: Signal["kind"], content: unknown): Promise<void> {
  const text = JSON.stringify(content, bigintAsText);
  await withTimeout(redis.publish(channelOf(kind), text), publishMs).catch(() => undefined);
}

/** Calls `listener` for each signal of one kind; the connection becomes a subscriber and takes no other commands. */
export function listen<Kind extends Signal["kind"]>(
  subscriber: Redis,
  kind: Kind,
  listener: (signal: Extract<Signal, { kind: Kind }>) => void,
): void {
  subscriber.on("message", (channel: string, text: string) => {
    if (channel !== channelOf(kind)) return;
    for (const content of contentsOf(text)) {
      const signal = parse(kind, content);
      if (signal !== undefined) listener(signal as Extract<Signal, { kind: Kind }>);
    }
  });
  // ioredis subscribes again whenever the connection comes back.
  subscriber.subscribe(channelOf(kind)).catch(() => undefined);
}

type Parsed = ReturnType<typeof JSON.parse>;

/** A message is one signal or a list of them. */
function contentsOf(text: string): readonly Parsed[] {
  try {
    const content: Parsed = JSON.parse(text);
    return Array.isArray(content) ? content : [content];
  } catch {
    return [];
  }
}

/** Undefined for what is no signal of this release: others may publish on the channel, and a lost signal does no harm. */
function parse(kind: Signal["kind"], content: Parsed): Signal | undefined {
  try {
    const signal = { ...content, kind };
    if (kind === "builds") return isText(signal.readModel) ? signal : undefined;
    if (!isText(signal.build)) return undefined;
    if (kind === "rewind") return isText(signal.epoch) ? signal : undefined;
    const { partition, position, after, keys, parkedKeys = [] } = signal;
    if (!Number.isInteger(partition) || !areTexts(keys ?? []) || !areTexts(parkedKeys)) return undefined;
    if (!isText(position) || !isText(signal.eventId ?? "")) return undefined;
    const read = { ...signal, keys: keys ?? undefined, parkedKeys, position: BigInt(position) };
    if (kind === "changed") return read;
    return isText(after) ? { ...read, after: BigInt(after) } : undefined;
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === "string";
const areTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
