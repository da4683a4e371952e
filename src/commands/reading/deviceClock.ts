import { silentCorrectionMs } from "../../domain/reading/progress/limits.ts";

/** The time of a reading on the device: ISO 8601, by the device's clock. */
export type Reported = { readonly deviceId: string; readonly readAt: string };

/**
 * When something was read: in UTC with milliseconds, not later than the server's time. `readAtRaw` is the reported time if it
 * was corrected by more than `silentCorrectionMs`.
 */
export type ReadAt = { readonly readAt: string; readonly readAtRaw?: string };

/**
 * The times of what was reported in one command, in the same order; `now` is the server's (ISO 8601). A device that reports a time later
 * than `now` has a clock that is ahead, by at least that much: all its times are corrected by the same, so that their order and
 * distances stay. None becomes one before 1970, which is the first that an event may have. The decider of progress corrects the order of
 * entries of several commands (decision 0110).
 */
export function timesRead(reported: readonly Reported[], now: string): readonly ReadAt[] {
  const nowMs = Date.parse(now);
  const aheadMs = new Map<string, number>();
  for (const { deviceId, readAt } of reported) {
    aheadMs.set(deviceId, Math.max(aheadMs.get(deviceId) ?? 0, Date.parse(readAt) - nowMs));
  }
  return reported.map(({ deviceId, readAt }) => {
    const ahead = aheadMs.get(deviceId) ?? 0;
    const time = new Date(readAt);
    const corrected = new Date(Math.max(time.getTime() - ahead, 0)).toISOString();
    return ahead <= silentCorrectionMs ? { readAt: corrected } : { readAt: corrected, readAtRaw: time.toISOString() };
  });
}

/** The time of the only report in a command. See `timesRead`. */
export function timeRead(readAt: string, now: string): ReadAt {
  const [only] = timesRead([{ deviceId: "", readAt }], now);
  return only!;
}
