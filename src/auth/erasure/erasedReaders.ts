import type { Logger } from "../../platform/logger.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { Redis } from "../../platform/redis.ts";
import { singleFlight } from "../../platform/singleFlight.ts";
import { withTimeout } from "../../platform/withTimeout.ts";

/** The interval at which the marks in Postgres are polled, in milliseconds: a Redis message may be lost. */
const pollIntervalMs = 1_000;
const publishMs = 1_000;
const channel = "heima:reader-erased";

/** The erased readers are not known yet: Postgres has not responded since this process started. */
export class ErasedReadersUnknown extends Error {
  override readonly name = "ErasedReadersUnknown";
  constructor() {
    super("The list of erased readers is not loaded yet.");
  }
}

/** The readers whose tokens are rejected, as far as this process knows. */
export type ErasedReaders = {
  /** Throws ErasedReadersUnknown before the marks were first read from Postgres. */
  has(readerId: string): boolean;
  /** Adds a reader here, and notifies the other processes. */
  add(readerId: string): Promise<void>;
  close(): void;
};

/**
 * Follows the marks on accounts: by messages through Redis at once, by polling Postgres within a second. A mark is kept for
 * longer than an access token is valid. `forget` is called once for each reader.
 */
export function watchErasedReaders(options: {
  readonly pool: Pool;
  readonly redis: Redis;
  readonly subscriber: Redis;
  readonly forget: (readerId: string) => void;
  readonly logger: Logger;
}): ErasedReaders {
  const { pool, redis, subscriber, forget, logger } = options;
  let known: ReadonlySet<string> | undefined;
  /** Readers from messages, which a poll that is under way may not include yet. */
  const announced = new Set<string>();

  const note = (readerId: string) => {
    if (announced.has(readerId) || known?.has(readerId)) return;
    announced.add(readerId);
    forget(readerId);
  };

  /** One read at a time: an older response that arrives later would replace a newer one. */
  const look = singleFlight(async () => {
    const before = [...announced];
    const { rows } = await pool.query<{ reader_id: string }>({
      name: "erased-readers",
      text: "SELECT reader_id FROM accounts WHERE erased_at IS NOT NULL",
    });
    const marked = new Set(rows.map(({ reader_id }) => reader_id));
    for (const readerId of marked) note(readerId);
    known = marked;
    for (const readerId of before) announced.delete(readerId);
    for (const readerId of marked) announced.delete(readerId);
  });
  const quietly = () =>
    look().catch((error: unknown) => logger.warn({ err: error }, "cannot read which readers are erased"));

  subscriber.on("message", (from: string, text: string) => {
    if (from === channel && text.length <= 64) note(text);
  });
  subscriber.subscribe(channel).catch(() => undefined);
  const timer = setInterval(quietly, pollIntervalMs).unref();
  void quietly();

  return {
    has(readerId) {
      if (announced.has(readerId)) return true;
      if (known === undefined) throw new ErasedReadersUnknown();
      return known.has(readerId);
    },
    async add(readerId) {
      note(readerId);
      await withTimeout(redis.publish(channel, readerId), publishMs).catch(() => undefined);
    },
    close: () => clearInterval(timer),
  };
}
