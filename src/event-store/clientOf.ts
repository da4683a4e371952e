import { EventStoreDBClient } from "@eventstore/db-client";
import type { Logger } from "../platform/logger.ts";

/**
 * The official client of a connection string (`esdb://` or `kurrentdb://`). Throws an Error that names EVENTSTORE_URL and has
 * no piece of the value. The client's own error and its warnings have all of it, with the password, as a property and as text.
 */
export function clientOf(url: string, logger: Logger): EventStoreDBClient {
  if (/throwOnAppendFailure=false/i.test(url)) {
    throw new Error("EVENTSTORE_URL: with throwOnAppendFailure=false the client names wrong revisions");
  }
  const asEsdb = url.replace(/^kurrentdb/, "esdb");
  const { warn } = console;
  // The first line of a warning names an option that has no effect; the last ones are the connection string.
  console.warn = (text: string) => logger.warn(`EVENTSTORE_URL: ${text.split("\n", 1)[0]}`);
  try {
    return EventStoreDBClient.connectionString(asEsdb);
  } catch (error) {
    throw new Error(`EVENTSTORE_URL: ${problemOf(error, url.length - asEsdb.length)}`);
  } finally {
    console.warn = warn;
  }
}

/** The client's ParseError, which it does not export, quotes the value; others (a certificate's file that is not there) do not. */
function problemOf(error: unknown, shift: number): string {
  if (!(error instanceof Error)) return "is not valid";
  const { expected, location } = error as { expected?: string; location?: readonly [number, number] };
  return expected === undefined || location === undefined
    ? error.message
    : `expected ${expected} at character ${location[0] + shift + 1}`;
}
