import { createHash, type KeyObject } from "node:crypto";

/** The name by which a token says what key proves it. Upstream: pkg/serviceaccount/jwt.go keyIDFromPublicKey */
export const keyIdOf = (key: KeyObject): string => createHash("sha256").update(key.export({ type: "spki", format: "der" })).digest("base64url");

/** How tokens are signed with this key. */
export const algorithmOf = (key: KeyObject): "RS256" | "ES256" => (key.asymmetricKeyType === "ec" ? "ES256" : "RS256");
