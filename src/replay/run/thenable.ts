/** The reason why a function of a reducer failed that is async: nothing waits for what it gives. */
export const asyncReason = "it is async, and must not be";

/** Whether a value is a promise, of whatever kind. It does not end the process then by rejecting. */
export function isThenable(value: unknown): boolean {
  const { then } = (value ?? {}) as { readonly then?: unknown };
  if (typeof then !== "function") return false;
  then.call(value, undefined, () => {});
  return true;
}

/** The value that a function of this name gave. Throws an Error for people if it is a promise. */
export function requireSync<Value>(name: string, value: Value): Value {
  if (isThenable(value)) throw new Error(`${name} failed: ${asyncReason}`);
  return value;
}
