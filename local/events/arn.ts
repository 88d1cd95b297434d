/** The AWS Region in the ARNs of local APIs. */
export const REGION = "eu-west-1";

/** The AWS account in the ARNs of local APIs. */
export const ACCOUNT = "123456789012";

/** The ARN of an API's stage: `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod`. */
export const stageArn = ({ id, stage }: { readonly id: string; readonly stage: string }) =>
  `arn:aws:execute-api:${REGION}:${ACCOUNT}:${id}/${stage}`;

/** The domain name that API Gateway gives an API: `abcdef1234.execute-api.eu-west-1.amazonaws.com`. */
export const domainName = (id: string) => `${id}.execute-api.${REGION}.amazonaws.com`;
