import { type Logger, pino } from "pino";

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
  "token",
  "secret",
  "password",
];

/** A JSON logger on standard output; `service` names the process in every line. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[redacted]" },
    serializers: { err: pino.stdSerializers.err },
  });
}
