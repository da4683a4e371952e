/** Read models are at most some seconds behind: what was written before that is seen without a token. */
const rememberedMs = 60_000;

/** The tokens of the last commands that go along; each names one write, and later ones do not include earlier ones. */
const rememberedTokens = 8;

/** The Consistency-Tokens of what this device wrote, so that its queries see it: each only those of its own reader. */
export interface Seen {
  /** `readerId` wrote it. */
  add(token: string, readerId: string | undefined): void;
  /** The value of the request header for this reader, undefined if there is nothing to wait for. */
  header(readerId: string | undefined): string | undefined;
  clear(): void;
}

export function createSeen(): Seen {
  let tokens: { token: string; readerId: string | undefined; at: number }[] = [];
  return {
    add(token, readerId) {
      tokens = tokens.filter((known) => known.token !== token).concat({ token, readerId, at: Date.now() });
      tokens = tokens.slice(-rememberedTokens);
    },
    header(readerId) {
      tokens = tokens.filter((known) => known.at > Date.now() - rememberedMs);
      const own = tokens.filter((known) => known.readerId === readerId);
      return own.length === 0 ? undefined : own.map(({ token }) => token).join(",");
    },
    clear() {
      tokens = [];
    },
  };
}
