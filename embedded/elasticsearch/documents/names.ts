import { Failure, illegalArgument } from "../json/failure.ts";
import type { Entry } from "../json/node.ts";
import { lastToken } from "../json/reader.ts";
import type { Source } from "../json/source.ts";
import { metadata } from "./metadata.ts";
import { unreadable } from "./values.ts";

/**
 * The steps of a member's name within `parent` (a path): dots separate nested objects, and trailing ones are ignored. Throws the
 * errors of Elasticsearch.
 */
export function stepsOf(entry: Entry, parent: string, id: string, source: Source): readonly string[] {
  const { key } = entry;
  if (key === "") throw unparsable(entry, source, "field name cannot be an empty string");
  if (!key.includes(".")) {
    if (key.trim() === "") throw whitespace(entry, parent, source);
    if (parent === "" && metadata.has(key)) throw reserved(entry, id, source);
    return [key];
  }
  const steps = key.replace(/\.+$/, "").split(".");
  if (steps.length === 1 && steps[0] === "") throw unparsable(entry, source, "field name cannot contain only dots");
  for (const step of steps) {
    if (step === "") throw unparsable(entry, source, `field name cannot contain only whitespace: ['${key}']`);
    if (step.trim() === "") {
      const reason = `field name starting or ending with a [.] makes object resolution ambiguous: [${key}]`;
      throw unparsable(entry, source, reason);
    }
  }
  return steps;
}

function unparsable({ at }: Entry, source: Source, reason: string): Failure {
  const causedBy = illegalArgument(reason);
  return new Failure("document_parsing_exception", `[${source.at(at)}] failed to parse: ${reason}`, { causedBy });
}

function whitespace({ at, key }: Entry, parent: string, source: Source): Failure {
  const path = parent === "" ? key : `${parent}.${key}`;
  return new Failure(
    "document_parsing_exception",
    `[${source.at(at)}] Field name cannot contain only whitespace: [${path}]`,
  );
}

function reserved({ key, value }: Entry, id: string, source: Source): Failure {
  const reason = `Field [${key}] is a metadata field and cannot be added inside a document. Use the index API request parameters.`;
  const causedBy = new Failure("document_parsing_exception", `[${source.at(value.start)}] ${reason}`);
  return unreadable(source, value, lastToken(value), key, key, id, causedBy);
}
