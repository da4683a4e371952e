import { createRequire } from "node:module";
import type { EventStoreDBClient } from "@eventstore/db-client";
import type * as FeaturesGrpc from "@eventstore/db-client/generated/serverfeatures_grpc_pb.js";
import type * as Features from "@eventstore/db-client/generated/serverfeatures_pb.js";
import type * as Shared from "@eventstore/db-client/generated/shared_pb.js";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";

// The generated classes are CommonJS that Node cannot import by name.
const require = createRequire(import.meta.url);
const generated = (file: string) => require(`@eventstore/db-client/generated/${file}.js`);
const { ServerFeaturesClient } = generated("serverfeatures_grpc_pb") as typeof FeaturesGrpc;
const { Empty } = generated("shared_pb") as typeof Shared;

type Executing = {
  execute<Result>(
    service: typeof ServerFeaturesClient,
    name: string,
    action: (service: FeaturesGrpc.ServerFeaturesClient) => Promise<Result>,
  ): Promise<Result>;
};

/** The time limit for the server's list of features. */
const deadlineMs = 5_000;

/**
 * Returns whether the server has BatchAppend. The client would request it too, but caches failures, after which no append would
 * ever succeed. A server that does not support the request is old and has none.
 */
export async function hasBatchAppend(client: EventStoreDBClient): Promise<boolean> {
  const executing = client as unknown as Executing;
  const methods = await executing.execute(ServerFeaturesClient, "getSupportedMethods", (service) => {
    return new Promise<Features.SupportedMethods | undefined>((resolve, reject) => {
      const answered = (error: ServiceError | null, answer: Features.SupportedMethods) => {
        if (error === null) resolve(answer);
        else if (error.code === status.UNIMPLEMENTED) resolve(undefined);
        else reject(error);
      };
      service.getSupportedMethods(new Empty(), new Metadata(), { deadline: Date.now() + deadlineMs }, answered);
    });
  });
  return (methods?.getMethodsList() ?? []).some(
    (method) =>
      method.getServiceName().toLowerCase() === "event_store.client.streams.streams" &&
      method.getMethodName().toLowerCase() === "batchappend",
  );
}
