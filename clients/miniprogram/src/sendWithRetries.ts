import type { Problem } from "./api.js";
import { HeimaError } from "./errors.js";
import type { Wx, WxAnswer } from "./wx.js";

declare function setTimeout(run: () => void, ms: number): unknown;

/** A request as it goes out; `body` as JSON. */
export interface Sent {
  method: "GET" | "POST" | "PUT" | "DELETE";
  url: string;
  header: Record<string, string>;
  body?: unknown;
}

export interface Received {
  status: number;
  body: unknown;
  header(name: string): string | undefined;
}

export interface Patience {
  /** How long one try may take, in milliseconds. */
  timeoutMs: number;
  /** Tries of one request. */
  tries: number;
  /** The wait before the second try, in milliseconds; it doubles, with up to half of it taken off at random. */
  pauseMs: number;
  /** No try is planned to begin later than this after the first, in milliseconds; any time unless given. */
  lastTryMs?: number;
}

/** Longer than this no reader waits: the error is shown instead. */
const longestPauseMs = 10_000;

/** Statuses worth a retry. 502 and 504 come from proxies; 429 and 503 carry Retry-After. */
const passing = [429, 502, 503, 504];

/**
 * Sends a request until it is answered, again after a lost connection or an answer that may pass. To repeat is safe: queries
 * change nothing, and every try of a command has the same Idempotency-Key. A function makes the request anew for each try.
 * Rejects with a HeimaError, and with what the function throws.
 */
export async function sendWithRetries(
  wx: Wx,
  request: Sent | (() => Promise<Sent>),
  patience: Patience,
): Promise<Received> {
  const { tries, lastTryMs = Number.POSITIVE_INFINITY } = patience;
  const begun = Date.now();
  for (let attempt = 1; ; attempt++) {
    const isLast = (waitMs: number) => attempt >= tries || Date.now() - begun + waitMs > lastTryMs;
    const backoff = patience.pauseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
    const sent = typeof request === "function" ? await request() : request;
    let received: Received;
    try {
      received = await sendOnce(wx, sent, patience.timeoutMs);
    } catch (error) {
      if (isLast(backoff)) throw error;
      await pause(backoff);
      continue;
    }
    const { status, body } = received;
    const isSuccess = status >= 200 && status < 300;
    // The API always answers an object; a page with status 200 is a proxy's.
    if (isSuccess && typeof body === "object" && body !== null) return received;
    const error = errorOf(received);
    // Of a request that is made anew, the code is another one the next time.
    const isUsed = error.code === "wechat_code_used" && typeof request === "function";
    const passes = isSuccess || isUsed || passing.indexOf(status) >= 0;
    const waitMs = Math.max(backoff, error.retryAfterMs);
    if (isLast(waitMs) || !passes || error.retryAfterMs > longestPauseMs) throw error;
    await pause(waitMs);
  }
}

function sendOnce(wx: Wx, { method, url, header, body }: Sent, timeout: number): Promise<Received> {
  return new Promise((resolve, reject) => {
    wx.request({
      url,
      method,
      header: body === undefined ? header : { ...header, "content-type": "application/json" },
      ...(body === undefined ? {} : { data: JSON.stringify(body) }),
      dataType: "json",
      timeout,
      success: (answer) => resolve(receivedOf(answer)),
      fail: ({ errMsg }) => reject(new HeimaError("network_error", errMsg)),
    });
  });
}

function receivedOf({ statusCode, data, header }: WxAnswer): Received {
  return {
    status: statusCode,
    body: data,
    header(name) {
      const found = Object.keys(header).filter((candidate) => candidate.toLowerCase() === name)[0];
      return found === undefined ? undefined : header[found];
    },
  };
}

function errorOf({ status, body, header }: Received): HeimaError {
  const requestId = header("x-request-id");
  // A date, which proxies may send, counts as nothing.
  const retryAfterMs = (Number(header("retry-after")) || 0) * 1_000;
  const problem = body as Partial<Problem> | null;
  if (typeof problem !== "object" || problem === null || typeof problem.code !== "string") {
    return new HeimaError("unexpected_answer", `The answer has status ${status} and no problem.`, {
      status,
      requestId,
      retryAfterMs,
    });
  }
  const errors = problem.errors ?? [];
  return new HeimaError(problem.code, problem.detail ?? "", { status, errors, requestId, retryAfterMs });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
