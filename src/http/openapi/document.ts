import { z } from "zod";
import type { Endpoint } from "../endpoint.ts";
import { maxErrors } from "../fieldErrors.ts";
import { problemCodes, shownCode } from "../problems.ts";
import { answerHeaders } from "./headers.ts";
import { type Operation, operationOf } from "./operation.ts";
import { createSchemas, type JsonSchema } from "./schemas.ts";

/** An OpenAPI document, version 3.1 (https://spec.openapis.org/oas/v3.1.1.html). */
export type OpenApiDocument = {
  readonly openapi: "3.1.1";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly headers: typeof answerHeaders;
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>;
  };
};

const description = `Backend of the novel-reading WeChat mini-program 嘿马文学.

PUT, POST and DELETE are commands: send an \`Idempotency-Key\` with each, and the same one with a retry. The response to a
command has a \`Consistency-Token\`; a query with this token includes the command. Errors are problem details
(RFC 9457): distinguish them by \`code\`. Every query response has an \`ETag\`. Log positions are strings, because they do not
fit a Number.`;

const problem = z
  .object({
    type: z.string().meta({ description: "urn:heima-literature:problem: and the code." }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum([...new Set(problemCodes.map(shownCode))]).meta({ description: "Stable: clients decide by it." }),
    instance: z.string().meta({ description: "urn:heima-literature:request: and the X-Request-Id." }),
    errors: z
      .array(z.strictObject({ path: z.string(), message: z.string() }))
      .meta({ description: `With invalid_request: the bad fields, ${maxErrors} at most.` })
      .optional(),
  })
  .meta({ id: "Problem", description: "Problem details, RFC 9457." });

/** The OpenAPI document of `endpoints`, derived only from their declarations. Throws if two schemas have the same name. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): OpenApiDocument {
  const schemas = createSchemas();
  schemas.of(problem, "input");
  const paths: Record<string, Record<string, Operation>> = {};
  for (const endpoint of endpoints) {
    const operations = paths[endpoint.path] ?? {};
    paths[endpoint.path] = operations;
    operations[endpoint.method] = operationOf(endpoint, schemas);
  }
  const tags = new Set(Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ tags }) => tags)));
  return {
    openapi: "3.1.1",
    info: { title: "Heima Literature", version, description },
    servers: [{ url: "/" }],
    tags: [...tags].map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.all(),
      headers: answerHeaders,
      securitySchemes: { accessToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
}
