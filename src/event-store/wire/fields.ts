/*
 * The numbers of the fields that we write or read, by message: EventStoreDB 24.10 (branch release/v24.10), `src/Protos/Grpc/streams.proto`,
 * `shared.proto` and `status.proto` there; `google.protobuf.*` is Protobuf's own. Names are the protos', shortened where a prefix says nothing.
 */

/** ReadReq. */
export const readReq = { options: 1 } as const;
export const readOptions = {
  stream: 1,
  all: 2,
  direction: 3,
  count: 5,
  subscription: 6,
  filter: 7,
  noFilter: 8,
  uuidOption: 9,
} as const;
/** ReadReq.Options.ReadDirection; forwards is 0, which is not written. */
export const backwards = 1;
export const streamOptions = { streamIdentifier: 1, revision: 2, start: 3, end: 4 } as const;
export const allOptions = { position: 1, start: 2, end: 3 } as const;
export const filterOptions = { streamIdentifier: 1, max: 3, checkpointIntervalMultiplier: 5 } as const;
export const filterExpression = { prefix: 2 } as const;
export const uuidOption = { string: 2 } as const;

/** ReadResp. */
export const readResp = { event: 1, checkpoint: 3, streamNotFound: 4, caughtUp: 8 } as const;
export const eventAndLink = { event: 1 } as const;
export const recordedEvent = {
  id: 1,
  streamIdentifier: 2,
  streamRevision: 3,
  preparePosition: 4,
  commitPosition: 5,
  metadata: 6,
  customMetadata: 7,
  data: 8,
} as const;

/** BatchAppendReq. */
export const batchAppendReq = { correlationId: 1, options: 2, proposedMessages: 3, isFinal: 4 } as const;
export const appendOptions = { streamIdentifier: 1, streamPosition: 2, noStream: 3, any: 4, deadline: 7 } as const;
export const proposedMessage = { id: 1, metadata: 2, customMetadata: 3, data: 4 } as const;

/** BatchAppendResp. */
export const batchAppendResp = { correlationId: 1, error: 2, success: 3 } as const;
export const appendSuccess = { currentRevision: 1, position: 3 } as const;
/** google.rpc.Status, and the details in it of event_store.client. */
export const rpcStatus = { code: 1, message: 2, details: 3 } as const;
export const wrongExpectedVersion = { currentStreamRevision: 1 } as const;
export const badRequest = { message: 1 } as const;

/** event_store.client.UUID, and its Structured. */
export const uuid = { structured: 1, string: 2 } as const;
export const structuredUuid = { mostSignificantBits: 1, leastSignificantBits: 2 } as const;
export const streamIdentifier = { streamName: 3 } as const;
/** AllStreamPosition, ReadReq.Options.Position and ReadResp.Checkpoint are alike. */
export const logPosition = { commitPosition: 1, preparePosition: 2 } as const;

/** google.protobuf.Duration and Any, and an entry of a map. */
export const duration = { seconds: 1, nanos: 2 } as const;
export const any = { typeUrl: 1, value: 2 } as const;
export const mapEntry = { key: 1, value: 2 } as const;
