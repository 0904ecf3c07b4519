/** Names of images. Upstream: distribution/reference, pkg/util/parsers */
const part = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const host = "[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?|\\[[0-9a-fA-F:]+\\](?::[0-9]+)?";
const grammar = new RegExp(
  `^(?:(${host})/)?(${part}(?:/${part})*)(:[\\w][\\w.-]{0,127})?(@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);
const longest = 1_024;

/** The image with `:latest` where neither tag nor digest is named; undefined when it is no image name. */
export function withTag(image: string): string | undefined {
  const match = image.length > longest ? null : grammar.exec(image);
  if (match === null) return undefined;
  return match[3] === undefined && match[4] === undefined ? `${image}:latest` : image;
}

/** The registry that an image comes from, as pull secrets name it: `index.docker.io` where the name has none. */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const isHost = rest.length > 0 && (first.includes(".") || first.includes(":") || first === "localhost");
  return isHost && first !== "docker.io" ? first : "index.docker.io";
}
