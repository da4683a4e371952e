import { isUtf8 } from "node:buffer";
import express, { type Request, type RequestHandler } from "express";
import type { Endpoint } from "../endpoint.ts";
import { RequestProblem } from "../problems.ts";
import { combineHandlers } from "./combineHandlers.ts";
import { uploadedBytes } from "./uploadedBytes.ts";

/** The maximum size of a body in bytes, also after decompression. */
const bodyLimit = 256 * 1024;

/** The same for open endpoints, whose bodies contain only a code or a token. */
const openBodyLimit = 8 * 1024;

/** Maximum time for a JSON body to arrive, in milliseconds. */
const longestBodyMs = 60_000;

/** The handlers that read the body of a request to `endpoint`: JSON, or the bytes of a file. */
export function bodyReaders({ upload, access }: Endpoint): readonly RequestHandler[] {
  if (upload === undefined) {
    const type = "application/json";
    const limit = access === "open" ? openBodyLimit : bodyLimit;
    const readers = combineHandlers([
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

/** JSON bodies are small: the connection of a client that takes longer is closed. Files have no such limit. */
const hurry: RequestHandler = (request, _response, next) => {
  const timer = setTimeout(() => request.destroy(), longestBodyMs).unref();
  const clear = () => clearTimeout(timer);
  request.once("end", clear).once("close", clear);
  next();
};

/** Express ignores bodies of other types, which would then look empty. */
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

const utf8 = /^charset\s*=\s*(?:utf-?8|"utf-?8")$/i;

/** JSON is always UTF-8 (RFC 8259, section 8.1). The charset parameter is optional. */
function isOfUtf8({ headers }: Request): boolean {
  const [, ...parameters] = (headers["content-type"] ?? "").split(";");
  return parameters.every((parameter) => !/charset/i.test(parameter) || utf8.test(parameter.trim()));
}

/**
 * Parses a JSON body: an object or array, in UTF-8. An empty body is left undefined. A body that could not be read, because the connection
 * was reset while the request waited for another one, is no empty body.
 */
const parse: RequestHandler = (request, _response, next) => {
  const bytes: unknown = request.body;
  if (!Buffer.isBuffer(bytes)) throw new RequestProblem("malformed_json", "The body was cut off.");
  request.body = bytes.length === 0 ? undefined : parsed(bytes);
  next();
};

function parsed(bytes: Buffer): unknown {
  // Decoding would substitute U+FFFD for invalid UTF-8.
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
