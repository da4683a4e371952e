/** Read models are at most some seconds behind: what was written before that is seen without a token. */
const rememberedMs = 60_000;

/** Of the request header, in characters. A request has 16 KiB of headers for the API, and a line of 8 KiB for nginx. */
const longestHeader = 6_000;

/** The Consistency-Tokens of what this device wrote, so that its queries see it: each only those of its own reader. */
export interface Seen {
  /** `readerId` wrote it. */
  add(token: string, readerId: string | undefined): void;
  /** What a query of this reader waits for. */
  of(readerId: string | undefined): Awaited;
  clear(): void;
}

interface Awaited {
  /** The value of the request header, undefined if there is nothing to wait for. */
  header: string | undefined;
  /** Whether it has the tokens of all commands of the last minute; those that do not fit are left out, the oldest first. */
  isComplete: boolean;
}

export function createSeen(): Seen {
  let tokens: { token: string; readerId: string | undefined; at: number }[] = [];
  const forgetOld = () => {
    tokens = tokens.filter(({ at }) => at > Date.now() - rememberedMs);
  };
  return {
    add(token, readerId) {
      forgetOld();
      tokens = tokens.filter((known) => known.token !== token).concat({ token, readerId, at: Date.now() });
    },
    of(readerId) {
      forgetOld();
      const own = tokens.filter((known) => known.readerId === readerId).map(({ token }) => token);
      let first = own.length;
      let length = 0;
      for (let index = own.length - 1; index >= 0; index--) {
        length += (own[index] as string).length + 1;
        if (length > longestHeader) break;
        first = index;
      }
      const fitting = own.slice(first);
      return { header: fitting.length === 0 ? undefined : fitting.join(","), isComplete: first === 0 };
    },
    clear() {
      tokens = [];
    },
  };
}
