import type { Context } from "aws-lambda";

/** The context that Lambda passes with the event. `remaining` is the time until the timeout, in milliseconds. */
export function lambdaContext(remaining = 5000): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: "authorizer",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:authorizer",
    memoryLimitInMB: "512",
    awsRequestId: "2d0bd8e4-3ff7-4f54-a4c8-000000000000",
    logGroupName: "authorizer",
    logStreamName: "stream",
    getRemainingTimeInMillis: () => remaining,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}
