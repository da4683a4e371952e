import { expect, it } from "vitest";
import type { EventLog } from "../../../embedded/eventstore/log/log.ts";
import type { StoredEvent } from "../../../embedded/eventstore/storage/record.ts";
import { subscribeToAll } from "../../../embedded/eventstore/subscriptions/all.ts";
import { caughtUp } from "../../../embedded/eventstore/wire/responses.ts";

it("a subscription to $all catches up although an event is written in every turn of the event loop", async () => {
  let last = 10n;
  const log = {
    head: () => last,
    // What was there when the page is read, and one event more before the next page.
    after(position: bigint) {
      const events: StoredEvent[] = [];
      for (let at = position + 1n; at <= last; at++) events.push({ position: at, record: Buffer.from(`${at}`) });
      last += 1n;
      return { events, recent: true };
    },
    onCommit: () => () => {},
  } as unknown as EventLog;

  const sent: string[] = [];
  const out = {
    send(message: Buffer) {
      sent.push(message === caughtUp ? "caught up" : message.toString("latin1"));
      return undefined;
    },
    over: () => sent.length > 30,
    whenOver: new Promise<void>(() => {}),
  };
  const options = { start: "start", filter: undefined, checkpointEvery: undefined } as const;
  await subscribeToAll(log, options, ({ record }) => record, out);

  const [, ...rest] = sent;
  expect(rest.slice(0, 13)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "caught up", "11", "12"]);
  expect(rest.filter((message) => message === "caught up")).toHaveLength(1);
});
