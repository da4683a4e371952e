import { Failure, illegalArgument } from "../json/failure.ts";

export const defaultFormat = "strict_date_optional_time||epoch_millis";

const iso =
  /^(\d{4}|[+-]\d{4,9})(?:-(\d{2})(?:-(\d{2})(?:T(?:(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?)?$/;

/**
 * Milliseconds of a `strict_date_optional_time` text; undefined when it is none. `roundUp` fills a missing time with the end of the
 * day; a missing month or day is always the first.
 */
function optionalTime(value: string, roundUp: boolean): number | undefined {
  const match = iso.exec(value);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const fill = (part: string | undefined, low: number, high: number) =>
    part === undefined ? (roundUp ? high : low) : Number(part);
  const y = Number(year);
  const m = fill(month, 1, 1);
  const lastDay = new Date(Date.UTC(2000 + (((y % 400) + 400) % 400), m, 0)).getUTCDate();
  const parts = [m, fill(day, 1, 1), fill(hour, 0, 23), fill(minute, 0, 59), fill(second, 0, 59)] as const;
  const millis = fraction === undefined ? (roundUp ? 999 : 0) : Number(fraction.slice(0, 3).padEnd(3, "0"));
  const [mm, dd, hh, min, ss] = parts;
  if (mm < 1 || mm > 12 || dd < 1 || dd > lastDay || hh > 23 || min > 59 || ss > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(y, mm - 1, dd);
  date.setUTCHours(hh, min, ss, millis);
  return date.getTime() - offsetMinutes(zone) * 60_000;
}

function offsetMinutes(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone)!;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0));
}

const known = new Set([
  "strict_date_optional_time",
  "date_optional_time",
  "iso8601",
  "epoch_millis",
  "epoch_second",
  "strict_date",
  "date",
  "yyyy",
  "yyyy-MM",
  "yyyy-MM-dd",
  "yyyy/MM/dd",
  "yyyy/MM/dd HH:mm:ss",
  "yyyy-MM-dd HH:mm:ss",
]);

/** Throws for a date format that does not exist, in the words of java.time, or that this server does not support. */
export function checkFormat(format: string): void {
  for (const part of format.split("||")) {
    if (known.has(part)) continue;
    const [letter] = /[^GuyDMLdQqYwWEecFaBhKkHmsSAnNVvzOXxZp]/.exec(part.replaceAll(/'[^']*'|[^a-zA-Z]/g, "")) ?? [];
    // The names of formats have underscores; patterns have none.
    if (letter === undefined || part.includes("_"))
      throw illegalArgument(`this server does not know the date format [${part}]`);
    const reason = `Unknown pattern letter: ${letter}`;
    throw illegalArgument(`Invalid format: [${part}]: ${reason}`, illegalArgument(reason));
  }
}

/** The supported formats, each by its parts. */
function parseOne(format: string, value: string, roundUp: boolean): number | undefined {
  switch (format) {
    case "strict_date_optional_time":
    case "date_optional_time":
    case "iso8601":
      return optionalTime(value, roundUp);
    case "epoch_millis":
      return /^-?\d+(\.\d+)?$/.test(value) ? Math.floor(Number(value)) : undefined;
    case "epoch_second":
      return /^-?\d+(\.\d+)?$/.test(value) ? Math.floor(Number(value) * 1000) : undefined;
    case "yyyy":
    case "yyyy-MM":
      return value.length === format.length ? optionalTime(value, roundUp) : undefined;
    case "strict_date":
    case "date":
    case "yyyy-MM-dd":
      return /^\d{4}-\d{2}-\d{2}$/.test(value) ? optionalTime(value, roundUp) : undefined;
    case "yyyy/MM/dd":
      return /^\d{4}\/\d{2}\/\d{2}$/.test(value) ? optionalTime(value.replaceAll("/", "-"), roundUp) : undefined;
    case "yyyy/MM/dd HH:mm:ss":
    case "yyyy-MM-dd HH:mm:ss":
      return /^\d{4}[/-]\d{2}[/-]\d{2} \d{2}:\d{2}:\d{2}$/.test(value)
        ? optionalTime(value.replaceAll("/", "-").replace(" ", "T"), roundUp)
        : undefined;
    default:
      throw illegalArgument(`this server does not know the date format [${format}]`);
  }
}

/** Milliseconds of a date in one of the formats, which `||` separates. */
export function parseDate(value: string, formats: string, roundUp = false): number {
  for (const format of formats.split("||")) {
    const millis = parseOne(format, value, roundUp);
    if (millis !== undefined) return millis;
  }
  const causedBy = formats.includes("||")
    ? new Failure("date_time_parse_exception", "Failed to parse with all enclosed parsers")
    : new Failure("date_time_parse_exception", `Text '${value}' could not be parsed at index 0`);
  throw illegalArgument(`failed to parse date field [${value}] with format [${formats}]`, causedBy);
}

/** A date as text in the first of the formats. */
export function formatDate(millis: number, formats: string): string {
  const iso = new Date(millis).toISOString();
  const [format = ""] = formats.split("||");
  switch (format) {
    case "epoch_millis":
      return String(millis);
    case "epoch_second":
      return String(millis / 1000);
    case "yyyy":
    case "yyyy-MM":
      return iso.slice(0, format.length);
    case "yyyy-MM-dd":
    case "strict_date":
    case "date":
      return iso.slice(0, 10);
    case "yyyy/MM/dd":
      return iso.slice(0, 10).replaceAll("-", "/");
    case "yyyy/MM/dd HH:mm:ss":
      return iso.slice(0, 19).replaceAll("-", "/").replace("T", " ");
    case "yyyy-MM-dd HH:mm:ss":
      return iso.slice(0, 19).replace("T", " ");
    case "strict_date_optional_time":
    case "date_optional_time":
    case "iso8601":
      return iso;
    default:
      throw illegalArgument(`Invalid format: [${format}]: Unknown pattern letter: ${format[0]}`);
  }
}

const roundings: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, H: 3_600_000, d: 86_400_000 };

/** A date with date math: `now-1d/d`, `2020-01-01||+1M/d`; `now` in milliseconds. */
export function parseDateMath(value: string, formats: string, roundUp: boolean, now: number): number {
  const [anchor = "", math] = value.startsWith("now") ? ["now", value.slice(3)] : value.split("||");
  const start = anchor === "now" ? now : parseDate(anchor, formats, roundUp && !math);
  let millis = start;
  for (const [, sign, count, unit] of (math ?? "").matchAll(/([+\-/])(\d*)([a-zA-Z])/g)) {
    if (sign === "/") millis = rounded(millis, unit!, roundUp);
    else millis = shifted(millis, (sign === "-" ? -1 : 1) * Number(count || 1), unit!);
  }
  return millis;
}

function shifted(millis: number, count: number, unit: string): number {
  const date = new Date(millis);
  if (unit === "y") date.setUTCFullYear(date.getUTCFullYear() + count);
  else if (unit === "M") date.setUTCMonth(date.getUTCMonth() + count);
  else if (unit === "w") return millis + count * 7 * 86_400_000;
  else if (roundings[unit] !== undefined) return millis + count * roundings[unit]!;
  else throw new Failure("parse_exception", `unit [${unit}] not supported for date math [${unit}]`);
  return date.getTime();
}

function rounded(millis: number, unit: string, up: boolean): number {
  const date = new Date(millis);
  let start: number;
  if (unit === "y") start = Date.UTC(date.getUTCFullYear(), 0);
  else if (unit === "M") start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  else if (unit === "w")
    start = Math.floor((millis - 4 * 86_400_000) / (7 * 86_400_000)) * 7 * 86_400_000 + 4 * 86_400_000;
  else start = Math.floor(millis / roundings[unit]!) * roundings[unit]!;
  return up ? shifted(start, 1, unit) - 1 : start;
}
