import { createHash } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import { LRUCache } from "lru-cache";
import type { AccessTokens } from "../../auth/accessTokens.ts";
import { TokenRefused } from "../../auth/errors.ts";
import { requireRole } from "../../auth/requireRole.ts";
import { RequestProblem } from "../problems.ts";

const cookieName = "heima-queues";

/** The lifetime of the cookie in seconds: that of an access token, whose own expiry takes precedence. */
const cookieSeconds = 15 * 60;

/** Remembered exchanged tokens: each is valid for 15 minutes, and operators are few. Not shared between processes. */
const rememberedTokens = 1_000;

/**
 * Lets operators read, but not change, what is below `path`: 405 for methods other than GET and HEAD, 401 without an access
 * token, 403 without the role. A browser, which sends no Authorization header, opens `path?token=<access token>` once; the
 * token is moved into a cookie that scripts and other sites cannot use, and out of the URL.
 */
export function operatorsOnly(tokens: Pick<AccessTokens, "verify">, path: string): RequestHandler {
  const exchanged = new LRUCache<string, true>({ max: rememberedTokens });
  return (request, response, next) => {
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Referrer-Policy", "no-referrer");
    if (request.method !== "GET" && request.method !== "HEAD") {
      const headers = { Allow: "GET, HEAD" };
      throw new RequestProblem("method_not_allowed", "The queues can be read, not changed.", { headers });
    }
    const { token } = request.query;
    if (token === undefined) {
      requireRole(tokens, request.headers.authorization ?? bearerOf(cookieOf(request)), "operator");
      next();
      return;
    }
    if (typeof token !== "string")
      throw new TokenRefused("token_invalid", "The access token is not valid; log in again.");
    requireRole(tokens, bearerOf(token), "operator");
    const key = createHash("sha256").update(token).digest("base64url");
    if (exchanged.has(key)) throw new TokenRefused("token_invalid", "The access token was exchanged before.");
    if (request.method === "GET") {
      exchanged.set(key, true);
      setCookie(request, response, token, path);
    }
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(goingOn(path));
  };
}

const bearerOf = (token: string | undefined) => (token === undefined ? undefined : `Bearer ${token}`);

/** The value of our cookie; undefined if there is none. */
function cookieOf({ headers }: Request): string | undefined {
  const pairs = headers.cookie?.split(";").map((pair) => pair.trim()) ?? [];
  return pairs.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
}

function setCookie(request: Request, response: Response, token: string, path: string): void {
  const secure = request.secure ? "; Secure" : "";
  response.setHeader(
    "Set-Cookie",
    `${cookieName}=${token}; Path=${path}; Max-Age=${cookieSeconds}; HttpOnly; SameSite=Strict${secure}`,
  );
}

/** A page instead of a redirect: after a link on another site, a browser would follow a redirect without the strict cookie. */
function goingOn(path: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0;url=${path}/">
<title>Queues</title>
</head>
<body><a href="${path}/">To the queues</a></body>
</html>
`;
}
