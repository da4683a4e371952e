/**
 * For the `catch` of a query whose only parameter with rules of its own is a time zone: undefined if Postgres does not know the zone
 * (SQLSTATE invalid_parameter_value). Its list may be older or newer than that of Node.
 */
export function unlessUnknownZone(error: unknown): undefined {
  if ((error as { code?: unknown }).code === "22023") return undefined;
  throw error;
}
