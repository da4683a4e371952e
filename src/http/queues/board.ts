import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import { type Express, type RequestHandler, Router } from "express";
import type { AccessTokens } from "../../auth/accessTokens.ts";
import { cachedFor } from "../../platform/singleFlight.ts";
import { operatorsOnly } from "./access.ts";

/** A BullMQ queue; only the projection engine imports BullMQ. */
type Queue = ConstructorParameters<typeof BullMQAdapter>[0];

/** Lists the current queues. A queue is the same object in every call; the caller closes them. */
export type ListQueues = () => Promise<readonly Queue[]>;

export const queuesPath = "/queues";

/** The maximum age of the list of queues: open pages poll every few seconds. */
const maxAgeMs = 1_000;

/**
 * Everything from this server. Styles are inline; pictures in style sheets are `data:` URLs. The page refers to a font on
 * another site, which is not loaded.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * bull-board for operators, mounted at `queuesPath`: the queues, read-only. Builds of read models come and go, so each request
 * lists the queues first; if that or Redis fails, the response is a problem as elsewhere.
 */
export function queuesBoard(tokens: Pick<AccessTokens, "verify">, listQueues: ListQueues): RequestHandler {
  const adapter = new ExpressAdapter().setBasePath(queuesPath);
  const board = createBullBoard({
    queues: [],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: "Heima Literature: queues", hideRedisDetails: true } },
  });
  // Its own handler would reveal the error's message and log nothing.
  adapter.setErrorHandler((error) => {
    throw error;
  });
  const pages = adapter.getRouter() as Express;
  pages.disable("x-powered-by");

  let shown: readonly Queue[] = [];
  const refresh = cachedFor(maxAgeMs, async () => {
    const queues = await listQueues();
    if (queues.length === shown.length && queues.every((queue) => shown.includes(queue))) return;
    board.replaceQueues(queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })));
    shown = queues;
  });

  const router = Router();
  router.use(operatorsOnly(tokens, queuesPath));
  router.use((_request, response, next) => {
    response.setHeader("Content-Security-Policy", policy);
    next();
  });
  router.use("/api", async (_request, _response, next) => {
    await refresh();
    next();
  });
  router.use(pages);
  return router;
}
