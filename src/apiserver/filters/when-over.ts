/** The same pieces; `over` is called once when they end, fail or are given up. A piece takes no turn more on its way. */
export function whenOver(body: AsyncIterable<Uint8Array>, over: () => void): AsyncIterable<Uint8Array> {
  let called = false;
  const once = (): void => {
    if (!called) over();
    called = true;
  };
  return { [Symbol.asyncIterator]: () => watched(body[Symbol.asyncIterator](), once) };
}

const watched = (inner: AsyncIterator<Uint8Array>, over: () => void): AsyncIterator<Uint8Array> => ({
  next() {
    const next = inner.next();
    next.then(({ done }) => { if (done === true) over(); }, over);
    return next;
  },
  async return() {
    try {
      return (await inner.return?.()) ?? { done: true, value: undefined };
    } finally {
      over();
    }
  },
});
