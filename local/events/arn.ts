/** The AWS Region in the ARNs of local APIs. */
export const REGION = "eu-west-1";

/** The AWS account in the ARNs of local APIs. */
export const ACCOUNT = "123456789012";

/** The ARN of an API's stage: `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod`. */
export const stageArn = ({ id, stage }: { readonly id: string; readonly stage: string }) =>
  `arn:aws:execute-api:${REGION}:${ACCOUNT}:${id}/${stage}`;

/** The domain name that API Gateway gives an API: `abcdef1234.execute-api.eu-west-1.amazonaws.com`. */
export const domainName = (id: string) => `${id}.execute-api.${REGION}.amazonaws.com`;

/** The ARN of a table: `arn:aws:dynamodb:eu-west-1:123456789012:table/keys`. */
export const tableArn = (table: string) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${table}`;

/** The ARN of a table's stream. Its label is a time, which is the same for all local tables. */
export const streamArn = (table: string) => `${tableArn(table)}/stream/2026-01-01T00:00:00.000`;

/** The ARN of a queue: `arn:aws:sqs:eu-west-1:123456789012:flush`. */
export const queueArn = (queue: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`;

/** The ARN of an event bus: `arn:aws:events:eu-west-1:123456789012:event-bus/keys`. */
export const busArn = (bus: string) => `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${bus}`;

/** The ARN of a log group: `arn:aws:logs:eu-west-1:123456789012:log-group:authorizer:*`. */
export const logGroupArn = (group: string) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${group}:*`;

/** The ARN of a function: `arn:aws:lambda:eu-west-1:123456789012:function:KeyEvents`. */
export const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
