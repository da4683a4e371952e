/** A load generator has one address: only that limit is raised, and all limits count as in production. */
export const fromOneAddress = { RATE_LIMIT_ADDRESS: "100000/100000" };

/** The same for some hundred readers who send requests constantly. */
export const fromFewReaders = { ...fromOneAddress, RATE_LIMIT_READER: "10000/10000" };

/** Describes the settings of a run. */
export const asInProduction = (limits: Readonly<Record<string, string>>) =>
  `log level info and rate limits as in production, but for ${Object.entries(limits)
    .map(([name, limit]) => `${name}=${limit}`)
    .join(", ")}`;
