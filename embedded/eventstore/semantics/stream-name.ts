import { InvalidRequest } from "./errors.ts";

/** @throws InvalidRequest for an invalid stream name. */
export function validStreamName(name: string | undefined): string {
  if (name === undefined) throw new InvalidRequest("The request names no stream.");
  if (name === "" || name === "$$") throw new InvalidRequest(`Invalid stream ID: ${name} (Parameter 'eventStreamIds')`);
  return name;
}
