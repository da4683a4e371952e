import { ExpectedError } from "../platform/expectedError.ts";

/** A request that cannot be fulfilled; repeating it changes nothing. The message is a sentence for the user. */
export class ReplayRefused extends ExpectedError {
  override readonly name: string = "ReplayRefused";
}

/** A folder has the files of another release, which may have written other bytes: this one must begin again, there or elsewhere. */
export class OtherRelease extends ReplayRefused {
  override readonly name = "OtherRelease";
}
