import { createRequire } from "node:module";
import type * as OperationsGrpc from "@eventstore/db-client/generated/operations_grpc_pb.js";
import type * as Operations from "@eventstore/db-client/generated/operations_pb.js";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { EventStoreUnavailable } from "../../src/event-store/errors.ts";
import { ScavengeRefused, scavengeUnderWay, serverScavengeEnd } from "../../src/event-store/scavenges.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { freshEventStore } from "../support/eventStore.ts";

const require = createRequire(import.meta.url);
const generated = (file: string) => require(`@eventstore/db-client/generated/${file}.js`);
const { OperationsService } = generated("operations_grpc_pb") as typeof OperationsGrpc;
const { ScavengeResp } = generated("operations_pb") as typeof Operations;
const logger = createLogger("test", "silent");

type Request = Operations.StartScavengeReq;
type Answer = sendUnaryData<Operations.ScavengeResp>;

/** A server that supports only scavenges, with given answers; and a store that uses it. */
async function serve(startScavenge: (call: ServerUnaryCall<Request, unknown>, answer: Answer) => void) {
  const server = new Server();
  server.addService({ startScavenge: OperationsService.startScavenge }, { startScavenge });
  const port = await new Promise<number>((resolve, reject) => {
    const bound = (error: Error | null, chosen: number) => (error === null ? resolve(chosen) : reject(error));
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), bound);
  });
  const store = connectEventStore({ url: `esdb://127.0.0.1:${port}?tls=false`, logger });
  return {
    store,
    stop: async () => {
      await store.close();
      server.forceShutdown();
    },
  };
}

test("a scavenge is started by the server, which names it and writes down how it ended", async () => {
  const server = await freshEventStore();
  const store = connectEventStore({ url: server.url, logger });
  const { scavengeId, result } = await store.startScavenge();
  expect(scavengeId).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  expect(["started", "in_progress"]).toContain(result);
  await expect
    .poll(() => serverScavengeEnd(store, scavengeId))
    .toEqual({
      result: "Success",
      error: undefined,
    });
  expect(await serverScavengeEnd(store, "another")).toBeUndefined();
  expect(await scavengeUnderWay(store)).toBe(false);
  await store.close();
  await server.stop();
});

test("one thread and all chunks are asked for, and each result has its word", async () => {
  const asked: Request[] = [];
  const results = [
    ScavengeResp.ScavengeResult.STARTED,
    ScavengeResp.ScavengeResult.INPROGRESS,
    ScavengeResp.ScavengeResult.STOPPED,
  ];
  const { store, stop } = await serve((call, answer) => {
    const response = new ScavengeResp().setScavengeId(`s${asked.length}`).setScavengeResult(results[asked.length] ?? 0);
    asked.push(call.request);
    answer(null, response);
  });
  expect([await store.startScavenge(), await store.startScavenge(), await store.startScavenge()]).toEqual([
    { scavengeId: "s0", result: "started" },
    { scavengeId: "s1", result: "in_progress" },
    { scavengeId: "s2", result: "stopped" },
  ]);
  expect(asked.map((request) => request.getOptions()?.toObject())).toEqual(
    Array(3).fill({ threadCount: 1, startFromChunk: 0 }),
  );
  await stop();
});

test("a refusal is reported, and no answer is an outage", async () => {
  const faults = [
    { code: status.PERMISSION_DENIED, details: "Access Denied" },
    { code: status.UNAVAILABLE, details: "not ready" },
  ];
  const { store, stop } = await serve((_call, answer) => answer(faults.shift() ?? null));
  const refused = await store.startScavenge().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ScavengeRefused);
  expect((refused as Error).message).toMatch(/refused a scavenge: .*Access Denied/);
  await expect(store.startScavenge()).rejects.toThrow(EventStoreUnavailable);
  await stop();
});
