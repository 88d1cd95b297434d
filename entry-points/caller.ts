export { type BackendCaller, CallerMissingError, readCaller } from "../shared/domain/caller/read-caller.ts";
