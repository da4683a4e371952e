import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import { type Express, type RequestHandler, Router } from "express";
import type { AccessTokens } from "../../auth/accessTokens.ts";
import { sharedFor } from "../../platform/shared.ts";
import { operatorsOnly } from "./access.ts";

/** A queue of BullMQ's, which only the engine of the read models imports. */
type Queue = ConstructorParameters<typeof BullMQAdapter>[0];

/** All queues that there are now. A queue of the same name is the same object as before; whoever lists them closes them. */
export type ListQueues = () => Promise<readonly Queue[]>;

export const queuesPath = "/queues";

/** How old the list of queues may be: open pages ask every few seconds. */
const keptMs = 1_000;

/**
 * Everything from here. Styles stand in the page and on its elements; pictures in style sheets are `data:` URLs. The page
 * names a font of another site's, which is not loaded.
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
 * bull-board for operators, to be mounted at `queuesPath`: what waits in each queue, read-only. Builds of read models come
 * and go, so its API asks `listQueues` first; a failure of that, or of Redis, is a problem as everywhere.
 */
export function queuesBoard(tokens: Pick<AccessTokens, "verify">, listQueues: ListQueues): RequestHandler {
  const adapter = new ExpressAdapter().setBasePath(queuesPath);
  const board = createBullBoard({
    queues: [],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: "Heima Literature: queues", hideRedisDetails: true } },
  });
  // Its own answer would tell an error's message and log nothing.
  adapter.setErrorHandler((error) => {
    throw error;
  });
  const pages = adapter.getRouter() as Express;
  pages.disable("x-powered-by");

  let shown: readonly Queue[] = [];
  const refresh = sharedFor(keptMs, async () => {
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
