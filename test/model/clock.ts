/** Local time in a zone: the day in the configuration's form (`mon`), and the time of day (`08:05`). */
export interface Clock {
  readonly day: string;
  readonly clock: string;
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly shown: Map<number, Clock>;
}

const zones = new Map<string, Zone>();

/** The local time of a zone at an instant, from the runtime's time zone data, without arithmetic on offsets. */
export function clockAt(timeZone: string, time: number): Clock {
  const { format, shown } = zoneOf(timeZone);
  // Since 1972 all clocks have changed their minutes at whole minutes of UTC.
  const minute = Math.floor(time / 60);
  let clock = shown.get(minute);
  if (!clock) {
    const parts = Object.fromEntries(format.formatToParts(minute * 60_000).map(({ type, value }) => [type, value]));
    clock = { day: `${parts.weekday}`.toLowerCase(), clock: `${parts.hour}:${parts.minute}` };
    if (shown.size > 100_000) shown.clear();
    shown.set(minute, clock);
  }
  return clock;
}

function zoneOf(timeZone: string): Zone {
  let zone = zones.get(timeZone);
  if (!zone) {
    const options = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
    zone = { format: new Intl.DateTimeFormat("en-US", { ...options, timeZone }), shown: new Map() };
    zones.set(timeZone, zone);
  }
  return zone;
}
