/** Runs of which only one goes on at a time. */
export interface OneAtATime<Value> {
  /** Begins a run, or joins the one that goes on. */
  join(run: () => Promise<Value>): Promise<Value>;
  /** Nobody joins the run that goes on any more: the next call begins its own. */
  leave(): void;
  /** Resolves when the run that goes on, if any, has ended in any way. */
  ended(): Promise<void>;
}

export function oneAtATime<Value>(): OneAtATime<Value> {
  let running: Promise<Value> | undefined;
  return {
    join(run) {
      if (running !== undefined) return running;
      const own = run();
      const done = () => {
        if (running === own) running = undefined;
      };
      running = own;
      own.then(done, done);
      return own;
    },
    leave() {
      running = undefined;
    },
    async ended() {
      await Promise.resolve(running).catch(() => undefined);
    },
  };
}
