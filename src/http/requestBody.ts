import { isUtf8 } from "node:buffer";
import express, { type Request, type RequestHandler } from "express";
import type { Endpoint } from "./endpoint.ts";
import { inSequence } from "./inSequence.ts";
import { RequestProblem } from "./problems.ts";
import { uploadedBytes } from "./uploadedBytes.ts";

/** Bytes of a body, also of a compressed one when it is unpacked. */
const bodyLimit = 256 * 1024;

/** The same of a request that anybody may send: a code or a token is all that is in it. */
const openBodyLimit = 8 * 1024;

/** How long a body of JSON may take to come in, in milliseconds. */
const longestBodyMs = 60_000;

/** What reads the body of a request to `endpoint`: JSON, or the bytes of a file. */
export function bodyReaders({ upload, access }: Endpoint): readonly RequestHandler[] {
  if (upload === undefined) {
    const type = "application/json";
    const limit = access === "open" ? openBodyLimit : bodyLimit;
    const readers = inSequence([
      hurry,
      requireType([type], "Send application/json in UTF-8.", isOfUtf8),
      express.raw({ type, limit }),
      parse,
    ]);
    return [(request, response, next) => (hasBody(request) ? readers(request, response, next) : next())];
  }
  const types = [...upload.types];
  return [
    requireType(types, `Send ${types.join(", ")}.`),
    (request, _response, next) => {
      request.body = uploadedBytes(request, upload.limit);
      next();
    },
  ];
}

/** A body of JSON is small: the connection of whoever takes longer to send it is closed. A file may take its time. */
const hurry: RequestHandler = (request, _response, next) => {
  const timer = setTimeout(() => request.destroy(), longestBodyMs).unref();
  const clear = () => clearTimeout(timer);
  request.once("end", clear).once("close", clear);
  next();
};

/** express passes over a body of another type; it would then look like none. */
function requireType(types: string[], detail: string, isTaken = (_request: Request) => true): RequestHandler {
  return (request, _response, next) => {
    if (hasBody(request) && !(request.is(types) && isTaken(request))) {
      throw new RequestProblem("unsupported_media_type", detail);
    }
    next();
  };
}

function hasBody({ headers }: Request): boolean {
  const { "content-length": length = "0", "transfer-encoding": encoding } = headers;
  return length !== "0" || encoding !== undefined;
}

/** JSON has no other encoding (RFC 8259, section 8.1). The parameter may be left out. */
function isOfUtf8({ headers }: Request): boolean {
  const charsets = [...(headers["content-type"] ?? "").matchAll(/;\s*charset\s*=\s*("?)([^\s;"]*)\1\s*(?=;|$)/gi)];
  const named = (headers["content-type"] ?? "").match(/charset/gi)?.length ?? 0;
  return charsets.length === named && charsets.every(([, , charset]) => /^utf-?8$/i.test(charset ?? ""));
}

/** The body as JSON: an object or a list, in UTF-8. A body of no bytes is left out. */
const parse: RequestHandler = (request, _response, next) => {
  const bytes: unknown = request.body;
  if (Buffer.isBuffer(bytes)) request.body = bytes.length === 0 ? undefined : parsed(bytes);
  next();
};

function parsed(bytes: Buffer): unknown {
  // Decoding would put U+FFFD for what is no UTF-8: another text than was sent.
  if (!isUtf8(bytes)) throw new RequestProblem("malformed_json", "The body is not UTF-8.");
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const text = bytes.toString("utf8", start);
  if (!/^\s*[{[]/.test(text)) throw new RequestProblem("malformed_json", "The body must be an object or a list.");
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestProblem("malformed_json", "The body cannot be read as JSON.");
  }
}
