/**
 * What one look at a dependency found. `warning`: it works, but not as it should; `skipped`: not looked at, because
 * something else is missing first.
 */
export type Finding = {
  readonly status: "ok" | "warning" | "failed" | "skipped";
  /** What is the case, in one line. */
  readonly says: string;
  /** What to do about it, in one line; absent when nothing is to be done. */
  readonly todo?: string | undefined;
};

export type Check = {
  readonly name: string;
  /** The name of a check of the same list, before this one, without whose success this one makes no sense. */
  readonly needs?: string;
  /** Looks. A rejection counts as `failed`, with the error's message. `signal` aborts when its time is over. */
  run(signal: AbortSignal): Promise<Finding>;
};

export type CheckResult = Finding & { readonly name: string; readonly ms: number };

/**
 * Runs all checks at the same time, each for `timeoutMs` at most, but for those that need another. One that fails, throws or
 * hangs changes nothing for the rest. Resolves with a result each, in the order given; never rejects.
 */
export async function runChecks(checks: readonly Check[], timeoutMs: number): Promise<readonly CheckResult[]> {
  const results = new Map<string, Promise<CheckResult>>();
  for (const check of checks) {
    const needed = check.needs === undefined ? undefined : results.get(check.needs);
    results.set(check.name, runCheck(check, needed, timeoutMs));
  }
  return Promise.all(results.values());
}

async function runCheck(
  check: Check,
  needed: Promise<CheckResult> | undefined,
  timeoutMs: number,
): Promise<CheckResult> {
  const before = await needed;
  const begun = performance.now();
  const found = before === undefined || before.status === "ok" || before.status === "warning";
  const finding: Finding = found
    ? await inTime(check, timeoutMs)
    : { status: "skipped", says: `not looked at: ${before.name} comes first` };
  return { name: check.name, ...finding, ms: Math.round(performance.now() - begun) };
}

async function inTime(check: Check, timeoutMs: number): Promise<Finding> {
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<Finding>((resolve) => {
    const says = `no answer in ${timeoutMs / 1000} s`;
    const todo = "see whether it hangs, or whether a firewall drops the packets; --timeout gives it more time";
    signal.addEventListener("abort", () => resolve({ status: "failed", says, todo }));
  });
  // The timer of AbortSignal.timeout does not keep a process alive, and a server that hangs may not either.
  const awake = setTimeout(() => {}, timeoutMs + 100);
  const work = async () => check.run(signal);
  try {
    return await Promise.race([work().catch(failed), late]);
  } finally {
    clearTimeout(awake);
  }
}

function failed(error: unknown): Finding {
  return { status: "failed", says: messageOf(error) };
}

/** An error's message in one line. A refused connection is an AggregateError without one: its first error says it. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `: ${messageOf(error.cause)}`;
  return `${error.message || error.name}${cause}`.replaceAll(/\s+/g, " ").slice(0, 300);
}
