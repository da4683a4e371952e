import { Failure } from "../json/failure.ts";

/**
 * Returns the number of `optional` clauses that must match: a number, a percentage (rounded down), either of them negative for how
 * many may be missing, or conditions such as `2<75%`. Between 0 and the number of clauses (Queries.calculateMinShouldMatch).
 */
export function minimumShouldMatch(optional: number, spec: string): number {
  let result = optional;
  const trimmed = spec.trim();
  if (trimmed.includes("<")) {
    for (const condition of trimmed.replace(/\s*<\s*/g, "<").split(/\s+/)) {
      const [bound = "", then = ""] = condition.split("<");
      if (optional <= integer(bound)) return result;
      result = minimumShouldMatch(optional, then);
    }
    return result;
  }
  if (trimmed.includes("%")) {
    const percent = integer(trimmed.slice(0, -1));
    const part = Math.fround(Math.fround(result * percent) * Math.fround(1 / 100));
    result = part < 0 ? result + Math.trunc(part) : Math.trunc(part);
  } else {
    const count = integer(trimmed);
    result = count < 0 ? result + count : count;
  }
  return Math.max(0, result);
}

function integer(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Failure("number_format_exception", `For input string: "${text}"`);
  return Number(text);
}
