/** The events that Sallyport puts on its bus, for those who consume them. */
export type { EventKey } from "../shared/domain/events/event-key.ts";
export { EVENT_SOURCE, type EventDetail, type EventName } from "../shared/domain/events/events.ts";
