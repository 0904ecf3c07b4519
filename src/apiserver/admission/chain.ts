import { qualified } from "#apimachinery/meta.ts";
import type { Clock } from "#base/clock.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { Store } from "#storage/store.ts";
import type { AnyResource } from "../registry/resource.ts";
import type { AdmissionSteps } from "../registry/writes.ts";
import { claimStatusPermission } from "./claim-status-permission.ts";
import { certificateRequests } from "./certificate-requests.ts";
import { certificateApproval, certificateSigning, certificateSubjectRestriction, clusterTrustBundleAttest } from "./certificate-signers.ts";
import { defaultIngressClass } from "./default-ingress-class.ts";
import { defaultStorageClass } from "./default-storage-class.ts";
import type { ApiServerSettings } from "../settings.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { denyServiceExternalIps } from "./deny-service-external-ips.ts";
import { deviceAdminAccess } from "./device-admin-access.ts";
import { deviceTaintTimes } from "./device-taint-times.ts";
import { limitRanger } from "./limit-ranger.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";
import { nodeDeclaredFeatureValidator } from "./node-declared-feature-validator.ts";
import { nodeRestriction } from "./node-restriction/plugin.ts";
import { persistentVolumeClaimResize } from "./persistent-volume-claim-resize.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { podCertificateRequests } from "./pod-certificate-requests.ts";
import { podSecurity } from "./pod-security.ts";
import type { ServedKinds } from "./policies/served-kinds.ts";
import { mutatingPolicies } from "./policies/mutating-policies.ts";
import { validatingPolicies } from "./policies/validating-policies.ts";
import { priority } from "./priority.ts";
import { storedReservations } from "./reservations.ts";
import { runtimeClass } from "./runtime-class.ts";
import { serviceAccount } from "./service-account.ts";
import { serviceIp } from "./service-ip.ts";
import { storageObjectInUseProtection } from "./storage-object-in-use-protection.ts";
import { taintNodesByCondition } from "./taint-nodes-by-condition.ts";
import { unservedProjections } from "./unserved-projections.ts";

/** All `admit`s in order, later all `validate`s in order, of those that look at the resource. The first refusal ends it. */
export function admissionChain(plugins: readonly AdmissionPlugin[]): AdmissionSteps {
  const known = new WeakMap<AnyResource, Concerned>();
  const of = (resource: AnyResource): Concerned => {
    const found = known.get(resource) ?? concerned(plugins, resource);
    known.set(resource, found);
    return found;
  };
  return {
    async admit(attributes, object) {
      for (const plugin of of(attributes.resource).admit) await plugin.admit(attributes, object);
    },
    async validate(attributes, object) {
      for (const plugin of of(attributes.resource).validate) await plugin.validate(attributes, object);
    },
  };
}

type Admits = Required<Pick<AdmissionPlugin, "admit">>;
type Validates = Required<Pick<AdmissionPlugin, "validate">>;
/** The plugins that a write of one resource goes through. */
interface Concerned { readonly admit: readonly Admits[]; readonly validate: readonly Validates[] }

function concerned(plugins: readonly AdmissionPlugin[], { group, names }: AnyResource): Concerned {
  const name = qualified({ group, resource: names.plural });
  const own = plugins.filter(({ resources }) => resources?.includes(name) ?? true);
  return { admit: own.filter((plugin): plugin is AdmissionPlugin & Admits => plugin.admit !== undefined), validate: own.filter((plugin): plugin is AdmissionPlugin & Validates => plugin.validate !== undefined) };
}

export interface AdmissionOptions {
  readonly clock: Clock;
  /** Where Services get their addresses from, e.g. `10.43.0.0/16`. IPv4. */
  readonly serviceCidr: string;
  /** Asked by plugins that let a user do more than a verb says: approve, sign. */
  readonly authorizer: Authorizer;
  /** For what several servers must agree about. */
  readonly store: Store;
  /** For policies, whose rules and parameters name resources. */
  readonly served: ServedKinds;
  readonly settings?: ApiServerSettings;
}

/** The plugins that upstream has on by default, as far as they are built, in upstream's order. Upstream: pkg/kubeapiserver/options/plugins.go */
export const defaultAdmission = ({ clock, serviceCidr, authorizer, store, served, settings }: AdmissionOptions): AdmissionSteps =>
  admissionChain([
    unservedProjections(settings?.optional ?? []),
    namespaceLifecycle,
    taintNodesByCondition,
    limitRanger,
    serviceAccount,
    nodeRestriction(authorizer),
    podSecurity,
    priority,
    defaultTolerationSeconds(settings),
    storageObjectInUseProtection,
    defaultStorageClass,
    persistentVolumeClaimResize,
    runtimeClass,
    certificateApproval(authorizer),
    certificateSigning(authorizer),
    clusterTrustBundleAttest(authorizer),
    certificateSubjectRestriction,
    defaultIngressClass,
    denyServiceExternalIps,
    nodeDeclaredFeatureValidator,
    deviceAdminAccess,
    claimStatusPermission(authorizer),
    serviceIp(serviceCidr, { addresses: storedReservations(store, clock, "serviceips"), ports: storedReservations(store, clock, "nodeports") }),
    certificateRequests(clock),
    deviceTaintTimes(clock),
    podCertificateRequests(authorizer, clock),
    mutatingPolicies(authorizer, served),
    validatingPolicies(authorizer, served),
  ]);
