import { type StatusObject, status } from "@grpc/grpc-js";

type Status = Pick<StatusObject, "code" | "details"> & Partial<StatusObject>;

/** A status of gRPC as an error, with the fields that distinguish the client's errors. */
export function statusError({ code, details, metadata }: Status): Error {
  return Object.assign(new Error(`${code} ${status[code]}: ${details}`), { code, details, metadata });
}

/** UNAVAILABLE, by what was thrown instead of it. */
export function unavailable(cause: unknown): Error {
  const details = cause instanceof Error ? cause.message : String(cause);
  return statusError({ code: status.UNAVAILABLE, details });
}
