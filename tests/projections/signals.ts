import { connectRedis } from "../../src/platform/redis.ts";
import { redisUrl } from "../support/redis.ts";
import { logger } from "./fixtures.ts";

/** A connection that publishes signals, and one that listens to them. Call it in beforeAll, `close` in afterAll. */
export async function connectSignals() {
  const url = await redisUrl();
  const redis = connectRedis({ url, blocking: false, logger });
  const subscriber = connectRedis({ url, blocking: true, logger });
  // Each test's process listens on this one connection.
  subscriber.setMaxListeners(0);
  return {
    redis,
    subscriber,
    close() {
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}
export type Signals = Awaited<ReturnType<typeof connectSignals>>;
