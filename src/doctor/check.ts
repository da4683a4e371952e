/** The result of a check. `warning`: it works, but not as it should; `skipped`: not checked, because another check failed. */
export type Finding = {
  readonly status: "ok" | "warning" | "failed" | "skipped";
  /** The state, in one line. */
  readonly message: string;
  /** The remedy, in one line; absent if nothing needs to be done. */
  readonly hint?: string | undefined;
};

export type Check = {
  readonly name: string;
  /** The names of earlier checks in the same list, without whose success this one is meaningless. */
  readonly needs?: readonly string[];
  /** Runs the check. A rejection counts as `failed`, with the error's message. `signal` aborts at the time limit. */
  run(signal: AbortSignal): Promise<Finding>;
};

export type CheckResult = Finding & { readonly name: string; readonly ms: number };

/**
 * Runs all checks concurrently, each for at most `timeoutMs`, except those that need another one first. A check that fails,
 * throws or hangs does not affect the others. Resolves with one result per check, in order; never rejects.
 */
export async function runChecks(checks: readonly Check[], timeoutMs: number): Promise<readonly CheckResult[]> {
  const results = new Map<string, Promise<CheckResult>>();
  for (const check of checks) {
    const needed = (check.needs ?? []).map((name) => results.get(name));
    results.set(check.name, runCheck(check, needed, timeoutMs));
  }
  return Promise.all(results.values());
}

async function runCheck(
  check: Check,
  needed: readonly (Promise<CheckResult> | undefined)[],
  timeoutMs: number,
): Promise<CheckResult> {
  const before = await Promise.all(needed);
  const begun = performance.now();
  const missing = before.find((result) => result?.status === "failed" || result?.status === "skipped");
  const finding: Finding =
    missing === undefined
      ? await withTimeout(check, timeoutMs)
      : { status: "skipped", message: `not checked: ${missing.name} must pass first` };
  return { name: check.name, ...finding, ms: Math.round(performance.now() - begun) };
}

async function withTimeout(check: Check, timeoutMs: number): Promise<Finding> {
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<Finding>((resolve) => {
    const message = `no answer in ${timeoutMs / 1000} s`;
    const hint = "see whether it hangs, or whether a firewall drops the packets; --timeout gives it more time";
    signal.addEventListener("abort", () => resolve({ status: "failed", message, hint }));
  });
  // The timer of AbortSignal.timeout does not keep the process alive, and neither does a hanging server.
  const awake = setTimeout(() => {}, timeoutMs + 100);
  const work = async () => check.run(signal);
  try {
    return await Promise.race([work().catch(failed), late]);
  } finally {
    clearTimeout(awake);
  }
}

function failed(error: unknown): Finding {
  return { status: "failed", message: messageOf(error) };
}

/** An error's message in one line. A refused connection is an AggregateError without a message: use its first error's. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `: ${messageOf(error.cause)}`;
  return `${error.message || error.name}${cause}`.replaceAll(/\s+/g, " ").slice(0, 300);
}
