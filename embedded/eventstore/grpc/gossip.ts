import { bytesField, stringField, varintField } from "../wire/protobuf.ts";

const leader = 8;

/** Gossip/Read: ClusterInfo of a cluster of one node, the leader. */
export function clusterInfo(instanceId: string, host: string, port: number): Buffer {
  return bytesField(
    1,
    bytesField(1, stringField(2, instanceId)),
    varintField(2, BigInt(Date.now()) * 10_000n),
    varintField(3, leader),
    varintField(4, 1),
    bytesField(5, stringField(1, host), varintField(2, port)),
  );
}
