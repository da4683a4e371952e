import { randomUUID } from "node:crypto";
import type { EventLog } from "../log/log.ts";
import { scavenge } from "../log/scavenge.ts";
import { stringField, varintField } from "../wire/protobuf.ts";
import { newUuid } from "../wire/uuid.ts";

const started = 0;
const inProgress = 1;

export type Scavenger = {
  /** Operations/StartScavenge: ScavengeResp. One runs at a time, after the answer; a second call returns the id of the running one. */
  start(): Buffer;
  /** Resolves when none runs. */
  idle(): Promise<void>;
};

/**
 * Each scavenge has a stream `$scavenges-<id>`, which records when it began and how it ended.
 * @param failed called when a scavenge ends with an error; what it had removed until then stays removed
 */
export function openScavenger(log: EventLog, failed: (error: unknown) => void): Scavenger {
  let running: { id: string; done: Promise<void> } | undefined;

  async function write(id: string, type: string, more: object): Promise<void> {
    const data = Buffer.from(JSON.stringify({ scavengeId: id, ...more }));
    const event = { id: newUuid(), type, isJson: true, customMetadata: Buffer.alloc(0), data };
    await log.write({ kind: "append", stream: `$scavenges-${id}`, expected: "any", events: [event] });
  }

  async function run(id: string): Promise<void> {
    const began = performance.now();
    let end: object = { result: "Success", error: null };
    await write(id, "$scavengeStarted", {});
    try {
      await scavenge(log);
    } catch (error) {
      end = { result: "Errored", error: String(error) };
      throw error;
    } finally {
      await write(id, "$scavengeCompleted", { ...end, timeTaken: timeSpan(performance.now() - began) });
    }
  }

  return {
    start() {
      if (running) return response(running.id, inProgress);
      const id = randomUUID();
      const done = run(id)
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

/** As .NET writes a TimeSpan of less than a day: `00:00:01.2340000`. */
function timeSpan(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 23)}0000`;
}

function response(id: string, result: number): Buffer {
  return Buffer.concat([stringField(1, id), varintField(2, result)]);
}
