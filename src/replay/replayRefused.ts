import { ExpectedError } from "../platform/expectedError.ts";

/** What is asked for cannot be done, and asking again changes nothing. The message is a sentence for whoever asked. */
export class ReplayRefused extends ExpectedError {
  override readonly name = "ReplayRefused";
}
