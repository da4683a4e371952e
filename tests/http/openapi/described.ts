import type { Endpoint } from "../../../src/http/endpoint.ts";
import { allEndpoints, type EndpointDependencies } from "../../../src/http/endpoints.ts";
import { openApiDocument } from "../../../src/http/openapi/document.ts";

/** Every endpoint without implementation: to be described, not to be called. */
export function describedEndpoints(): readonly Endpoint[] {
  return allEndpoints(new Proxy({}, { get: () => ({}) }) as EndpointDependencies);
}

export const documented = (version = "0.0.0") => openApiDocument(describedEndpoints(), version);
