import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { supportedMethods } from "../../embedded/eventstore/grpc/features.ts";
import { serverFeaturesService, streamsService } from "../../embedded/eventstore/grpc/service.ts";
import { encodeBatchAnswer } from "../../embedded/eventstore/wire/batch-append.ts";
import { forEachField } from "../../embedded/eventstore/wire/protobuf.ts";
import { decodeReadRequest } from "../../embedded/eventstore/wire/read-request.ts";
import { encodeEventFrame } from "../../embedded/eventstore/wire/recorded-event.ts";
import { echoService } from "./echoService.ts";

/**
 * A gRPC server without a store: it echoes messages, acknowledges every batch append at once, and reads the same event
 * repeatedly. It shows the limits of the transport and the official client.
 */
const server = new Server({ "grpc.max_receive_message_length": 16 * 1024 * 1024 });

server.addService(echoService, {
  echo(call: ServerDuplexStream<Buffer, Buffer>) {
    call.on("data", (message: Buffer) => call.write(message));
    call.on("end", () => call.end());
  },
});

server.addService(serverFeaturesService, {
  getSupportedMethods: (_call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) =>
    answer(null, supportedMethods()),
});

const frame = encodeEventFrame(
  {
    id: Buffer.alloc(16, 1),
    stream: "bench",
    revision: 1_000n,
    position: 1_000_000n,
    created: BigInt(Date.now()) * 10_000n,
    type: "BookAddedToShelf",
    isJson: true,
    customMetadata: Buffer.alloc(0),
    data: Buffer.from(JSON.stringify({ bookId: "x".repeat(120), n: 1 })),
  },
  0,
);
const event = frame.buffer.subarray(frame.start);

const unused = () => {
  throw new Error("the sink has no such call");
};
server.addService(streamsService, {
  append: unused,
  delete: unused,
  tombstone: unused,
  batchAppend(call: ServerDuplexStream<Buffer, Buffer>) {
    call.on("data", (message: Buffer) => {
      let id = message;
      let isFinal = false;
      forEachField(message, ({ number, bytes }) => {
        if (number === 1) id = bytes;
        if (number === 4) isFinal = true;
      });
      if (isFinal) call.write(encodeBatchAnswer(id, "bench", { kind: "success", revision: 1n, position: 1n }));
    });
    call.on("end", () => call.end());
  },
  async read(call: ServerWritableStream<Buffer, Buffer>) {
    const amount = decodeReadRequest(call.request)?.amount;
    const count = amount?.kind === "count" ? Number(amount.count) : 0;
    for (let n = 0; n < count; n++) {
      if (!call.write(event)) await new Promise((resolve) => call.once("drain", resolve));
    }
    call.end();
  },
});

server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`sink ready esdb://127.0.0.1:${port}?tls=false`);
});
process.on("disconnect", () => process.exit());
