import { type Logger, type LoggerOptions, pino } from "pino";
import { openLineFile } from "./lineFile.ts";

export type { Logger };

/** What must never reach a log, wherever it stands in what is logged. */
const secrets = [
  "authorization",
  "Authorization",
  "code",
  "openid",
  "session_key",
  "sessionKey",
  "accessToken",
  "refreshToken",
  "token",
  "secret",
  "password",
];

/**
 * A JSON logger; `service` names the process in every line. `fd` is the file that is written: 1 is standard output. A line
 * that cannot be written is counted, never thrown; "log lines were lost" says how many when there is room again.
 */
export function createLogger(service: string, level: string, fd = 1): Logger {
  const options: LoggerOptions = {
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[redacted]" },
    serializers: { err: errorFields },
  };
  const base = { service, pid: process.pid };
  const report = (lines: number, errorCode: string) => {
    const time = new Date().toISOString();
    return `${JSON.stringify({ level: "warn", time, ...base, lines, errorCode, msg: "log lines were lost" })}\n`;
  };
  return pino({ ...options, base }, openLineFile(fd, report));
}

/**
 * Not all that an error carries: Postgres puts values of rows into `detail`. Its code goes by another name than `code`, which
 * is also what WeChat calls a secret.
 */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = pino.stdSerializers.err(error);
  return { type, message, stack, errorCode: "code" in error ? error.code : undefined };
}
