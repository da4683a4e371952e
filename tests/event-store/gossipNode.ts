import { createRequire } from "node:module";
import type * as GossipGrpc from "@eventstore/db-client/generated/gossip_grpc_pb.js";
import type * as Gossip from "@eventstore/db-client/generated/gossip_pb.js";
import type * as OperationsGrpc from "@eventstore/db-client/generated/operations_grpc_pb.js";
import type * as Operations from "@eventstore/db-client/generated/operations_pb.js";
import type * as FeaturesGrpc from "@eventstore/db-client/generated/serverfeatures_grpc_pb.js";
import type * as Shared from "@eventstore/db-client/generated/shared_pb.js";
import type * as StreamsGrpc from "@eventstore/db-client/generated/streams_grpc_pb.js";
import type * as Streams from "@eventstore/db-client/generated/streams_pb.js";
import { Server, ServerCredentials, type sendUnaryData, status } from "@grpc/grpc-js";

// The generated classes are CommonJS that Node cannot import by name.
const require = createRequire(import.meta.url);
const generated = (file: string) => require(`@eventstore/db-client/generated/${file}.js`);
const { ClusterInfo, EndPoint, MemberInfo } = generated("gossip_pb") as typeof Gossip;
const { GossipService } = generated("gossip_grpc_pb") as typeof GossipGrpc;
const { ScavengeResp } = generated("operations_pb") as typeof Operations;
const { OperationsService } = generated("operations_grpc_pb") as typeof OperationsGrpc;
const { ServerFeaturesService } = generated("serverfeatures_grpc_pb") as typeof FeaturesGrpc;
const { UUID } = generated("shared_pb") as typeof Shared;
const { AppendResp, TombstoneResp } = generated("streams_pb") as typeof Streams;
const { StreamsService } = generated("streams_grpc_pb") as typeof StreamsGrpc;

type Answer<Response> = sendUnaryData<Response>;

/**
 * The leader of a cluster of an old release, without BatchAppend: it acknowledges every append, tombstone and scavenge. The first
 * `silences` requests for the nodes of the cluster get no answer. `featureErrors` are the answers to the requests for its features;
 * the last of them is repeated. `sent` has the commands that arrived. While `state.isLost` it answers UNAVAILABLE, except that a
 * tombstone waits for `loseTombstones`.
 */
export async function startGossipNode({ silences = 0, featureErrors = [status.UNIMPLEMENTED] } = {}) {
  const sent: string[] = [];
  const state = { isLost: false };
  const lost = { code: status.UNAVAILABLE, details: "lost" };
  const waiting: Answer<Streams.TombstoneResp>[] = [];
  let gossips = 0;
  let questions = 0;
  const server = new Server();
  server.addService(GossipService, {
    read(_call: unknown, answer: Answer<Gossip.ClusterInfo>) {
      if (state.isLost) return answer(lost);
      if (++gossips <= silences) return;
      const member = new MemberInfo()
        .setInstanceId(new UUID().setString("00000000-0000-4000-8000-000000000001"))
        .setState(MemberInfo.VNodeState.LEADER)
        .setIsAlive(true)
        .setHttpEndPoint(new EndPoint().setAddress("127.0.0.1").setPort(port));
      answer(null, new ClusterInfo().setMembersList([member]));
    },
  });
  const { getSupportedMethods } = ServerFeaturesService;
  server.addService(
    { getSupportedMethods },
    {
      getSupportedMethods: (_call: unknown, answer: Answer<never>) =>
        answer({ code: featureErrors[Math.min(questions++, featureErrors.length - 1)] ?? status.UNIMPLEMENTED }),
    },
  );
  const { append, tombstone } = StreamsService;
  server.addService(
    { append, tombstone },
    {
      append(call: NodeJS.ReadableStream, answer: Answer<Streams.AppendResp>) {
        call.resume();
        call.on("end", () => {
          sent.push("append");
          const position = new AppendResp.Position().setCommitPosition("100").setPreparePosition("100");
          const success = new AppendResp.Success().setCurrentRevision("0").setPosition(position);
          answer(null, new AppendResp().setSuccess(success));
        });
      },
      tombstone(_call: unknown, answer: Answer<Streams.TombstoneResp>) {
        sent.push("tombstone");
        if (state.isLost) waiting.push(answer);
        else answer(null, new TombstoneResp());
      },
    },
  );
  const { startScavenge } = OperationsService;
  server.addService(
    { startScavenge },
    {
      startScavenge(_call: unknown, answer: Answer<Operations.ScavengeResp>) {
        sent.push("scavenge");
        if (state.isLost) answer(lost);
        else answer(null, new ScavengeResp().setScavengeId("1"));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    const bound = (error: Error | null, chosen: number) => (error === null ? resolve(chosen) : reject(error));
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), bound);
  });
  return {
    hosts: [`127.0.0.1:${port}`, `localhost:${port}`],
    sent,
    state,
    loseTombstones: () => {
      for (const answer of waiting.splice(0)) answer(lost);
    },
    stop: () => server.forceShutdown(),
  };
}
