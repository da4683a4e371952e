import type { KeywordRecorder } from "../../commands/keywords/recordKeywords.ts";
import type { IncomingRequest } from "../endpoint.ts";
import { addressKey } from "../rateLimits/addressKey.ts";

/**
 * Records that the request searched for `keyword`, as typed; `results` is how many books matched, if it is known. It returns at
 * once, and never throws. To be called for the first page of a search, once it is answered.
 */
export type RecordKeyword = (incoming: IncomingRequest, keyword: string, results?: number) => void;

/** A search of a request with a reader is the reader's, any other one the address's. */
export function recordingKeywords({ record }: Pick<KeywordRecorder, "record">): RecordKeyword {
  return ({ readerId, address, requestId }, keyword, results) =>
    record({ keyword, results, readerId, address: addressKey(address()), correlationId: requestId });
}
