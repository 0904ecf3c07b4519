/** Which devices a container gets. Upstream: pkg/kubelet/cm/devicemanager/manager.go devicesToAllocate */

/** The devices of one resource, as its plugin last told. */
export interface Pool {
  readonly healthy: ReadonlySet<string>;
  readonly unhealthy: ReadonlySet<string>;
}

export interface Wish {
  readonly resource: string;
  readonly count: number;
  /** Of earlier init containers of the same pod, which have ended when this one begins. */
  readonly reusable: readonly string[];
  /** Other pods', and those of containers that run beside this one. */
  readonly used: ReadonlySet<string>;
}

/** What there is to choose from; expects that the plugin may prefer some of `free`. */
export interface Offer { readonly must: readonly string[]; readonly free: readonly string[] }

/** Refused in upstream's words. @param pool undefined when no plugin has ever registered the resource */
export function offer(pool: Pool | undefined, { resource, count, reusable, used }: Wish): { readonly ok: true; readonly offer: Offer } | { readonly ok: false; readonly why: string } {
  if (pool === undefined) return { ok: false, why: `cannot allocate unregistered device ${resource}` };
  if (pool.healthy.size === 0) return { ok: false, why: `no healthy devices present; cannot allocate unhealthy devices ${resource}` };
  const must = reusable.filter((id) => pool.healthy.has(id)).slice(0, count);
  const free = [...pool.healthy].filter((id) => !used.has(id) && !must.includes(id)).sort();
  if (must.length + free.length < count) return { ok: false, why: `requested number of devices unavailable for ${resource}. Requested: ${count}, Available: ${must.length + free.length}` };
  return { ok: true, offer: { must, free } };
}

/** What was reused, then what the plugin prefers of what is free, then the first that are. */
export function choose({ must, free }: Offer, count: number, preferred: readonly string[] = []): string[] {
  const wanted = preferred.filter((id) => free.includes(id));
  return [...new Set([...must, ...wanted, ...free])].slice(0, count);
}
