import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";
import { createLineBuffer, type LineBuffer } from "./lineBuffer.ts";
import { openLineFile } from "./lineFile.ts";

export type { Logger };

/**
 * A JSON logger; `service` is in every line. `fd` is the file descriptor; 1 is standard output. Lines of level info are
 * buffered for at most a second; all are written when the process exits. A line that cannot be written is counted, never
 * thrown; "log lines were lost" reports the number once there is room again. Nothing is redacted: callers choose the logged
 * fields, and none comes from a request's headers, body or query string.
 */
export function createLogger(service: string, level: string, fd = 1): Logger {
  const options = loggerOptions(service, level);
  const report = (lines: number, errorCode: string) => {
    const time = new Date().toISOString();
    return `${JSON.stringify({ level: "warn", time, ...options.base, lines, errorCode, msg: "log lines were lost" })}\n`;
  };
  const buffer = createLineBuffer(openLineFile(fd, report).write);
  return pino(options, toBuffer(buffer));
}

/** The form of the lines, also for loggers that write elsewhere. */
export function loggerOptions(service: string, level: string): LoggerOptions {
  return {
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: errorFields },
  };
}

/** Pino passes the level of a line to a stream with this symbol. Levels above info are written at once. */
function toBuffer(buffer: LineBuffer): DestinationStream {
  const destination = {
    [Symbol.for("pino.metadata")]: true,
    lastLevel: 0,
    write: (line: string) => buffer.write(line, destination.lastLevel > pino.levels.values.info!),
  };
  return destination;
}

/** Characters of a thrown value that is not an error. */
const longestThrown = 1_000;

/**
 * Only some fields of an error, or of an object like one: Postgres puts values of rows into `detail`. Another thrown value is shown by its
 * type and its text. Log calls pass what was thrown as it is.
 */
function errorFields(thrown: unknown): unknown {
  if (thrown instanceof Error) {
    const { type, message, stack } = pino.stdSerializers.err(thrown);
    return { type, message, stack, errorCode: "code" in thrown ? thrown.code : undefined };
  }
  if (typeof thrown !== "object" || thrown === null)
    return { type: typeof thrown, message: String(thrown).slice(0, longestThrown) };
  const { name, type = name, message, stack, code }: Readonly<Record<string, unknown>> = { ...thrown };
  return { type: type ?? thrown.constructor?.name, message, stack, errorCode: code };
}
