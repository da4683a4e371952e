import { credentials, makeClientConstructor, Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { framedTogether } from "../../src/event-store/wire/framedMessages.ts";

const bytes = (message: Buffer) => message;
const echo = {
  path: "/test.Echo/echo",
  requestStream: true,
  responseStream: true,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
} as const;

test("the gRPC that is installed sends messages framed together as the messages they are", async () => {
  const server = new Server();
  const arrived: string[] = [];
  server.addService(
    { echo },
    {
      echo(call: ServerDuplexStream<Buffer, Buffer>) {
        call.on("data", (message: Buffer) => arrived.push(message.toString()));
        call.on("end", () => call.end());
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    const bound = (error: Error | null, chosen: number) => (error === null ? resolve(chosen) : reject(error));
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), bound);
  });
  const EchoClient = makeClientConstructor({ echo }, "Echo");
  const client = new EchoClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = client.makeBidiStreamRequest(echo.path, bytes, bytes);
  const messages = ["one", "", "x".repeat(300), "紅樓夢", "last"];
  const together = framedTogether(messages.map((message) => Buffer.from(message)));
  const alone = framedTogether([Buffer.from("alone")]);
  call.write(together.bytes);
  call.write(alone.bytes);
  call.end();
  await new Promise((resolve, reject) =>
    call
      .on("data", () => {})
      .on("end", resolve)
      .on("error", reject),
  );
  expect(arrived).toEqual([...messages, "alone"]);
  expect([together.framed(), alone.framed()]).toEqual([true, true]);
  client.close();
  server.forceShutdown();
});

test("messages that are copied in another way are known not to be framed", () => {
  const { bytes: both, framed } = framedTogether([Buffer.from("one"), Buffer.from("two")]);
  expect(
    Buffer.concat([Buffer.alloc(5), both])
      .subarray(5, 8)
      .toString(),
  ).toBe("one");
  expect(framed()).toBe(false);
});
