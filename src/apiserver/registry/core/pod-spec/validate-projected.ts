import type { ClusterTrustBundleProjection, PodCertificateProjection, ProjectedVolumeSource, ServiceAccountTokenProjection, VolumeProjection } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";
import { validateMaxExpiration, validateUserAnnotations } from "../../certificates/pod-certificates.ts";
import { validateSignerName } from "../../certificates/signer-name.ts";
import { trustBundleName } from "../../certificates/trust-bundle.ts";
import { unreservedPath } from "./validate-paths.ts";
import { validateDownwardFile, validateItems, validateMode } from "./validate-files.ts";

const leastSeconds = 10 * 60;
const mostSeconds = 2 ** 32;

/** Upstream: pkg/apis/core/validation validateProjectedVolumeSource */
export function validateProjected({ defaultMode, sources }: ProjectedVolumeSource, field: string): readonly Cause[] {
  const paths = new Set<string>();
  const clash = (path: string, value: string): readonly Cause[] => {
    if (path === "") return [];
    if (paths.has(path)) return [invalidValue(field, value, "conflicting duplicate paths")];
    paths.add(path);
    return [];
  };
  return [
    ...validateMode(`${field}.defaultMode`, defaultMode),
    ...(sources ?? []).flatMap((source, i) => validateProjection(source, field, `${field}.sources[${i}]`, clash)),
  ];
}

function validateProjection(source: VolumeProjection, field: string, at: string, clash: (path: string, value: string) => readonly Cause[]): readonly Cause[] {
  const { secret, configMap, downwardAPI, serviceAccountToken: token, clusterTrustBundle: bundle, podCertificate: certificate } = source;
  const causes: Cause[] = [];
  for (const [kind, named] of [["secret", secret], ["configMap", configMap]] as const) {
    if (named === undefined) continue;
    if (!named.name) causes.push(required(`${at}.${kind}.name`));
    causes.push(...validateItems(named.items, `${at}.${kind}.items`), ...(named.items ?? []).flatMap(({ path }) => clash(path, named.name ?? "")));
  }
  if (downwardAPI !== undefined) for (const file of downwardAPI.items ?? []) causes.push(...validateDownwardFile(file, `${at}.downwardAPI`), ...clash(file.path, file.path));
  if (token !== undefined) causes.push(...validateToken(token, field, `${at}.serviceAccountToken`));
  if (bundle !== undefined) causes.push(...validateBundle(bundle, `${at}.clusterTrustBundlePEM`), ...clash(bundle.path, bundle.path));
  if (certificate !== undefined) causes.push(...validateCertificate(certificate, `${at}.podCertificate`), ...pathsOf(certificate).flatMap(([, path]) => clash(path, path)));
  if (Object.keys(source).length > 1) causes.push(forbidden(at, "may not specify more than 1 volume type"));
  return causes;
}

/** Upstream reports the path at the volume's source, not at the projection. */
function validateToken({ path, expirationSeconds: seconds = 0 }: ServiceAccountTokenProjection, field: string, at: string): readonly Cause[] {
  return [
    ...(seconds < leastSeconds ? [invalidValue(`${at}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes")] : []),
    ...(seconds > mostSeconds ? [invalidValue(`${at}.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds")] : []),
    ...(path === "" ? [required(`${field}.path`)] : unreservedPath(`${field}.path`, path)),
  ];
}

/** Upstream's fields have another name than the API's. */
function validateBundle(bundle: ClusterTrustBundleProjection, at: string): readonly Cause[] {
  return [...validateSelection(bundle, at), ...(bundle.path === "" ? [required(`${at}.path`)] : []), ...unreservedPath(`${at}.path`, bundle.path)];
}

/** By its name, or all of a signer that have some labels. */
function validateSelection(bundle: ClusterTrustBundleProjection, at: string): readonly Cause[] {
  const { name, signerName, labelSelector } = bundle;
  if (name !== undefined && signerName !== undefined) return [invalidValue(at, bundle, "only one of name and signerName may be used")];
  if (name !== undefined) {
    const signer = name.includes(":") ? name.slice(0, name.lastIndexOf(":")).replaceAll(":", "/") : "";
    return [
      ...(name === "" ? [required(`${at}.name`, "must be a valid object name")] : []),
      ...eachInvalid(`${at}.name`, name, trustBundleName(signer, name).map((why) => `not a valid clustertrustbundlename: ${why}`)),
      ...(labelSelector === undefined ? [] : [invalidValue(`${at}.labelSelector`, labelSelector, "labelSelector must be unset if name is specified")]),
    ];
  }
  if (signerName === undefined) return [required(at, "either name or signerName must be specified")];
  return [
    ...(signerName === "" ? [required(`${at}.signerName`, "must be a valid signer name")] : []),
    ...validateSignerName(signerName, `${at}.signerName`), ...validateLabelSelector(labelSelector, `${at}.labelSelector`),
  ];
}

const keyTypes: readonly string[] = ["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];
const pathFields = ["credentialBundlePath", "keyPath", "certificateChainPath"] as const;
/** Those that are given, each with its field. */
const pathsOf = (certificate: PodCertificateProjection): readonly (readonly [field: string, path: string])[] =>
  pathFields.flatMap((field) => (certificate[field] ? [[field, certificate[field]] as const] : []));

function validateCertificate(certificate: PodCertificateProjection, at: string): readonly Cause[] {
  const { signerName = "", keyType = "", maxExpirationSeconds: seconds, userAnnotations } = certificate;
  const paths = pathsOf(certificate);
  return [
    ...validateSignerName(signerName, `${at}.signerName`),
    ...(keyTypes.includes(keyType) ? [] : [notSupported(`${at}.keyType`, keyType, keyTypes)]),
    ...(seconds === undefined ? [] : validateMaxExpiration(seconds, signerName, `${at}.maxExpirationSeconds`)),
    ...(paths.length === 0 ? [required(at, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath")] : []),
    ...paths.flatMap(([field, path]) => unreservedPath(`${at}.${field}`, path)),
    ...validateUserAnnotations(userAnnotations, `${at}.userAnnotations`),
  ];
}
