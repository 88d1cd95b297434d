import { decodeJwt } from "jose";
import { dpopClient, type ProofRequest } from "../../local/stage/dpop-client.ts";
import { objectOf } from "../../shared/domain/object/unknown-object.ts";
import type { CommandIo } from "../command-io.ts";
import { Failure } from "../failure.ts";
import { UsageError } from "../usage-error.ts";
import { clientKey } from "./client-key.ts";

interface ProofOptions {
  readonly method: string;
  readonly url: string;
  readonly token?: string;
  readonly nonce?: string;
  readonly key?: string;
  readonly newKey?: boolean;
}

/** Prints the header with a proof for one request. */
export async function printProof(options: ProofOptions, io: CommandIo): Promise<void> {
  const { key, newKey = false } = options;
  const request = requestOf(options);
  const nonce = nonceOf(options.nonce);
  const token = await tokenOf(options.token, io);
  const client = await clientOf(key, newKey);
  io.stdout.write(`DPoP: ${await client.proof(request, token, undefined, nonce)}\n`);
  const { thumbprint } = client;
  io.stderr.write(`The thumbprint of the key is ${thumbprint}. Tokens are bound to it by cnf.jkt.\n`);
  if (newKey)
    io.stderr.write("The key is in the file of --key. Whoever has it can use the tokens that are bound to it.\n");
  const bound = token === undefined ? thumbprint : boundTo(token);
  if (bound !== undefined && bound !== thumbprint) io.stderr.write(`${WRONG_KEY}\n`);
  if (token === undefined) io.stderr.write("Without --token the proof has no ath: it is for a request to an issuer.\n");
}

const WRONG_KEY = "The token is bound to another key, or to none: it is refused with this proof.";

function requestOf({ method, url }: ProofOptions): ProofRequest {
  if (!/^[A-Za-z-]{1,32}$/.test(method)) throw new UsageError("--method takes an HTTP method, such as GET.");
  const { protocol, username, password } = URL.parse(url) ?? {};
  if (!/^https?:$/.test(protocol ?? "") || username || password) {
    throw new UsageError("--url takes an http or https URL without user information.");
  }
  return { method: method.toUpperCase(), url };
}

/** RFC 9449 section 8.1. */
function nonceOf(nonce: string | undefined): { readonly nonce?: string } {
  if (nonce === undefined) return {};
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(nonce))
    throw new UsageError("--nonce takes the value of a header DPoP-Nonce.");
  return { nonce };
}

/** The token, without the scheme if it was given with it. */
async function tokenOf(given: string | undefined, { stdin = [] as never }: CommandIo): Promise<string | undefined> {
  if (given === undefined) return undefined;
  const text = given === "-" ? await textOf(stdin) : given;
  const token = text.trim().replace(/^(?:Authorization: *)?(?:DPoP|Bearer) +/i, "");
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError("--token takes one token.");
  return token;
}

async function textOf(input: AsyncIterable<Uint8Array | string>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of input) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}

async function clientOf(file: string | undefined, isNew: boolean) {
  const key = await clientKey(file, isNew);
  try {
    return await dpopClient(key);
  } catch {
    throw new Failure("The key of --key cannot be used with its `alg`.");
  }
}

/** The key that a token says it is bound to. Undefined for an opaque token, which says nothing. */
function boundTo(token: string): unknown {
  try {
    return objectOf(decodeJwt(token).cnf).jkt ?? "none";
  } catch {
    return undefined;
  }
}
