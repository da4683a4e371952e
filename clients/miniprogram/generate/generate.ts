import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compile, type JSONSchema } from "json-schema-to-typescript";
import { allEndpoints, type EndpointDependencies } from "../../../src/http/endpoints.ts";
import { type OpenApiDocument, openApiDocument } from "../../../src/http/openapi/document.ts";
import type { Operation } from "../../../src/http/openapi/operation.ts";

/** The file that is generated, and committed. */
export const apiFile = fileURLToPath(new URL("../src/api.ts", import.meta.url));

const banner = `// Generated from the OpenAPI document by \`npm run client:types\`. Do not edit.

/* eslint-disable */`;

/** The handlers are never called: the endpoints are only described. */
const described = new Proxy({}, { get: () => ({}) }) as EndpointDependencies;

/** The text of `src/api.ts`: an interface with the requests and the answer of each operation for readers, and those that are open. */
export async function generateApi(): Promise<string> {
  const ofReaders = allEndpoints(described).filter(({ access }) => access === "open" || access === "reader");
  return apiOf(openApiDocument(ofReaders, "0.0.0"));
}

export const committedApi = () => readFile(apiFile, "utf8");

async function apiOf(document: OpenApiDocument): Promise<string> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  );
  // Health is for whoever runs the system; covers and bare texts are URLs that answers hold, for <image> and caches.
  const offered = operations
    .filter(([name, operation]) => name.includes(" /v1/") && isJson(operation))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const schema = strict({
    title: "Operations",
    description: "Every operation of the API: what it takes and what it answers.",
    ...objectOf(Object.fromEntries(offered.map(([name, operation]) => [name, shapeOf(operation)]))),
    definitions: Object.fromEntries(
      Object.entries(document.components.schemas).filter(([name]) => !/^\w+Health/.test(name)),
    ),
  });
  const types = await compile(schema as JSONSchema, "Operations", {
    bannerComment: banner,
    additionalProperties: false,
    // The problem is no operation's answer.
    unreachableDefinitions: true,
    // A type name for each item of a list that has a bound would be a union of a hundred tuples.
    ignoreMinAndMaxItems: true,
    style: { printWidth: 120 },
  });
  const needsNone = ({ security }: Operation) => security.length === 0 || takesEither({ security });
  const takesEither = ({ security }: Pick<Operation, "security">) =>
    security.some((choice) => Object.keys(choice).length === 0);
  const listOf = (those: (operation: Operation) => boolean) =>
    offered.flatMap(([name, operation]) => (those(operation) ? [`  ${JSON.stringify(name)},\n`] : [])).join("");
  return `${types}
/** The operations that need no access token. */
export const openOperations: readonly (keyof Operations)[] = [
${listOf(needsNone)}];

/** Those that take one all the same: a search is kept in the reader's history then. */
export const personalOperations: readonly (keyof Operations)[] = [
${listOf(takesEither)}];
`;
}

/** `{ params, query, body, answer }`, each as far as the operation has it. */
function shapeOf({ summary, parameters, requestBody, responses }: Operation): object {
  const partOf = (place: "path" | "query") => {
    const own = parameters.filter((parameter) => parameter.in === place);
    if (own.length === 0) return undefined;
    return objectOf(
      Object.fromEntries(own.map(({ name, schema, description }) => [name, { ...schema, description }])),
      own.filter(({ required }) => required).map(({ name }) => name),
    );
  };
  const parts = {
    params: partOf("path"),
    query: partOf("query"),
    body: requestBody?.content?.["application/json"]?.schema,
    answer: successOf(responses)?.content?.["application/json"]?.schema ?? { type: "null" },
  };
  const required = ["answer", ...(parts.params ? ["params"] : []), ...(requestBody?.required ? ["body"] : [])];
  const present = Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
  return { description: summary, ...objectOf(present, required) };
}

const successOf = (responses: Operation["responses"]) =>
  Object.entries(responses).find(([status]) => status.startsWith("2"))?.[1];

function isJson({ responses }: Operation): boolean {
  const content = successOf(responses)?.content;
  return content === undefined || "application/json" in content;
}

const objectOf = (properties: object, required = Object.keys(properties)) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

/** The schema as json-schema-to-typescript knows it: draft 4, whose definitions are called `definitions`. */
function strict(schema: object): object {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    key === "$ref" ? String(value).replace("#/components/schemas/", "#/definitions/") : value,
  );
}
