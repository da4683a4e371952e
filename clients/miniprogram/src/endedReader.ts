import type { StoredSession } from "./session.js";

/** What tells whether a request ended the login of this device. */
export interface Ending {
  operation: string;
  /** The body that was sent. */
  sent: unknown;
  /** The body of the answer. */
  answer: unknown;
  /** The reader as whom it was sent; undefined without a token. */
  readerId: string | undefined;
  /** The session when it was sent. */
  session: StoredSession | undefined;
}

/** The reader whose login on this device an operation has ended on the server; undefined if it ended none, or that of another device. */
export function endedReader({ operation, sent, answer, readerId, session }: Ending): string | undefined {
  switch (operation) {
    case "DELETE /v1/me":
    case "POST /v1/auth/logout-everywhere":
      return readerId;
    case "DELETE /v1/me/logins/{id}":
      return (answer as { current?: unknown }).current === true ? readerId : undefined;
    case "POST /v1/auth/logout": {
      const { refreshToken } = (sent ?? {}) as { refreshToken?: unknown };
      return session !== undefined && session.refreshToken === refreshToken ? session.readerId : undefined;
    }
    default:
      return undefined;
  }
}
