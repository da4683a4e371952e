import { expect, it } from "vitest";
import type { EventLog } from "../../../embedded/eventstore/log/log.ts";
import type { StoredEvent } from "../../../embedded/eventstore/storage/record.ts";
import { subscribeToAll } from "../../../embedded/eventstore/subscriptions/all.ts";
import { caughtUp } from "../../../embedded/eventstore/wire/responses.ts";

/** The messages of a subscription to the whole log until it ends: its confirmation, then events by position, and "caught up". */
async function subscribed(log: EventLog, over: (sent: readonly string[]) => boolean): Promise<string[]> {
  const sent: string[] = [];
  const out = {
    send(message: Buffer) {
      sent.push(message === caughtUp ? "caught up" : message.toString("latin1"));
      return undefined;
    },
    over: () => over(sent),
    whenOver: new Promise<void>(() => {}),
  };
  const options = { start: "start", filter: undefined, checkpointEvery: undefined } as const;
  await subscribeToAll(log, options, ({ record }) => record, out);
  return sent;
}

it("a subscription to $all catches up although an event is written in every turn of the event loop", async () => {
  let last = 10n;
  const log = {
    head: () => last,
    // The events that existed when the page was read, and one more before the next page.
    after(position: bigint) {
      const events: StoredEvent[] = [];
      for (let at = position + 1n; at <= last; at++) events.push({ position: at, record: Buffer.from(`${at}`) });
      last += 1n;
      return events;
    },
    onCommit: () => () => {},
  } as unknown as EventLog;

  const sent = await subscribed(log, (sent) => sent.length > 30);
  const [, ...rest] = sent;
  expect(rest.slice(0, 13)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "caught up", "11", "12"]);
  expect(rest.filter((message) => message === "caught up")).toHaveLength(1);
});

it("a subscription to $all that falls behind again says only once that it has caught up", async () => {
  let last = 3n;
  const log = {
    head: () => last,
    // Pages as from disk: full ones, until the head is reached.
    after(position: bigint, limit: number) {
      const events: StoredEvent[] = [];
      for (let at = position + 1n; at <= last && events.length < limit; at++) {
        events.push({ position: at, record: Buffer.from(`${at}`) });
      }
      return events;
    },
    onCommit(follow: (commit: unknown) => void) {
      setTimeout(() => {
        last = 1_000n;
        follow({});
      }, 10);
      return () => {};
    },
  } as unknown as EventLog;

  const sent = await subscribed(log, (sent) => sent.at(-1) === "1000");
  expect(sent.slice(1, 6)).toEqual(["1", "2", "3", "caught up", "4"]);
  expect(sent.filter((message) => message === "caught up")).toHaveLength(1);
  expect(sent).toHaveLength(1_002);
});
