import { createRequire } from "node:module";
import type * as FeaturesGrpc from "@eventstore/db-client/generated/serverfeatures_grpc_pb.js";
import type * as Features from "@eventstore/db-client/generated/serverfeatures_pb.js";
import type * as Shared from "@eventstore/db-client/generated/shared_pb.js";
import type * as StreamsGrpc from "@eventstore/db-client/generated/streams_grpc_pb.js";
import type * as Streams from "@eventstore/db-client/generated/streams_pb.js";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";

// The generated classes are CommonJS that Node cannot import by name.
const require = createRequire(import.meta.url);
const generated = (file: string) => require(`@eventstore/db-client/generated/${file}.js`);
const { AppendResp, BatchAppendResp, ReadResp } = generated("streams_pb") as typeof Streams;
const { StreamsService } = generated("streams_grpc_pb") as typeof StreamsGrpc;
const { AllStreamPosition } = generated("shared_pb") as typeof Shared;
const { SupportedMethod, SupportedMethods } = generated("serverfeatures_pb") as typeof Features;
const { ServerFeaturesService } = generated("serverfeatures_grpc_pb") as typeof FeaturesGrpc;

/** How a node that is not the leader refuses a call that requires the leader: EventStoreDB's `RpcExceptions.LeaderInfo`. */
function notLeader(leader: URL) {
  const metadata = new Metadata();
  metadata.set("exception", "not-leader");
  metadata.set("leader-endpoint-host", leader.hostname);
  metadata.set("leader-endpoint-port", leader.port);
  return { code: status.NOT_FOUND, details: "Leader info available", metadata };
}

type Call = { readonly metadata: Metadata; getPath(): string };
type Subscription = ServerWritableStream<Streams.ReadReq, Streams.ReadResp>;

/**
 * A node of a cluster with an empty log. While `state.leader` is undefined it is the leader: its subscriptions catch up and stay, its
 * reads end, appends are acknowledged. Afterwards it refuses calls that require the leader, as EventStoreDB does; live
 * subscriptions stay. It refuses the next `state.busy` reads, as an overloaded node does. It holds reads while `state.holds`, until
 * `release`, and appends until there are `state.together` of them. `seen` has the calls, and whether they required the leader.
 * Without `batchAppend` it is one of an old release.
 */
export async function startClusterNode({ batchAppend = true } = {}) {
  const state: { leader: URL | undefined; busy: number; holds: boolean; together: number } = {
    leader: undefined,
    busy: 0,
    holds: false,
    together: 1,
  };
  const seen: { readonly call: string; readonly requiresLeader: boolean }[] = [];
  const subscriptions: Subscription[] = [];
  const held: Subscription[] = [];
  const refuses = (call: Call) => {
    const requiresLeader = call.metadata.get("requires-leader")[0] === "true";
    seen.push({ call: call.getPath().split("/").at(-1) ?? "", requiresLeader });
    return requiresLeader && state.leader !== undefined ? notLeader(state.leader) : undefined;
  };
  const server = new Server();
  const method = new SupportedMethod()
    .setServiceName("event_store.client.streams.streams")
    .setMethodName("batchappend");
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (_call, answer) =>
      answer(null, new SupportedMethods().setMethodsList(batchAppend ? [method] : [])),
  } satisfies Partial<FeaturesGrpc.IServerFeaturesServer>);
  const { read, append, tombstone, batchAppend: appendBatch } = StreamsService;
  server.addService(
    { read, append, tombstone, batchAppend: appendBatch },
    {
      read(call: Subscription) {
        call.on("error", () => {});
        const refusal = refuses(call);
        if (refusal !== undefined) return void call.emit("error", refusal);
        if (call.request.getOptions()?.hasSubscription()) {
          subscriptions.push(call);
          return void call.write(caughtUp());
        }
        if (state.busy-- > 0)
          return void call.emit("error", { code: status.UNAVAILABLE, details: "Server Is Too Busy" });
        if (state.holds) held.push(call);
        else call.end();
      },
      append(call: ServerReadableStream<Streams.AppendReq, Streams.AppendResp>, answer: sendUnaryData<unknown>) {
        const refusal = refuses(call);
        if (refusal !== undefined) return answer(refusal, null);
        call.resume();
        const position = new AppendResp.Position().setCommitPosition("100").setPreparePosition("100");
        const success = new AppendResp.Success().setCurrentRevision("0").setPosition(position);
        call.on("end", () => answer(null, new AppendResp().setSuccess(success)));
      },
      batchAppend(call: ServerDuplexStream<Streams.BatchAppendReq, Streams.BatchAppendResp>) {
        call.on("error", () => {});
        refuses(call);
        const waiting: Streams.BatchAppendReq[] = [];
        call.on("data", (request: Streams.BatchAppendReq) => {
          waiting.push(request);
          if (waiting.length < state.together) return;
          if (state.leader !== undefined) return void call.emit("error", notLeader(state.leader));
          const position = new AllStreamPosition().setCommitPosition("100").setPreparePosition("100");
          const success = new BatchAppendResp.Success().setCurrentRevision("0").setPosition(position);
          for (const one of waiting.splice(0))
            call.write(new BatchAppendResp().setCorrelationId(one.getCorrelationId()).setSuccess(success));
        });
        call.on("end", () => call.end());
      },
      tombstone(call: ServerUnaryCall<Streams.TombstoneReq, unknown>, answer: sendUnaryData<unknown>) {
        answer(refuses(call) ?? null, null);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    const bound = (error: Error | null, chosen: number) => (error === null ? resolve(chosen) : reject(error));
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), bound);
  });
  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    address: new URL(`http://127.0.0.1:${port}`),
    state,
    seen,
    /** Sends a message to all subscribers. */
    speak: () => void subscriptions.map((call) => call.write(caughtUp())),
    /** Answers the held reads. */
    release: () => held.splice(0).map((call) => call.end()),
    stop: () => server.forceShutdown(),
  };
}

const caughtUp = () => new ReadResp().setCaughtUp(new ReadResp.CaughtUp());
