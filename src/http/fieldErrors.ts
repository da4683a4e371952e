import type { z } from "zod";
import type { FieldError } from "./problems.ts";

/** Bad fields that an answer names. Whoever sends 30,000 gets an answer of some KB for them, not of megabytes. */
export const mostErrors = 10;

/** UTF-16 units of a field's path, and of what is said of it; clients choose the names of unknown fields. */
const longestPath = 100;
const longestMessage = 200;

/** What is wrong with a request: the first of its bad fields, and how many there are. */
export type FieldErrors = {
  readonly listed: readonly FieldError[];
  /** What zod found wrong with a part of the request, by the part's name: "body". */
  add(part: string, issues: readonly z.core.$ZodIssue[]): void;
  /** One line for people. */
  describe(): string;
};

export function createFieldErrors(): FieldErrors {
  const listed: FieldError[] = [];
  let count = 0;
  const push = (path: string, message: string) => {
    count += 1;
    if (listed.length < mostErrors)
      listed.push({ path: cut(path, longestPath), message: cut(message, longestMessage) });
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

/** Never half of a surrogate pair, which is no text. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
