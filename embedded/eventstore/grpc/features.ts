import { bytesField, stringField } from "../wire/protobuf.ts";

/** The version of EventStoreDB whose answers this server gives. */
const version = "24.10.14";

/** The methods of this server, in lower case as EventStoreDB reports them, with the features that clients check. */
const methods: readonly { service: string; method: string; features: readonly string[] }[] = [
  { service: "event_store.client.streams.streams", method: "append", features: [] },
  { service: "event_store.client.streams.streams", method: "batchappend", features: ["deadline_duration"] },
  { service: "event_store.client.streams.streams", method: "delete", features: [] },
  { service: "event_store.client.streams.streams", method: "tombstone", features: [] },
  { service: "event_store.client.streams.streams", method: "read", features: ["position", "events"] },
  { service: "event_store.client.server_features.serverfeatures", method: "getsupportedmethods", features: [] },
  { service: "event_store.client.gossip.gossip", method: "read", features: [] },
  { service: "event_store.client.operations.operations", method: "startscavenge", features: [] },
];

/** ServerFeatures/GetSupportedMethods: SupportedMethods. */
export function supportedMethods(): Buffer {
  const encoded = methods.map(({ service, method, features }) =>
    bytesField(
      1,
      stringField(1, method),
      stringField(2, service),
      ...features.map((feature) => stringField(3, feature)),
    ),
  );
  return Buffer.concat([...encoded, stringField(2, version)]);
}
