/** Read models are at most some seconds behind: what was written before that is seen without a token. */
const rememberedMs = 60_000;

/** The tokens of the last commands that go along; each names one write, and later ones do not include earlier ones. */
const rememberedTokens = 8;

/** The Consistency-Tokens of what this device wrote, so that its queries see it. */
export interface Seen {
  add(token: string): void;
  /** The value of the request header, undefined if there is nothing to wait for. */
  header(): string | undefined;
  clear(): void;
}

export function createSeen(now: () => number = Date.now): Seen {
  let tokens: { token: string; at: number }[] = [];
  return {
    add(token) {
      tokens = tokens.filter((known) => known.token !== token).concat({ token, at: now() });
      tokens = tokens.slice(-rememberedTokens);
    },
    header() {
      tokens = tokens.filter(({ at }) => at > now() - rememberedMs);
      return tokens.length === 0 ? undefined : tokens.map(({ token }) => token).join(",");
    },
    clear() {
      tokens = [];
    },
  };
}
