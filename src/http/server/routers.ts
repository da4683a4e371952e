import { type RequestHandler, Router } from "express";

/** The common prefix of a router's paths: `/v1/shelf` for `/v1/shelf/{bookId}`. */
const nounOf = (path: string) => /^(?:\/v1)?\/[^/]*/.exec(path)?.[0] ?? "";

/** The prefix and the number of slashes, which no parameter contains. */
function shapeOf(path: string): string {
  let shape = nounOf(path);
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) shape += "/";
  return shape;
}

/** One router per prefix and path length, so that a request is matched against few paths. */
export function createRouters(): { of(path: string): Router; readonly handler: RequestHandler } {
  const routers = new Map<string, Router>();
  return {
    of(path) {
      const router = routers.get(shapeOf(path)) ?? Router({ caseSensitive: true, strict: true });
      routers.set(shapeOf(path), router);
      return router;
    },
    handler(request, response, next) {
      const router = routers.get(shapeOf(request.path));
      if (router === undefined) next();
      else router(request, response, next);
    },
  };
}
