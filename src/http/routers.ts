import { type RequestHandler, Router } from "express";

/** What all paths of a router begin with: `/v1/shelf` of `/v1/shelf/{bookId}`. */
const nounOf = (path: string) => /^(?:\/v1)?\/[^/]*/.exec(path)?.[0] ?? "";

/** A router for each noun, so that a request is compared with the paths of its own noun alone. */
export function createRouters(): { of(path: string): Router; readonly handler: RequestHandler } {
  const routers = new Map<string, Router>();
  return {
    of(path) {
      const router = routers.get(nounOf(path)) ?? Router({ caseSensitive: true, strict: true });
      routers.set(nounOf(path), router);
      return router;
    },
    handler(request, response, next) {
      const router = routers.get(nounOf(request.path));
      if (router === undefined) next();
      else router(request, response, next);
    },
  };
}
