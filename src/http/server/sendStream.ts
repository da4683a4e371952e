import { Readable } from "node:stream";
import type { Response } from "express";

/**
 * A streamed response body. The function is called once, also for HEAD and for a client that has disconnected; `gone` is aborted
 * when the response has ended or the client has disconnected.
 */
export type AnswerStream =
  | AsyncIterable<string | Uint8Array>
  | ((gone: AbortSignal) => AsyncIterable<string | Uint8Array>);

/** Maximum time for which a client may read nothing, in milliseconds; then the response is aborted. */
const stallMs = 60_000;

/**
 * Sends a body in pieces, with backpressure: for a slow client one piece waits, besides the socket's buffer. Nothing is sent
 * before the first piece is available, so that earlier errors become problems; later errors, or a client that reads nothing for
 * a minute, abort the response. For HEAD, and for a client that has disconnected, nothing is read, and the stream is ended.
 */
export async function sendStream(response: Response, stream: AnswerStream, timeoutMs = stallMs): Promise<void> {
  const gone = new AbortController();
  if (response.closed) gone.abort();
  response.once("close", () => gone.abort());
  const pieces = typeof stream === "function" ? stream(gone.signal) : stream;
  // Without a listener the error of a Node stream that is not read, such as after an abort of `gone`, would end the
  // process.
  if (pieces instanceof Readable) pieces.on("error", () => {});
  if (response.req.method === "HEAD" || gone.signal.aborted) {
    await leave(pieces);
    response.end();
    return;
  }
  try {
    for await (const piece of pieces) {
      if (gone.signal.aborted) return;
      // An empty piece starts the response.
      if (piece.length === 0) response.flushHeaders();
      else if (!response.write(piece)) await taken(response, timeoutMs);
      if (gone.signal.aborted) return;
    }
  } catch (error) {
    // An abort by `gone` is not a failure, and there is no client left to inform.
    if (!gone.signal.aborted) throw error;
  }
  if (!gone.signal.aborted) response.end();
}

/** Ends a body that was not begun. The iterator of a Node stream would leave that open. */
async function leave(pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  if (pieces instanceof Readable) pieces.destroy();
  else await pieces[Symbol.asyncIterator]().return?.();
}

/** Resolves when the client has read what was written, or the response was closed, which also happens on a timeout. */
function taken(response: Response, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    const timer = setTimeout(() => response.destroy(), timeoutMs);
    response.on("drain", done);
    response.on("close", done);
  });
}
