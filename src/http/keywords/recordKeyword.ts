import type { KeywordRecorder } from "../../commands/keywords/recordKeywords.ts";
import type { IncomingRequest } from "../endpoint.ts";
import { addressKey } from "../rateLimits/addressKey.ts";

/**
 * Records that the request searched for `keyword`, as typed; `results` is the number of matching books, if known. Returns at
 * once, and never throws. Call it for the first page of a search, after responding. HEAD is no search.
 */
export type RecordKeyword = (incoming: IncomingRequest, keyword: string, results?: number) => void;

/** A search is the reader's if the request has a reader, otherwise the address's. */
export function recordingKeywords({ record }: Pick<KeywordRecorder, "record">): RecordKeyword {
  return ({ isHead, readerId, address, requestId }, keyword, results) => {
    if (isHead) return;
    record({ keyword, results, readerId, address: addressKey(address()), correlationId: requestId });
  };
}
