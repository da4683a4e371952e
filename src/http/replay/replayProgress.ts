import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { createResponseSlots, longestMs, releaseWhenClosed } from "../responseSlots.ts";
import { type ReplaysDependencies, replayOfAnalyst, replayParams } from "./ownReplay.ts";
import { shownReplay } from "./replaySchema.ts";

/**
 * The interval at which Postgres is polled, in milliseconds, and the number of polls without news after which a comment is sent.
 */
const pollIntervalMs = 500;
const heartbeat = 30;

/** Concurrent responses: of one analyst, and of an API process. */
const maxPerAnalyst = 4;
const maxResponses = 50;

/** The progress of a replay as server-sent events (HTML Living Standard, 9.2). */
export function progressEndpoint(deps: ReplaysDependencies): Endpoint {
  const slots = createResponseSlots(maxPerAnalyst, maxResponses);
  return endpoint({
    method: "get",
    path: "/v1/replays/{id}/progress",
    access: "analyst",
    summary: "The progress of a replay as server-sent events, until it ends",
    description:
      "Each event `progress` has the replay as GET /v1/replays/{id} shows it, without files; the last one is `end`.",
    params: replayParams,
    response: z.string(),
    contentTypes: ["text/event-stream"],
    problems: ["replay_not_found", "too_many_requests"],
    async handle({ readerId: analyst, params }) {
      await replayOfAnalyst(deps, params.id, analyst);
      const release = slots.take(analyst);
      return {
        headers: { "Cache-Control": "no-store", "X-Accel-Buffering": "no" },
        contentType: "text/event-stream",
        stream: (gone) => {
          releaseWhenClosed(gone, release);
          return progressOf(params.id, analyst, AbortSignal.any([gone, deps.closing, AbortSignal.timeout(longestMs)]));
        },
      };
    },
  });

  async function* progressOf(id: string, analyst: string, signal: AbortSignal): AsyncGenerator<string> {
    let last = "";
    for (let silent = 0; !signal.aborted; silent++) {
      const shown = shownReplay(await replayOfAnalyst(deps, id, analyst));
      const isOver = shown.state !== "waiting" && shown.state !== "running";
      const text = `event: ${isOver ? "end" : "progress"}\ndata: ${JSON.stringify(shown)}\n\n`;
      if (text !== last) {
        yield text;
        silent = 0;
      } else if (silent >= heartbeat) {
        yield ": still there\n\n";
        silent = 0;
      }
      if (isOver) return;
      last = text;
      await sleep(pollIntervalMs, undefined, { signal }).catch(() => {});
    }
  }
}
