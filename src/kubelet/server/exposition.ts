/** Prometheus' text format for metrics that are measured when they are asked for. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since 1970, where the value was measured at another time than now. */
  readonly at?: number;
}

export const textContentType = "text/plain; version=0.0.4; charset=utf-8";

/** Families without samples are left out. */
export const exposition = (families: readonly Family[]): string => families.filter(({ samples }) => samples.length > 0).map(familyText).join("");

const familyText = ({ name, help, type, samples }: Family): string =>
  [`# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`, `# TYPE ${name} ${type}`, ...samples.map((sample) => sampleText(name, sample)), ""].join("\n");

function sampleText(name: string, { labels = {}, value, at }: Sample): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}${at === undefined ? "" : ` ${at}`}`;
}
