import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { RequestHandler } from "express";
import folderOfSwaggerUi from "swagger-ui-dist/absolute-path.js";
import type { Pages } from "../server/app.ts";

const folder = folderOfSwaggerUi();
const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };

/** The files of Swagger UI. The path contains the version, so browsers may cache them for ever. */
const files: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

/**
 * In a file of its own, because the policy forbids inline scripts. `validatorUrl: null`: otherwise Swagger UI sends the
 * document's URL to validator.swagger.io.
 */
const start = `SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
`;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Heima Literature: the HTTP API</title>
<link rel="icon" type="image/png" href="docs/${version}/favicon-32x32.png">
<link rel="stylesheet" href="docs/${version}/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<noscript>This page shows openapi.json by a script.</noscript>
<script src="docs/${version}/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

/**
 * Everything from this server; inline only styles, which Swagger UI sets on elements, and `data:` images of its style sheet.
 * "Try it out" sends requests to this server.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page that displays the OpenAPI document with a bundled Swagger UI: it works without internet access. */
export function docsPages(): Pages {
  const own = (type: string, text: string): RequestHandler => {
    return (_request, response) => {
      response.set({ "Content-Type": type, "Content-Security-Policy": policy, "Cache-Control": "no-cache" });
      response.send(text);
    };
  };
  const assets = Object.entries(files).map(([name, type]) => [`/docs/${version}/${name}`, asset(name, type)] as const);
  return {
    "/docs": own("text/html; charset=utf-8", page),
    "/docs/start.js": own("text/javascript; charset=utf-8", start),
    ...Object.fromEntries(assets),
  };
}

/** A file of Swagger UI, read and compressed at the first request: 1.5 MB of script become 0.4 MB. */
function asset(name: string, type: string): RequestHandler {
  let packed: Buffer | undefined;
  let plain: Buffer | undefined;
  return (request, response) => {
    plain ??= readFileSync(join(folder, name));
    response.set({ "Content-Type": type, "Cache-Control": "public, max-age=31536000, immutable" });
    response.vary("Accept-Encoding");
    if (!name.endsWith(".png") && request.acceptsEncodings("gzip") !== false) {
      packed ??= gzipSync(plain);
      response.set("Content-Encoding", "gzip").send(packed);
    } else {
      response.send(plain);
    }
  };
}
