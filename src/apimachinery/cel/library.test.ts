import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { AccessLog, runAsking } from "./asking.ts";
import { compileWith, evaluate } from "./fixture.ts";
import { fromJson } from "./json-values.ts";
import { authorizerOf, authorizerType, requestResourceOf, resourceCheckType, type AccessQuestion } from "./library/authorization.ts";
import { opaqueType } from "./types.ts";

/** Expression and result, as Kubernetes documents its libraries. */
const groups: Readonly<Record<string, readonly (readonly [expression: string, result: unknown])[]>> = {
  strings: [
    ["'héllo'.charAt(1)", "é"], ["'abc'.charAt(3)", ""], ["'abc'.charAt(4)", "error: index out of range: 4"], ["'héllo'.indexOf('l')", 2], ["'ab'.indexOf('z')", -1], ["'hello'.lastIndexOf('l')", 3], ["'abcabc'.indexOf('c', 3)", 5],
    ["['a', 'b'].join('-')", "a-b"], ["'ÀB'.lowerAscii()", "Àb"], ["'aé'.upperAscii()", "Aé"], ["' \\t a b\\n'.trim()", "a b"], ["'aaa'.replace('a', 'b', 2)", "bba"], ["'ab'.replace('', '-')", "-a-b-"], ["'a,b,c'.split(',')", ["a", "b", "c"]], ["'a,b,c'.split(',', 2)", ["a", "b,c"]], ["'a,b'.split(',', 0)", []],
    ["'tacocat'.substring(4)", "cat"], ["'tacocat'.substring(0, 4)", "taco"], ["'abc'.substring(2, 1)", "error: invalid substring range. start: 2, end: 1"], ["'aéb'.reverse()", "béa"], ["strings.quote('a\\n\"')", '"a\\n\\""'],
    ["'%s has %d (%.1f%%), %x %X %b %o %e'.format(['web', 3, 1.25, 'hi', 255, true, 8, 1234.5])", "issue: expected type 'string' but found 'int'"],
    ["'%s has %d (%.1f%%), %x %X %b %o %e'.format([dyn('web'), 3, 1.25, 'hi', 255, true, 8, 1234.5])", "web has 3 (1.2%), 6869 FF 1 10 1.234500e+03"], ["'%s'.format([[1, 2]])", "[1, 2]"], ["'%d'.format(['a'])", "error: error during formatting: decimal clause can only be used on integers, was given string"], ["'%s %s'.format([1])", "error: index 1 out of range"],
  ],
  regex: [["'abc 123'.find('[0-9]+')", "123"], ["'abc'.find('[0-9]+')", ""], ["'123 abc 456'.findAll('[0-9]+')", ["123", "456"]], ["'123 abc 456'.findAll('[0-9]+', 1)", ["123"]], ["'a'.find('(')", "error: error parsing regexp: missing closing ): `(`"]],
  lists: [["[1, 2, 2].isSorted()", true], ["['b', 'a'].isSorted()", false], ["[1, 3].sum()", 4], ["[1.5, 2.0].sum()", 3.5], ["[duration('1m'), duration('1s')].sum()", "61s"], ["[2, 1].min()", 1], ["[2, 3].max()", 3], ["[1, 2, 2].indexOf(2)", 1], ["[1, 2, 2].lastIndexOf(2)", 2], ["[].max()", "error: max called on empty list"]],
  sets: [["sets.contains([1, 2, 3], [2, 3])", true], ["sets.equivalent([1, 1, 2], [2, 1])", true], ["sets.intersects([1], [2])", false]],
  math: [["math.greatest(1, 2.5, 2u)", 2.5], ["math.least([3, 1])", 1], ["math.ceil(1.2) + math.round(-1.5)", 0], ["math.abs(-3)", 3], ["math.bitShiftRight(-1, 60)", 15], ["math.greatest(1)", 1]],
  quantities: [
    ["isQuantity('1.3Gi') && !isQuantity('200K')", true], ["quantity('50M').isInteger() && quantity('50000000G').isInteger() && !quantity('9999999999999999999999G').isInteger()", true], ["quantity('50k').asInteger()", 50000], ["quantity('50m').asInteger()", "error: cannot convert value to integer"],
    ["quantity('1.5').asApproximateFloat()", 1.5], ["quantity('-1').sign()", -1], ["quantity('50k').add(20) == quantity('50020')", true], ["quantity('50k').sub(quantity('50k')) == quantity('0')", true], ["quantity('200M').compareTo(quantity('0.2G'))", 0], ["quantity('50Mi').isGreaterThan(quantity('50M'))", true], ["quantity('ten')", "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ],
  addresses: [
    ["isIP('127.0.0.1') && isIP('::1') && !isIP('127.0.0.256') && !isIP('::ffff:1.2.3.4') && !isIP('01.2.3.4') && !isIP('fe80::1%eth0')", true], ["ip('2001:db8::abcd') == ip('2001:DB8:0::ABCD') && string(ip('2001:0db8:0:0:1:0:0:1')) == '2001:db8::1:0:0:1'", true], ["ip('::1').family()", 6], ["ip.isCanonical('2001:DB8::1')", false],
    ["ip('127.1.1.1').isLoopback() && ip('0.0.0.0').isUnspecified() && ip('169.254.1.1').isLinkLocalUnicast() && ip('ff02::1').isLinkLocalMulticast() && ip('8.8.8.8').isGlobalUnicast() && !ip('224.0.0.1').isGlobalUnicast()", true],
    ["cidr('192.168.0.0/24').containsIP('192.168.0.7') && !cidr('192.168.0.0/24').containsIP(ip('192.168.1.1'))", true], ["cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24') && !cidr('192.168.0.0/24').containsCIDR(cidr('192.168.0.0/16'))", true], ["cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('10.1.2.3/8').ip() == ip('10.1.2.3')", true], ["cidr('::1/128').prefixLength()", 128], ["isCIDR('10.0.0.0/33')", false], ["string(cidr('10.0.0.0/8'))", "10.0.0.0/8"],
  ],
  urls: [
    ["isURL('https://a:80/') && isURL('/a/b') && !isURL('https://a:b/') && !isURL('../a')", true], ["url('https://user:p@example.com:80/a b?k=v').getHost()", "example.com:80"], ["url('https://[::1]:80/').getHostname()", "::1"], ["url('https://example.com/').getPort()", ""], ["url('HTTPS://x/').getScheme()", "https"], ["url('https://x/a%20b/ü').getEscapedPath()", "/a%20b/%C3%BC"], ["url('https://x/?k1=a&k2=b&k2=c&k3').getQuery()", { k1: ["a"], k2: ["b", "c"], k3: [""] }],
  ],
  versions: [["semver('1.2.3-rc.1').isLessThan(semver('1.2.3')) && semver('1.0.0-alpha.2').isLessThan(semver('1.0.0-alpha.10'))", true], ["semver('v1.02', true) == semver('1.2.0')", true], ["isSemver('v1.0')", false], ["semver('1.2.3').minor()", 2], ["semver('2.0.0').compareTo(semver('1.9.9'))", 1]],
  formats: [["format.dns1123Label().validate('my-label').hasValue()", false], ["format.dns1123Label().validate('My_Label').value().size()", 1], ["format.named('uuid').value().validate('x').value()", ["does not match the UUID format"]], ["format.named('none').hasValue()", false], ["!format.dns1123LabelPrefix().validate('web-').hasValue()", true]],
  patches: [["jsonpatch.escapeKey('k8s.io/my~label')", "k8s.io~1my~0label"]],
};

for (const [name, cases] of Object.entries(groups)) describe(name, () => {
  for (const [expression, result] of cases) test(expression, () => { deepEqual(evaluate(expression), result); });
});

describe("authorization", () => {
  const asked: Partial<AccessQuestion>[] = [];
  const run = async (expression: string): Promise<unknown> => {
    asked.length = 0;
    const compiled = compileWith(expression, { authorizer: opaqueType(authorizerType), "authorizer.requestResource": opaqueType(resourceCheckType) });
    if (!compiled.ok) return compiled.text;
    const log = new AccessLog(async (question) => {
      asked.push(question);
      return { allowed: question.verb === "get", reason: "because" };
    });
    const outcome = await runAsking(compiled.program, (name) => (name === "authorizer" ? authorizerOf(log.answers) : name.includes(".") ? requestResourceOf(log.answers, { group: "apps", resource: "deployments", name: "web" }) : fromJson(null)), log);
    return outcome.ok ? outcome.value : outcome.error;
  };

  test("a check is asked once and answered", async () => {
    const ask = "authorizer.group('apps').resource('deployments').subresource('status').namespace('default').name('web').check";
    equal(await run(`${ask}('get').allowed() && ${ask}('get').reason() == 'because'`), true);
    deepEqual(asked.map(({ verb, group, resource, subresource, namespace, name }) => [verb, group, resource, subresource, namespace, name]), [["get", "apps", "deployments", "status", "default", "web"]]);
  });
  test("of a path, of a service account, of the request's own resource", async () => {
    equal(await run("authorizer.path('/healthz').check('get').allowed()"), true);
    equal(await run("authorizer.serviceAccount('ns', 'sa').group('').resource('pods').check('list').allowed()"), false);
    deepEqual(asked[0]?.serviceAccount, { namespace: "ns", name: "sa" });
    equal(await run("authorizer.requestResource.check('get').allowed()"), true);
    deepEqual([asked[0]?.resource, asked[0]?.name], ["deployments", "web"]);
  });
  test("a third check is beyond the budget", async () => {
    const check = (verb: string): string => `authorizer.path('/${verb}').check('${verb}').allowed()`;
    equal(await run(`${check("a")} || ${check("b")} || ${check("c")}`), "operation cancelled: actual cost limit exceeded");
  });
});
