import type { RequestHandler } from "express";
import type { Redis } from "../../platform/redis.ts";
import type { Rate } from "../../platform/settingTypes.ts";
import { localsOf } from "../locals.ts";
import { addressKey } from "./addressKey.ts";
import { createRateLimiter } from "./rateLimiter.ts";

/** The limits as handlers; undefined if there is no limit. They fail with `too_many_requests`. */
export type RateLimits = {
  readonly byAddress: RequestHandler | undefined;
  /** For requests that issue tokens: each costs a request to WeChat, or writes. By address, in addition to `byAddress`. */
  readonly ofLogins: RequestHandler | undefined;
  /** Runs after the token was checked. */
  readonly byReader: RequestHandler | undefined;
};

export type Rates = {
  readonly address: Rate | undefined;
  readonly login: Rate | undefined;
  readonly reader: Rate | undefined;
};

/** Monitoring is not limited: it matters most when most requests are refused. */
export const monitoringPaths = /^\/(health\/|metrics$)/;

/** The limits of an API process. `redis` is where processes count together. */
export function createRateLimits(redis: Redis, rates: Rates): RateLimits {
  const step = (name: string, rate: Rate | undefined, keyOf: (...of: Parameters<RequestHandler>) => string) => {
    if (rate === undefined) return undefined;
    const limiter = createRateLimiter({ redis, name, rate });
    const handler: RequestHandler = (request, response, next) => {
      const waiting = limiter.take(keyOf(request, response, next));
      if (waiting === undefined) next();
      else waiting.then(() => next(), next);
    };
    return handler;
  };
  const byAddress = step("address", rates.address, ({ ip = "" }) => addressKey(ip));
  return {
    byAddress:
      byAddress &&
      ((request, response, next) => (monitoringPaths.test(request.path) ? next() : byAddress(request, response, next))),
    ofLogins: step("login", rates.login, ({ ip = "" }) => addressKey(ip)),
    byReader: step("reader", rates.reader, (_request, response) => localsOf(response).readerId ?? ""),
  };
}
