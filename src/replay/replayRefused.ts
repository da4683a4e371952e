import { ExpectedError } from "../platform/expectedError.ts";

/** What is asked for cannot be done, and asking again changes nothing. The message is a sentence for whoever asked. */
export class ReplayRefused extends ExpectedError {
  override readonly name: string = "ReplayRefused";
}

/** A folder has the files of another release, which may have written other bytes: this one must begin anew, elsewhere or there. */
export class OtherRelease extends ReplayRefused {
  override readonly name = "OtherRelease";
}
