import type { Json, Scenario } from "./scenario.ts";

/** Whether an answer is among those recorded for the step. */
export function matches({ answers, also }: Scenario, step: number, got: Json): boolean {
  return [answers[step] as Json, ...(also?.[step] ?? [])].some((wanted) => isFree(wanted) || equals(got, wanted));
}

/** If EventStoreDB never answered, or timed out although it could have answered, any answer is accepted. */
function isFree(wanted: Json): boolean {
  return /DEADLINE_EXCEEDED|"none"|client\.Timeout/.test(JSON.stringify(wanted));
}

function equals(got: Json, wanted: Json): boolean {
  if (text(got) === text(wanted)) return true;
  // If EventStoreDB returned an internal exception, any error is accepted.
  return text(wanted).includes('"code":"UNKNOWN"') && text(anyError(got)) === text(anyError(wanted));
}

function anyError(value: Json): Json {
  if (Array.isArray(value)) return value.map(anyError);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      key === "status" && isPlainError(part) ? "an error" : anyError(part),
    ]),
  );
}

function isPlainError(value: Json): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const telling = ["OK", "FAILED_PRECONDITION", "NOT_FOUND"].includes(String(value.code));
  return !telling && !JSON.stringify(value.trailers ?? "").includes('"exception"');
}

/** JSON with its keys in order. */
export function text(value: Json): string {
  return JSON.stringify(value, (_key, part: Json) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
