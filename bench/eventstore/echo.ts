import { Server, ServerCredentials, type ServerDuplexStream, type ServerWritableStream } from "@grpc/grpc-js";
import { echoMethod, pushMethod } from "./echoService.ts";

/** A gRPC server that only gives back what it gets: what the transport alone can do. Prints its address when it serves. */
const server = new Server();
server.addService(
  { echo: echoMethod, push: pushMethod },
  {
    echo(call: ServerDuplexStream<Buffer, Buffer>) {
      call.on("data", (message: Buffer) => call.write(message));
      call.on("end", () => call.end());
    },
    /** Sends the request's bytes back as often as its first four say. */
    async push(call: ServerWritableStream<Buffer, Buffer>) {
      const count = call.request.readUInt32BE(0);
      for (let n = 0; n < count; n++) {
        if (!call.write(call.request)) await new Promise((resolve) => call.once("drain", resolve));
      }
      call.end();
    },
  },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`echo ready 127.0.0.1:${port}`);
});
process.on("disconnect", () => process.exit());
