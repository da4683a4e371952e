import type { MethodDefinition } from "@grpc/grpc-js";

const asIs = (message: Buffer): Buffer => message;

function method(path: string, requestStream: boolean): MethodDefinition<Buffer, Buffer> {
  return {
    path,
    requestStream,
    responseStream: true,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

export const echoMethod = method("/bench.Echo/Echo", true);
export const pushMethod = method("/bench.Echo/Push", false);
