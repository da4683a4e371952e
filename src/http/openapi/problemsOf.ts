import type { Endpoint } from "../endpoint.ts";
import type { ProblemCode } from "../problems.ts";
import { monitoringPaths } from "../rateLimits/rateLimits.ts";

/** All problems of an endpoint: the declared ones, and those of every endpoint of its kind. */
export function problemsOf(endpoint: Endpoint): readonly ProblemCode[] {
  const { method, path, access, problems, readerOf, erasedToo = false } = endpoint;
  const takesToken = access !== "open" || readerOf !== undefined;
  const codes: ProblemCode[] = [
    "invalid_request",
    "malformed_url",
    "malformed_http",
    "request_timeout",
    "headers_too_large",
    ...problems,
    "internal_error",
    "event_unreadable",
    "dependency_unavailable",
  ];
  if (takesToken) codes.push("token_missing", "token_invalid", "token_expired", "forbidden");
  if (takesToken && !erasedToo) codes.push("reader_erased");
  if (method !== "get") codes.push("malformed_json", "body_too_large", "unsupported_media_type");
  if (!monitoringPaths.test(path)) codes.push("too_many_requests");
  return [...new Set(codes)];
}
