/** A timestamp of the API's form as an HTTP date, for `Last-Modified`. */
export function httpDate(timestamp: string): string {
  return new Date(timestamp).toUTCString();
}

/**
 * The time of an HTTP date, in milliseconds since 1970; undefined where a text is none. The two obsolete formats count
 * as well (RFC 9110, section 5.6.7). A date that does not exist, or not on that day of the week, is none: a mistake
 * must not be taken for a condition that holds.
 */
export function httpTime(text: string): number | undefined {
  for (const form of FORMS) {
    const { weekday = '', day = '', month = '', year = '', time = '' } = form.exec(text)?.groups ?? {};
    if (time === '') continue;
    const date = `${weekday}, ${day.replace(' ', '0')} ${month} ${fullYear(year)} ${time} GMT`;
    const milliseconds = Date.parse(date);
    return !Number.isNaN(milliseconds) && new Date(milliseconds).toUTCString() === date ? milliseconds : undefined;
  }
  return undefined;
}

const MONTH = '(?<month>[A-Z][a-z]{2})';
const TIME = String.raw`(?<time>\d{2}:\d{2}:\d{2})`;

/** `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. */
const FORMS = [
  new RegExp(String.raw`^(?<weekday>[A-Z][a-z]{2}), (?<day>\d{2}) ${MONTH} (?<year>\d{4}) ${TIME} GMT$`),
  new RegExp(String.raw`^(?<weekday>[A-Z][a-z]{2})[a-z]*day, (?<day>\d{2})-${MONTH}-(?<year>\d{2}) ${TIME} GMT$`),
  new RegExp(String.raw`^(?<weekday>[A-Z][a-z]{2}) ${MONTH} (?<day>[ \d]\d) ${TIME} (?<year>\d{4})$`),
];

/** Two digits mean the year that is at most 50 years ahead, else the last one that ended in them. */
function fullYear(year: string): string {
  if (year.length === 4) return year;
  const thisYear = new Date().getUTCFullYear();
  const sameCentury = Math.floor(thisYear / 100) * 100 + Number(year);
  return String(sameCentury > thisYear + 50 ? sameCentury - 100 : sameCentury);
}
