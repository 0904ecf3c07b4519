/** Why a request's signal aborts: one reason for all, since an error made anew, with its stack, costs more than many an answer. */
export const left: DOMException = new DOMException("the client has left", "AbortError");
