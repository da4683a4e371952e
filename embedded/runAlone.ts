/**
 * Runs one part as a separate program: prints the ready line and sends it to a Node parent, stops it on SIGTERM, SIGINT or when a
 * Node parent exits, and ends with 1 and one line when it cannot start or ends unexpectedly.
 */
export async function runAlone(
  name: string,
  start: () => Promise<{ url: string; stop(): Promise<void>; exited?: Promise<string> }>,
): Promise<void> {
  try {
    const part = await start();
    let stopping = false;
    const stop = () => {
      stopping = true;
      void part.stop().then(() => process.exit(0));
    };
    for (const event of ["SIGTERM", "SIGINT", "disconnect"] as const) process.once(event, stop);
    if (process.send !== undefined && !process.connected) stop();
    const line = `${name} ready ${part.url}`;
    console.log(line);
    // A parent that exits at this moment gets no message; "disconnect" follows.
    process.send?.(line, undefined, undefined, () => {});
    await part.exited?.then((how) => {
      if (!stopping) throw new Error(`${name} ended by itself: ${how}`);
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

/** The value of an environment variable that must be set. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}
