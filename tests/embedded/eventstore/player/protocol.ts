import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { decode, encode, type Message, type MessageTable } from "./protobuf.ts";

/* EventStoreDB's messages, as far as the recordings need them. */
const empty: MessageTable = {};
const structured: MessageTable = { mostSignificantBits: [1, "number"], leastSignificantBits: [2, "number"] };
const uuid: MessageTable = { structured: [1, structured], string: [2, "string"] };
const streamIdentifier: MessageTable = { streamName: [3, "bytes"] };
const position: MessageTable = { commit: [1, "number"], prepare: [2, "number"] };
const text: MessageTable = { key: [1, "string"], value: [2, "string"] };
const timestamp: MessageTable = { seconds: [1, "number"], nanos: [2, "number"] };

const expectedRevision: MessageTable = {
  stream: [1, streamIdentifier],
  revision: [2, "number"],
  no_stream: [3, empty],
  any: [4, empty],
  stream_exists: [5, empty],
};
const proposedMessage: MessageTable = {
  id: [1, uuid],
  metadata: [2, text, "repeated"],
  customMetadata: [3, "bytes"],
  data: [4, "bytes"],
};
const success: MessageTable = {
  revision: [1, "number"],
  noStream: [2, empty],
  position: [3, position],
  noPosition: [4, empty],
};
const wrongExpectedVersion: MessageTable = {
  revision2060: [1, "number"],
  noStream2060: [2, empty],
  expectedRevision2060: [3, "number"],
  any2060: [4, empty],
  streamExists2060: [5, empty],
  revision: [6, "number"],
  noStream: [7, empty],
  expectedRevision: [8, "number"],
  any: [9, empty],
  stream_exists: [10, empty],
  no_stream: [11, empty],
};
const batchOptions: MessageTable = { ...expectedRevision, deadline: [6, timestamp] };
const status: MessageTable = {
  code: [1, "number"],
  message: [2, "string"],
  details: [3, { typeUrl: [1, "string"], value: [2, "bytes"] }],
};
const expression: MessageTable = { regex: [1, "string"], prefix: [2, "string", "repeated"] };
const readOptions: MessageTable = {
  stream: [1, { identifier: [1, streamIdentifier], revision: [2, "number"], start: [3, empty], end: [4, empty] }],
  all: [2, { position: [1, position], start: [2, empty], end: [3, empty] }],
  direction: [3, "number"],
  resolveLinks: [4, "bool"],
  count: [5, "number"],
  subscription: [6, empty],
  filter: [
    7,
    {
      stream: [1, expression],
      type: [2, expression],
      max: [3, "number"],
      count: [4, empty],
      multiplier: [5, "number"],
    },
  ],
  noFilter: [8, empty],
  uuid: [9, { structured: [1, empty], string: [2, empty] }],
  control: [10, { compatibility: [1, "number"] }],
};
const recordedEvent: MessageTable = {
  id: [1, uuid],
  stream: [2, streamIdentifier],
  revision: [3, "number"],
  prepare: [4, "number"],
  commit: [5, "number"],
  metadata: [6, text, "repeated"],
  customMetadata: [7, "bytes"],
  data: [8, "bytes"],
};
const readResponse: MessageTable = {
  event: [1, { event: [1, recordedEvent], link: [2, recordedEvent], commit: [3, "number"], noPosition: [4, empty] }],
  confirmation: [2, { id: [1, "string"] }],
  checkpoint: [3, { ...position, timestamp: [3, timestamp] }],
  streamNotFound: [4, { stream: [1, streamIdentifier] }],
  firstStreamPosition: [5, "number"],
  lastStreamPosition: [6, "number"],
  lastAllStreamPosition: [7, position],
  caughtUp: [8, { timestamp: [1, timestamp], revision: [2, "number"], position: [3, position] }],
  fellBehind: [9, { timestamp: [1, timestamp], revision: [2, "number"], position: [3, position] }],
};
const deleteRequest: MessageTable = { options: [1, expectedRevision] };
const deleteResponse: MessageTable = { position: [1, position], noPosition: [2, empty] };

/** The error details of a batch append, by the last part of their type. */
export const errorDetails: { readonly [type: string]: MessageTable } = {
  WrongExpectedVersion: {
    currentStreamRevision: [1, "number"],
    currentNoStream: [2, empty],
    expectedStreamPosition: [3, "number"],
    expectedAny: [4, empty],
    expectedStreamExists: [5, empty],
    expectedNoStream: [6, empty],
  },
  StreamDeleted: { streamIdentifier: [1, streamIdentifier] },
  MaximumAppendSizeExceeded: { maxappendsize: [1, "number"] },
  BadRequest: { message: [1, "string"] },
  Timeout: {},
  Unknown: {},
  AccessDenied: {},
};

const streams = "/event_store.client.streams.Streams/";
const methods = {
  append: {
    path: `${streams}Append`,
    request: { options: [1, expectedRevision], message: [2, proposedMessage] },
    response: { success: [1, success], wrongExpectedVersion: [2, wrongExpectedVersion] },
  },
  batchAppend: {
    path: `${streams}BatchAppend`,
    request: {
      correlationId: [1, uuid],
      options: [2, batchOptions],
      messages: [3, proposedMessage, "repeated"],
      isFinal: [4, "bool"],
    },
    response: {
      correlationId: [1, uuid],
      error: [2, status],
      success: [3, success],
      stream: [4, streamIdentifier],
      revision: [5, "number"],
      no_stream: [6, empty],
      any: [7, empty],
      stream_exists: [8, empty],
    },
  },
  read: { path: `${streams}Read`, request: { options: [1, readOptions] }, response: readResponse },
  delete: { path: `${streams}Delete`, request: deleteRequest, response: deleteResponse },
  tombstone: { path: `${streams}Tombstone`, request: deleteRequest, response: deleteResponse },
  features: {
    path: "/event_store.client.server_features.ServerFeatures/GetSupportedMethods",
    request: empty,
    response: {
      methods: [1, { method: [1, "string"], service: [2, "string"], features: [3, "string", "repeated"] }, "repeated"],
      version: [2, "string"],
    },
  },
  gossip: {
    path: "/event_store.client.gossip.Gossip/Read",
    request: empty,
    response: {
      members: [
        1,
        {
          instanceId: [1, uuid],
          timestamp: [2, "number"],
          state: [3, "number"],
          isAlive: [4, "bool"],
          endPoint: [5, { address: [1, "string"], port: [2, "number"] }],
        },
        "repeated",
      ],
    },
  },
  startScavenge: {
    path: "/event_store.client.operations.Operations/StartScavenge",
    request: { options: [1, { threadCount: [1, "number"], startFromChunk: [2, "number"] }] },
    response: { scavengeId: [1, "string"], result: [2, "number"] },
  },
} satisfies { [name: string]: { path: string; request: MessageTable; response: MessageTable } };

export type UnaryMethod = "delete" | "tombstone" | "features" | "gossip" | "startScavenge";
export type Answer = { message: Message } | { error: ServiceError };
export type Protocol = ReturnType<typeof connect>;

const maxMessage = 64 * 1024 * 1024;

/** Calls of an EventStoreDB at `host:port`, over a separate connection, without TLS, message by message. */
export function connect(address: string) {
  const client = new Client(address, credentials.createInsecure(), {
    "grpc.max_receive_message_length": maxMessage,
    "grpc.max_send_message_length": maxMessage,
    "grpc.use_local_subchannel_pool": 1,
  });
  const codec = (name: keyof typeof methods) => {
    const { path, request, response } = methods[name];
    return [path, (message: Message) => encode(request, message), (bytes: Buffer) => decode(response, bytes)] as const;
  };
  return {
    unary: (name: UnaryMethod, request: Message): Promise<Answer> =>
      new Promise((resolve) => {
        client.makeUnaryRequest(...codec(name), request, (error, message) =>
          resolve(error ? { error } : { message: message as Message }),
        );
      }),
    append: (requests: readonly Message[], deadline: number): Promise<Answer> =>
      new Promise((resolve) => {
        const call = client.makeClientStreamRequest(
          ...codec("append"),
          { deadline },
          (error: ServiceError | null, message?: Message) =>
            resolve(error ? { error } : { message: message as Message }),
        );
        for (const request of requests) call.write(request);
        call.end();
      }),
    batchAppend: () => client.makeBidiStreamRequest<Message, Message>(...codec("batchAppend")),
    read: (request: Message) => client.makeServerStreamRequest<Message, Message>(...codec("read"), request),
    close: () => client.close(),
  };
}
