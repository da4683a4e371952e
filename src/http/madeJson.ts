/**
 * An answer that Postgres has made the JSON of, and the ids of what it shows. The compiler cannot hold it to the schema of
 * its endpoint: tests do, for every answer that they get (tests/http/startApi.ts).
 */
export class MadeJson {
  readonly text: string;
  readonly shown: readonly string[];

  constructor(text: string, shown: readonly string[] = []) {
    this.text = text;
    this.shown = shown;
  }
}
