import { expect, test } from "vitest";
import type { ErrorCode } from "../../clients/miniprogram/src/errors.ts";
import { type Verdict, verdictOf } from "../../clients/miniprogram/src/verdict.ts";

test.each<[ErrorCode, number, Verdict]>([
  ["reader_erased", 410, "drop"],
  ["erased", 410, "drop"],
  ["reader_changed", 0, "drop"],
  ["logged_out", 0, "waitForLogin"],
  ["idempotency_key_reused", 422, "newKey"],
  ["invalid_request", 400, "refused"],
  ["book_not_found", 404, "refused"],
  ["chapter_not_found", 404, "refused"],
  ["command_too_large", 413, "refused"],
  ["unsupported_media_type", 415, "refused"],
  ["book_withdrawn", 410, "refused"],
  ["token_missing", 401, "stopped"],
  ["token_invalid", 401, "stopped"],
  ["forbidden", 403, "stopped"],
  ["method_not_allowed", 405, "stopped"],
  ["too_many_requests", 429, "retryLater"],
  ["internal_error", 500, "retryLater"],
  ["stream_busy", 503, "retryLater"],
  ["outcome_unknown", 503, "retryLater"],
  ["network_error", 0, "retryLater"],
  ["login_failed", 0, "retryLater"],
  // Pages of proxies.
  ["unexpected_answer", 200, "retryLater"],
  ["unexpected_answer", 404, "retryLater"],
  ["unexpected_answer", 403, "retryLater"],
  ["unexpected_answer", 502, "retryLater"],
])("%s with status %i: %s", (code, status, verdict) => {
  expect(verdictOf({ code, status })).toBe(verdict);
});
