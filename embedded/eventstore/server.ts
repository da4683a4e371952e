import { randomUUID } from "node:crypto";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { appendHandler } from "./grpc/append.ts";
import { type BatchCall, batchAppendHandler } from "./grpc/batch-append.ts";
import { deleteHandler } from "./grpc/delete.ts";
import { cancelled } from "./grpc/errors.ts";
import { supportedMethods } from "./grpc/features.ts";
import { clusterInfo } from "./grpc/gossip.ts";
import { readHandler } from "./grpc/read.ts";
import type { ReadCall } from "./grpc/receiver.ts";
import { openScavenger } from "./grpc/scavenge.ts";
import { gossipService, operationsService, serverFeaturesService, streamsService } from "./grpc/service.ts";
import { openLog } from "./log/log.ts";

export type EventStoreOptions = {
  /** The address to listen on; 127.0.0.1 when not given. */
  host?: string;
  /** 0 selects a free port. */
  port: number;
  /** The folder of the events; created if missing. */
  dataDir: string;
  /** Called while the log is opened, with the numbers of its open and of all its files. */
  opened?: (files: number, of: number) => void;
};

export type RunningEventStore = { url: string; port: number; close(): Promise<void> };

/** Bytes; an append may be 1 MiB, and our own error must report the limit, not gRPC's. */
const maxMessage = 16 * 1024 * 1024;
/** Calls on one connection at a time, as in EventStoreDB: a client sends no more, and further calls wait. */
const maxConcurrentCalls = 100;
/** Maximum time for running calls to end at a shutdown. */
const shutdownMs = 2_000;

/**
 * Starts an event store that speaks EventStoreDB's gRPC protocol, without TLS and users.
 * @throws Error when the folder is in use by another process or the port is taken.
 */
export async function startEventStore({
  host = "127.0.0.1",
  port,
  dataDir,
  opened = () => {},
}: EventStoreOptions): Promise<RunningEventStore> {
  const log = openLog(dataDir, { opened });
  const server = new Server({
    "grpc.max_receive_message_length": maxMessage,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": maxConcurrentCalls,
  });
  const calls = new Set<ReadCall | BatchCall>();
  const read = readHandler(log);
  const batchAppend = batchAppendHandler(log);
  const scavenger = openScavenger(log, (error) => console.error("the scavenge failed:", error));
  server.addService(streamsService, {
    append: appendHandler(log),
    batchAppend: (call: BatchCall) => {
      calls.add(call);
      call.on("close", () => calls.delete(call));
      batchAppend(call);
    },
    read: (call: ReadCall) => {
      calls.add(call);
      read(call).finally(() => calls.delete(call));
    },
    delete: deleteHandler(log, "delete"),
    tombstone: deleteHandler(log, "tombstone"),
  });
  server.addService(serverFeaturesService, { getSupportedMethods: unary(supportedMethods) });
  server.addService(operationsService, { startScavenge: unary(scavenger.start) });
  const instanceId = randomUUID();
  let bound = port;
  server.addService(gossipService, { read: unary(() => clusterInfo(instanceId, host, bound)) });

  try {
    bound = await bind(server, `${host}:${port}`);
  } catch (error) {
    await log.close();
    throw error;
  }

  async function close(): Promise<void> {
    for (const call of calls) call.emit("error", cancelled());
    await shutDown(server);
    await scavenger.idle();
    await log.close();
  }

  return { url: `esdb://${host}:${bound}?tls=false`, port: bound, close };
}

function unary(respond: () => Buffer) {
  return (_call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void => answer(null, respond());
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, shutdownMs);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
}
