import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { runChecks } from "../../src/doctor/check.ts";
import { eventStoreCheck } from "../../src/doctor/eventStore.ts";
import { checkLog } from "../../src/doctor/log.ts";
import { scavengesStreamName } from "../../src/domain/operations/streams.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { shelf } from "../../src/projections/shelf/shelf.ts";
import { point } from "../projections/fixtures.ts";
import { freshStore } from "../projections/store.ts";
import { freshEventStore } from "../support/eventStore.ts";

const logger = createLogger("test", "silent");

test("a scavenge that has begun and not ended is a warning that message what waits and what to do", async () => {
  const server = await freshEventStore("its scavenges must be this test's own");
  const eventStore = connectEventStore({ url: server.url, logger });
  const check = eventStoreCheck(eventStore, "here", false, () => checkLog(eventStore, undefined, []));
  const look = () => check.run(AbortSignal.timeout(10_000));
  const write = (type: string, data: object, expected: bigint | "no_stream") => {
    const id = randomUUID();
    const own = { commandId: id, commandHash: "h", correlationId: id, causationId: id };
    const metadata = { ...own, schemaVersion: 1, occurredAt: "2026-01-01T00:00:00.000Z" };
    return eventStore.append(scavengesStreamName, expected, [{ id, type, data, metadata }]);
  };
  expect(await look()).toEqual({ status: "ok", message: "here, readable" });
  await write("ScavengeBegun", { begunBy: "li" }, "no_stream");
  expect(await look()).toEqual({
    status: "warning",
    message: expect.stringMatching(
      /^here, readable; a scavenge by li began at 2\S+Z and has not ended; erasures wait for it$/,
    ),
    hint: "if its process is gone: heima scavenge --force",
  });
  await write("ScavengeEnded", { result: "Success" }, 0n);
  expect(await look()).toEqual({ status: "ok", message: "here, readable" });
  await eventStore.close();
  await server.stop();
});

test("a log that ends before a checkpoint is reported within the default time of a check", async () => {
  const server = await freshEventStore("it must hold nothing");
  const eventStore = connectEventStore({ url: server.url, logger });
  const { pool, store, build, close } = await freshStore();
  const live = await build(shelf);
  await store.inPartition(live, 0, (session) => session.advance(point(1_000_000n)));
  const check = eventStoreCheck(eventStore, "here", false, () => checkLog(eventStore, { pool, store }, [shelf]));
  expect(await runChecks([check], 5_000)).toMatchObject([
    {
      status: "failed",
      message: expect.stringContaining("the log has no event there"),
      hint: expect.stringContaining("log_mismatch"),
    },
  ]);
  await close();
  await eventStore.close();
  await server.stop();
});
