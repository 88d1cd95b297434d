const FORM = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.0+)?)?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * Parses an instant of the configuration: ISO 8601 with date, time and offset (RFC 3339 section 5.6). The seconds may
 * be left out. Fractions of a second must be zero.
 *
 * @returns seconds since the epoch; undefined if the text is not a valid instant
 * @example parseInstant("2027-01-31T08:00:00+01:00") // 1801378800
 */
export function parseInstant(text: string): number | undefined {
  const [, year, month, day, hour, minute, second = "0", sign, offsetHours = "0", offsetMinutes = "0"] =
    FORM.exec(text) ?? [];
  const [y, mo, d, h, mi, s, oh, om] = [year, month, day, hour, minute, second, offsetHours, offsetMinutes].map(Number);
  if (y === undefined || mo === undefined || d === undefined || h === undefined || mi === undefined) return undefined;
  if (s === undefined || oh === undefined || om === undefined) return undefined;
  const local = new Date(0);
  local.setUTCFullYear(y, mo - 1, d);
  local.setUTCHours(h, mi, s);
  // Date accepts values out of range: 30 February becomes 2 March.
  const isReal =
    local.getUTCMonth() === mo - 1 &&
    local.getUTCDate() === d &&
    h <= 23 &&
    mi <= 59 &&
    s <= 59 &&
    oh <= 23 &&
    om <= 59;
  if (!isReal) return undefined;
  const offset = (sign === "-" ? -1 : 1) * (oh * 3600 + om * 60);
  return local.getTime() / 1000 - offset;
}
