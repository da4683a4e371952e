import { type RequestHandler, Router } from "express";

/** What all paths of a router begin with: `/v1/shelf` of `/v1/shelf/{bookId}`. */
const nounOf = (path: string) => /^(?:\/v1)?\/[^/]*/.exec(path)?.[0] ?? "";

/** The noun, and as many slashes as there are in the path: no parameter holds one. */
function shapeOf(path: string): string {
  let shape = nounOf(path);
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) shape += "/";
  return shape;
}

/** A router for each noun and length of path, so that a request is compared with few paths. */
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
