/**
 * For the `catch` of a query whose only parameter with rules of its own is a time zone: undefined if Postgres does not know the zone
 * (SQLSTATE invalid_parameter_value). Its list may be older or newer than that of Node.
 */
export function unlessUnknownZone(error: unknown): undefined {
  if ((error as { code?: unknown }).code === "22023") return undefined;
  throw error;
}

/** Postgres takes these for abbreviations of a fixed offset, without summer time; in the tz database they are links to these zones. */
const abbreviated: Readonly<Record<string, string>> = {
  CET: "Europe/Brussels",
  MET: "Europe/Brussels",
  EET: "Europe/Athens",
  WET: "Europe/Lisbon",
};

/** The name by which Postgres knows a time zone of the IANA, with its summer time. */
export function zoneInPostgres(name: string): string {
  return abbreviated[name.toUpperCase()] ?? name;
}
