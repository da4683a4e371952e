import { type ClientReadableStream, type ServiceError, status } from "@grpc/grpc-js";
import { appendAnswer, deleteAnswer, featuresAnswer, gossipAnswer, readMessage, statusOf } from "./answers.ts";
import { playBatch } from "./batch.ts";
import type { Message } from "./protobuf.ts";
import type { Protocol } from "./protocol.ts";
import { appendRequests, readRequest, revisionOptions } from "./requests.ts";
import type { BatchStep, From, Json, ReadStep, Scenario, Step } from "./scenario.ts";
import { Position, type Ranked, type World } from "./world.ts";

/**
 * Milliseconds: how long a subscription that has sent the recorded messages must be quiet before they are compared, and the
 * time-out of a call or of the wait for recorded messages.
 */
export type Patience = { quiet: number; patience: number };

/** The messages of a read or a subscription that are not yet consumed. */
type Inbox = {
  call: ClientReadableStream<Message>;
  messages: { [key: string]: Ranked }[];
  ignoreCheckpoints: boolean;
  /** Whether it has reported "caught up". Repetitions depend on the server and are dropped. */
  caughtUp: boolean;
  end: { [key: string]: Ranked } | undefined;
  endTold: boolean;
  changed: number;
  ended: Promise<void>;
};

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The answer to each step, and the maximum milliseconds from one wait to the next. */
export type Played = { readonly answers: Ranked[]; readonly longestStretch: number };

/** Plays the steps of one scenario, one after another. */
export async function playSteps(
  protocol: Protocol,
  world: World,
  scenario: Scenario,
  { quiet, patience }: Patience,
  settle: number,
): Promise<Played> {
  const answers: Ranked[] = [];
  let longestStretch = 0;
  const subscriptions = new Map<string, Inbox>();
  const mark = await lastPosition(protocol);

  function locate(from: From): bigint {
    if (from === "mark") return mark;
    if (typeof from !== "object") throw new Error(`${from} is no position`);
    const answer = answers[from.step] as { [key: string]: Ranked };
    const found =
      from.event === undefined
        ? (path(answer, "position") ??
          path(answer, "success", "position") ??
          path(answer, "appends", from.append ?? 0, "success", "position"))
        : path(answer, "messages", from.event, "event", "at");
    if (!(found instanceof Position)) throw new Error(`the answer to step ${from.step} has no position`);
    return found.at + BigInt(from.plus ?? 0);
  }

  function open(step: ReadStep): Inbox {
    return follow(protocol, world, readRequest(world, step, locate), step);
  }

  /** Waits for as many messages as were recorded for the step, and then for quiet. */
  async function untilQuiet(inbox: Inbox): Promise<void> {
    const { messages, ends, caughtUp } = recordedAtLeast(scenario, answers.length);
    const began = Date.now();
    inbox.changed = began;
    while (!inbox.end && Date.now() - began < patience) {
      const came = inbox.messages.filter((message) => counts(inbox, message)).length;
      const complete = !ends && came >= messages && (inbox.caughtUp || !caughtUp);
      const wait = complete ? inbox.changed + quiet - Date.now() : quiet;
      if (wait <= 0) return;
      await Promise.race([sleep(wait), inbox.ended]);
    }
  }

  /** The recorded time-out ends a step only if answers were missing, or more could follow: other answers arrive even on a slow machine. */
  function patienceWith({ linger, patience: recorded = patience }: BatchStep): number {
    const answer = scenario.answers[answers.length] as { appends?: readonly Json[]; status?: Json } | undefined;
    const comes = !linger && answer !== undefined && (answer.status !== undefined || !answer.appends?.includes("none"));
    return comes ? Math.max(recorded, patience) : recorded;
  }

  async function answerTo(step: Step): Promise<Ranked> {
    switch (step.op) {
      case "append":
        return appendAnswer(world, await protocol.append(appendRequests(world, step), Date.now() + patience));
      case "batch":
        return playBatch(protocol, world, step, patienceWith(step));
      case "delete":
      case "tombstone": {
        const options = step.omitOptions ? {} : { options: revisionOptions(world, step.stream, step.expected) };
        return deleteAnswer(world, await protocol.unary(step.op, options));
      }
      case "read": {
        const inbox = open(step);
        await Promise.race([inbox.ended, sleep(patience)]);
        hangUp(inbox);
        return take(inbox);
      }
      case "subscribe": {
        const inbox = open(step);
        subscriptions.set(String(step.as), inbox);
        await untilQuiet(inbox);
        return take(inbox);
      }
      case "take": {
        const inbox = subscriptions.get(step.as) as Inbox;
        await untilQuiet(inbox);
        return take(inbox, ({ caughtUp }) => !caughtUp);
      }
      case "cancel":
        subscriptions.get(step.as)?.call.cancel();
        return { cancelled: true };
      case "wait":
        await sleep(step.ms);
        return { waited: step.ms };
      case "features":
        return featuresAnswer(world, await protocol.unary("features", {}), step.service);
      case "gossip":
        return gossipAnswer(world, await protocol.unary("gossip", {}));
    }
  }

  let began = performance.now();
  for (const step of scenario.steps) {
    answers.push(await answerTo(step).catch((error: Error) => ({ failed: error.message })));
    if (["append", "batch", "delete", "tombstone"].includes(step.op)) await sleep(settle);
    if (step.op === "wait") began = performance.now();
    else longestStretch = Math.max(longestStretch, performance.now() - began);
  }
  for (const inbox of subscriptions.values()) hangUp(inbox);
  return { answers, longestStretch };
}

type Recorded = { messages?: { [key: string]: Json }[]; status?: Json };

/**
 * The minimum number of messages recorded for the step, without "caught up", and whether it always caught up and ended.
 */
function recordedAtLeast({ answers, also }: Scenario, step: number) {
  const recorded = [answers[step], ...(also?.[step] ?? [])] as Recorded[];
  const brought = recorded.map(({ messages = [] }) => messages);
  return {
    messages: Math.min(...brought.map((messages) => messages.filter(({ caughtUp }) => !caughtUp).length)),
    caughtUp: brought.every((messages) => messages.some(({ caughtUp }) => caughtUp)),
    ends: recorded.every(({ status }) => status !== undefined),
  };
}

function counts({ ignoreCheckpoints }: Inbox, message: { [key: string]: Ranked }): boolean {
  return !(ignoreCheckpoints && message.checkpoint) && !message.caughtUp;
}

function path(value: Ranked, ...keys: (string | number)[]): Ranked {
  return keys.reduce<Ranked>((at, key) => (at as { [key: string]: Ranked } | undefined)?.[key], value);
}

function follow(protocol: Protocol, world: World, request: Message, step: ReadStep): Inbox {
  const call = protocol.read(request);
  const inbox: Inbox = {
    call,
    messages: [],
    ignoreCheckpoints: step.ignoreCheckpoints ?? false,
    caughtUp: false,
    end: undefined,
    endTold: false,
    changed: Date.now(),
    ended: new Promise((resolve) => {
      call.on("end", resolve);
      call.on("error", resolve);
    }),
  };
  call.on("data", (message: Message) => {
    const seen = readMessage(world, message, step.all ?? false);
    if (!seen || (seen.caughtUp && inbox.caughtUp)) return;
    if (seen.caughtUp) inbox.caughtUp = true;
    inbox.messages.push(seen);
    inbox.changed = Date.now();
  });
  call.on("end", () => {
    inbox.end ??= { code: "OK" };
  });
  call.on("error", (error: ServiceError) => {
    if (error.code !== status.CANCELLED) inbox.end = statusOf(world, error);
  });
  return inbox;
}

/** Only open calls are cancelled: HTTP/2 servers treat many cancelled calls as an attack and close the connection. */
function hangUp({ call, end }: Inbox): void {
  if (!end) call.cancel();
}

function take(inbox: Inbox, wanted: (message: { [key: string]: Ranked }) => boolean = () => true): Ranked {
  const hidden = (message: { [key: string]: Ranked }) => inbox.ignoreCheckpoints && message.checkpoint;
  const messages = inbox.messages.splice(0).filter((message) => !hidden(message) && wanted(message));
  if (!inbox.end || inbox.endTold) return { messages };
  inbox.endTold = true;
  return { messages, status: inbox.end };
}

/** The position of the last event in $all; 0 if there is none. */
function lastPosition(protocol: Protocol): Promise<bigint> {
  return new Promise((resolve) => {
    const options = { all: { end: {} }, direction: 1n, count: 1n, noFilter: {}, uuid: { string: {} } };
    const call = protocol.read({ options });
    let last = 0n;
    call.on("data", (message: Message) => {
      const { event } = (message.event ?? {}) as Message;
      last = ((event as Message | undefined)?.commit as bigint | undefined) ?? last;
    });
    call.on("end", () => resolve(last));
    call.on("error", () => resolve(last));
  });
}
