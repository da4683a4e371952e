import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import zlib from "node:zlib";
import { RequestProblem } from "../problems.ts";

/** The maximum pause in an upload in milliseconds; the total duration is not limited here. */
const longestSilenceMs = 60_000;

/** The supported Content-Encodings (RFC 9110, section 8.4.1). */
const unpackers: Readonly<Record<string, () => zlib.Unzip | zlib.BrotliDecompress>> = {
  gzip: zlib.createGunzip,
  "x-gzip": zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
};

/**
 * The body of a request, decompressed, as it arrives, with backpressure. Throws RequestProblem: `body_too_large` above `limit`
 * bytes, `unsupported_media_type` for an unknown Content-Encoding, `invalid_request` for a body that is cut off or cannot be
 * decompressed. A refused body is read to its end, because many clients do not read the response before.
 */
export async function* uploadedBytes(request: IncomingMessage, limit: number): AsyncGenerator<Buffer, void, undefined> {
  const encoding = (request.headers["content-encoding"] ?? "identity").toLowerCase();
  if (encoding !== "identity" && !Object.hasOwn(unpackers, encoding))
    throw new RequestProblem("unsupported_media_type", `Send ${Object.keys(unpackers).join(", ")} or no encoding.`);
  const silence = setTimeout(() => request.destroy(), longestSilenceMs).unref();
  request.on("data", () => silence.refresh()).pause();
  const unpacker = unpackers[encoding]?.();
  const bytes: Readable = unpacker === undefined ? request : unpackedBy(unpacker, request);
  let size = 0;
  let isWhole = false;
  try {
    if (encoding === "identity" && Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge();
    for await (const chunk of bytes.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      if (size > limit) throw tooLarge();
      yield chunk as Buffer;
      silence.refresh();
    }
    isWhole = true;
  } catch (error) {
    if (error instanceof RequestProblem) throw error;
    const message = request.readableAborted ? "broke off" : "cannot be unpacked";
    throw new RequestProblem("invalid_request", `body: ${message}`, { errors: [{ path: "body", message }] });
  } finally {
    unpacker?.destroy();
    if (!isWhole) await drained(request);
    clearTimeout(silence);
  }
}

function tooLarge(): RequestProblem {
  return new RequestProblem("body_too_large", "An upload may have 32 MiB.");
}

/** Also ends with an error if the request is aborted. */
function unpackedBy(unpacker: zlib.Unzip | zlib.BrotliDecompress, request: IncomingMessage): Readable {
  request.once("close", () => {
    if (!request.complete) unpacker.destroy(new Error("the request broke off"));
  });
  return request.pipe(unpacker);
}

function drained(request: IncomingMessage): Promise<void> {
  request.unpipe();
  return new Promise((resolve) => {
    if (request.readableEnded || request.destroyed) return resolve();
    request.once("end", resolve).once("close", resolve).once("error", resolve);
    request.resume();
  });
}
