import { DeleteTableCommand, DynamoDBClient, paginateListTables } from "@aws-sdk/client-dynamodb";

/** The tables of the local stage, and those that the local stack makes of the template. */
const LOCAL_TABLE = /^(sallyport|local)-/;

// An embedded database begins empty. The one that `AWS_ENDPOINT_URL_DYNAMODB` names keeps what another file's stack has
// left there: a user who is locked out, a token that is used.
const client = new DynamoDBClient();
for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
  const left = TableNames.filter((name) => LOCAL_TABLE.test(name));
  await Promise.all(left.map((TableName) => client.send(new DeleteTableCommand({ TableName }))));
}
client.destroy();
