import { Presets, SingleBar } from "cli-progress";
import type { FillProgress } from "../../projections/engine/ports/buildCatalog.ts";
import { createFillRate } from "./fillRate.ts";

/** Shows the progress of a build: its phase, and while filling the rate and the remaining time. */
export type FillBar = { phase(text: string): void; fill(progress: FillProgress): void; stop(): void };

/** The interval of progress lines without a terminal, in milliseconds. */
const reportEveryMs = 3_000;
/** The number of steps of the bar. */
const total = 1_000;

/** A progress bar if `stream` is a terminal, otherwise one line every three seconds, and one per phase. */
export function startFillBar(label: string, stream: NodeJS.WritableStream & { isTTY?: boolean }): FillBar {
  const bar = stream.isTTY === true ? startBar(label, stream) : startLines(label, stream);
  let last: string | undefined;
  return {
    ...bar,
    phase(text) {
      if (text === last) return;
      last = text;
      bar.pause();
      stream.write(`${label}: ${text}\n`);
    },
    stop: () => bar.pause(),
  };
}

function startBar(label: string, stream: NodeJS.WritableStream) {
  const format = `${label} {bar} {percentage}% | {events} events | {rate} | {left}`;
  const rateOf = createFillRate();
  let bar: SingleBar | undefined;
  return {
    fill(progress: FillProgress) {
      const shown = textsOf(progress, rateOf(progress));
      if (bar === undefined) {
        bar = new SingleBar({ stream, format, clearOnComplete: true }, Presets.rect);
        bar.start(total, 0, shown);
      }
      bar.update(doneOf(progress), shown);
    },
    pause() {
      bar?.stop();
      bar = undefined;
    },
  };
}

function startLines(label: string, stream: NodeJS.WritableStream) {
  const rateOf = createFillRate();
  let reported = Number.NEGATIVE_INFINITY;
  return {
    fill(progress: FillProgress) {
      const rate = rateOf(progress);
      if (performance.now() - reported < reportEveryMs) return;
      reported = performance.now();
      const { events, rate: speed, left } = textsOf(progress, rate);
      stream.write(`${label}: ${Math.floor(doneOf(progress) / 10)}%, ${events} events, ${speed}, ${left}\n`);
    },
    pause() {},
  };
}

/** Progress in steps of the bar. Positions are byte offsets in the log, so they measure progress whatever categories are read. */
function doneOf({ position, head }: FillProgress): number {
  if (head <= 0n) return total;
  return position < 0n ? 0 : Number((position * BigInt(total)) / head);
}

function textsOf({ events }: FillProgress, rate: ReturnType<ReturnType<typeof createFillRate>>) {
  return {
    events,
    rate: rate === undefined ? "-/s" : `${Math.round(rate.eventsPerSecond)}/s`,
    left: rate === undefined ? "? left" : `${duration(rate.secondsLeft)} left`,
  };
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
