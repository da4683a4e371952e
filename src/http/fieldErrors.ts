import type { z } from "zod";
import type { FieldError } from "./problems.ts";

/** The maximum number of invalid fields in a response, so that 30,000 invalid fields produce some KB and not megabytes. */
export const maxErrors = 10;

/** The maximum length of a field's path and message, in UTF-16 units; clients choose the names of unknown fields. */
const longestPath = 100;
const longestMessage = 200;

/** The errors of a request: the first invalid fields, and their total number. */
export type FieldErrors = {
  readonly listed: readonly FieldError[];
  /** Adds zod's issues of a part of the request, by the part's name such as "body". */
  add(part: string, issues: readonly z.core.$ZodIssue[]): void;
  /** A one-line summary for people. */
  describe(): string;
};

export function createFieldErrors(): FieldErrors {
  const listed: FieldError[] = [];
  let count = 0;
  const push = (path: string, message: string) => {
    count += 1;
    if (listed.length < maxErrors) listed.push({ path: cut(path, longestPath), message: cut(message, longestMessage) });
  };
  return {
    listed,
    add(part, issues) {
      for (const issue of issues) {
        const path = issue.path.join(".");
        if (issue.code !== "unrecognized_keys") push(path === "" ? part : path, issue.message);
        else for (const key of issue.keys) push(path === "" ? key : `${path}.${key}`, "is not a known field");
      }
    },
    describe() {
      const more = count > listed.length ? [`and ${count - listed.length} more`] : [];
      return [...listed.map(({ path, message }) => `${path}: ${message}`), ...more].join("; ");
    },
  };
}

/** Does not split surrogate pairs. */
function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}
