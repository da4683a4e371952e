/**
 * For the `catch` of a query whose only parameter that may be invalid is a time zone: returns undefined if Postgres does not
 * know the zone (SQLSTATE invalid_parameter_value). Its list may be older or newer than Node's.
 */
export function unlessUnknownZone(error: unknown): undefined {
  if ((error as { code?: unknown }).code === "22023") return undefined;
  throw error;
}
