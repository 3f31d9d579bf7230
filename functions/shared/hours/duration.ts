/** An exact ISO 8601 duration: days of 24 hours, hours, minutes, seconds. */
export const ISO_DURATION = /^P(?!$)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** Milliseconds of a duration of that form. */
export const durationMs = (duration: string): number => {
  const [, days, hours, minutes, seconds] = ISO_DURATION.exec(duration) ?? [];
  const count = (text: string | undefined): number => Number(text ?? 0);
  return (((count(days) * 24 + count(hours)) * 60 + count(minutes)) * 60 + count(seconds)) * 1000;
};
