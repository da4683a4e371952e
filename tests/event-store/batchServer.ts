import { createRequire } from "node:module";
import type * as FeaturesGrpc from "@eventstore/db-client/generated/serverfeatures_grpc_pb.js";
import type * as Features from "@eventstore/db-client/generated/serverfeatures_pb.js";
import type * as Shared from "@eventstore/db-client/generated/shared_pb.js";
import type * as Rpc from "@eventstore/db-client/generated/status_pb.js";
import type * as StreamsGrpc from "@eventstore/db-client/generated/streams_grpc_pb.js";
import type * as Streams from "@eventstore/db-client/generated/streams_pb.js";
import { Server, ServerCredentials, type ServerDuplexStream, status } from "@grpc/grpc-js";

// The generated classes are CommonJS that Node cannot import by name.
const require = createRequire(import.meta.url);
const generated = (file: string) => require(`@eventstore/db-client/generated/${file}.js`);
const { BatchAppendResp } = generated("streams_pb") as typeof Streams;
const { StreamsService } = generated("streams_grpc_pb") as typeof StreamsGrpc;
const { SupportedMethod, SupportedMethods } = generated("serverfeatures_pb") as typeof Features;
const { ServerFeaturesService } = generated("serverfeatures_grpc_pb") as typeof FeaturesGrpc;
const { Status } = generated("status_pb") as typeof Rpc;
const { AllStreamPosition } = generated("shared_pb") as typeof Shared;
const shared = generated("shared_pb") as typeof Shared;
const { Any } = createRequire(require.resolve("@eventstore/db-client"))("google-protobuf/google/protobuf/any_pb.js");

type Call = ServerDuplexStream<Streams.BatchAppendReq, Streams.BatchAppendResp>;
/** EventStoreDB's answers, each with its code (Google.Rpc.Status in EventStoreDB's source). */
const errorCodes = {
  WrongExpectedVersion: 6,
  StreamDeleted: 5,
  MaximumAppendSizeExceeded: 3,
  MaximumAppendEventSizeExceeded: 3,
  BadRequest: 3,
  AccessDenied: 7,
  Timeout: 4,
  Unknown: 2,
} as const;
type ErrorName = keyof typeof errorCodes;

/** An append that arrived: answer it in one of these ways, or not at all. */
export type Arrived = {
  readonly call: Call;
  readonly request: Streams.BatchAppendReq;
  succeed(revision: bigint, position: bigint): void;
  /** Fails it as EventStoreDB does: a status with one detail. `fill` sets the detail's fields. */
  fail(name: ErrorName, fill?: (detail: never) => void): void;
  /** Fails it as a server without a handler does: with a message, and without a code. */
  turnAway(message: string): void;
};

/**
 * A server with only BatchAppend that leaves each answer to the test: for faults of EventStoreDB that a test cannot trigger.
 */
export async function startBatchServer(onAppend: (arrived: Arrived) => void) {
  const server = new Server();
  /** How many of the next requests for the server's features fail with INTERNAL. */
  const failing = { features: 0 };
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (_call, answer) => {
      if (failing.features-- > 0) return answer({ code: status.INTERNAL, details: "not now" });
      const method = new SupportedMethod()
        .setServiceName("event_store.client.streams.streams")
        .setMethodName("batchappend")
        .setFeaturesList(["deadline_duration"]);
      answer(null, new SupportedMethods().setEventStoreServerVersion("24.10.14").setMethodsList([method]));
    },
  } satisfies Partial<FeaturesGrpc.IServerFeaturesServer>);
  const calls = new Set<Call>();
  const halfClosed = new Set<Call>();
  const batchAppend = (call: Call) => {
    calls.add(call);
    call.on("error", () => {});
    call.on("data", (request: Streams.BatchAppendReq) => onAppend(arrivedOf(call, request)));
    // As in EventStoreDB a call stays open after a half-close with nothing outstanding.
    call.on("end", () => setImmediate(() => call.cancelled || halfClosed.add(call)));
  };
  server.addService({ batchAppend: StreamsService.batchAppend }, { batchAppend });
  const port = await new Promise<number>((resolve, reject) => {
    const bound = (error: Error | null, chosen: number) => (error === null ? resolve(chosen) : reject(error));
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), bound);
  });
  return { url: `esdb://127.0.0.1:${port}?tls=false`, calls, halfClosed, failing, stop: () => server.forceShutdown() };
}

function arrivedOf(call: Call, request: Streams.BatchAppendReq): Arrived {
  const response = () =>
    new BatchAppendResp()
      .setCorrelationId(request.getCorrelationId())
      .setStreamIdentifier(request.getOptions()?.getStreamIdentifier());
  return {
    call,
    request,
    succeed(revision, position) {
      const place = new AllStreamPosition().setCommitPosition(`${position}`).setPreparePosition(`${position}`);
      const success = new BatchAppendResp.Success().setCurrentRevision(`${revision}`).setPosition(place);
      call.write(response().setSuccess(success));
    },
    fail(name, fill) {
      // The client's classes are older than this field.
      const Detail = name === "MaximumAppendEventSizeExceeded" ? shared.Empty : shared[name];
      const detail = new Detail();
      fill?.(detail as never);
      const any = new Any();
      any.pack(detail.serializeBinary(), `event_store.client.${name}`);
      call.write(response().setError(new Status().setCode(errorCodes[name]).setMessage(name).setDetails(any)));
    },
    turnAway(message) {
      const any = new Any();
      any.pack(new Uint8Array(), "google.protobuf.Empty");
      call.write(response().setError(new Status().setMessage(message).setDetails(any)));
    },
  };
}
