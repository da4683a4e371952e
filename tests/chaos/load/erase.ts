import { setTimeout as sleep } from "node:timers/promises";
import { saysErased } from "./commands.ts";
import type { Journal } from "./journal.ts";
import { type Addresses, askAs, type Deadline, logIn, type Reader } from "./reader.ts";

/** Time for which a token may be reported as expired: longer than a clock can be wrong. */
const tokenPatienceMs = 15_000;

/**
 * Requests the erasure of a reader until it is acknowledged. From then on the reader does nothing. No acknowledgement by the
 * deadline is a finding.
 */
export async function eraseReader(at: Addresses, reader: Reader, journal: Journal, deadline: Deadline): Promise<void> {
  const begun = Date.now();
  while (!deadline.isOver()) {
    const answer = await askAs(at, reader, "/v1/me", { method: "DELETE" }, journal, deadline);
    if (answer?.status === 202) return acknowledged(reader, journal);
    if (answer !== undefined && answer.status !== 401) {
      journal.surprises.push(`the erasure of ${reader.id} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    if (answer?.status === 401 && saysErased(answer))
      journal.surprises.push(`DELETE /v1/me cannot be repeated by ${reader.id}: ${JSON.stringify(answer.body)}`);
    if (answer?.status === 401 && Date.now() - begun > tokenPatienceMs) {
      // Another reader is logged in only if an unanswered try has erased this one.
      const again = { ...reader, id: "", asked: false };
      if (await logIn(at, again, journal, deadline)) {
        if (again.id !== reader.id) return acknowledged(reader, journal);
        reader.accessToken = again.accessToken;
      }
    }
    await sleep(200);
  }
  journal.surprises.push(`the erasure of ${reader.id} had no answer`);
}

function acknowledged(reader: Reader, journal: Journal): void {
  reader.gone = true;
  journal.counts.erasures++;
}
