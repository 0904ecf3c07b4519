/** Runs `pass`, one at a time: asked for while one runs, another follows it. */
export function oneAtATime(pass: () => Promise<void>): () => Promise<void> {
  let running = false;
  let again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        again = false;
        await pass();
      }
    } finally {
      running = false;
    }
  };
}
