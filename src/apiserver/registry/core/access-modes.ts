const short: readonly (readonly [mode: string, text: string])[] = [["ReadWriteOnce", "RWO"], ["ReadOnlyMany", "ROX"], ["ReadWriteMany", "RWX"], ["ReadWriteOncePod", "RWOP"]];

/** `RWO,ROX`, each once, in upstream's order. Upstream: pkg/apis/core/helper GetAccessModesAsString */
export const accessModeText = (modes: readonly string[] | undefined): string => short.filter(([mode]) => modes?.includes(mode)).map(([, text]) => text).join(",");
