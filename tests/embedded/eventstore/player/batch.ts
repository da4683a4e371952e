import { setTimeout as sleep } from "node:timers/promises";
import { type ServiceError, status } from "@grpc/grpc-js";
import { batchAnswer, statusOf } from "./answers.ts";
import type { Message } from "./protobuf.ts";
import type { Protocol } from "./protocol.ts";
import { batchRequest } from "./requests.ts";
import type { BatchStep } from "./scenario.ts";
import type { Ranked, World } from "./world.ts";

/** Milliseconds: the time for a server to end a batch append after the client. */
const hangUpMs = 30;

/** Plays the appends of one step over one call, and ends it. */
export function playBatch(protocol: Protocol, world: World, step: BatchStep, patience: number): Promise<Ranked> {
  return new Promise((resolve) => {
    const call = protocol.batchAppend();
    const answers = new Map<string, Ranked>();
    const ids = [...new Set(step.appends.map(({ correlation }) => world.uuid(correlation)))];
    const wanted = new Set(
      step.appends.filter(({ noAnswer }) => !noAnswer).map(({ correlation }) => world.uuid(correlation)),
    );
    let failure: Ranked;

    let finished = false;
    const ended = new Promise<void>((over) => {
      call.on("end", over);
      call.on("error", () => over());
    });
    const finish = async () => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      call.end();
      // EventStoreDB never ends a call after the client has ended its half.
      await Promise.race([ended, sleep(hangUpMs)]);
      call.cancel();
      resolve({ appends: ids.map((id) => answers.get(id) ?? "none"), status: failure });
    };
    const timer = setTimeout(finish, patience);
    call.on("data", (message: Message) => {
      answers.set(String((message.correlationId as Message).string), batchAnswer(world, message));
      if (step.linger || [...wanted].some((id) => !answers.has(id))) return;
      finish();
    });
    call.on("error", (error: ServiceError) => {
      if (error.code === status.CANCELLED) return;
      failure = statusOf(world, error);
      finish();
    });
    for (const part of step.appends) call.write(batchRequest(world, part));
    if (step.hangUp) call.end();
  });
}
