/** What the bundle was made of, filled in by `tools/bundle.ts`; the sources themselves are of no commit. */
const gitCommit = process.env["SEEDPOD_GIT_COMMIT"] ?? "";
const gitTreeState = process.env["SEEDPOD_GIT_TREE_STATE"] ?? "archive";

/** The API's version that this server keeps, and its own. Clients compare major and minor. */
export const apiVersionInfo: Readonly<Record<string, string>> & { readonly gitVersion: string } = {
  major: "1", minor: "36", emulationMajor: "1", emulationMinor: "36", minCompatibilityMajor: "1", minCompatibilityMinor: "35",
  gitVersion: "v1.36.0+seedpod", gitCommit, gitTreeState, buildDate: "2026-04-22T00:00:00Z",
  goVersion: `node${process.version}`, compiler: "v8", platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
};
