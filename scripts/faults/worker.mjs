/**
 * The process of the built function: it answers events, many at a time, by a clock that can be set. Its log is not read.
 */
const RealDate = Date;
const monotonic = performance.now.bind(performance);
let offset = 0;
/** How far the monotonic clock was moved: it is never set back. */
let ahead = 0;
performance.now = () => monotonic() + ahead;
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length > 0) super(...parts);
    else super(RealDate.now() + offset);
  }
  static now() {
    return RealDate.now() + offset;
  }
};

const troubles = [];
process.on("unhandledRejection", (error) => troubles.push(`unhandled rejection: ${error}`));
process.on("uncaughtException", (error) => troubles.push(`uncaught exception: ${error}`));
process.on("warning", (warning) => troubles.push(`warning: ${warning}`));

const { handler } = await import(process.env.FAULTS_BUNDLE);
const context = () => ({ functionName: "authorizer", awsRequestId: "faults", getRemainingTimeInMillis: () => 5000 });

process.on("message", async ({ id, event, clock, ask }) => {
  if (clock !== undefined) {
    ahead += Math.max(0, clock - offset);
    offset = clock;
  }
  if (event) {
    const start = monotonic();
    const answer = await handler(event, context()).then(
      (result) => ({ result }),
      (error) => ({ error: error.message }),
    );
    process.send({ id, milliseconds: monotonic() - start, ...answer });
  } else if (ask) process.send({ id, troubles });
});
process.send("ready");
