import type { Endpoint } from "../endpoint.ts";
import type { ProblemCode } from "../problems.ts";
import { watching } from "../rateLimits/rateLimits.ts";

/** Every problem that an endpoint may answer: those that it declares, and what the application adds by its kind. */
export function problemsOf(endpoint: Endpoint): readonly ProblemCode[] {
  const { method, path, access, problems, erasedToo = false } = endpoint;
  const codes: ProblemCode[] = [
    "invalid_request",
    "malformed_url",
    ...problems,
    "internal_error",
    "dependency_unavailable",
  ];
  if (access !== "open") codes.push("token_missing", "token_invalid", "token_expired", "forbidden");
  if (access !== "open" && !erasedToo) codes.push("reader_erased");
  if (method !== "get") codes.push("malformed_json", "body_too_large", "unsupported_media_type");
  if (!watching.test(path)) codes.push("too_many_requests");
  return [...new Set(codes)];
}
