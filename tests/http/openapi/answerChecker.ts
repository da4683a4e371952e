import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { OpenApiDocument } from "../../../src/http/openapi/document.ts";

/** Our headers that an answer may have only if they are documented. */
const ownHeaders = [
  "consistency-token",
  "idempotency-key",
  "consistency",
  "retry-after",
  "www-authenticate",
  "location",
];

/** The documented headers that every answer has, of this status. */
const alwaysSent = ["X-Request-Id", "ETag", "WWW-Authenticate"];

/**
 * Checks answers against an OpenAPI document: `check` throws if an answer's status, media type, headers or body differ from those
 * of the operation, and returns the operation's id; undefined if the URL has none.
 */
export function answerChecker(document: OpenApiDocument) {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  // ajv-formats is CommonJS whose types name a default export.
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  // What OpenAPI adds to JSON Schema; the schemas themselves contain only JSON Schema.
  ajv.addVocabulary(["openapi", "info", "servers", "tags", "paths", "components"]);
  ajv.addSchema(document, "api");
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation, pattern: patternOf(path) })),
  );

  return {
    operationIds: operations.map(({ operation }) => operation.operationId),
    async check(method: string, path: string, response: Response): Promise<string | undefined> {
      const pathname = path.split("?", 1)[0] ?? "";
      // A path without parameters comes before one that has them, whatever the methods of both.
      const [first] = operations
        .filter(({ pattern }) => pattern.test(pathname))
        .sort((a, b) => a.path.split("{").length - b.path.split("{").length);
      const found = operations.find(({ path, method: of }) => path === first?.path && of === method.toLowerCase());
      if (found === undefined) return undefined;
      const { operationId, responses } = found.operation;
      const what = `${operationId} ${response.status}`;
      const documented = responses[response.status];
      if (documented === undefined) throw new Error(`${what}: no such status; it is ${await response.text()}`);

      for (const name of Object.keys(documented.headers).filter((name) => alwaysSent.includes(name))) {
        if (!response.headers.has(name)) throw new Error(`${what}: no header ${name}`);
      }
      const known = Object.keys(documented.headers).map((name) => name.toLowerCase());
      const unknown = ownHeaders.filter((name) => response.headers.has(name) && !known.includes(name));
      if (unknown.length > 0) throw new Error(`${what}: headers that are not documented: ${unknown}`);

      const text = await response.text();
      const { content } = documented;
      if (content === undefined) {
        if (text !== "") throw new Error(`${what}: a body that is not documented`);
        return operationId;
      }
      const type = response.headers.get("content-type")?.split(";", 1)[0] ?? "";
      if (content[type] === undefined) throw new Error(`${what}: the type ${type} is not documented`);
      if (!/[/+]json$/.test(type)) return operationId;
      const place = [
        "paths",
        found.path,
        found.method,
        "responses",
        String(response.status),
        "content",
        type,
        "schema",
      ];
      const validate = ajv.getSchema(`api#/${place.map(escaped).join("/")}`);
      if (validate === undefined) throw new Error(`${what}: no schema`);
      if (!validate(JSON.parse(text))) throw new Error(`${what}: ${ajv.errorsText(validate.errors)} in ${text}`);
      return operationId;
    },
  };
}

const patternOf = (path: string) => new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`);

/** A step of a JSON Pointer in a URL fragment. */
const escaped = (step: string) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"));
