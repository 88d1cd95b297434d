import type { Command } from "commander";
import type { CommandIo } from "./command-io.ts";

/** Adds `sallyport dpop`. */
export function addDpopCommand(program: Command, io: CommandIo): void {
  program
    .command("dpop")
    .summary("make a DPoP proof for one request, to try it out")
    .description(
      "Makes a DPoP proof (RFC 9449) for one request and prints its header, as curl takes it: " +
        'curl -H "$(sallyport dpop …)". The thumbprint of the key, to which the token must be bound (cnf.jkt), goes to ' +
        "standard error. The private key is never printed.",
    )
    .requiredOption("--method <method>", "the HTTP method of the request")
    .requiredOption("--url <url>", "its URL, as it is called; a query counts for nothing")
    .option("--token <token>", "the access token that goes with it; - reads it from standard input")
    .option("--nonce <nonce>", "the nonce of the server: the DPoP-Nonce of its last answer")
    .option("--key <file>", "the client's private key, as JWK or PEM; by default a new one, which is not kept")
    .option("--new-key", "make the key, and keep it in the file of --key, which must not exist yet")
    .action(async (options) => (await import("./dpop/print-proof.ts")).printProof(options, io));
}
