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
  const options: LoggerOptions = {
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: errorFields },
  };
  const base = { service, pid: process.pid };
  const report = (lines: number, errorCode: string) => {
    const time = new Date().toISOString();
    return `${JSON.stringify({ level: "warn", time, ...base, lines, errorCode, msg: "log lines were lost" })}\n`;
  };
  const buffer = createLineBuffer(openLineFile(fd, report).write);
  return pino({ ...options, base }, toBuffer(buffer));
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

/**
 * Only some fields of an error: Postgres puts values of rows into `detail`. For a thrown value that is not an error, only its
 * type.
 */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { type, message, stack } = pino.stdSerializers.err(error);
  return { type, message, stack, errorCode: "code" in error ? error.code : undefined };
}
