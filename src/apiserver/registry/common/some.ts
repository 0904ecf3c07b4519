const shown = 3;

/** A list cut to three: `a,b,c + 2 more...`. Upstream: pkg/printers/internalversion formatHosts, formatEndpoints, formatDiscoveryEndpoints */
export function some(texts: readonly string[], none: string): string {
  if (texts.length === 0) return none;
  return texts.length > shown ? `${texts.slice(0, shown).join(",")} + ${texts.length - shown} more...` : texts.join(",");
}
