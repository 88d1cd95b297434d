import { type AdditionalClaim, ALGORITHMS, type JwtAuthorizer, type TrustedIssuer } from "../jwt/jwt-authorizer.ts";
import { StackError } from "../stack-error.ts";
import { identitySource } from "./identity-expression.ts";
import type { Properties, TemplateResource } from "./resource.ts";

const FORMATS = ["single-string", "string-array", "space-separated-values"] as const;

/**
 * `AWS::ApiGateway::Authorizer` of the type JWT (CloudFormation template reference, "JwtConfiguration", "JwtIssuer",
 * "JwtAdditionalClaim"). The values of `Format` are documented for Elastic Load Balancing, whose JWT validation has the
 * same properties; in upper case and with underscores they are taken too.
 *
 * @throws {StackError}
 */
export function jwtAuthorizer({ name, properties }: TemplateResource): JwtAuthorizer {
  const { JwtConfiguration, IdentitySource = "method.request.header.Authorization" } = properties;
  const { DefaultAlgorithms, Issuers } = Object(JwtConfiguration) as Properties;
  const algorithms = texts(DefaultAlgorithms);
  const wrong = algorithms.find((algorithm) => !ALGORITHMS.includes(algorithm));
  if (algorithms.length === 0 || wrong !== undefined) {
    throw new StackError(`${name}: DefaultAlgorithms are some of ${ALGORITHMS.join(", ")}.`);
  }
  const issuers = (Array.isArray(Issuers) ? Issuers : []).map((each) => issuerOf(Object(each) as Properties, name));
  if (issuers.length === 0) throw new StackError(`${name}: JwtConfiguration needs Issuers.`);
  const source = identitySource(String(IdentitySource), name);
  if (source.in !== "header") throw new StackError(`${name}: the token of a JWT authorizer is in a header.`);
  return { source: { in: source.in, name: source.name }, algorithms, issuers };
}

function issuerOf({ Issuer, Audiences, AdditionalClaims = [] }: Properties, where: string): TrustedIssuer {
  const audiences = texts(Audiences);
  if (typeof Issuer !== "string" || audiences.length === 0) {
    throw new StackError(`${where}: each of Issuers needs Issuer and Audiences.`);
  }
  const claims = (AdditionalClaims as unknown[]).map((each) => claimOf(Object(each) as Properties, where));
  return { issuer: Issuer, audiences, claims };
}

function claimOf({ ClaimName, ExpectedValues, Format, Required }: Properties, where: string): AdditionalClaim {
  const spelled = String(Format).toLowerCase().replaceAll("_", "-");
  const format = FORMATS.find((each) => each === spelled);
  if (typeof ClaimName !== "string" || !format) {
    throw new StackError(`${where}: an additional claim needs ClaimName, and Format of ${FORMATS.join(", ")}.`);
  }
  return {
    ...{ name: ClaimName, format, isRequired: Required === true },
    ...(ExpectedValues !== undefined && { expected: texts(ExpectedValues) }),
  };
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
