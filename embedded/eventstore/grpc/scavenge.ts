import { randomUUID } from "node:crypto";
import type { EventLog } from "../log/log.ts";
import { scavenge } from "../log/scavenge.ts";
import { stringField, varintField } from "../wire/protobuf.ts";

const started = 0;
const inProgress = 1;

export type Scavenger = {
  /** Operations/StartScavenge: ScavengeResp. One runs at a time, behind the answer; a second call names the first one's. */
  start(): Buffer;
  /** Resolves when none runs. */
  idle(): Promise<void>;
};

/** @param failed called when a scavenge ends with an error; what it had removed until then is removed */
export function openScavenger(log: EventLog, failed: (error: unknown) => void): Scavenger {
  let running: { id: string; done: Promise<void> } | undefined;
  return {
    start() {
      if (running) return response(running.id, inProgress);
      const id = randomUUID();
      const done = scavenge(log)
        .catch(failed)
        .finally(() => {
          running = undefined;
        });
      running = { id, done };
      return response(id, started);
    },
    idle: async () => running?.done,
  };
}

function response(id: string, result: number): Buffer {
  return Buffer.concat([stringField(1, id), varintField(2, result)]);
}
