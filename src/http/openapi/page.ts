import { createHash } from "node:crypto";
import type { RequestHandler } from "express";
import type { OpenApiDocument } from "./document.ts";

/** Serves the document, serialised and hashed once; a client that has it gets 304. */
export function openApiPage(document: OpenApiDocument): RequestHandler {
  const text = Buffer.from(JSON.stringify(document));
  const etag = `"${createHash("sha256").update(text).digest("base64url")}"`;
  return (_request, response) => {
    response.set({ "Content-Type": "application/json; charset=utf-8", ETag: etag, "Cache-Control": "no-cache" });
    response.send(text);
  };
}
