import { method } from "../../embedded/eventstore/grpc/service.ts";

export const echoService = { echo: method("/bench.Echo/Echo", true, true) };
