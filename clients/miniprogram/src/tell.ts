declare function setTimeout(run: () => void, ms: number): unknown;

/** Calls a callback of the app. What it throws (its page may be gone) goes to `App.onError` and stops nothing here. */
export function tell(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    setTimeout(() => {
      throw error;
    }, 0);
  }
}
