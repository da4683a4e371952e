/**
 * A response whose JSON was built by Postgres, and the ids of the items shown. The compiler cannot check it against the
 * endpoint's schema; the tests do, for every response that they receive (tests/http/startApi.ts).
 */
export class RawJson {
  readonly text: string;
  readonly shown: readonly string[];

  constructor(text: string, shown: readonly string[] = []) {
    this.text = text;
    this.shown = shown;
  }
}
