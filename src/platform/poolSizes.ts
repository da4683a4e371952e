/**
 * Connections to Postgres of each process. Of the API's, two are for monitoring: a busy pool does not mean that Postgres is down.
 * docs/operations.md has them.
 */
export const poolSizes = {
  api: { queries: 10, monitoring: 2 },
  dispatcher: 8,
  worker: 16,
} as const;
