import type { Response } from "express";

/** The pieces of an answer that is made while it is sent. `gone` is aborted when the response has ended, or the client has gone. */
export type AnswerStream =
  | AsyncIterable<string | Uint8Array>
  | ((gone: AbortSignal) => AsyncIterable<string | Uint8Array>);

/** For how long a client may take nothing, in milliseconds: then the response is broken off. */
const stallMs = 60_000;

/**
 * Sends an answer piece by piece, each when the client has taken those before: of a slow client one piece waits, and what the socket
 * holds. Nothing is sent before the first piece is there, so that what fails until then is answered as a problem; what fails later, or
 * a client that takes nothing for a minute, breaks the response off. Of a HEAD request nothing is made.
 */
export async function sendStream(response: Response, stream: AnswerStream, patienceMs = stallMs): Promise<void> {
  const gone = new AbortController();
  if (response.closed) gone.abort();
  response.once("close", () => gone.abort());
  const pieces = typeof stream === "function" ? stream(gone.signal) : stream;
  if (response.req.method === "HEAD") {
    await pieces[Symbol.asyncIterator]().return?.();
    response.end();
    return;
  }
  for await (const piece of pieces) {
    if (gone.signal.aborted) return;
    // An empty piece says that the answer has begun.
    if (piece.length === 0) response.flushHeaders();
    else if (!response.write(piece)) await taken(response, patienceMs);
    if (gone.signal.aborted) return;
  }
  if (!gone.signal.aborted) response.end();
}

/** Resolves when the client has taken what was written, or the response was closed: it is, when that takes too long. */
function taken(response: Response, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    const timer = setTimeout(() => response.destroy(), patienceMs);
    response.on("drain", done);
    response.on("close", done);
  });
}
