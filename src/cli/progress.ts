import { Presets, SingleBar } from "cli-progress";

/** Shows the progress of one piece of work. */
export type Progress = { update(done: number, total: number): void; stop(): void };

/** The interval of progress lines without a terminal, in milliseconds. */
const reportEveryMs = 3_000;

/** A progress bar if `stream` is a terminal, otherwise one line every three seconds. `label` names the work. */
export function startProgress(label: string, stream: NodeJS.WritableStream & { isTTY?: boolean }): Progress {
  return stream.isTTY === true ? startBar(label, stream) : startLines(label, stream);
}

function startBar(label: string, stream: NodeJS.WritableStream): Progress {
  const bar = new SingleBar({ stream, format: `${label} {bar} {percentage}%`, clearOnComplete: true }, Presets.rect);
  bar.start(1, 0);
  return {
    update(done, total) {
      bar.setTotal(total);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}

function startLines(label: string, stream: NodeJS.WritableStream): Progress {
  let reported = Date.now();
  return {
    update(done, total) {
      if (Date.now() - reported < reportEveryMs) return;
      reported = Date.now();
      stream.write(`${label}: ${Math.floor((100 * done) / total)}%\n`);
    },
    stop() {},
  };
}
