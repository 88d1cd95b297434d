import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A stand-in for CloudFormation that speaks its query protocol and knows some stacks. */
export interface CloudFormationStandIn {
  readonly endpoint: string;
  /** What was asked: the parameters of each request, with the Region and the access key that signed it. */
  readonly asked: { readonly parameters: Record<string, string>; readonly signer: string }[];
  close(): Promise<void>;
}

/** Starts the stand-in. @param stacks the outputs of each stack */
export async function startCloudFormation(
  stacks: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<CloudFormationStandIn> {
  const asked: CloudFormationStandIn["asked"] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const parameters = Object.fromEntries(new URLSearchParams(body));
    const [, signer = ""] = /Credential=([^/]+\/\d+\/[^/]+)\//.exec(request.headers.authorization ?? "") ?? [];
    asked.push({ parameters, signer: signer.replace(/\/\d+\//, " in ") });
    const name = parameters.StackName ?? "";
    const outputs = stacks[name];
    response.writeHead(outputs ? 200 : 400, { "Content-Type": "text/xml" });
    response.end(outputs ? described(name, outputs) : missing(name));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function described(name: string, outputs: Readonly<Record<string, string>>): string {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return (
    `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>` +
    `<StackName>${name}</StackName><CreationTime>2026-11-21T12:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>` +
    `<Parameters><member><ParameterKey>ReauthorizeEvery</ParameterKey><ParameterValue>420</ParameterValue></member></Parameters>` +
    `${members.length > 0 ? `<Outputs>${members.join("")}</Outputs>` : ""}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
  );
}

const missing = (name: string) =>
  `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>` +
  `<Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error></ErrorResponse>`;
