// Shifts `Date` by the milliseconds in the file CHAOS_CLOCK_FILE: a chaos run passes this to our processes as `--import`. It is no
// TypeScript, for Node loads it before tsx. performance.now and timers are unaffected, as when a clock is set.
import { readFileSync } from "node:fs";

const file = process.env.CHAOS_CLOCK_FILE;
if (file !== undefined && globalThis.Date.shifted === undefined) {
  const RealDate = globalThis.Date;
  let offset = 0;
  const look = () => {
    try {
      offset = Number(readFileSync(file, "utf8")) || 0;
    } catch {
      offset = 0;
    }
  };
  look();
  setInterval(look, 50).unref();
  const now = () => RealDate.now() + offset;

  function ShiftedDate(...given) {
    if (new.target === undefined) return new RealDate(now()).toString();
    const target = new.target === ShiftedDate ? RealDate : new.target;
    return Reflect.construct(RealDate, given.length === 0 ? [now()] : given, target);
  }
  ShiftedDate.prototype = RealDate.prototype;
  RealDate.prototype.constructor = ShiftedDate;
  Object.assign(ShiftedDate, { now, parse: RealDate.parse, UTC: RealDate.UTC, shifted: true });
  globalThis.Date = ShiftedDate;
}
