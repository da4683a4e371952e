import { createRequire } from "node:module";
import type { EventStoreDBClient } from "@eventstore/db-client";
import type * as OperationsGrpc from "@eventstore/db-client/generated/operations_grpc_pb.js";
import type * as Operations from "@eventstore/db-client/generated/operations_pb.js";
import type { CallOptions, Metadata } from "@grpc/grpc-js";
import { scavengeError } from "./clientErrors.ts";
import type { ScavengeStart } from "./types.ts";

// The generated classes are CommonJS that Node cannot import by name.
const require = createRequire(import.meta.url);
const generated = (file: string) => require(`@eventstore/db-client/generated/${file}.js`);
const { OperationsClient } = generated("operations_grpc_pb") as typeof OperationsGrpc;
const { StartScavengeReq } = generated("operations_pb") as typeof Operations;

/**
 * The internals of the client's own commands. The client has no operations API; this connects in the same way, with discovery,
 * TLS, and the credentials of the connection string.
 */
type Commanding = {
  execute<Result>(
    service: typeof OperationsClient,
    name: string,
    action: (service: OperationsGrpc.OperationsClient) => Promise<Result>,
  ): Promise<Result>;
  callArguments(options: object): [Metadata, CallOptions];
};

const results = ["started", "in_progress", "stopped"] as const;

/** See `EventStore.startScavenge`. */
export async function startScavenge(client: EventStoreDBClient): Promise<ScavengeStart> {
  const commanding = client as unknown as Commanding;
  const options = new StartScavengeReq.Options().setThreadCount(1).setStartFromChunk(0);
  const request = new StartScavengeReq().setOptions(options);
  try {
    const answer = await commanding.execute(OperationsClient, "startScavenge", (service) => {
      return new Promise<Operations.ScavengeResp>((resolve, reject) => {
        const [metadata, callOptions] = commanding.callArguments({});
        service.startScavenge(request, metadata, callOptions, (error, response) =>
          error === null ? resolve(response) : reject(error),
        );
      });
    });
    const result = results[answer.getScavengeResult()];
    if (result === undefined) throw new Error(`the event store answered a scavenge with ${answer.getScavengeResult()}`);
    return { scavengeId: answer.getScavengeId(), result };
  } catch (error) {
    throw scavengeError(error);
  }
}
