import type { Problem } from "../problemOf.ts";
import { problems, shownCode } from "../problems.ts";

/** The body of a response to a request with this id that failed: problem details (RFC 9457). */
export function problemDetails({ code, detail, errors }: Omit<Problem, "headers">, requestId: string) {
  const { title, status } = problems[code];
  return {
    type: `urn:heima-literature:problem:${shownCode(code)}`,
    title,
    status,
    detail,
    code: shownCode(code),
    ...(errors === undefined ? {} : { errors }),
    instance: `urn:heima-literature:request:${requestId}`,
  };
}

/** The headers of such a response. */
export const problemHeaders = {
  "Content-Type": "application/problem+json; charset=utf-8",
  "Cache-Control": "no-store",
} as const;
