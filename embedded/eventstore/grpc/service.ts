import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";

/** Messages are passed as bytes: our own codec is several times faster than a generated one, and stored events are sent as they are. */
const asIs = (message: Buffer): Buffer => message;

/** One method of a service, by its path `/package.Service/Method`. */
export function method(
  path: string,
  requestStream: boolean,
  responseStream: boolean,
): MethodDefinition<Buffer, Buffer> {
  return {
    path,
    requestStream,
    responseStream,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

export const streamsService = {
  append: method("/event_store.client.streams.Streams/Append", true, false),
  batchAppend: method("/event_store.client.streams.Streams/BatchAppend", true, true),
  read: method("/event_store.client.streams.Streams/Read", false, true),
  delete: method("/event_store.client.streams.Streams/Delete", false, false),
  tombstone: method("/event_store.client.streams.Streams/Tombstone", false, false),
} satisfies ServiceDefinition;

export const serverFeaturesService = {
  getSupportedMethods: method("/event_store.client.server_features.ServerFeatures/GetSupportedMethods", false, false),
} satisfies ServiceDefinition;

export const gossipService = {
  read: method("/event_store.client.gossip.Gossip/Read", false, false),
} satisfies ServiceDefinition;

export const operationsService = {
  startScavenge: method("/event_store.client.operations.Operations/StartScavenge", false, false),
} satisfies ServiceDefinition;
