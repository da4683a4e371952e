import { appendFileSync } from "node:fs";

/**
 * Opens the supervisor's own log: returns a function that appends one line with the time. It never throws: when the disk is full
 * the line is lost and written to standard error, and the next line that can be written reports how many were lost and why.
 */
export function openSupervisorLog(file: string): (message: string) => void {
  let lost = 0;
  let reason = "";
  return (message) => {
    const line = (text: string) => `${new Date().toISOString()} ${text}\n`;
    const before = lost === 0 ? "" : line(`${lost} lines could not be written (${reason})`);
    try {
      appendFileSync(file, before + line(message), { mode: 0o600 });
      lost = 0;
    } catch (error) {
      lost++;
      reason = (error as Error).message;
      console.error(`${message} (and ${file} cannot be written: ${reason})`);
    }
  };
}
